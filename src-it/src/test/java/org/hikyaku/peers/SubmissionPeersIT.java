package org.hikyaku.peers;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Mail programs submit on 587 and 465 (RFC 6409, RFC 8314), and Postfix, found by its MX, takes the mail under TLS. */
@ExtendWith(KitExtension.class)
class SubmissionPeersIT {
    /** Dots in front, eight bits, blanks at the end, a line longer than a command may be: nothing of it may change. */
    private static final String BODY =
            "first\n.\n..two dots\n.one dot\n\tKäse, 飛脚  \n\n" + "x".repeat(1_500) + "\nlast\n";

    private final Kit kit;
    private static HikyakuServer server;

    SubmissionPeersIT(Kit kit) {
        this.kit = kit;
    }

    @BeforeAll
    static void start(Kit kit) {
        server = HikyakuServer.make(kit, "submission", "");
        server.secret("grants", "joe@hikyaku.test: sales@hikyaku.test");
        server.configure("auth { grants = grants, sender_field = add }\n");
        server.start();
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @ParameterizedTest
    @CsvSource({
        "swaks, 587, PLAIN",
        "swaks, 465, LOGIN",
        "curl, 587, LOGIN",
        "curl, 465, PLAIN",
        "msmtp, 587, SCRAM-SHA-256",
        "msmtp, 465, PLAIN",
        "msmtp, 465, LOGIN",
        "smtplib, 587, PLAIN",
        "smtplib, 465, LOGIN"
    })
    void aMailProgramSubmitsAndPostfixHasItWholeUnderTls(String program, int port, String mechanism)
            throws IOException {
        String mark = program + "-" + port + "-" + mechanism.toLowerCase(Locale.ROOT);
        String message = "From: Joe <joe@hikyaku.test>\nTo: bob@postfix.test\nSubject: " + mark
                + "\nMIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 8bit\n\n"
                + BODY;

        submit(program, port, mechanism, message).good();

        String arrived = kit.atPostfix("bob", "Subject: " + mark + "\n", server);
        assertThat(arrived).endsWith("\n\n" + BODY);
        assertThat(arrived).startsWith("Return-Path: <joe@hikyaku.test>\n");
        assertThat(arrived)
                .as("the hop to Postfix")
                .containsPattern("Received: from mx\\.hikyaku\\.test [^;]*using TLSv1\\.3");
        assertThat(arrived)
                .as("the hop to us, RFC 3848")
                .containsPattern("Received: from [^;]*by mx\\.hikyaku\\.test\\s[^;]*with ESMTPSA");
        assertThat(arrived).as("added on submission").contains("\nDate: ").contains("\nMessage-ID: <");
        server.logged("auth-succeeded", "user=joe@hikyaku.test", "mechanism=" + mechanism);
    }

    @Test
    void aWrongPasswordIsRefused() {
        Command ran = smtplib(587, "PLAIN", "joe@hikyaku.test", "wrong", "joe@hikyaku.test", "Subject: no\n\nno\n");

        assertThat(ran.code()).isEqualTo(1);
        assertThat(ran.output()).contains("535", "5.7.8");
    }

    @Test
    void anotherSenderThanTheLoginIsRefused() {
        Command ran = smtplib(
                465, "PLAIN", "joe@hikyaku.test", HikyakuServer.PASSWORD, "ann@hikyaku.test", "Subject: no\n\nno\n");

        assertThat(ran.code()).isEqualTo(1);
        assertThat(ran.output()).contains("553", "5.7.1");
    }

    /** RFC 6409 8.1. */
    @Test
    void theSenderFieldTellsWhoWroteFromAnAddressThatIsNotHisOwn() {
        for (String from : List.of("sales@hikyaku.test", "joe+tag@hikyaku.test")) {
            String message = "From: " + from + "\nSubject: sender of " + from + "\n\nhello\n";
            smtplib(465, "PLAIN", "joe@hikyaku.test", HikyakuServer.PASSWORD, from, message)
                    .good();
        }
        assertThat(kit.atPostfix("bob", "Subject: sender of sales@", server))
                .containsOnlyOnce("\nSender: <joe@hikyaku.test>\n");
        assertThat(kit.atPostfix("bob", "Subject: sender of joe+tag@", server)).doesNotContain("\nSender:");
    }

    private Command submit(String program, int port, String mechanism, String message) throws IOException {
        return switch (program) {
            case "swaks" -> swaks(port, mechanism, message);
            case "curl" -> curl(port, mechanism, message);
            case "msmtp" -> msmtp(port, mechanism, message);
            default ->
                smtplib(port, mechanism, "joe@hikyaku.test", HikyakuServer.PASSWORD, "joe@hikyaku.test", message);
        };
    }

    private Command swaks(int port, String mechanism, String message) throws IOException {
        // swaks ends the last line itself
        Path file = Files.writeString(Files.createTempFile(kit.work(), "swaks", ".eml"), message.stripTrailing());
        return kit.peer(
                "",
                List.of(
                        "swaks",
                        "--server",
                        "mx.hikyaku.test",
                        "--port",
                        Integer.toString(port),
                        port == 465 ? "--tls-on-connect" : "--tls",
                        "--tls-verify",
                        "--tls-ca-path",
                        kit.authority().toString(),
                        "--auth",
                        mechanism,
                        "--auth-user",
                        "joe@hikyaku.test",
                        "--auth-password",
                        HikyakuServer.PASSWORD,
                        "--from",
                        "joe@hikyaku.test",
                        "--to",
                        "bob@postfix.test",
                        "--data",
                        "@" + file));
    }

    private Command curl(int port, String mechanism, String message) {
        return kit.peer(
                message.replace("\n", "\r\n"),
                List.of(
                        "curl",
                        "-sS",
                        "-v",
                        "--max-time",
                        "20",
                        "--ssl-reqd",
                        "--cacert",
                        kit.authority().toString(),
                        (port == 465 ? "smtps" : "smtp") + "://mx.hikyaku.test:" + port,
                        "--login-options",
                        "AUTH=" + mechanism,
                        "--user",
                        "joe@hikyaku.test:" + HikyakuServer.PASSWORD,
                        "--mail-from",
                        "joe@hikyaku.test",
                        "--mail-rcpt",
                        "bob@postfix.test",
                        "--upload-file",
                        "-"));
    }

    private Command msmtp(int port, String mechanism, String message) {
        return kit.peer(
                message,
                List.of(
                        "msmtp",
                        "--file=/dev/null",
                        "--host=mx.hikyaku.test",
                        "--port=" + port,
                        "--timeout=20",
                        "--tls=on",
                        "--tls-starttls=" + (port == 465 ? "off" : "on"),
                        "--tls-trust-file=" + kit.authority(),
                        "--auth=" + mechanism.toLowerCase(Locale.ROOT),
                        "--user=joe@hikyaku.test",
                        "--passwordeval=printf '" + HikyakuServer.PASSWORD + "'",
                        "--from=joe@hikyaku.test",
                        "bob@postfix.test"));
    }

    private Command smtplib(int port, String mechanism, String user, String password, String from, String message) {
        return kit.client(
                "send.py",
                message,
                "mx.hikyaku.test",
                Integer.toString(port),
                port == 465 ? "tls" : "starttls",
                kit.authority().toString(),
                mechanism,
                user,
                password,
                from,
                "bob@postfix.test");
    }
}
