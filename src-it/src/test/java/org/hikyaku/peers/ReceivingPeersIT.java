package org.hikyaku.peers;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Postfix finds us by the MX record of our domain and sends on port 25. */
@ExtendWith(KitExtension.class)
class ReceivingPeersIT {
    private final Kit kit;
    private static HikyakuServer server;

    ReceivingPeersIT(Kit kit) {
        this.kit = kit;
    }

    @BeforeAll
    static void start(Kit kit) {
        server = HikyakuServer.make(kit, "receiving", "").start();
        server.shareUsers();
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @Test
    void mailFromPostfixArrivesUnderTlsAndDovecotShowsTheMaildir() {
        postfixSends("joe+tag@hikyaku.test", "Subject: from-postfix\n\n.dot\nKäse\n");

        String arrived = server.arrived("joe", "Subject: from-postfix");
        assertThat(arrived).startsWith("Return-Path: <bob@postfix.test>");
        assertThat(arrived).endsWith("\n\n.dot\nKäse\n");
        assertThat(arrived)
                .containsPattern("Received: from mx\\.postfix\\.test [^;]*by mx\\.hikyaku\\.test\\s[^;]*with ESMTPS");

        // Dovecot looks at what we wrote as it would at its own
        Command read = kit.peer(
                "",
                List.of(
                        "doveadm",
                        "-c",
                        kit.work().resolve("dovecot/dovecot.conf").toString(),
                        "fetch",
                        "-u",
                        "joe@hikyaku.test",
                        "text",
                        "subject",
                        "from-postfix"));
        assertThat(read.good()).contains("Subject: from-postfix").contains("Käse");
    }

    @Test
    void aLargeMessageArrivesWhole() {
        String body = "0123456789 abcdefghijklmnopqrstuvwxyz 0123456789 ABCDEFGHIJKLMNOPQ\n".repeat(45_000);
        postfixSends("joe@hikyaku.test", "Subject: large\n\n" + body);

        String arrived = server.arrived("joe", "Subject: large");
        assertThat(arrived.endsWith("\n\n" + body))
                .as("whole: %d octets", arrived.length())
                .isTrue();
    }

    @Test
    void anUnknownUserIsRefusedToPostfixInTheSession() {
        postfixSends("nobody-here@hikyaku.test", "Subject: unknown-user\n\nhello\n");

        server.logged("recipient-rejected", "nobody-here@hikyaku.test", "5.1.1");
        String bounce = kit.atPostfix("bob", "nobody-here@hikyaku.test", server);
        assertThat(bounce).contains("550 5.1.1");
    }

    @Test
    void mailForElsewhereIsNotRelayedForPostfix() {
        Command ran = kit.client(
                "send.py",
                "Subject: relay\n\nno\n",
                "mx.hikyaku.test",
                "25",
                "starttls",
                kit.authority().toString(),
                "none",
                "-",
                "-",
                "bob@postfix.test",
                "someone@elsewhere.test");

        assertThat(ran.code()).isEqualTo(1);
        assertThat(ran.output()).contains("5.7.1");
    }

    private void postfixSends(String to, String message) {
        kit.script("peers.sh", List.of("send", kit.work().toString(), "bob@postfix.test", to), message)
                .good();
    }
}
