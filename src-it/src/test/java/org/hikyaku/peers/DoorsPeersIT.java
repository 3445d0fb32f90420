package org.hikyaku.peers;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Who speaks for others: swaks by XCLIENT and by the PROXY protocol, Postfix by XFORWARD; and addresses that may relay for a while
 * by command.
 */
@ExtendWith(KitExtension.class)
class DoorsPeersIT {
    private final Kit kit;
    private static HikyakuServer server;

    DoorsPeersIT(Kit kit) {
        this.kit = kit;
    }

    @BeforeAll
    static void start(Kit kit) {
        server = HikyakuServer.make(kit, "doors", """
                        listeners {
                          mx.proxy { networks = ["192.0.2.0/24", "2001:db8::/64"], xclient = true, xforward = true }
                          proxied {
                            mode = mx, endpoints = ["192.0.2.1:2526"]
                            proxy { networks = ["192.0.2.0/24"], header = require }
                          }
                        }
                        """).start();
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    private Command swaks(String to, String subject, String... options) {
        List<String> command = new ArrayList<>(List.of(
                "swaks", "--server", "192.0.2.1", "--from", "bob@postfix.test", "--to", to, "--h-Subject", subject));
        command.addAll(List.of(options));
        return kit.peer("", command);
    }

    private static String[] from(String address) {
        return new String[] {"--xclient-addr", address, "--xclient-helo", "far.example"};
    }

    /** Postfix XCLIENT_README. */
    @Test
    void whoIsSpokenForByXclientIsTheClient() {
        swaks("joe@hikyaku.test", "by-xclient", from("198.51.100.7")).good();

        assertThat(server.arrived("joe", "Subject: by-xclient\n")).contains("[198.51.100.7]");
        server.logged("session-proxied", "198.51.100.7");
    }

    /** PROXY protocol 2.1, 2.2. */
    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void whoStandsInAProxysHeaderIsTheClient(int version) {
        String client = "198.51.100.1" + version;
        String subject = "by-proxy-" + version;
        swaks(
                        "joe@hikyaku.test",
                        subject,
                        "--port",
                        "2526",
                        "--proxy-version",
                        Integer.toString(version),
                        "--proxy-family",
                        version == 1 ? "TCP4" : "AF_INET",
                        "--proxy-source",
                        client,
                        "--proxy-source-port",
                        "40000",
                        "--proxy-dest",
                        "192.0.2.1",
                        "--proxy-dest-port",
                        "25")
                .good();

        assertThat(server.arrived("joe", "Subject: " + subject + "\n")).contains("[" + client + "]");
    }

    /** Postfix XFORWARD_README. */
    @Test
    void whatPostfixForwardsIsInTheLog() {
        String config = "MAIL_CONFIG=" + kit.work().resolve("postfix/etc");
        kit.peer(
                        "Subject: forwarded\n\nhello\n",
                        List.of("env", config, "sendmail", "-i", "-f", "bob@postfix.test", "joe@hikyaku.test"))
                .good();

        server.arrived("joe", "Subject: forwarded\n");
        assertThat(server.logged("message-forwarded")).contains("source=LOCAL");
    }

    /** What POP before SMTP needs: no login, for a while. */
    @Test
    void anAddressRelaysAsLongAsItIsGranted() {
        String address = "198.51.100.9";
        assertThat(swaks("bob@postfix.test", "no-grant", from(address)).output())
                .contains("550 5.7.1");

        server.command("grant", address, "--for", "30m").good();
        assertThat(server.command("grant").good()).contains(address);
        swaks("bob@postfix.test", "granted", from(address)).good();
        kit.atPostfix("bob", "Subject: granted\n", server);

        server.command("grant", address, "--revoke").good();
        assertThat(swaks("bob@postfix.test", "revoked", from(address)).output()).contains("550 5.7.1");
        server.logged("relay-granted", address);
    }
}
