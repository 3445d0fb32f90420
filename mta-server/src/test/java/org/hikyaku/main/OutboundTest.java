package org.hikyaku.main;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.hikyaku.admin.ControlRequest;
import org.hikyaku.config.Config;
import org.hikyaku.config.ConfigReader;
import org.hikyaku.mail.Address;
import org.hikyaku.mail.TlsFacts;
import org.hikyaku.operate.Account;
import org.hikyaku.operate.Suppressed;
import org.hikyaku.queue.Explainer;
import org.hikyaku.sim.SimCertificate;
import org.hikyaku.sim.SimFaults;
import org.hikyaku.sim.SimHost;
import org.hikyaku.sim.SimWorld;
import org.hikyaku.spool.StoredMessage;
import org.hikyaku.world.Disk;
import org.hikyaku.world.Endpoint;
import org.hikyaku.world.Event;
import org.hikyaku.world.TlsNeed;
import org.hikyaku.world.Wire;
import org.hikyaku.world.WireFailure;
import org.hikyaku.world.WireHandler;
import org.hikyaku.world.World;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Accounts that are closed, users who send too much, and recipients who are gone, in the whole server. */
class OutboundTest {
    private static final String EVE = "joe@customer.example";
    private static final Config CONFIG = ConfigReader.fromText("""
            hostname = mx.customer.example
            data_dir = /data
            local { domains = [customer.example], postmaster = "joe@customer.example" }
            auth.users = /data/users
            spool.reserve = 1MiB
            outbound {
              user { messages_per_hour = 4, recipients_per_hour = 100 }
              local.messages_per_hour = 2
              anomaly { rejected_recipients = 5, rejected_share = 0.5 }
            }
            sendmail.drop_directory = /drop
            relay.domains = [relay.example]
            delivery.routes { ".inner.example" { host = "198.51.100.1", port = 25, tls = none } }
            listeners {
              mx.endpoints = [], submission.endpoints = []
              submissions.endpoints = ["192.0.2.1:465"]
            }
            """);

    private @Nullable Assembly server;

    private Assembly server() {
        return Objects.requireNonNull(server);
    }

    private SimWorld begin(long seed) throws IOException {
        SimWorld sim = new SimWorld(seed, SimFaults.none());
        sim.host().certificate(new SimCertificate(List.of(new byte[] {1}), Set.of("mx.customer.example")));
        sim.zones().mx("relay.example", 10, "mx.b.example");
        sim.zones().mx("b.example", 10, "mx.b.example").address("mx.b.example", "198.51.100.1"); // and nobody there
        sim.disk().makeDirectories(Path.of("/drop"));
        sim.disk().settle();
        sim.run(world -> {
            world.disk().makeDirectories(Path.of("/data"));
            try (Disk.File file = world.disk().create(Path.of("/data/users"))) {
                file.write(
                        0,
                        ByteBuffer.wrap(OdmrTest.USERS
                                .lines()
                                .filter(line -> line.startsWith(EVE))
                                .findFirst()
                                .orElseThrow()
                                .concat("\n")
                                .getBytes(US_ASCII)));
                file.force();
            }
            world.disk().forceDirectory(Path.of("/data"));
            world.disk().forceDirectory(Path.of("/"));
            server = start(world);
        });
        return sim;
    }

    private static Assembly start(World world) throws IOException {
        try {
            return Assembly.start(world, CONFIG, Hooks.simulated(UnaryOperator.identity()));
        } catch (StartFailure e) {
            throw new AssertionError(String.join("; ", e.problems()), e);
        }
    }

    /** Says lines, each when the one before was answered, and notes what it hears. */
    private static final class Client implements WireHandler {
        private final List<String> lines;
        final List<String> heard = new ArrayList<>();
        boolean closed;
        private String rest = "";
        private int next;
        private @Nullable Wire wire;

        Client(String... lines) {
            this.lines = List.of(lines);
        }

        @Override
        public void opened(Wire opened) {
            wire = opened;
            opened.startTls(new TlsNeed.Client("mx.customer.example", Optional.empty()));
        }

        @Override
        public void received(byte[] octets, int offset, int length) {
            rest += new String(octets, offset, length, US_ASCII);
            for (int end = rest.indexOf("\r\n"); end >= 0; end = rest.indexOf("\r\n")) {
                String line = rest.substring(0, end);
                rest = rest.substring(end + 2);
                if (line.length() > 3 && line.charAt(3) == '-') {
                    continue;
                }
                heard.add(line);
                if (next < lines.size()) {
                    byte[] say = (lines.get(next++) + "\r\n").getBytes(US_ASCII);
                    Wire open = Objects.requireNonNull(wire);
                    open.write(say, 0, say.length);
                    open.flush();
                }
            }
        }

        @Override
        public void secured(TlsFacts facts) {}

        @Override
        public void closed(@Nullable WireFailure cause) {
            closed = true;
        }

        String last() {
            return heard.getLast();
        }
    }

    private static final String AUTH =
            "AUTH PLAIN " + Base64.getEncoder().encodeToString(("\0" + EVE + "\0pencil").getBytes(US_ASCII));

    private static Client connect(SimWorld sim, String... lines) {
        Client client = new Client(lines);
        sim.run(sim.host(), world -> {
            world.net()
                    .connect(
                            new Endpoint.Tcp(InetAddress.ofLiteral("192.0.2.1"), 465),
                            Optional.empty(),
                            Duration.ofSeconds(10),
                            client);
            world.tasks().sleep(Duration.ofSeconds(20));
        });
        return client;
    }

    private static String[] message(String... recipients) {
        List<String> lines = new ArrayList<>(List.of("EHLO c.example", AUTH, "MAIL FROM:<" + EVE + ">"));
        for (String to : recipients) {
            lines.add("RCPT TO:<" + to + ">");
        }
        lines.addAll(List.of("DATA", "From: " + EVE + "\r\nSubject: hi\r\n\r\nhi\r\n."));
        return lines.toArray(String[]::new);
    }

    private Told ask(SimWorld sim, ControlRequest request) {
        return Told.ask(sim, server(), request);
    }

    private Told freeze(SimWorld sim) {
        return Told.ask(
                sim,
                server(),
                ControlRequest.of("freeze", "ops").with("user", "JOE").with("text", "spam"));
    }

    private List<String> holds() throws IOException {
        List<String> holds = new ArrayList<>();
        for (var id : server().spool().ids(null, 100)) {
            holds.add(server().spool().read(id).map(StoredMessage::held).orElse("gone"));
        }
        return holds;
    }

    @Test
    void aFrozenUserIsSentAwayHeldAndRefusedAlsoAfterARestart() throws IOException {
        try (SimWorld sim = begin(1)) {
            assertThat(connect(sim, message("bob@b.example")).last()).startsWith("250 ");
            Client open = connect(sim, "EHLO c.example", AUTH, "NOOP");
            assertThat(open.last()).startsWith("250 ");
            assertThat(open.closed).isFalse();
            Told dry = ask(
                    sim, ControlRequest.of("freeze", "ops").with("user", EVE).withFlag("dry", true));
            assertThat(dry.rows().getFirst()).containsEntry("messages", 1L).containsEntry("sessions", 2);
            assertThat(open.closed).isFalse();
            Told told = freeze(sim);
            assertThat(told.end().ok()).isTrue();
            assertThat(told.rows().getFirst())
                    .containsEntry("user", EVE)
                    .containsEntry("messages", 1L)
                    .containsEntry("sessions", 2)
                    .containsEntry("listed", true);
            sim.runFor(Duration.ofSeconds(10));
            assertThat(open.last()).startsWith("421 4.7.0 Your account");
            assertThat(open.closed).isTrue();
            assertThat(connect(sim, "EHLO c.example", AUTH).last()).startsWith("525 5.7.13 ");
            sim.crash();
            sim.run(world -> server = start(world));
            assertThat(connect(sim, "EHLO c.example", AUTH).last()).startsWith("525 5.7.13 ");
            assertThat(holds()).hasSize(1).allMatch(held -> held.startsWith("@frozen"));
            assertThat(ask(sim, ControlRequest.of("freeze-list", "ops")).rows().getFirst())
                    .containsEntry("user", EVE)
                    .containsEntry("state", "frozen")
                    .containsEntry("why", "spam")
                    .containsEntry("swept", true);
            ControlRequest unfreeze = ControlRequest.of("unfreeze", "ops").with("user", EVE);
            assertThat(ask(sim, unfreeze.withFlag("release", true).withFlag("dry", true))
                            .rows()
                            .getFirst())
                    .containsEntry("messages", 1L);
            assertThat(ask(sim, unfreeze).end().ok()).isTrue();
            assertThat(ask(sim, unfreeze).end().ok()).as("twice").isFalse();
            assertThat(holds()).as("to be looked at").allMatch(held -> held.startsWith("@frozen"));
            assertThat(ask(sim, unfreeze.withFlag("release", true)).rows().getFirst())
                    .containsEntry("messages", 1L);
            assertThat(holds()).allMatch(String::isEmpty);
            assertThat(Told.ask(
                                    sim,
                                    server(),
                                    ControlRequest.of("freeze", "ops").with("user", "a b"))
                            .end()
                            .usage())
                    .isTrue();
            assertThat(connect(sim, "EHLO c.example", AUTH).last()).startsWith("235 ");
        }
    }

    @Test
    void aUserOfThisHostIsFrozenAndUnfrozenBesideTheMailboxUserOfHisName() throws IOException {
        try (SimWorld sim = begin(9)) {
            sim.run(world -> {
                server().operations().accounts().suspect("joe", "too much");
                world.tasks().sleep(Duration.ofSeconds(10));
            });
            assertThat(ask(sim, ControlRequest.of("freeze-list", "ops")).rows().getFirst())
                    .containsEntry("user", "joe");
            Told unfrozen = ask(sim, ControlRequest.of("unfreeze", "ops").with("user", "joe"));
            assertThat(unfrozen.end().ok()).isTrue();
            assertThat(unfrozen.rows().getFirst()).containsEntry("user", "joe");
            Told local = ask(
                    sim, ControlRequest.of("freeze", "ops").with("user", "joe").withFlag("local", true));
            assertThat(local.rows().getFirst()).containsEntry("user", "joe").containsEntry("listed", false);
            assertThat(connect(sim, "EHLO c.example", AUTH).last()).startsWith("235 ");
            assertThat(freeze(sim).rows().getFirst()).containsEntry("user", EVE);
            assertThat(connect(sim, "EHLO c.example", AUTH).last()).startsWith("525 ");
            ControlRequest unfreeze = ControlRequest.of("unfreeze", "ops").with("user", "joe");
            assertThat(ask(sim, unfreeze).rows().getFirst()).as("as listed").containsEntry("user", "joe");
            assertThat(ask(sim, unfreeze.withFlag("local", true)).end().ok()).isFalse();
            assertThat(ask(sim, unfreeze).rows().getFirst()).as("as at a login").containsEntry("user", EVE);
        }
    }

    @Test
    void whoSendsTooMuchIsToldToComeBack() throws IOException {
        try (SimWorld sim = begin(2)) {
            for (int i = 0; i < 4; i++) {
                assertThat(connect(sim, message("bob@b.example")).last()).startsWith("250 ");
            }
            assertThat(connect(sim, "EHLO c.example", AUTH, "MAIL FROM:<" + EVE + ">")
                            .last())
                    .startsWith("450 4.7.1 ");
            sim.runFor(Duration.ofMinutes(70));
            assertThat(connect(sim, message("bob@b.example")).last()).startsWith("250 ");
            assertThat(sim.events().count(Event.OUTBOUND_LIMITED)).isEqualTo(1);
        }
    }

    @Test
    void whoTriesManyAddressesThatAreNotThereHasHisMailHeld() throws IOException {
        try (SimWorld sim = begin(3)) {
            Client client = connect(
                    sim,
                    message(
                            "a@customer.example",
                            "b@customer.example",
                            "c@customer.example",
                            "d@customer.example",
                            "e@customer.example",
                            "bob@b.example"));
            assertThat(client.last()).startsWith("250 ");
            sim.runFor(Duration.ofMinutes(1));
            assertThat(sim.events().count(Event.ACCOUNT_HELD)).isEqualTo(1);
            assertThat(holds()).hasSize(1).allMatch(held -> held.startsWith("@frozen"));
            assertThat(server().operations().accounts().all())
                    .extracting(Account::level)
                    .containsExactly(Account.Level.HELD);
            assertThat(connect(sim, "EHLO c.example", AUTH).last()).startsWith("235 ");
        }
    }

    private static void drop(SimWorld sim, String name, String owner, String to) throws IOException {
        Path file = Path.of("/drop/" + name);
        try (Disk.File left = sim.disk().create(file)) {
            left.write(0, ByteBuffer.wrap(("hikyaku-drop 1\n" + to + "\nSubject: s\n\nhi\n").getBytes(US_ASCII)));
            left.force();
        }
        int uid = 1000 + owner.chars().sum(); // another for each
        sim.disk().own(file, uid);
        sim.host().user(uid, Optional.of(owner));
    }

    @Test
    void whoHasLongBeenGoneIsRefusedAtRcptUntilHeIsTakenOffTheList() throws IOException {
        Address bob = Address.of("bob@b.example");
        try (SimWorld sim = begin(5)) {
            ControlRequest add = new ControlRequest("suppression-add", "ops", List.of("bob@b.example"), null, null);
            assertThat(ask(sim, add.withFlag("dry", true)).end().ok()).isTrue();
            assertThat(ask(sim, ControlRequest.of("suppression-list", "ops")).rows())
                    .isEmpty();
            assertThat(ask(sim, add.with("for", "40d").with("text", "gone"))
                            .end()
                            .ok())
                    .isTrue();
            assertThat(ask(sim, add.with("for", "soon")).end().usage()).isTrue();
            assertThat(ask(sim, ControlRequest.of("suppression-list", "ops"))
                            .rows()
                            .getFirst())
                    .containsEntry("address", "bob@b.example")
                    .containsEntry("by", "ops")
                    .containsEntry("why", "gone");
            sim.crash();
            sim.run(world -> server = start(world));
            Client client = connect(sim, message("BOB@b.example", "eve@b.example"));
            assertThat(client.heard).anyMatch(line -> line.startsWith("550 5.1.1 Its server has said"));
            assertThat(client.last()).startsWith("250 ");
            sim.run(sim.host(), world -> {
                Explainer.Case asked = new Explainer.Case(bob, Address.of(EVE), EVE, "");
                assertThat(server().explainer().explain(asked).toString()).contains("suppressed until", "by ops");
            });
            ControlRequest remove =
                    new ControlRequest("suppression-remove", "ops", List.of("bob@b.example"), null, null);
            assertThat(ask(sim, remove.withFlag("dry", true)).end().ok()).isTrue();
            assertThat(ask(sim, remove).end().ok()).isTrue();
            assertThat(ask(sim, remove).end().ok()).isFalse();
            assertThat(connect(sim, message("bob@b.example")).heard).noneMatch(line -> line.startsWith("550"));
        }
    }

    @Test
    void whoeverIsAddedInADomainThatIsSparedIsAddedInVainAndThatIsSaid() throws IOException {
        try (SimWorld sim = begin(7)) {
            ControlRequest add = new ControlRequest(
                    "suppression-add",
                    "ops",
                    List.of("bob@b.example", "x@relay.example", "y@relay.example"),
                    null,
                    null);
            for (boolean dry : new boolean[] {true, false}) {
                Told told = ask(sim, add.withFlag("dry", dry));
                assertThat(told.end().ok()).isTrue();
                assertThat(told.end().messages().getLast())
                        .startsWith("without effect for relay.example: ")
                        .doesNotContain("b.example,");
            }
            assertThat(ask(sim, ControlRequest.of("suppression-list", "ops")).rows())
                    .extracting(row -> row.get("spared"))
                    .containsExactly(false, true, true);
            ControlRequest bob = new ControlRequest("suppression-add", "ops", List.of("bob@b.example"), null, null);
            assertThat(ask(sim, bob).end().messages()).hasSize(1);
        }
    }

    @Test
    void otherMailToHimIsAnsweredByANoticeAndGoesToTheOthers() throws IOException {
        try (SimWorld sim = begin(6)) {
            sim.run(
                    sim.host(),
                    world -> server().suppressions()
                            .add(Address.of("bob@b.example"), Duration.ofDays(30), "ops", "gone"));
            drop(sim, "m1", "joe", "to bob@b.example\nto eve@b.example\n");
            drop(sim, "m2", "joe", "to bob@b.example\n");
            sim.runFor(Duration.ofMinutes(2));
            assertThat(sim.events().count(Event.BOUNCE_QUEUED)).isEqualTo(2);
            assertThat(sim.events().lines()).anyMatch(line -> line.contains("SUPPRESSED"));
            assertThat(server().spool().ids(null, 100))
                    .as("eve's server is away")
                    .hasSize(1);
        }
    }

    /** Answers MAIL and RCPT, and takes what comes after them. */
    private static final class Mx implements WireHandler {
        private final UnaryOperator<String> answers;
        private @Nullable Wire wire;
        private String rest = "";
        private boolean data;

        Mx(UnaryOperator<String> answers) {
            this.answers = answers;
        }

        @Override
        public void opened(Wire opened) {
            wire = opened;
            say("220 mx.b.example ESMTP");
        }

        private void say(String line) {
            byte[] octets = (line + "\r\n").getBytes(US_ASCII);
            Wire open = Objects.requireNonNull(wire);
            open.write(octets, 0, octets.length);
            open.flush();
        }

        @Override
        public void received(byte[] octets, int offset, int length) {
            rest += new String(octets, offset, length, US_ASCII);
            for (int end = rest.indexOf("\r\n"); end >= 0; end = rest.indexOf("\r\n")) {
                String line = rest.substring(0, end);
                rest = rest.substring(end + 2);
                if (!data || line.equals(".")) {
                    data = line.equals("DATA");
                    boolean asked = line.startsWith("RCPT") || line.startsWith("MAIL");
                    say(data ? "354 go on" : asked ? answers.apply(line) : "250 ok");
                }
            }
        }

        @Override
        public void secured(TlsFacts facts) {}

        @Override
        public void closed(@Nullable WireFailure cause) {}
    }

    private static void listen(SimWorld sim, UnaryOperator<String> answers) {
        SimHost mx = sim.remote("mx", "198.51.100.1");
        sim.run(
                mx,
                world -> world.net()
                        .listen(
                                new Endpoint.Tcp(new InetSocketAddress(InetAddress.ofLiteral("198.51.100.1"), 25)),
                                10,
                                wire -> new Mx(answers)));
    }

    @Test
    void whatAServerSaysOfTheSenderIsNotSaidOfTheRecipient() throws IOException {
        try (SimWorld sim = begin(8)) {
            Map<String, String> replies = Map.of(
                    "MAIL FROM:<www", "550 5.1.1 no such user here",
                    "RCPT TO:<code", "553 5.1.8 Domain does not exist",
                    "RCPT TO:<exim", "550 Sender verify failed: no such user",
                    "RCPT TO:<named", "550 5.1.1 <joe@customer.example>: user unknown",
                    "RCPT TO:<sender", "550 5.1.1 <sender@b.example>: user unknown");
            listen(
                    sim,
                    line -> replies.entrySet().stream()
                            .filter(each -> line.startsWith(each.getKey()))
                            .map(Map.Entry::getValue)
                            .findFirst()
                            .orElse(line.startsWith("RCPT") ? "550 5.1.1 no such user" : "250 ok"));
            for (int i = 0; i < 3; i++) {
                drop(sim, "mw" + i, "www", "to refused@b.example\n");
                drop(sim, "mn" + i, "root", "sender \nto null@b.example\n");
                connect(sim, message("code@b.example", "exim@b.example", "named@b.example", "sender@b.example"));
                sim.runFor(Duration.ofHours(13));
            }
            assertThat(server().suppressions().list(true))
                    .extracting(Suppressed::address)
                    .containsExactly("sender@b.example");
            assertThat(sim.events().count(Event.RECIPIENT_FAILED)).isGreaterThanOrEqualTo(18);
        }
    }

    @Test
    void whoIsNotThereYetInADomainThatTheOperatorServesIsNotGone() throws IOException {
        try (SimWorld sim = begin(9)) {
            listen(sim, line -> line.startsWith("RCPT") ? "550 5.1.1 no such user" : "250 ok");
            for (int i = 0; i < 3; i++) {
                connect(sim, message("new@relay.example", "new@x.inner.example", "bob@b.example"));
                sim.runFor(Duration.ofHours(13));
            }
            assertThat(server().suppressions().list(true))
                    .extracting(Suppressed::address)
                    .containsExactly("bob@b.example");
            sim.run(sim.host(), world -> {
                for (String listed : List.of("new@relay.example", "new@x.inner.example", "bob@b.example")) {
                    server().suppressions().add(Address.of(listed), Duration.ofDays(1), "servers", "before");
                }
            });
            assertThat(connect(sim, message("bob@b.example", "new@relay.example", "new@x.inner.example")).heard.stream()
                            .filter(line -> line.startsWith("550 5.1.1")))
                    .as("bob alone")
                    .hasSize(1);
        }
    }

    @Test
    void whatIsRefusedLongAfterItCameIsSetAgainstWhatIsTakenThen() throws IOException {
        for (int taken : new int[] {6, 4}) {
            try (SimWorld sim = begin(18)) {
                String to = "to e1@b.example\nto e2@b.example\nto e3@b.example\nto e4@b.example\nto e5@b.example\n";
                StringBuilder all = new StringBuilder(to);
                for (int i = 0; i < taken; i++) {
                    all.append("to ok").append(i).append("@b.example\n");
                }
                drop(sim, "m1", "Cronjob", all.toString());
                sim.runFor(Duration.ofMinutes(70)); // its server is away
                listen(sim, line -> line.startsWith("RCPT TO:<e") ? "550 5.7.1 Blocked by policy" : "250 ok");
                sim.runFor(Duration.ofHours(4));
                assertThat(sim.events().count(Event.RECIPIENT_DELIVERED)).isEqualTo(taken);
                assertThat(sim.events().count(Event.RECIPIENT_FAILED)).isEqualTo(5);
                assertThat(sim.events().count(Event.ACCOUNT_HELD))
                        .as("5 of " + (5 + taken))
                        .isEqualTo(taken == 4 ? 1 : 0);
            }
        }
    }

    @Test
    void aMessageIsCountedOnceHoweverLongTheDiskIsFull() throws IOException {
        try (SimWorld sim = begin(19)) {
            drop(sim, "m1", "cronjob", "to bob@b.example\n");
            sim.disk().capacity(1);
            sim.runFor(Duration.ofMinutes(5));
            assertThat(sim.events().count(Event.DROP_FAILED)).isEqualTo(1);
            assertThat(sim.events().count(Event.MESSAGE_QUEUED)).isZero();
            sim.disk().capacity(Long.MAX_VALUE);
            sim.runFor(Duration.ofMinutes(2));
            assertThat(sim.events().count(Event.MESSAGE_QUEUED)).isEqualTo(1);
        }
    }

    @Test
    void whoseServerSaysForDaysThatHeIsNotThereIsSuppressedAndForNothingElse() throws IOException {
        try (SimWorld sim = begin(7)) {
            listen(
                    sim,
                    line -> line.startsWith("RCPT TO:<bob")
                            ? "550 5.1.1 no such user"
                            : line.startsWith("RCPT") ? "550 5.7.1 Blocked by policy" : "250 ok");
            for (int i = 0; i < 3; i++) {
                assertThat(server().suppressions().holds(Address.of("bob@b.example")))
                        .isFalse();
                drop(sim, "m" + i, "joe", "to bob@b.example\nto eve@b.example\n");
                sim.runFor(Duration.ofHours(13));
            }
            assertThat(server().suppressions().holds(Address.of("bob@b.example")))
                    .isTrue();
            assertThat(server().suppressions().list(true)).hasSize(1);
            assertThat(sim.events().count(Event.BOUNCE_QUEUED)).isEqualTo(3);
            assertThat(sim.events().count(Event.ADDRESS_SUPPRESSED)).isEqualTo(1);
        }
    }

    @Test
    void whatAUserOfTheHostSendsTooMuchOfWaitsInTheDropDirectory() throws IOException {
        try (SimWorld sim = begin(4)) {
            for (int i = 0; i < 5; i++) {
                Path file = Path.of("/drop/m" + i);
                try (Disk.File left = sim.disk().create(file)) {
                    left.write(
                            0,
                            ByteBuffer.wrap(
                                    "hikyaku-drop 1\nto bob@b.example\n\nSubject: s\n\nhi\n".getBytes(US_ASCII)));
                    left.force();
                }
                sim.disk().own(file, 1001);
                sim.host().user(1001, Optional.of("cronjob"));
            }
            sim.runFor(Duration.ofMinutes(1));
            assertThat(sim.events().count(Event.MESSAGE_QUEUED)).isEqualTo(2);
            sim.runFor(Duration.ofMinutes(75));
            assertThat(sim.events().lines().stream()
                            .filter(l -> l.contains("cronjob@"))
                            .count())
                    .isGreaterThan(2);
            sim.runFor(Duration.ofMinutes(75));
            assertThat(sim.disk().list(Path.of("/drop/taken"))).isEmpty();
        }
    }
}
