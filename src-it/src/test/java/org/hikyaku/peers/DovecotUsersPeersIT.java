package org.hikyaku.peers;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * A real Dovecot says who has a mailbox here, takes the mail by LMTP, and tells by its post-login script from where its users may
 * relay for a while.
 */
@ExtendWith(KitExtension.class)
class DovecotUsersPeersIT {
    private final Kit kit;
    private static HikyakuServer server;
    private static Path more = Path.of("");

    DovecotUsersPeersIT(Kit kit) {
        this.kit = kit;
    }

    @BeforeAll
    static void start(Kit kit) throws IOException {
        Path users = kit.work().resolve("dovecot/users");
        Files.deleteIfExists(users); // may be a link to another server's
        Files.writeString(
                users,
                "only@hikyaku.test:{PLAIN}%1$s\nother@hikyaku.test:{PLAIN}%1$s\n".formatted(HikyakuServer.PASSWORD));
        Files.writeString(
                kit.work().resolve("dovecot-users-aliases"), "friend: only@hikyaku.test\nstray: gone@hikyaku.test\n");
        server = HikyakuServer.make(kit, "dovecot-users", """
                        local { delivery = lmtp, lmtp = "unix:%1$s/dovecot/lmtp.sock", sub_address_separator = "+" }
                        local.aliases = "%1$s/dovecot-users-aliases"
                        auth { dovecot = "unix:%1$s/dovecot/auth.sock", dovecot_users = "unix:%1$s/dovecot/auth-userdb" }
                        """.formatted(kit.work()))
                .start();
        postLogin(kit);
    }

    /** As docs/operating.md tells it, with the script that is delivered with the server. */
    private static void postLogin(Kit kit) throws IOException {
        Path script = kit.work().resolve("grant-relay");
        Files.writeString(
                script,
                Files.readString(kit.launcher()
                                .resolveSibling("../conf/grant-relay")
                                .normalize())
                        .replace(
                                "/var/lib/hikyaku",
                                server.home().resolve("data").toString()));
        Command.run(List.of("chmod", "755", script.toString())).good();
        more = Files.writeString(kit.work().resolve("dovecot/more.conf"), """
                service imap {
                  executable = imap imap-postlogin
                }
                service imap-postlogin {
                  executable = script-login %s
                  user = %s
                  unix_listener imap-postlogin {
                  }
                }
                """.formatted(script, HikyakuServer.USER));
        dovecot(kit, "stop");
        dovecot(kit, "start");
    }

    private static void dovecot(Kit kit, String what) {
        kit.script("peers.sh", what, "dovecot", kit.work().toString()).good();
    }

    @AfterAll
    static void stop(Kit kit) throws IOException {
        server.close();
        Files.delete(more);
        dovecot(kit, "stop");
        dovecot(kit, "start");
    }

    private Command swaks(String to, String subject, String... options) {
        List<String> command = new ArrayList<>(List.of(
                "swaks", "--server", "192.0.2.1", "--from", "bob@postfix.test", "--to", to, "--h-Subject", subject));
        command.addAll(List.of(options));
        return kit.peer("", command);
    }

    private void arrived(String user, String subject) {
        Path box = kit.work().resolve("dovecot/mail/hikyaku.test").resolve(user);
        Waiting.until(
                subject + " in the mailbox of " + user,
                () -> Kit.inMaildir(box, "Subject: " + subject + "\n"),
                server::lastWords);
    }

    @Test
    void whoOnlyDovecotKnowsGetsHisMail() {
        swaks("only@hikyaku.test", "dovecots-own").good();
        arrived("only", "dovecots-own");
        swaks("Other+tag@hikyaku.test", "dovecots-tag").good();
        arrived("other", "dovecots-tag");
    }

    /** RFC 5321 7.8: not later, by a bounce. */
    @Test
    void whomNeitherKnowsIsRefusedAtRcpt() {
        assertThat(swaks("nobody@hikyaku.test", "for-nobody").output()).contains("550 5.1.1");
    }

    @Test
    void aliasesLeadToWhomDovecotKnows() {
        swaks("friend@hikyaku.test", "by-alias").good();
        arrived("only", "by-alias");
        assertThat(swaks("stray@hikyaku.test", "to-nobody").output()).contains("550 5.1.1");
    }

    @Test
    void whomTheUsersFileAloneHasDovecotRefusesLater() {
        swaks("postmaster@hikyaku.test", "for-postmaster").good(); // leads to joe
        assertThat(server.logged("recipient-failed", "to=joe@hikyaku.test")).contains("5.1.1");
    }

    @Test
    void whileDovecotIsAwayNobodyIsRefusedForGood() {
        dovecot(kit, "stop");
        try {
            int[] names = {0}; // what it said before its end is remembered
            Waiting.until(
                    "Dovecot's end",
                    () -> swaks("new" + names[0]++ + "@hikyaku.test", "away")
                                    .output()
                                    .contains("451 4.3.0")
                            ? Optional.of(true)
                            : Optional.empty(),
                    server::lastWords);
            server.logged("auth-server-lost", "auth-userdb");
        } finally {
            dovecot(kit, "start");
        }
        Waiting.until(
                "Dovecot again",
                () -> swaks("new@hikyaku.test", "back").output().contains("550 5.1.1")
                        ? Optional.of(true)
                        : Optional.empty(),
                server::lastWords);
    }

    /** POP before SMTP: from where one has read his mail. */
    @Test
    void whoHasReadHisMailMayRelayFromThere() {
        assertThat(swaks("bob@postfix.test", "not-yet").output()).contains("550 5.7.1");

        kit.client(
                        "read.py",
                        "",
                        "imap",
                        "mail.dovecot.test",
                        kit.authority().toString(),
                        "only@hikyaku.test",
                        HikyakuServer.PASSWORD)
                .good();

        assertThat(server.command("grant").good()).contains("192.0.2.25 ");
        assertThat(server.logged("relay-granted", "192.0.2.25")).contains("by=dovecot", "seconds=1800");
        swaks("bob@postfix.test", "after-reading").good();
        kit.atPostfix("bob", "Subject: after-reading\n", server);
    }
}
