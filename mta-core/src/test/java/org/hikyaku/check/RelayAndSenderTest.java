package org.hikyaku.check;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.hikyaku.config.Config;
import org.hikyaku.config.ConfigReader;
import org.hikyaku.mail.Address;
import org.hikyaku.mail.Content;
import org.hikyaku.mail.Envelope;
import org.hikyaku.mail.HeaderAsks;
import org.hikyaku.mail.HeaderFacts;
import org.hikyaku.mail.Wishes;
import org.hikyaku.policy.Check;
import org.hikyaku.policy.Question;
import org.hikyaku.policy.SessionFacts;
import org.hikyaku.policy.Verdict;
import org.hikyaku.sim.SimWorld;
import org.hikyaku.smtp.Replies;
import org.hikyaku.table.Grants;
import org.hikyaku.table.LocalDirectory;
import org.hikyaku.table.Users;
import org.hikyaku.world.Disk;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class RelayAndSenderTest {
    private static final String TEXT = """
            hostname = mx.example.org
            local { domains = [example.org], postmaster = "alice@example.org" }
            relay { trusted_networks = ["10.1.0.0/16"], domains = [backup.example] }
            auth.users = /etc/users
            """;
    private static final Config CONFIG = ConfigReader.fromText(TEXT);
    private static final Set<String> USERS = Set.of("alice@example.org", "bob");

    private final LocalDirectory directory;
    private final RelayCheck relay;
    private final SenderCheck sender;
    /** As the other, with {@code sales} granted to Alice, and to a login that is no address of ours. */
    private final SenderCheck granting;

    RelayAndSenderTest() throws IOException {
        try (SimWorld world = new SimWorld(1)) {
            directory = LocalDirectory.load(CONFIG.hostname(), CONFIG.local(), USERS::contains, world.disk())
                    .directory();
            String hash = ":{BLF-CRYPT}$2y$05$abcdefghijklmnopqrstuuOQiyCxlgf/oeuTqixKmWdcYUh4Hjl0a\n";
            world.disk().makeDirectories(Path.of("/etc"));
            write(world.disk(), "/etc/users", "alice@example.org" + hash + "machine@elsewhere.example" + hash);
            write(world.disk(), "/etc/grants", """
                    alice@example.org: sales@example.org
                    machine@elsewhere.example: sales@example.org
                    """);
            Users users = Users.load(world.disk(), Path.of("/etc/users")).users();
            Grants.Loaded grants = Grants.load(world.disk(), Path.of("/etc/grants"), users);
            assertThat(grants.problems()).isEmpty();
            granting = new SenderCheck(() -> directory, grants::grants);
        }
        relay = new RelayCheck(() -> directory);
        sender = new SenderCheck(() -> directory, Grants::none);
    }

    private static void write(Disk disk, String path, String text) throws IOException {
        try (Disk.File file = disk.create(Path.of(path))) {
            file.write(0, ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8)));
        }
    }

    /** A timed grant is for one address. */
    @Test
    void whoHasAGrantRelays() {
        RelayCheck granting = new RelayCheck(() -> directory, InetAddress.ofLiteral("203.0.113.9")::equals);
        Question question = new Question.Recipient(Address.NULL, Address.of("x@elsewhere.example"));
        assertThat(granting.answer(question, facts("203.0.113.9", null))).isEqualTo(Verdict.PASS);
        assertThat(granting.answer(question, facts("203.0.113.8", null))).isInstanceOf(Verdict.Reject.class);
    }

    /** Routes say how accepted mail goes, never whether it is accepted. */
    @Test
    void noRuleOfRoutesRelays() {
        for (String rule : List.of(
                "{ mx = true }",
                "{ to = [\"/.*/\"], hosts = [ { host = \"192.0.2.1\", port = 25, tls = none } ] }",
                "{ from = [\"/.*/\"], agent = discard }",
                "{ to = [elsewhere.example], fail = \"550 5.7.1 no\" }",
                "{ to = [elsewhere.example], hold = wait }",
                "{ clients = [\"203.0.113.0/24\"], fallback = [ { host = \"192.0.2.1\", port = 25, tls = none } ] }")) {
            Config config = ConfigReader.fromText(TEXT + "delivery.rules = [" + rule + "]\n");
            RelayCheck check = new RelayCheck(() -> directory);
            SessionFacts stranger = facts(config, "203.0.113.9", null);
            Question question = new Question.Recipient(Address.NULL, Address.of("x@elsewhere.example"));
            assertThat(check.answer(question, stranger)).as(rule).isInstanceOf(Verdict.Reject.class);
        }
    }

    /** RFC 2505 2.1: none of the ways to write an address makes this a relay. */
    @Test
    void noWayOfWritingAnAddressRelays() {
        for (String recipient : List.of(
                "x@elsewhere.example",
                "\"x@elsewhere.example\"@elsewhere.example",
                "x%example.org@elsewhere.example",
                "x@sub.example.org",
                "x@example.org.elsewhere.example",
                "x@[192.0.2.1]",
                "alice@sub.backup.example")) {
            assertThat(ask(relay, recipient, "203.0.113.9", null)).as(recipient).isInstanceOf(Verdict.Reject.class);
        }
    }

    /** What looks like a route inside a local part of ours is a name like any other, and nobody has it. */
    @Test
    void routesInsideALocalPartAreOnlyNames() {
        RecipientCheck known = new RecipientCheck(() -> directory);
        for (String recipient : List.of(
                "x%elsewhere.example@example.org",
                "elsewhere.example!x@example.org",
                "\"x@elsewhere.example\"@example.org",
                "\"@elsewhere.example:x\"@example.org")) {
            assertThat(ask(known, recipient, "203.0.113.9", null)).as(recipient).isInstanceOf(Verdict.Reject.class);
        }
    }

    /** The server behind us may read a route in them, and passes on what comes from us. */
    @Test
    void routesInsideALocalPartAreNotPassedToARelayDomainForStrangers() {
        for (String recipient : List.of(
                "x%elsewhere.example@backup.example",
                "elsewhere.example!x@backup.example",
                "\"x@elsewhere.example\"@backup.example",
                "\"@elsewhere.example:x\"@backup.example")) {
            assertThat(ask(relay, recipient, "203.0.113.9", null)).as(recipient).isInstanceOf(Verdict.Reject.class);
            assertThat(ask(relay, recipient, "10.1.2.3", null)).as(recipient).isEqualTo(Verdict.PASS);
        }
    }

    @Test
    void whoMayRelayDoes() {
        assertThat(ask(relay, "x@elsewhere.example", "10.1.2.3", null)).isEqualTo(Verdict.PASS);
        assertThat(ask(relay, "x@elsewhere.example", "203.0.113.9", "alice@example.org"))
                .isEqualTo(Verdict.PASS);
        assertThat(ask(relay, "x@backup.example", "203.0.113.9", null)).isEqualTo(Verdict.PASS);
        assertThat(ask(relay, "alice@example.org", "203.0.113.9", null)).isEqualTo(Verdict.PASS);
    }

    /** RFC 5321 4.5.1. */
    @Test
    void postmasterIsAlwaysTaken() {
        RecipientCheck known = new RecipientCheck(() -> directory);
        for (Address postmaster : List.of(
                Address.barePostmaster(),
                Address.of("PostMaster@example.org"),
                Address.of("postmaster@mx.example.org"))) {
            Question question = new Question.Recipient(Address.NULL, postmaster);
            assertThat(relay.answer(question, facts("203.0.113.9", null))).isEqualTo(Verdict.PASS);
            assertThat(known.answer(question, facts("203.0.113.9", null))).isEqualTo(Verdict.PASS);
        }
    }

    @Test
    void aUserSendsAsHimselfOnly() {
        assertThat(from("alice@example.org", "alice@example.org")).isEqualTo(Verdict.PASS);
        assertThat(from("alice@example.org", "Alice+news@Example.org")).isEqualTo(Verdict.PASS);
        assertThat(from("bob", "bob@example.org")).isEqualTo(Verdict.PASS);
        assertThat(from("alice@example.org", "bob@example.org")).isInstanceOf(Verdict.Reject.class);
        assertThat(from("alice@example.org", "postmaster@example.org")).isInstanceOf(Verdict.Reject.class);
        assertThat(from("alice@example.org", "alice@elsewhere.example")).isInstanceOf(Verdict.Reject.class);
    }

    @Test
    void fromIsHeldToTheSameRule() {
        assertThat(header("alice@example.org", "alice@example.org")).isEqualTo(Verdict.PASS);
        assertThat(header("alice@example.org", "alice@example.org", "bob@example.org"))
                .isInstanceOf(Verdict.Reject.class);
        assertThat(header("alice@example.org")).isInstanceOf(Verdict.Reject.class);
        assertThat(ask(sender, new Question.Sender(Address.NULL, 0), "alice@example.org"))
                .isEqualTo(Verdict.PASS);
    }

    private Verdict senderField(String user, Optional<String> said, String from) {
        Config config = ConfigReader.fromText(TEXT + "auth.sender_field = add\n");
        Envelope envelope = new Envelope(Address.NULL, List.of(), false, false);
        Question question = new Question.Message(envelope, headers(said, from), noContent());
        return granting.answer(question, facts(config, "203.0.113.9", user));
    }

    /** RFC 6409 8.1: where From does not say it, Sender does. */
    @Test
    void whoHasLoggedInIsToldInTheSenderFieldWhereThatIsWanted() {
        String user = "alice@example.org";
        assertThat(senderField(user, Optional.empty(), "sales@example.org"))
                .isEqualTo(new Verdict.Pass(List.of("Sender: <alice@example.org>")));
        assertThat(senderField(user, Optional.empty(), user)).isEqualTo(Verdict.PASS);
        assertThat(senderField(user, Optional.empty(), "alice+news@example.org"))
                .isEqualTo(Verdict.PASS);
        assertThat(senderField("bob", Optional.empty(), "bob@example.org")).isEqualTo(Verdict.PASS);
        assertThat(ask(granting, message("sales@example.org"), user)).isEqualTo(Verdict.PASS); // off
    }

    @Test
    void aSenderFieldThatIsThereIsHisOwnOrRefused() {
        String user = "alice@example.org";
        assertThat(senderField(user, Optional.of("Alice@example.org"), "sales@example.org"))
                .isEqualTo(Verdict.PASS);
        for (String said : List.of("bob@example.org", "boss@elsewhere.example", "not an address")) {
            assertThat(senderField(user, Optional.of(said), "sales@example.org"))
                    .isEqualTo(new Verdict.Reject(Replies.NOT_YOUR_ADDRESS));
        }
    }

    /** A login that is no address of ours, such as one whom others know, names no valid address. */
    @Test
    void whoHasNoMailboxHereIsNotToldInTheSenderField() {
        assertThat(senderField("machine@elsewhere.example", Optional.empty(), "sales@example.org"))
                .isEqualTo(Verdict.PASS);
    }

    @Test
    void noRoomIsToldAtMail() {
        RoomCheck room = new RoomCheck(size -> size < 1000);
        assertThat(room.answer(new Question.Sender(Address.NULL, 999), facts("203.0.113.9", null)))
                .isEqualTo(Verdict.PASS);
        assertThat(room.answer(new Question.Sender(Address.NULL, 1000), facts("203.0.113.9", null)))
                .isInstanceOfSatisfying(
                        Verdict.Reject.class,
                        verdict -> assertThat(verdict.reply().code()).isEqualTo(452));
    }

    /** RFC 4865 6 (3), (4), (5). */
    @Test
    void moreThanTheQuotaOfAUserIsNotKeptForLater() {
        HoldQuotaCheck quota = new HoldQuotaCheck(
                (user, octets, messages, most) -> messages == 100 && user.equals("alice") && octets <= 1000);
        Wishes later = Wishes.NONE.with(new Wishes.Release(Instant.EPOCH, "for;60"));
        assertThat(ask(quota, new Question.Sender(Address.NULL, 2000), "alice")).isEqualTo(Verdict.PASS);
        assertThat(ask(quota, new Question.Sender(Address.NULL, 1000, later), "alice"))
                .isEqualTo(Verdict.PASS);
        for (String user : List.of("alice", "bob")) {
            assertThat(ask(quota, new Question.Sender(Address.NULL, 1001, later), user))
                    .isEqualTo(new Verdict.Reject(Replies.HOLD_QUOTA));
        }
        Envelope envelope = new Envelope(Address.NULL, List.of(), false, false, 0, later);
        assertThat(ask(quota, new Question.Message(envelope, headers(), noContent()), "bob"))
                .isEqualTo(new Verdict.Reject(Replies.HOLD_QUOTA));
        assertThat(Replies.HOLD_QUOTA.code()).isEqualTo(552);
    }

    private Verdict from(String user, String address) {
        return ask(sender, new Question.Sender(Address.of(address), 0), user);
    }

    private Verdict header(String user, String... from) {
        return ask(sender, message(from), user);
    }

    private static Question message(String... from) {
        return new Question.Message(new Envelope(Address.NULL, List.of(), false, false), headers(from), noContent());
    }

    private static HeaderFacts headers(String... from) {
        return headers(Optional.empty(), from);
    }

    private static HeaderFacts headers(Optional<String> sender, String... from) {
        return new HeaderFacts(
                0,
                List.of(from).stream().map(Address::of).toList(),
                true,
                sender.flatMap(Address::parse),
                sender.isPresent(),
                true,
                "",
                false,
                false,
                10,
                false,
                List.of(),
                HeaderAsks.NONE,
                false);
    }

    private static Content noContent() {
        return new Content() {
            @Override
            public long size() {
                return 0;
            }

            @Override
            public int read(ByteBuffer target, long position) {
                return 0;
            }
        };
    }

    private static Verdict ask(Check check, Question question, String user) {
        return check.answer(question, facts("203.0.113.9", user));
    }

    private static Verdict ask(Check check, String recipient, String remote, @Nullable String user) {
        return check.answer(new Question.Recipient(Address.NULL, Address.of(recipient)), facts(remote, user));
    }

    private static SessionFacts facts(String remote, @Nullable String user) {
        return facts(CONFIG, remote, user);
    }

    private static SessionFacts facts(Config config, String remote, @Nullable String user) {
        return new SessionFacts(
                "s",
                config,
                "mx",
                InetAddress.ofLiteral(remote),
                Optional.empty(),
                Optional.empty(),
                Optional.ofNullable(user));
    }
}
