package org.hikyaku.peers;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Extensions that no other peer has, from one of ours to another that trusts it: what the second stored says what the first told it.
 * {@code far.test} is a domain that the second cannot reach, so that its mail stays there to be looked at.
 */
@ExtendWith(KitExtension.class)
class PairPeersIT {
    private static final JsonMapper JSON = JsonMapper.builder().build();

    private final Kit kit;
    private static HikyakuServer edo;
    private static HikyakuServer osaka;

    PairPeersIT(Kit kit) {
        this.kit = kit;
    }

    @BeforeAll
    static void start(Kit kit) {
        osaka = HikyakuServer.makeOsaka(kit, "pair-osaka", """
                extensions.priority_max = 6
                auth { submitter_trusted = ["joe@osaka.test"], grants = grants }
                delivery.routes {
                  "far.test" = { host = refused.hosts.test, port = 25, tls = none }
                  "plain.test" = { host = mx.postfix.test, port = 25, tls = verified }
                  "hikyaku.test" = { host = mx.hikyaku.test, port = 25, tls = verified }
                }
                queue.retry = [2s]
                outbound.user.messages_per_hour = 0
                """);
        edo = HikyakuServer.make(kit, "pair-edo", "");
        Path password = edo.secret("password", HikyakuServer.PASSWORD);
        String way = "{ host = mx.osaka.test, port = 587, tls = verified, user = \"joe@osaka.test\", password_file = \""
                + password + "\" }";
        edo.configure("""
                extensions.priority_max = 6
                auth.submitter_trusted = ["joe@hikyaku.test"]
                delivery.rules = [ { to = ["osaka.test", "far.test", "plain.test"], hosts = [ %s ] } ]
                """.formatted(way));
        osaka.secret("grants", "joe@osaka.test: @hikyaku.test"); // what Edo's users send
        osaka.start();
        edo.start();
    }

    @AfterAll
    static void stop() {
        edo.close();
        osaka.close();
    }

    /** Joe submits at the first; the words are the parameters of MAIL, then {@code --}, an address and its parameters. */
    private void submit(String message, String... words) {
        List<String> all = new ArrayList<>(List.of(
                "mx.hikyaku.test", "465", kit.authority().toString(), "joe@hikyaku.test", HikyakuServer.PASSWORD));
        all.add("joe@hikyaku.test");
        all.addAll(List.of(words));
        kit.client("wishes.py", "From: joe@hikyaku.test\n" + message, all.toArray(String[]::new))
                .good();
    }

    /** The envelope of the one message at the second for {@code recipient}, awaited. */
    private JsonNode storedFor(String recipient) {
        String query = "recipient = " + recipient;
        return Waiting.until(
                "mail for " + recipient + " in the queue at Osaka",
                () -> osaka.command("queue", "list", query).output().contains("@")
                        ? Optional.of(envelope(query))
                        : Optional.empty(),
                () -> edo.lastWords() + "\n" + osaka.lastWords());
    }

    private JsonNode envelope(String query) {
        Path archive = osaka.home().resolve("export.tar");
        Command.run(List.of("rm", "-f", archive.toString())).good();
        osaka.command("queue", "export", "-o", archive.toString(), query).good();
        String json = Command.run(List.of("tar", "-xOf", archive.toString(), "--wildcards", "0*.json"))
                .good();
        return JSON.readTree(json);
    }

    /** RFC 6710 4.2: the one that logs in may raise it there. */
    @Test
    void aPriorityThatWasAskedForGoesOn() {
        submit("Subject: priority\n\nhello\n", "MT-PRIORITY=5", "--", "priority@far.test");
        JsonNode stored = storedFor("priority@far.test");
        assertThat(stored.path("priority").asInt()).isEqualTo(5);
        assertThat(stored.path("wishes").path("ranked").asBoolean()).isTrue();
        submit("Subject: priority-there\n\nhello\n", "MT-PRIORITY=-3", "--", "joe@osaka.test");
        // RFC 6710 4.1: each that has taken it says so in its Received
        assertThat(osaka.arrived("joe", "Subject: priority-there").split("PRIORITY -3", -1))
                .hasSize(3);
    }

    /** RFC 2852 4.1.4: what is left of the time goes on, and the second keeps to it. */
    @Test
    void aDeadlineIsPassedOnAndWhoeverHasTheMessageThenReturnsIt() {
        Instant begun = Instant.now();
        submit("Subject: by\n\nhello\n", "BY=20;R", "--", "by@far.test");
        JsonNode wishes = storedFor("by@far.test").path("wishes");
        assertThat(Instant.parse(wishes.path("deliver_by").asString()))
                .isBetween(begun.plusSeconds(15), Instant.now().plusSeconds(21));
        assertThat(wishes.path("deliver_by_returns").asBoolean()).isTrue();

        String notice = edo.arrived("joe", "Final-Recipient: rfc822; by@far.test");
        assertThat(notice).contains("Reporting-MTA: dns; mx.osaka.test", "Status: 5.4.7", "Deliver-By-Date:");
        assertThat(Instant.now()).isAfter(begun.plusSeconds(18));
    }

    /** RFC 8689 4.2.1: it goes on with its demand; where that cannot be met it goes back, under TLS too. */
    @Test
    void whatNeedsTlsAllTheWaySaysSoAtEachHop() {
        submit("Subject: tls-there\n\nhello\n", "REQUIRETLS", "--", "joe@osaka.test", "--", "tls@far.test");
        osaka.arrived("joe", "Subject: tls-there");
        assertThat(storedFor("tls@far.test").path("wishes").path("tls").asString())
                .isEqualTo("required");
        submit("Subject: tls-back\n\nhello\n", "REQUIRETLS", "--", "user@plain.test");
        String notice = edo.arrived("joe", "Final-Recipient: rfc822; user@plain.test");
        assertThat(notice).contains("Reporting-MTA: dns; mx.osaka.test", "Status: 5.7.30");
        assertThat(Kit.inMaildir(kit.work().resolve("postfix/mail/user"), "tls-back"))
                .isEmpty();
    }

    /** RFC 3030 3. */
    @Test
    void binaryMailIsBinaryUntilItIsDelivered() {
        String octets = "one\nline feed, \r, \0, .\n.\r\n end without a line end";
        String message = "Subject: binary-%s\nMIME-Version: 1.0\nContent-Type: application/octet-stream\n"
                + "Content-Transfer-Encoding: binary\n\n" + octets;
        submit(message.formatted("kept"), "BODY=BINARYMIME", "--", "binary@far.test");
        assertThat(storedFor("binary@far.test").path("wishes").path("binary").asBoolean())
                .isTrue();
        submit(message.formatted("read"), "BODY=BINARYMIME", "--", "joe@osaka.test");
        String read = osaka.arrived("joe", "Subject: binary-read");
        assertThat(read).contains("Content-Transfer-Encoding: base64");
        String encoded = read.substring(read.indexOf("\n\n") + 2);
        assertThat(new String(Base64.getMimeDecoder().decode(encoded), StandardCharsets.UTF_8))
                .isEqualTo(octets);
    }

    /** RFC 4954 5: who is trusted there says who had it submitted here. */
    @Test
    void whoSubmittedAMessageIsToldToWhomWeLogIn() {
        submit("Subject: submitter\n\nhello\n", "AUTH=e+3Dmc2@example.com", "--", "submitter@far.test");
        assertThat(storedFor("submitter@far.test")
                        .path("wishes")
                        .path("submitter")
                        .asString())
                .isEqualTo("e=mc2@example.com");
    }

    /** RFC 4865 4.2: the first keeps it, the second sees nothing of that. */
    @Test
    void whatIsKeptForLaterIsKeptByWhoWasAsked() {
        Instant begun = Instant.now();
        submit("Subject: kept\n\nhello\n", "HOLDFOR=4", "--", "kept@far.test");
        assertThat(storedFor("kept@far.test").path("wishes").has("release")).isFalse();
        assertThat(Instant.now()).isAfter(begun.plusSeconds(4));
    }
}
