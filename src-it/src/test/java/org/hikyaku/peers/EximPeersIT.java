package org.hikyaku.peers;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** DSN and CHUNKING both ways with Exim. In its log a K says that a message went in chunks. */
@ExtendWith(KitExtension.class)
class EximPeersIT {
    private final Kit kit;
    private static HikyakuServer server;

    EximPeersIT(Kit kit) {
        this.kit = kit;
    }

    @BeforeAll
    static void start(Kit kit) {
        kit.script("exim.sh", "start", kit.work().toString()).good();
        server = HikyakuServer.make(kit, "exim-side", "").start();
        server.shareUsers();
    }

    @AfterAll
    static void stop(Kit kit) {
        kit.script("exim.sh", "stop", kit.work().toString());
        server.close();
    }

    /** RFC 3461 5.2.1, RFC 3030 2. */
    @Test
    void whatIsWantedGoesOnToEximInChunksAndEximTellsIt() {
        kit.client(
                        "wishes.py",
                        "From: joe@hikyaku.test\nSubject: to-exim\n\n.dots\n..\nhello\n",
                        "mx.hikyaku.test",
                        "465",
                        kit.authority().toString(),
                        "joe@hikyaku.test",
                        HikyakuServer.PASSWORD,
                        "joe@hikyaku.test",
                        "RET=HDRS",
                        "ENVID=Q+2Bexim",
                        "--",
                        "user@exim.test",
                        "NOTIFY=SUCCESS",
                        "ORCPT=rfc822;Origin@exim.test")
                .good();
        assertThat(atExim("Subject: to-exim")).endsWith("\n\n.dots\n..\nhello\n");
        String notice = server.arrived("joe", "Reporting-MTA: dns; mx.exim.test");
        assertThat(notice)
                .contains("Original-Recipient: rfc822;Origin@exim.test", "Action: delivered", "text/rfc822-headers")
                .contains(
                        "Original-Envelope-ID: Q+2Bexim"); // it does not decode what it was given, as RFC 3461 4.4 has
        // it
        assertThat(eximLogged("<= joe@hikyaku.test", " P=esmtp")).contains(" K ");
    }

    /** RFC 3461 5.2.3, RFC 3030 2. */
    @Test
    void whatEximSendsInChunksArrivesAndEximHearsOfIt() {
        kit.client(
                        "wishes.py",
                        "From: user@exim.test\nSubject: from-exim\n\n.dots\n..\nhello\n",
                        "mx.exim.test",
                        "25",
                        "-",
                        "-",
                        "-",
                        "user@exim.test",
                        "ENVID=Q-from",
                        "--",
                        "joe@hikyaku.test",
                        "NOTIFY=SUCCESS",
                        "ORCPT=rfc822;joe@old.example")
                .good();
        assertThat(server.arrived("joe", "Subject: from-exim")).endsWith("\n\n.dots\n..\nhello\n");
        assertThat(eximLogged("=> joe@hikyaku.test")).contains(" K ");
        String notice = atExim("Original-Envelope-Id: Q-from");
        assertThat(notice).contains("Original-Recipient: rfc822; joe@old.example", "Action: delivered");
        assertThat(kit.client("report.py", notice).good()).contains("reporting: dns; mx.hikyaku.test", "defects: 0");
    }

    private String atExim(String mark) {
        return Waiting.until(
                mark + " at Exim", () -> Kit.inMaildir(kit.work().resolve("exim/mail/user"), mark), server::lastWords);
    }

    private String eximLogged(String... parts) {
        return Waiting.until(
                List.of(parts) + " in Exim's log",
                () -> lines(kit.work().resolve("exim/var/log/exim4/mainlog")).stream()
                        .filter(line -> List.of(parts).stream().allMatch(line::contains))
                        .findFirst(),
                server::lastWords);
    }

    private static List<String> lines(Path file) {
        try {
            return Files.exists(file) ? Files.readAllLines(file) : List.of();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
