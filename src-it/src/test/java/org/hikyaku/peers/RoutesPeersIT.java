package org.hikyaku.peers;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a real DNS says of a domain, and what a real server says of a recipient: delivered, waiting, or back to the sender. */
@ExtendWith(KitExtension.class)
class RoutesPeersIT {
    private static final List<String> DELIVERED =
            List.of("second.test", "slow.test", "equal.test", "a-only.test", "six.test", "alias.test", "mxcname.test");
    private static final List<String> FAILED = List.of(
            "someone@missing.test",
            "someone@nodata.test",
            "someone@noaddress.test",
            "someone@loop.test",
            "someone@loopback.test",
            "stranger@postfix.test",
            "full@postfix.test");
    private static final List<String> WAITING =
            List.of("someone@servfail.test", "someone@dead.test", "defer@postfix.test");

    private final Kit kit;
    private static HikyakuServer server;
    private static Command refused;

    RoutesPeersIT(Kit kit) {
        this.kit = kit;
    }

    /** All at once, one message each, so that nobody waits for another's time-out. */
    @BeforeAll
    static void sendAll(Kit kit) {
        server = HikyakuServer.make(kit, "routes", "queue.retry = [1h]\n").start();
        List<String> all = new ArrayList<>(FAILED);
        all.addAll(WAITING);
        DELIVERED.forEach(domain -> all.add("user@" + domain));
        refused = send(
                kit, "someone@nullmx.test"); // first: behind a DNS that does not answer nobody is asked for a while
        all.forEach(to -> send(kit, to).good());
    }

    private static Command send(Kit kit, String to) {
        return kit.client(
                "send.py",
                "From: joe@hikyaku.test\nTo: " + to + "\nSubject: route-to-" + to + "\n\nhello\n",
                "mx.hikyaku.test",
                "465",
                "tls",
                kit.authority().toString(),
                "PLAIN",
                "joe@hikyaku.test",
                HikyakuServer.PASSWORD,
                "joe@hikyaku.test",
                to);
    }

    @Test
    void whoSendsToADomainThatTakesNoMailHearsItAtOnce() { // RFC 7505 4.1, RFC 7504 4
        assertThat(refused.code()).isNotZero();
        assertThat(refused.output()).contains("556").contains("5.1.10");
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"second.test", "slow.test", "equal.test", "a-only.test", "six.test", "alias.test", "mxcname.test"
            })
    void mailFindsItsWay(String domain) {
        assertThat(DELIVERED).contains(domain);
        String arrived = kit.atPostfix("user", "Subject: route-to-user@" + domain, server);

        assertThat(arrived).contains("using TLSv1.3");
    }

    @Test
    void ipv6IsUsedWhereThereIsNothingElse() {
        kit.atPostfix("user", "Subject: route-to-user@six.test", server);

        assertThat(server.logged("recipient-delivered", "to=user@six.test")).contains("[2001:db8:");
    }

    @ParameterizedTest
    @CsvSource({
        "someone@missing.test, 5.1.2, ''",
        "someone@nodata.test, 5.4.4, ''",
        "someone@noaddress.test, 5.4.4, ''",
        "someone@loop.test, 5.4.6, ''",
        "someone@loopback.test, 5.4.6, ''",
        "stranger@postfix.test, 5.1.1, User unknown in virtual mailbox table",
        "full@postfix.test, 5.2.2, the mailbox is full"
    })
    void whatCannotBeDeliveredComesBackAsAReportThatPythonReads(String to, String status, String words) {
        assertThat(FAILED).contains(to);
        String bounce = server.arrived("joe", "rfc822; " + to.toLowerCase(Locale.ROOT));

        String report = kit.client("report.py", bounce).good();
        assertThat(bounce).startsWith("Return-Path: <>\n");
        assertThat(report.lines().toList())
                .contains(
                        "type: multipart/report",
                        "report-type: delivery-status",
                        "status-type: message/delivery-status")
                .contains(
                        "reporting: dns; mx.hikyaku.test",
                        "recipient: rfc822; " + to,
                        "action: failed",
                        "status: " + status)
                .contains("defects: 0");
        assertThat(report)
                .contains("auto-submitted: auto-replied")
                .contains("to: ")
                .contains("joe@hikyaku.test");
        if (!words.isEmpty()) {
            assertThat(report)
                    .containsPattern("diagnostic: smtp; 55[02].*" + words)
                    .contains("remote: dns; mx.postfix.test");
        }
        assertThat(bounce).contains("Subject: route-to-" + to);
    }

    @ParameterizedTest
    @CsvSource({"someone@servfail.test, 4.4.3", "someone@dead.test, 4.4.1", "defer@postfix.test, 4.2.1"})
    void whatMayPassWaits(String to, String status) {
        assertThat(WAITING).contains(to);
        server.logged("recipient-deferred", "to=" + to, "status=" + status);

        assertThat(server.command("queue", "list", "recipient = " + to).good()).contains(to, "1 message,");
    }
}
