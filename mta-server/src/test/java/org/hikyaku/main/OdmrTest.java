package org.hikyaku.main;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.hikyaku.config.Config;
import org.hikyaku.config.ConfigReader;
import org.hikyaku.deliver.Etrn;
import org.hikyaku.mail.TlsFacts;
import org.hikyaku.sim.SimCertificate;
import org.hikyaku.sim.SimFaults;
import org.hikyaku.sim.SimHost;
import org.hikyaku.sim.SimWorld;
import org.hikyaku.world.Disk;
import org.hikyaku.world.Endpoint;
import org.hikyaku.world.Event;
import org.hikyaku.world.Wire;
import org.hikyaku.world.WireFailure;
import org.hikyaku.world.WireHandler;
import org.hikyaku.world.World;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Two of us: one keeps mail for the other, who fetches it (RFC 2645). */
class OdmrTest {
    /** The keys of "pencil": salt and numbers of RFC 7677 3. */
    static final String USERS =
            "branch@provider.example:{SCRAM-SHA-256}4096,W22ZaJ0SNY7soEsUEjb6gQ==,WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=,wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU=\n"
                    + "joe@customer.example:{SCRAM-SHA-256}4096,W22ZaJ0SNY7soEsUEjb6gQ==,WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=,wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU=\n";

    private static final String PROVIDER_TEXT = """
            hostname = mx.provider.example
            data_dir = /data
            local { domains = [provider.example], postmaster = "branch@provider.example" }
            relay.domains = [customer.example]
            auth.users = /data/users
            spool.reserve = 1MiB
            on_demand.customers.branch {
              domains = [customer.example, other.example], users = ["branch@provider.example"], networks = [], keep = true
            }
            listeners {
              mx.endpoints = ["192.0.2.1:25"]
              odmr { mode = odmr, endpoints = ["192.0.2.1:366"], auth = require }
              submission.endpoints = [], submissions.endpoints = []
            }
            """;
    static final Config PROVIDER = ConfigReader.fromText(PROVIDER_TEXT);

    private static Config customer(String every) {
        return ConfigReader.fromText("""
                hostname = mx.customer.example
                data_dir = /data
                local { domains = [customer.example], postmaster = "joe@customer.example" }
                auth.users = /data/users
                spool.reserve = 1MiB
                on_demand.providers.isp {
                  server {
                    host = mx.provider.example, port = 366, tls = verified
                    user = "branch@provider.example", password_file = /data/password
                  }
                  ask = atrn, domains = []%s
                }
                listeners {
                  mx.endpoints = ["198.51.100.9:25"]
                  submission.endpoints = [], submissions.endpoints = []
                }
                """.formatted(every));
    }

    static final class Pair implements AutoCloseable {
        final SimWorld sim;
        final SimHost away;

        @Nullable
        Assembly provider;

        @Nullable
        Assembly customer;

        Pair(long seed, SimFaults faults, String every) {
            sim = new SimWorld(seed, faults);
            sim.calm();
            sim.host().certificate(new SimCertificate(List.of(new byte[] {1}), Set.of("mx.provider.example")));
            sim.zones().address("mx.provider.example", "192.0.2.1");
            away = sim.remote("customer", "198.51.100.9");
            sim.run(world -> provider = start(world, PROVIDER));
            sim.run(away, world -> customer = start(world, customer(every)));
        }

        private static Assembly start(World world, Config config) throws IOException {
            world.disk().makeDirectories(Path.of("/data"));
            write(world.disk(), "/data/users", USERS);
            write(world.disk(), "/data/password", "pencil\n");
            try {
                return Assembly.start(world, config, Hooks.simulated(UnaryOperator.identity()));
            } catch (StartFailure e) {
                throw new AssertionError(String.join("; ", e.problems()), e);
            }
        }

        private static void write(Disk disk, String name, String text) throws IOException {
            try (Disk.File file = disk.create(Path.of(name))) {
                file.write(0, ByteBuffer.wrap(text.getBytes(US_ASCII)));
                file.force();
            }
        }

        /** Brings mail to the provider. */
        void bring(String to, int messages) {
            sim.run(sim.host(), world -> {
                for (int i = 0; i < messages; i++) {
                    world.net()
                            .connect(
                                    new Endpoint.Tcp(InetAddress.ofLiteral("192.0.2.1"), 25),
                                    Optional.empty(),
                                    Duration.ofSeconds(10),
                                    new Sender(to));
                    world.tasks().sleep(Duration.ofSeconds(1));
                }
            });
        }

        List<Etrn.Answer> fetch() {
            List<Etrn.Answer> answers = new ArrayList<>();
            sim.run(away, world -> {
                Assembly here = Objects.requireNonNull(customer);
                answers.addAll(here.etrn()
                        .ask(Objects.requireNonNull(
                                here.config().onDemand().providers().get("isp"))));
            });
            return answers;
        }

        int kept() {
            return Objects.requireNonNull(provider).spool().ids(null, 1_000).size();
        }

        long delivered() {
            return away.events().count(Event.RECIPIENT_DELIVERED);
        }

        @Override
        public void close() {
            sim.close();
        }
    }

    /** Sends one message in one go. */
    private static final class Sender implements WireHandler {
        private final String to;
        private @Nullable Wire wire;
        private boolean sent;

        Sender(String to) {
            this.to = to;
        }

        @Override
        public void opened(Wire opened) {
            wire = opened;
        }

        @Override
        public void received(byte[] octets, int offset, int length) {
            Wire open = wire;
            if (open != null && !sent) {
                sent = true;
                String body = "From: ann@elsewhere.example\r\nSubject: hi\r\n\r\nhi\r\n";
                byte[] all = ("EHLO c.example\r\nMAIL FROM:<>\r\nRCPT TO:<" + to + ">\r\nBDAT " + body.length()
                                + " LAST\r\n" + body + "QUIT\r\n")
                        .getBytes(US_ASCII);
                open.write(all, 0, all.length);
                open.flush();
            }
        }

        @Override
        public void secured(TlsFacts facts) {}

        @Override
        public void closed(@Nullable WireFailure cause) {}
    }

    @Test
    void mailIsKeptUntilItIsFetchedAndComesOverTheSameConnection() {
        try (Pair pair = new Pair(3, SimFaults.none(), "")) {
            assertThat(pair.fetch())
                    .extracting(Etrn.Answer::text)
                    .first()
                    .asString()
                    .contains("no mail");
            pair.bring("joe@customer.example", 20);
            pair.sim.runFor(Duration.ofMinutes(10));
            assertThat(pair.kept()).isEqualTo(20);
            assertThat(pair.sim.events().lines()).anyMatch(line -> line.contains("AWAITS_PICKUP"));
            assertThat(pair.fetch()).extracting(Etrn.Answer::taken).containsExactly(true);
            pair.sim.runFor(Duration.ofMinutes(1));
            assertThat(pair.delivered()).isEqualTo(20);
            assertThat(pair.kept()).isZero();
            assertThat(pair.sim.events().count(Event.SESSION_TURNED)).isOne();
            assertThat(pair.sim.events().lines()).anyMatch(line -> line.contains("fetch") && line.contains("20"));
            assertThat(Objects.requireNonNull(pair.provider).listeners().sessions())
                    .isZero();
            assertThat(Objects.requireNonNull(pair.customer).listeners().sessions())
                    .isZero();
        }
    }

    @Test
    void whatCannotBeTakenNowIsFetchedTheNextTime() {
        try (Pair pair = new Pair(4, SimFaults.none(), ", every = 1h")) {
            pair.bring("joe@customer.example", 1);
            pair.bring("nobody@customer.example", 1);
            pair.sim.runFor(Duration.ofHours(2));
            assertThat(pair.delivered()).isOne();
            assertThat(pair.kept()).as("refused for good: 550 at RCPT").isZero();
            pair.bring("joe@customer.example", 1);
            pair.sim.runFor(Duration.ofHours(2));
            assertThat(pair.delivered()).isEqualTo(2);
        }
    }

    @Test
    void mailThatNobodyFetchesExpires() {
        try (Pair pair = new Pair(5, SimFaults.none(), "")) {
            pair.bring("joe@customer.example", 2);
            pair.sim.runFor(PROVIDER.queue().expireBouncesAfter().plusDays(1));
            assertThat(pair.kept()).isZero();
            assertThat(pair.sim.events().count(Event.MESSAGE_EXPIRED)).isEqualTo(2);
        }
    }

    @Test
    void twoAtATimeAreOneTooMany() {
        try (Pair pair = new Pair(6, SimFaults.none(), "")) {
            pair.bring("joe@customer.example", 1);
            pair.sim.runFor(Duration.ofMinutes(1));
            assertThat(pair.fetch()).extracting(Etrn.Answer::taken).containsExactly(true);
            pair.bring("joe@customer.example", 1);
            assertThat(pair.fetch())
                    .extracting(Etrn.Answer::text)
                    .first()
                    .asString()
                    .contains("another connection");
            pair.sim.runFor(Duration.ofMinutes(1));
            assertThat(pair.delivered()).as("what came meanwhile goes along").isEqualTo(2);
        }
    }

    @Test
    void whatHasAnotherOwnerMeanwhileIsKeptForHim() {
        try (Pair pair = new Pair(10, SimFaults.none(), "")) {
            pair.bring("joe@customer.example", 1);
            pair.sim.runFor(Duration.ofMinutes(1));
            assertThat(pair.fetch()).extracting(Etrn.Answer::taken).containsExactly(true);
            pair.sim.runFor(Duration.ofSeconds(2));
            String heir = PROVIDER_TEXT
                    .replace("customers.branch", "customers.heir")
                    .replace("users = [\"branch@", "users = [\"heir@");
            pair.sim.run(
                    pair.sim.host(),
                    world -> assertThat(Objects.requireNonNull(pair.provider).reload(ConfigReader.fromText(heir)))
                            .isEmpty());
            pair.bring("joe@customer.example", 1);
            assertThat(pair.sim.events().count(Event.FETCH_ENDED))
                    .as("he is still there")
                    .isZero();
            pair.sim.runFor(Duration.ofMinutes(1));
            assertThat(pair.delivered()).isOne();
            assertThat(pair.kept()).isOne();
        }
    }

    @Test
    void onABadNetNothingIsLost() {
        for (long seed = 1; seed <= 4; seed++) {
            try (Pair pair = new Pair(seed, SimFaults.hostile(), ", every = 20m")) {
                pair.bring("joe@customer.example", 15);
                long queued = pair.sim.events().count(Event.MESSAGE_QUEUED);
                assertThat(queued).isEqualTo(15);
                pair.sim.storm();
                pair.sim.runFor(Duration.ofHours(8));
                pair.sim.calm();
                pair.sim.runFor(Duration.ofHours(12));
                assertThat(pair.kept()).as("seed " + seed).isZero();
                assertThat(pair.delivered()).as("seed " + seed).isGreaterThanOrEqualTo(15);
                assertThat(pair.sim.events().count(Event.TASK_DIED)).isZero();
                assertThat(pair.away.events().count(Event.TASK_DIED)).isZero();
            }
        }
    }
}
