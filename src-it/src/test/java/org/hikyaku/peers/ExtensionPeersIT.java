package org.hikyaku.peers;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** What senders ask for by extensions, through Postfix: DSN and SMTPUTF8 both ways, CHUNKING to it; and what it does not know. */
@ExtendWith(KitExtension.class)
class ExtensionPeersIT {
    private static final String MX = "mx.postfix.test";

    private final Kit kit;
    private static HikyakuServer server;

    ExtensionPeersIT(Kit kit) {
        this.kit = kit;
    }

    @BeforeAll
    static void start(Kit kit) {
        server = HikyakuServer.make(kit, "extensions", """
                        local.sub_address_separator = "+"
                        delivery.connection_idle = 1s
                        delivery.routes { "second.test" { host = v4.postfix.test, port = 2525, tls = opportunistic } }
                        extensions.verp = true
                        """).start();
        server.shareUsers();
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    /** Joe submits; the words are the parameters of MAIL, then {@code --}, an address and its parameters. */
    private void submit(String subject, String... words) {
        List<String> all = new ArrayList<>(List.of(
                "mx.hikyaku.test", "465", kit.authority().toString(), "joe@hikyaku.test", HikyakuServer.PASSWORD));
        all.add("joe@hikyaku.test");
        all.addAll(List.of(words));
        kit.client(
                        "wishes.py",
                        "From: joe@hikyaku.test\nSubject: " + subject + "\n\nhello\n",
                        all.toArray(String[]::new))
                .good();
    }

    private void postfixSends(String to, String message, String... options) {
        List<String> command =
                new ArrayList<>(List.of("env", "MAIL_CONFIG=" + kit.work().resolve("postfix/etc"), "sendmail", "-i"));
        command.addAll(List.of(options));
        command.addAll(List.of("-f", "bob@postfix.test", to));
        kit.peer(message, command).good();
    }

    /** The report as Python reads it, after a look at what the sender had asked to find in it. */
    private String read(String notice, String... asked) {
        assertThat(notice).contains(asked);
        return kit.client("report.py", notice).good();
    }

    /** A line of Postfix's log, awaited. */
    private String postfixLogged(String part) {
        return Waiting.until(
                part + " in Postfix's log",
                () -> lines(kit.work().resolve("postfix/log")).stream()
                        .filter(line -> line.contains(part))
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

    /** RFC 3461 5.2.1. */
    @Test
    void whatIsWantedGoesOnToPostfixWhichTellsIt() {
        submit(
                "dsn-out",
                "RET=HDRS",
                "ENVID=Q+2B1",
                "--",
                "user@postfix.test",
                "NOTIFY=SUCCESS",
                "ORCPT=rfc822;Origin@postfix.test");
        String notice = server.arrived("joe", "Original-Envelope-Id: Q+1");
        assertThat(read(notice, "Original-Recipient: rfc822;Origin@postfix.test"))
                .contains("reporting: dns; " + MX, "action: delivered", "returned: text/rfc822-headers");
        postfixLogged(" bdat=1"); // RFC 3030: by CHUNKING, for Postfix offers it
    }

    /** RFC 3461 5.2.3. */
    @Test
    void whatPostfixWantsToHearOfOurMailboxesItHears() {
        postfixSends("joe@hikyaku.test", "Subject: dsn-in\n\nhello\n", "-N", "success", "-V", "Q-in", "-R", "hdrs");
        String notice = kit.atPostfix("bob", "Original-Envelope-Id: Q-in", server);
        assertThat(read(notice, "Original-Recipient: rfc822; joe@hikyaku.test"))
                .contains("reporting: dns; mx.hikyaku.test", "action: delivered", "status: 2.0.0", "defects: 0");
        assertThat(server.arrived("joe", "Subject: dsn-in")).startsWith("Return-Path: <bob@postfix.test>");
    }

    /** RFC 3461 5.2.2 (b), RFC 6152: and the message goes by DATA. */
    @Test
    void ofAHostWithoutDsnWeTellThatItHasTheMessage() {
        submit("relayed", "ENVID=Q3", "--", "u1@second.test", "NOTIFY=SUCCESS", "--", "u2@second.test");
        assertThat(read(server.arrived("joe", "Original-Envelope-Id: Q3"), "Action: relayed"))
                .contains("reporting: dns; mx.hikyaku.test", "action: relayed", "u1@second.test", "defects: 0")
                .doesNotContain("u2@");
        kit.atPostfix("u2", "Subject: relayed", server);
    }

    /** RFC 6531 3.2, RFC 6533: to a host without SMTPUTF8 it cannot go. */
    @Test
    void anAddressBeyondAsciiReachesPostfixAndNoHostThatDoesNotKnowSuch() {
        submit("utf8-out Käse", "SMTPUTF8", "BODY=8BITMIME", "--", "bücher@postfix.test");
        assertThat(kit.atPostfix("buecher", "Subject: utf8-out", server))
                .contains("Subject: utf8-out Käse")
                .containsPattern("with UTF8SMTPS");
        submit("utf8-back Käse", "SMTPUTF8", "BODY=8BITMIME", "--", "bücher@second.test");
        String notice = server.arrived("joe", "Content-Type: message/global-delivery-status");
        String encoded = notice.replaceAll(
                "(?s).*global-delivery-status\nContent-Transfer-Encoding: base64\n\n([^-]*)--.*", "$1");
        assertThat(new String(Base64.getMimeDecoder().decode(encoded), StandardCharsets.UTF_8))
                .contains("Final-Recipient: utf-8; bücher@second.test", "Action: failed", "Status: 5.6.7");
    }

    @Test
    void mailFromPostfixToAnAddressBeyondAsciiArrives() {
        postfixSends("joe+käse@hikyaku.test", "From: bob@postfix.test\nSubject: utf8-in Käse\n\nhello\n");
        assertThat(server.arrived("joe", "Subject: utf8-in"))
                .containsPattern("by mx\\.hikyaku\\.test\\s[^;]*with UTF8SMTPS");
    }

    /** RFC 4865 4.2 (5), (6). */
    @Test
    void whatIsToBeKeptIsKeptAndMayBeCancelled() {
        submit("kept-cancelled", "HOLDFOR=3600", "--", "u3@postfix.test");
        long begun = System.nanoTime();
        submit("kept-short", "HOLDFOR=3", "--", "u3@postfix.test");
        assertThat(server.command("queue", "remove", "until > 30m").good()).contains("1 message");
        kit.atPostfix("u3", "Subject: kept-short", server);
        assertThat(System.nanoTime() - begun).isGreaterThan(3_000_000_000L);
        assertThat(Kit.inMaildir(kit.work().resolve("postfix/mail/u3"), "kept-cancelled"))
                .isEqualTo(Optional.empty());
    }

    @Test
    void eachRecipientHasASenderOfHisOwn() {
        submit("verp", "XVERP", "--", "u4@postfix.test", "--", "u5@postfix.test", "--", "stranger@postfix.test");
        for (String user : List.of("u4", "u5")) {
            assertThat(kit.atPostfix(user, "Subject: verp", server))
                    .contains("Return-Path: <joe+" + user + "=postfix.test@hikyaku.test>");
        }
        assertThat(server.arrived("joe", "Delivered-To: joe+stranger=postfix.test@hikyaku.test"))
                .contains("Action: failed");
    }
}
