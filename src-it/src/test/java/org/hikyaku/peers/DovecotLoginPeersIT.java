package org.hikyaku.peers;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import org.hikyaku.sasl.ChannelBindings;
import org.hikyaku.sasl.ClientMechanism;
import org.hikyaku.sasl.Mechanisms;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A user whom only Dovecot knows logs in here: a real Dovecot judges, by its authentication socket and by TCP. */
@ExtendWith(KitExtension.class)
class DovecotLoginPeersIT {
    private static final String USER = "only@hikyaku.test";
    private static final String UNIX = "unix:%s/dovecot/auth.sock";
    private static final String TCP = "192.0.2.143:4567";

    private final Kit kit;
    private static HikyakuServer server;

    DovecotLoginPeersIT(Kit kit) {
        this.kit = kit;
    }

    @BeforeAll
    static void start(Kit kit) throws IOException {
        Path users = kit.work().resolve("dovecot/users");
        Files.deleteIfExists(users); // may be a link to another server's
        Files.writeString(users, USER + ":{PLAIN}" + HikyakuServer.PASSWORD + "\n");
        server = HikyakuServer.make(kit, "dovecot-login", dovecot(kit, UNIX)).start();
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    private static String dovecot(Kit kit, String place) {
        return "auth.dovecot = \"" + place.formatted(kit.work()) + "\"\n";
    }

    @ParameterizedTest
    @CsvSource({UNIX + ", PLAIN", UNIX + ", LOGIN", TCP + ", PLAIN"})
    void itsUserSubmits(String place, String mechanism) {
        server.configure(dovecot(kit, place));
        server.command("reload").good();
        String mark = "by-dovecot-" + place.substring(0, 4) + mechanism;

        send(mechanism, HikyakuServer.PASSWORD, "Subject: " + mark + "\n\nhello\n")
                .good();

        assertThat(kit.atPostfix("bob", "Subject: " + mark + "\n", server)).startsWith("Return-Path: <" + USER + ">\n");
    }

    @Test
    void aWrongPasswordIsRefused() {
        Command ran = send("PLAIN", "wrong", "Subject: no\n\nno\n");
        assertThat(ran.code()).isEqualTo(1);
        assertThat(ran.output()).contains("535");
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void scramGoesThroughToDovecotWhichProvesItselfToo(boolean right) {
        try (Talk talk = Talk.to(kit, 465, true)) {
            talk.expect("220");
            Waiting.until(
                    "SCRAM in the offer",
                    () -> talk.ask("EHLO there.test").contains("SCRAM-SHA-256") ? Optional.of(true) : Optional.empty(),
                    server::lastWords);
            ClientMechanism client = Mechanisms.client(
                            List.of("SCRAM-SHA-256"),
                            USER,
                            right ? HikyakuServer.PASSWORD : "wrong",
                            new byte[Mechanisms.RANDOM_OCTETS],
                            ChannelBindings.NONE)
                    .orElseThrow();
            String reply =
                    talk.ask("AUTH SCRAM-SHA-256 " + base64(client.initial().orElseThrow()));
            while (reply.startsWith("334 ")) {
                byte[] challenge = Base64.getDecoder().decode(reply.substring(4));
                reply = client.next(challenge) instanceof ClientMechanism.Answer.Send send
                        ? talk.ask(base64(send.octets()))
                        : talk.ask("*");
            }
            assertThat(reply).startsWith(right ? "235" : "535");
            assertThat(client.doubt().isEmpty()).isEqualTo(right);
        }
    }

    private static String base64(byte[] octets) {
        return new String(Base64.getEncoder().encode(octets), UTF_8);
    }

    private Command send(String mechanism, String password, String message) {
        return kit.client(
                "send.py",
                "From: " + USER + "\nTo: bob@postfix.test\n" + message,
                "mx.hikyaku.test",
                "587",
                "starttls",
                kit.authority().toString(),
                mechanism,
                USER,
                password,
                USER,
                "bob@postfix.test");
    }
}
