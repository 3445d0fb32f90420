package org.hikyaku.check;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;
import org.hikyaku.config.Config;
import org.hikyaku.config.ConfigReader;
import org.hikyaku.mail.TlsFacts;
import org.hikyaku.sasl.ServerMechanism.Step;
import org.hikyaku.sim.SimWorld;
import org.hikyaku.table.Users;
import org.hikyaku.world.Disk;
import org.junit.jupiter.api.Test;

/** Which ways to log in a connection has. */
class LoginMechanismsTest {
    private static final String SHA_256 =
            "{SCRAM-SHA-256}4096,W22ZaJ0SNY7soEsUEjb6gQ==,WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=,wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU=";
    private static final String SHA_1 =
            "hikyaku_scram_sha_1=4096,QSXCR+Q6sek8bf92,6dlGYMOdZcOPutkcNY8U2g7vK9Y=,D+CSWLOshSulAsxiupA+qs2/fTE=";
    private static final String ALL =
            "\nauth.mechanisms=[SCRAM-SHA-256-PLUS,SCRAM-SHA-1-PLUS,SCRAM-SHA-256,SCRAM-SHA-1,PLAIN]";
    private static final TlsFacts BARE = new TlsFacts("TLSv1.2", "", List.of(), false);
    private static final TlsFacts BINDING = new TlsFacts("TLSv1.3", "", List.of(), false, new byte[0], new byte[32]);

    private static void with(String line, String settings, Consumer<LoginMechanisms> test) {
        Config config = ConfigReader.fromText("hostname=mx.example.org\nlocal.domains=[here.example]\n"
                + "local.postmaster=\"a@here.example\"\nauth.users=/users" + settings);
        try (SimWorld sim = new SimWorld(1)) {
            sim.run(world -> {
                try (Disk.File out = world.disk().create(Path.of("/users"))) {
                    out.write(0, ByteBuffer.wrap((line + "\n").getBytes(UTF_8)));
                }
                Users.Loaded users = Users.load(world.disk(), Path.of("/users"));
                assertThat(users.problems()).isEmpty();
                test.accept(new LoginMechanisms(() -> config, users::users, world.entropy()));
            });
        }
    }

    @Test
    void scramIsOfferedForTheHashesThatAllUsersHaveKeysFor() {
        with(
                "a@here.example:" + SHA_256,
                "",
                logins -> assertThat(logins.offered(BINDING)).containsExactly("SCRAM-SHA-256", "PLAIN", "LOGIN"));
        with(
                "a@here.example:" + SHA_256 + "::::::" + SHA_1,
                "",
                logins -> assertThat(logins.offered(BINDING))
                        .containsExactly("SCRAM-SHA-256", "SCRAM-SHA-1", "PLAIN", "LOGIN"));
    }

    @Test
    void plusIsOfferedWhereTheConnectionHasSomethingToBindTo() {
        with("a@here.example:" + SHA_256 + "::::::" + SHA_1, ALL, logins -> {
            assertThat(logins.offered(BINDING))
                    .containsExactly("SCRAM-SHA-256-PLUS", "SCRAM-SHA-1-PLUS", "SCRAM-SHA-256", "SCRAM-SHA-1", "PLAIN");
            assertThat(logins.offered(BARE)).containsExactly("SCRAM-SHA-256", "SCRAM-SHA-1", "PLAIN");
            assertThat(logins.begin("SCRAM-SHA-256-PLUS", BARE)).isEmpty();
            assertThat(logins.begin("SCRAM-SHA-1-PLUS", BINDING)).isPresent();
        });
    }

    @Test
    void aLostOfferOfPlusIsFoundOnlyWhereItWasMade() { // RFC 5802 6
        byte[] could = "y,,n=a@here.example,r=abc".getBytes(UTF_8);
        with("a@here.example:" + SHA_256, ALL, logins -> {
            assertThat(logins.begin("SCRAM-SHA-256", BINDING).orElseThrow().start(could))
                    .isInstanceOf(Step.Failure.class);
            assertThat(logins.begin("SCRAM-SHA-256", BARE).orElseThrow().start(could))
                    .isInstanceOf(Step.AskKeys.class);
        });
        with(
                "a@here.example:" + SHA_256,
                "",
                logins -> assertThat(logins.begin("SCRAM-SHA-256", BINDING)
                                .orElseThrow()
                                .start(could))
                        .isInstanceOf(Step.AskKeys.class));
    }
}
