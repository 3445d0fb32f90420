package org.hikyaku.peers;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.LongSupplier;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** DSN, CHUNKING and LIMITS both ways with Exim. In its log a K says that a message went in chunks. */
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
        server = HikyakuServer.make(kit, "exim-side", """
                limits.recipients_max = 100
                relay.domains = [far.test]
                delivery.routes { "far.test" = { host = refused.hosts.test, port = 25, tls = none } }
                queue.retry = [1h]
                """).start();
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

    /** RFC 9422 4.1, 4.2: it says MAILMAX=3 and RCPTMAX=4. */
    @Test
    void whatEximTakesAtMostIsKeptTo() {
        List<String> session = new ArrayList<>(List.of("mx.hikyaku.test", "465", "tls"));
        session.addAll(List.of(kit.authority().toString(), "PLAIN", "joe@hikyaku.test", HikyakuServer.PASSWORD));
        session.add("joe@hikyaku.test");
        IntStream.rangeClosed(1, 6).forEach(i -> session.add("u" + i + "@exim.test"));
        for (int i = 0; i < 4; i++) {
            kit.client("send.py", "From: joe@hikyaku.test\nSubject: few\n\nhello\n", session.toArray(String[]::new))
                    .good();
        }
        awaitCount("copies at Exim", 24, () -> eximLines("=> u", " T=maildir").count());
        assertThat(eximLines("<= joe@hikyaku.test", "T=\"few\"")
                        .map(line -> line.split(" for ", 2)[1].split(" ").length))
                .containsExactlyInAnyOrder(4, 4, 4, 4, 2, 2, 2, 2);
        assertThat(eximLines("too many")).isEmpty();
        assertThat(server.lines("recipient-deferred").filter(line -> line.contains("exim.test")))
                .isEmpty();
    }

    /** RFC 9422 4.2: we say RCPTMAX=100, and it would take 1,000 at once. */
    @Test
    void whatWeTakeAtMostEximKeepsTo() {
        List<String> letter = new ArrayList<>(List.of("send", kit.work().toString(), "user@exim.test"));
        IntStream.range(0, 130).forEach(i -> letter.add("u" + i + "@far.test"));
        kit.script("exim.sh", letter, "From: user@exim.test\nSubject: many\n\nhello\n")
                .good();
        awaitCount(
                "recipients from Exim",
                130,
                () -> eximLines("=> u", "@far.test").count()
                        + eximLines("-> u", "@far.test").count());
        assertThat(server.lines("message-queued")
                        .filter(line -> line.contains("user@exim.test"))
                        .map(line -> line.replaceAll(".* recipients=(\\d+) .*", "$1"))
                        .filter(count -> !count.equals("1"))) // another test's
                .containsExactlyInAnyOrder("100", "30");
        assertThat(server.lines("recipient-rejected")).isEmpty();
    }

    private static void awaitCount(String what, long count, LongSupplier now) {
        Waiting.until(
                count + " " + what,
                () -> now.getAsLong() == count ? Optional.of(true) : Optional.empty(),
                () -> now.getAsLong() + " now; " + server.lastWords());
    }

    private String atExim(String mark) {
        return Waiting.until(
                mark + " at Exim", () -> Kit.inMaildir(kit.work().resolve("exim/mail/user"), mark), server::lastWords);
    }

    private String eximLogged(String... parts) {
        return Waiting.until(
                List.of(parts) + " in Exim's log", () -> eximLines(parts).findFirst(), server::lastWords);
    }

    private Stream<String> eximLines(String... parts) {
        return lines(kit.work().resolve("exim/var/log/exim4/mainlog")).stream()
                .filter(line -> List.of(parts).stream().allMatch(line::contains));
    }

    private static List<String> lines(Path file) {
        try {
            return Files.exists(file) ? Files.readAllLines(file) : List.of();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
