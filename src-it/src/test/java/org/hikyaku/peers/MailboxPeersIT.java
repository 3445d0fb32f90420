package org.hikyaku.peers;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * One person's way: send on 587, read in the mailbox, by IMAP and POP3, with the login of one users file that both servers
 * read. Dovecot gets the mail by LMTP, or finds it in the Maildir.
 */
@ExtendWith(KitExtension.class)
class MailboxPeersIT {
    private final Kit kit;
    private static HikyakuServer server;

    MailboxPeersIT(Kit kit) {
        this.kit = kit;
    }

    @BeforeAll
    static void start(Kit kit) {
        server = HikyakuServer.make(kit, "mailbox", "").start();
        server.shareUsers();
        addHash(kit, "argon@hikyaku.test", "ARGON2ID");
        addHash(kit, "sha@hikyaku.test", "SHA512-CRYPT");
        server.command("reload").good();
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    /** A line as an administrator of Dovecot makes it. */
    private static void addHash(Kit kit, String user, String scheme) {
        String conf = kit.work().resolve("dovecot/dovecot.conf").toString();
        String hash = kit.peer("", List.of("doveadm", "-c", conf, "pw", "-s", scheme, "-p", HikyakuServer.PASSWORD))
                .good()
                .strip();
        Command.run(List.of("tee", "-a", server.home().resolve("users").toString()), user + ":" + hash + "\n")
                .good();
    }

    @ParameterizedTest
    @CsvSource({"maildir, ''", "lmtp, 192.0.2.143:24", "lmtp, unix:%s/dovecot/lmtp.sock"})
    void whatIsSentOn587IsReadByImapAndPop3(String delivery, String address) {
        String lmtp = address.formatted(kit.work());
        server.configure(
                "local.delivery = " + delivery + "\n" + (lmtp.isEmpty() ? "" : "local.lmtp = \"" + lmtp + "\"\n"));
        server.command("reload").good();
        String mark = "own-way-" + delivery + (lmtp.startsWith("unix") ? "-unix" : "");

        send("joe@hikyaku.test", HikyakuServer.PASSWORD, "Subject: " + mark + "\n\n.to myself\n")
                .good();

        Waiting.until(
                mark + " in the mailbox",
                () -> read("imap", "joe@hikyaku.test", HikyakuServer.PASSWORD)
                                .good()
                                .contains(mark)
                        ? Optional.of(true)
                        : Optional.empty(),
                server::lastWords);
        for (String protocol : List.of("imap", "pop3")) {
            String all =
                    read(protocol, "joe@hikyaku.test", HikyakuServer.PASSWORD).good();
            assertThat(all).as(protocol).containsOnlyOnce("Subject: " + mark).contains("\r\n.to myself\r\n");
            assertThat(all).as(protocol).contains("Return-Path: <joe@hikyaku.test>");
        }
    }

    @ParameterizedTest
    @CsvSource({"joe@hikyaku.test", "argon@hikyaku.test", "sha@hikyaku.test"})
    void theSameFileAndPasswordLogInHereAndInDovecot(String user) {
        send(user, HikyakuServer.PASSWORD, "Subject: login\n\nhello\n").good();
        read("imap", user, HikyakuServer.PASSWORD).good();

        Command here = send(user, "wrong", "Subject: login\n\nhello\n");
        assertThat(here.code()).isEqualTo(1);
        assertThat(here.output()).contains("535");
        assertThat(read("imap", user, "wrong").code()).isEqualTo(1);
    }

    @Test
    void scramIsNotOfferedWhereAHashCannotServeIt() {
        try (Talk talk = Talk.to(kit, 465, true)) {
            talk.expect("220");
            assertThat(talk.ask("EHLO there.test")).containsPattern("250[- ]AUTH PLAIN LOGIN");
        }
    }

    private Command send(String user, String password, String message) {
        return kit.client(
                "send.py",
                "From: " + user + "\nTo: " + user + "\n" + message,
                "mx.hikyaku.test",
                "587",
                "starttls",
                kit.authority().toString(),
                "PLAIN",
                user,
                password,
                user,
                user);
    }

    private Command read(String protocol, String user, String password) {
        return kit.client(
                "read.py", "", protocol, "mail.dovecot.test", kit.authority().toString(), user, password);
    }
}
