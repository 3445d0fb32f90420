package org.hikyaku.deliver;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.hikyaku.config.Config;
import org.hikyaku.mail.Address;
import org.hikyaku.mail.Content;
import org.hikyaku.mail.Domain;
import org.hikyaku.mail.Envelope;
import org.hikyaku.mail.Recipient;
import org.hikyaku.mail.SpoolId;
import org.hikyaku.queue.QueueManager;
import org.hikyaku.route.Router;
import org.hikyaku.sim.SimCertificate;
import org.hikyaku.sim.SimHost;
import org.hikyaku.sim.SimWorld;
import org.hikyaku.spool.Origin;
import org.hikyaku.spool.RecipientState;
import org.hikyaku.spool.StoredMessage;
import org.hikyaku.table.LocalDirectory;
import org.hikyaku.table.RouteTables;
import org.hikyaku.world.Disk;
import org.hikyaku.world.Event;
import org.hikyaku.world.Resolver;
import org.hikyaku.world.World;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Mail that goes by rules of routes, from the queue to the hosts; docs/routes.md. */
class RoutedDeliveryTest {
    private static final String SMART = "198.51.100.7";
    private static final String HOLDS_BULK = "{ headers = [\"X-Kind: bulk\"], hold = \"bulk mail\" }";

    private final SimWorld sim = new SimWorld(12);
    private final ListSpool spool = new ListSpool();
    private final Connections connections = new Connections();
    private final FakeMx mx = Errand.mx(sim, "198.51.100.1");
    private final List<String> logged = new ArrayList<>();
    private long next = 1;
    private Config settings = Errand.CONFIG;
    private @Nullable QueueManager queue;
    private @Nullable Router router;

    RoutedDeliveryTest() {
        sim.zones().mx("y.example", 10, "mx.y.example").address("mx.y.example", "198.51.100.1");
        sim.events().listen((event, values) -> logged.add(event + " " + List.of(values)));
    }

    @AfterEach
    void close() {
        sim.close();
    }

    private void queued(String sender, String... recipients) {
        List<Recipient> all =
                Stream.of(recipients).map(Address::of).map(Recipient::of).toList();
        Instant now = sim.world().clock().now();
        SpoolId id = new SpoolId(next++);
        Address from = sender.isEmpty() ? Address.NULL : Address.of(sender);
        spool.messages.put(
                id,
                new StoredMessage(
                        id,
                        now,
                        new Envelope(from, all, false, false),
                        Origin.ownNotice(),
                        all.stream().map(r -> RecipientState.fresh(now)).toList(),
                        "",
                        Errand.content("X-Kind: bulk\r\n" + Errand.TEXT)));
    }

    private void run(Duration time, String... rules) {
        settings = Errand.config("delivery.rules = [" + String.join(",\n", rules) + "]");
        run(time, settings);
    }

    private void run(Duration time, Config config) {
        settings = config;
        sim.run(world -> {
            LocalDirectory directory = LocalDirectory.load(
                            Domain.of("me.example"), config.local(), Set.<String>of()::contains, world.disk())
                    .directory();
            queue = new QueueManager(world, spool, () -> settings, () -> directory);
            router = new Router(world, config);
            queue.homing(new RoutedHoming(router(), () -> settings));
            List.copyOf(spool.messages.values()).forEach(queue::message);
            new Deliverer(
                            world,
                            queue,
                            router,
                            new SmtpAgent(world, connections),
                            Map.of("discard", new DiscardAgent()),
                            () -> settings)
                    .start();
            queue.start();
        });
        sim.runFor(time);
    }

    private Router router() {
        return Objects.requireNonNull(router);
    }

    private void password(String name, String secret) {
        sim.run(world -> write(world, Path.of("/etc/" + name), secret + "\n"));
    }

    private static void write(World world, Path file, String text) throws IOException {
        world.disk().makeDirectories(Path.of("/etc"));
        try (Disk.File open = world.disk().create(file)) {
            open.write(0, ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8)));
        }
    }

    private FakeMx smart() {
        SimHost host = sim.remote("smart", SMART);
        host.certificate(new SimCertificate(List.of(new byte[] {1}), Set.of(SMART)));
        FakeMx smart = new FakeMx(host, Errand.tcp(SMART));
        smart.implicitTls = true;
        smart.offer = List.of("AUTH PLAIN");
        return smart;
    }

    private static String host(String address) {
        return "hosts = [ { host = \"" + address + "\", port = 25, tls = none } ]";
    }

    private static String login(String user) {
        return "hosts = [ { host = \"" + SMART + "\", port = 25, tls = implicit, user = " + user
                + ", password_file = \"/etc/" + user + "\" } ]";
    }

    private static String auth(String user, String secret) {
        byte[] octets = ("\0" + user + "\0" + secret).getBytes(StandardCharsets.UTF_8);
        return "AUTH PLAIN " + Base64.getEncoder().encodeToString(octets);
    }

    @Test
    void eachSenderLogsInAsHimselfAndNoConnectionIsShared() {
        FakeMx smart = smart();
        password("anna", "one");
        password("bob", "two");
        for (int i = 0; i < 10; i++) {
            queued("anna@x.example", "r" + i + "@y.example");
            queued("bob@x.example", "r" + i + "@y.example");
            queued("carl@x.example", "r" + i + "@y.example");
        }
        run(
                Duration.ofMinutes(1),
                "{ from = [\"anna@x.example\"], " + login("anna") + " }",
                "{ from = [\"bob@x.example\"], " + login("bob") + " }");
        assertThat(smart.mails).hasSize(20);
        assertThat(mx.mails).hasSize(10).allMatch(mail -> mail.sender().contains("carl@"));
        for (FakeMx.Session session : smart.sessions) {
            String name = session.commands.contains(auth("anna", "one")) ? "anna" : "bob";
            assertThat(session.commands).contains(auth(name, name.equals("anna") ? "one" : "two"));
            assertThat(session.commands.stream().filter(line -> line.startsWith("AUTH")))
                    .hasSize(1);
            assertThat(session.commands.stream().filter(line -> line.startsWith("MAIL")))
                    .allMatch(line -> line.contains("<" + name + "@"));
        }
        assertThat(smart.sessions).as("connections are used again").hasSizeLessThan(20);
        assertThat(logged).noneMatch(line -> line.contains("two") || line.contains("Ym9i"));
    }

    @Test
    void aLoginThatDoesNotWorkShutsOutNobodyElse() {
        FakeMx smart = smart();
        password("anna", "one");
        password("bob", "wrong");
        smart.script = (session, line) -> line.equals(auth("bob", "wrong")) ? "535 5.7.8 no" : null;
        for (int i = 0; i < 5; i++) {
            queued("bob@x.example", "r" + i + "@y.example");
        }
        for (int i = 0; i < 5; i++) {
            queued("anna@x.example", "r" + i + "@y.example");
        }
        run(
                Duration.ofMinutes(1),
                "{ from = [\"anna@x.example\"], " + login("anna") + " }",
                "{ from = [\"bob@x.example\"], " + login("bob") + " }");
        assertThat(smart.mails).hasSize(5).allMatch(mail -> mail.sender().contains("anna@"));
        assertThat(smart.commands().stream().filter(line -> line.equals(auth("bob", "wrong"))))
                .as("asked again after a minute only")
                .hasSizeLessThan(5);
    }

    @Test
    void aRuleRefusesWithItsReply() {
        queued("", "r@y.example", "s@y.example");
        run(Duration.ofMinutes(1), "{ to = [\"r@y.example\"], fail = \"550 5.7.27 Not there\" }");
        assertThat(spool.states).containsExactlyInAnyOrder("1/0 FAILED 5.7.27", "1/1 DELIVERED 2.0.0");
        assertThat(logged).anyMatch(line -> line.contains("Not there"));
    }

    @Test
    void aRuleHoldsOnceAndWhatIsReleasedGoes() {
        queued("a@x.example", "r@y.example");
        run(Duration.ofHours(1), "{ headers = [\"X-Kind: bulk\"], hold = \"bulk mail\" }");
        assertThat(mx.mails).isEmpty();
        assertThat(sim.events().count(Event.MESSAGE_HELD)).isEqualTo(1);
        QueueManager held = Objects.requireNonNull(queue);
        sim.run(world -> held.admin().hold(new SpoolId(1), "", told -> {}));
        sim.runFor(Duration.ofHours(1));
        assertThat(mx.mails).hasSize(1);
    }

    /** Puts another content into the last message. */
    private void with(Content content) {
        SpoolId id = new SpoolId(next - 1);
        StoredMessage was = Objects.requireNonNull(spool.messages.get(id));
        spool.messages.put(
                id,
                new StoredMessage(id, was.arrival(), was.envelope(), was.origin(), was.states(), was.held(), content));
    }

    private void release(long id) {
        QueueManager held = Objects.requireNonNull(queue);
        sim.run(world -> held.admin().hold(new SpoolId(id), "", told -> {}));
    }

    private static Content reading(Runnable first, Content content) {
        AtomicBoolean done = new AtomicBoolean();
        return new Content() {
            @Override
            public long size() {
                return content.size();
            }

            @Override
            public int read(ByteBuffer target, long position) throws IOException {
                if (done.compareAndSet(false, true)) {
                    first.run();
                }
                return content.read(target, position);
            }
        };
    }

    @Test
    void whatTheSpoolCouldNotGiveAtFirstIsHeldWhenItCan() {
        queued("a@x.example", "r@y.example");
        Content good = Errand.content("X-Kind: bulk\r\n" + Errand.TEXT);
        with(Errand.broken(good.size(), 0));
        run(Duration.ofSeconds(10), HOLDS_BULK);
        assertThat(spool.states).containsExactly("1/0 PENDING 4.3.0");
        with(good);
        sim.runFor(Duration.ofHours(4));
        assertThat(mx.mails).isEmpty();
        assertThat(sim.events().count(Event.MESSAGE_HELD)).isEqualTo(1);
        release(1);
        sim.runFor(Duration.ofHours(4));
        assertThat(mx.mails).hasSize(1);
    }

    @Test
    void whatCannotBeHeldBecauseTheStoreTakesNothingDoesNotGoEither() {
        queued("a@x.example", "r@y.example");
        spool.holdsFail = true;
        run(Duration.ofHours(1), HOLDS_BULK);
        assertThat(mx.mails).isEmpty();
        assertThat(spool.states).as("no attempt is counted").isEmpty();
        assertThat(sim.events().count(Event.MESSAGE_HELD)).isZero();
        spool.holdsFail = false;
        sim.runFor(Duration.ofHours(1));
        assertThat(mx.mails).isEmpty();
        assertThat(sim.events().count(Event.MESSAGE_HELD)).isEqualTo(1);
    }

    @Test
    void aMessageOfManyRecipientsIsHeldOnceAndReleasedWhole() {
        queued(
                "a@x.example",
                IntStream.range(0, 1_000).mapToObj(i -> "r" + i + "@y.example").toArray(String[]::new));
        run(Duration.ofHours(1), HOLDS_BULK);
        assertThat(mx.mails).isEmpty();
        long held = sim.events().count(Event.MESSAGE_HELD);
        assertThat(spool.states.size())
                .as("parcels beyond the first are not tried")
                .isLessThan(1_000);
        release(1);
        sim.runFor(Duration.ofHours(1));
        assertThat(mx.mails.stream().mapToInt(mail -> mail.recipients().size()).sum())
                .isEqualTo(1_000);
        assertThat(sim.events().count(Event.MESSAGE_HELD)).isEqualTo(held);
    }

    @Test
    void whatAnOperatorTakesWhileARuleIsAskedKeepsHisMark() {
        queued("a@x.example", "r@y.example");
        String trash = "@trash;until=1900000000000;op=3;by=joe";
        with(reading(
                () -> Objects.requireNonNull(queue).admin().hold(new SpoolId(1), trash, told -> {}),
                Errand.content("X-Kind: bulk\r\n" + Errand.TEXT)));
        run(Duration.ofHours(1), HOLDS_BULK);
        assertThat(Objects.requireNonNull(spool.messages.get(new SpoolId(1))).held())
                .isEqualTo(trash);
        assertThat(mx.mails).isEmpty();
        release(1);
        sim.runFor(Duration.ofHours(1));
        assertThat(mx.mails).as("restored, it is the rule's turn").isEmpty();
        assertThat(Objects.requireNonNull(spool.messages.get(new SpoolId(1))).held())
                .isEqualTo("rule: bulk mail");
    }

    @Test
    void recipientsOfOneMessageGoEachHisOwnWay() {
        FakeMx other = Errand.mx(sim, "198.51.100.8");
        queued("a@x.example", "one@y.example", "two@y.example", "three@y.example", "four@y.example");
        run(
                Duration.ofMinutes(1),
                "{ to = [\"two@y.example\", \"four@y.example\"], " + host("198.51.100.8") + " }",
                "{ to = [\"three@y.example\"], agent = discard }");
        assertThat(mx.mails)
                .singleElement()
                .satisfies(mail -> assertThat(mail.recipients()).containsExactly("<one@y.example>"));
        assertThat(other.mails)
                .singleElement()
                .satisfies(
                        mail -> assertThat(mail.recipients()).containsExactly("<two@y.example>", "<four@y.example>"));
        assertThat(spool.states).hasSize(4).allMatch(state -> state.contains("DELIVERED"));
    }

    @Test
    void rulesAreAskedAnewAtEachAttemptSoAReloadHelpsWhatWaits() {
        queued("a@x.example", "r@y.example");
        run(Duration.ofMinutes(2), "{ " + host("198.51.100.99") + " }");
        assertThat(spool.states).containsOnly("1/0 PENDING 4.4.1");
        Config fresh = Errand.config("");
        sim.run(world -> {
            router().reload(fresh, RouteTables.NONE);
            settings = fresh;
        });
        sim.runFor(Duration.ofHours(1));
        assertThat(spool.states).endsWith("1/0 DELIVERED 2.0.0");
        assertThat(mx.mails).hasSize(1);
    }

    @Test
    void aSmartHostThatIsSilentHoldsUpNothingOfTheDomainThatGoesAnotherWay() {
        FakeMx silent = Errand.mx(sim, SMART);
        silent.script = (session, line) -> FakeMx.SILENCE;
        for (int i = 0; i < 50; i++) {
            queued("a" + i + "@slow.example", "r@y.example");
        }
        for (int i = 0; i < 10; i++) {
            queued("b" + i + "@x.example", "r@y.example");
        }
        run(Duration.ofSeconds(30), "{ from = [slow.example], " + host(SMART) + " }");
        assertThat(mx.mails).hasSize(10).allMatch(mail -> mail.sender().contains("@x.example"));
    }

    @Test
    void theFallbackTakesWhatNoHostCouldBeUsedForAndNothingElse() {
        FakeMx relay = Errand.mx(sim, "198.51.100.8");
        FakeMx grey = Errand.mx(sim, "198.51.100.9");
        grey.script = (session, line) -> line.startsWith("RCPT") ? "450 4.2.0 later" : null;
        sim.zones().mx("down.example", 10, "mx.down.example").address("mx.down.example", "198.51.100.99");
        sim.zones().mx("grey.example", 10, "mx.grey.example").address("mx.grey.example", "198.51.100.9");
        queued("a@x.example", "r@down.example");
        queued("a@x.example", "r@grey.example");
        queued("a@x.example", "r@y.example");
        Config config = Errand.config("""
                delivery.fallback = [ { host = "198.51.100.8", port = 25, tls = none } ]
                delivery.fallback_after = 2h
                """);
        run(Duration.ofHours(1), config);
        assertThat(relay.mails)
                .singleElement()
                .satisfies(mail -> assertThat(mail.recipients()).containsExactly("<r@down.example>"));
        assertThat(mx.mails).hasSize(1);
        sim.runFor(Duration.ofHours(4));
        assertThat(relay.mails).hasSize(2);
        assertThat(relay.mails.getLast().recipients()).containsExactly("<r@grey.example>");
    }

    private void many(int domains) {
        for (int i = 0; i < domains; i++) {
            String name = "down" + i + ".example";
            sim.zones().mx(name, 10, "mx." + name).address("mx." + name, "198.51.100." + (50 + i));
            queued("a@x.example", "r@" + name);
        }
    }

    @Test
    void aFallbackTakesTheMailOfManySitesAtTheSameTime() {
        FakeMx relay = Errand.mx(sim, "198.51.100.8");
        relay.script = (session, line) -> line.equals(".") ? FakeMx.SILENCE : null;
        many(60);
        run(Duration.ofSeconds(40), Errand.config("""
                delivery.fallback = [ { host = "198.51.100.8", port = 25, tls = none } ]
                """));
        assertThat(relay.openMax).isEqualTo(60);
        assertThat(spool.states).isEmpty();
    }

    @Test
    void aFallbackWithABoundHoldsUpNothingElse() {
        sim.zones().address("relay.example", "198.51.100.8");
        FakeMx relay = Errand.mx(sim, "198.51.100.8");
        relay.script = (session, line) -> line.equals(".") ? FakeMx.SILENCE : null;
        many(60);
        for (int i = 0; i < 10; i++) {
            queued("a@x.example", "r" + i + "@y.example");
        }
        run(Duration.ofSeconds(5), Errand.config("""
                delivery.fallback = [ { host = relay.example, port = 25, tls = none } ]
                sites.relay { mx = [relay.example], connections = 3 }
                queue.deliveries_max = 10
                """));
        assertThat(relay.openMax).isEqualTo(3);
        assertThat(mx.mails).hasSize(10);
        relay.script = (session, line) -> null;
        sim.runFor(Duration.ofHours(12));
        assertThat(relay.mails.stream()
                        .map(mail -> mail.recipients().getFirst())
                        .distinct())
                .hasSize(60);
        assertThat(relay.openMax).isEqualTo(3);
    }

    @Test
    void whatTheFallbackIsNoHostForWaitsForItsOwn() {
        FakeMx relay = Errand.mx(sim, "198.51.100.8");
        relay.offer = List.of("SIZE 10");
        sim.zones().mx("down.example", 10, "mx.down.example").address("mx.down.example", "198.51.100.99");
        sim.zones().fail("servfail.example", Resolver.Cause.SERVFAIL);
        queued("", "r@down.example");
        queued("", "r@servfail.example");
        run(Duration.ofHours(1), Errand.config("""
                delivery.fallback = [ { host = "198.51.100.8", port = 25, tls = none } ]
                """));
        assertThat(relay.commands()).anyMatch(line -> line.startsWith("EHLO"));
        assertThat(relay.mails).isEmpty();
        assertThat(spool.states).isNotEmpty().allMatch(state -> state.contains("PENDING 4.4."));
    }

    @Test
    void whatNeedsTlsAtItsSiteNeedsItAtTheFallbackOrWaits() {
        FakeMx relay = Errand.mx(sim, "198.51.100.8");
        FakeMx safe = smart();
        sim.zones().mx("down.example", 10, "mx.down.example").address("mx.down.example", "198.51.100.99");
        queued("a@x.example", "r@down.example");
        queued("b@x.example", "r@down.example");
        run(Duration.ofHours(1), Errand.config("""
                delivery.fallback = [ { host = "198.51.100.8", port = 25, tls = opportunistic } ]
                delivery.rules = [ { from = ["b@x.example"], fallback = [
                  { host = "198.51.100.8", port = 25, tls = none }, { host = "%s", port = 25, tls = implicit } ] } ]
                sites.secret { domains = [down.example], tls = verified }
                """.formatted(SMART)));
        assertThat(relay.sessions).isEmpty();
        assertThat(safe.mails)
                .singleElement()
                .satisfies(mail -> assertThat(mail.sender()).contains("b@"));
    }

    @Test
    void whatADomainRefusesForGoodIsNotOfferedToTheFallback() {
        FakeMx relay = Errand.mx(sim, "198.51.100.8");
        mx.script = (session, line) -> line.startsWith("RCPT") ? "550 5.1.1 nobody" : null;
        queued("", "r@y.example");
        Config config = Errand.config("""
                delivery.fallback = [ { host = "198.51.100.8", port = 25, tls = none } ]
                """);
        run(Duration.ofHours(1), config);
        assertThat(relay.mails).isEmpty();
        assertThat(spool.states).containsExactly("1/0 FAILED 5.1.1");
    }

    @Test
    void aPoolsMailComesFromItsAddressUnderItsNameOverConnectionsOfItsOwn() {
        sim.host().alsoAt(InetAddress.ofLiteral("203.0.113.50"));
        for (int i = 0; i < 5; i++) {
            queued("a@bulk.example", "r" + i + "@y.example");
            queued("a@x.example", "r" + i + "@y.example");
        }
        run(Duration.ofMinutes(1), Errand.config("""
                delivery.rules = [ { from = [bulk.example], source = bulk } ]
                sources.bulk.addresses = [ { address = "203.0.113.50", ehlo = bulk.me.example } ]
                """));
        assertThat(mx.mails).hasSize(10);
        for (FakeMx.Session session : mx.sessions) {
            boolean bulk = session.commands.contains("EHLO bulk.me.example");
            assertThat(session.commands.stream().filter(line -> line.startsWith("MAIL")))
                    .isNotEmpty()
                    .allMatch(line -> line.contains(bulk ? "@bulk.example" : "@x.example"));
        }
        assertThat(mx.sessions.stream().filter(each -> each.remote.startsWith("[203.0.113.50]")))
                .isNotEmpty()
                .allMatch(each -> each.commands.contains("EHLO bulk.me.example"));
    }

    @Test
    void howeverManyConnectAtTheSameTimeAnAddressThatWarmsUpBeginsWhatItsDayAllows() {
        sim.host().alsoAt(InetAddress.ofLiteral("203.0.113.50"));
        List<FakeMx> hosts = new ArrayList<>(); // each a site of its own: none waits for another
        for (int domain = 0; domain < 12; domain++) {
            String name = "d" + domain + ".example";
            String address = "198.51.100." + (100 + domain);
            sim.zones().mx(name, 10, "mx." + name).address("mx." + name, address);
            hosts.add(Errand.mx(sim, address));
            queued("a@bulk.example", "r@" + name);
        }
        String today = sim.world().clock().now().toString().substring(0, 10);
        run(Duration.ofMinutes(1), Errand.config("""
                delivery.rules = [ { from = [bulk.example], source = bulk } ]
                sources.bulk.addresses = [
                  { address = "203.0.113.50", warm_up { since = "%s", per_day = [3, 1000] } }
                ]
                """.formatted(today)));
        assertThat(hosts.stream().mapToInt(each -> each.mails.size()).sum()).isEqualTo(3);
        assertThat(logged.stream().filter(line -> line.contains("SOURCES_REST")))
                .hasSizeGreaterThanOrEqualTo(9);
    }

    @Test
    void whatComesToNoTransactionUsesUpNothingOfTheDayOfAnAddressThatWarmsUp() {
        sim.host().alsoAt(InetAddress.ofLiteral("203.0.113.50"));
        sim.zones().mx("d.example", 10, "mx.d.example").address("mx.d.example", "198.51.100.99");
        queued("a@bulk.example", "r@d.example");
        String today = sim.world().clock().now().toString().substring(0, 10);
        run(Duration.ofMinutes(1), Errand.config("""
                delivery.rules = [ { from = [bulk.example], source = bulk } ]
                sources.bulk.addresses = [
                  { address = "203.0.113.50", warm_up { since = "%s", per_day = [1, 1000] } }
                ]
                """.formatted(today)));
        assertThat(logged).anyMatch(line -> line.startsWith("ATTEMPT_FAILED"));
        FakeMx back = Errand.mx(sim, "198.51.100.99");
        sim.runFor(Duration.ofHours(3));
        assertThat(back.mails).hasSize(1);
        assertThat(logged).noneMatch(line -> line.contains("SOURCES_REST"));
    }
}
