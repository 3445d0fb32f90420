package org.hikyaku.deliver;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.hikyaku.config.Config;
import org.hikyaku.mail.Address;
import org.hikyaku.mail.Domain;
import org.hikyaku.mail.Envelope;
import org.hikyaku.mail.Recipient;
import org.hikyaku.mail.SpoolId;
import org.hikyaku.queue.Outcome;
import org.hikyaku.queue.QueueManager;
import org.hikyaku.route.Router;
import org.hikyaku.sim.SimWorld;
import org.hikyaku.spool.Origin;
import org.hikyaku.spool.RecipientState;
import org.hikyaku.spool.StoredMessage;
import org.hikyaku.table.LocalDirectory;
import org.hikyaku.table.Users;
import org.hikyaku.world.Event;
import org.hikyaku.world.Resolver;
import org.hikyaku.world.Tasks;
import org.hikyaku.world.World;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class DelivererTest {
    private static final Config CONFIG = Errand.CONFIG;

    private final SimWorld sim = new SimWorld(11);
    private final ListSpool spool = new ListSpool();
    private final Connections connections = new Connections();
    private final FakeMx mx = Errand.mx(sim, "198.51.100.1");
    private long next = 1;
    private Config settings = CONFIG;

    DelivererTest() {
        sim.zones().mx("y.example", 10, "mx.y.example").address("mx.y.example", "198.51.100.1");
    }

    @AfterEach
    void close() {
        sim.close();
    }

    /** A notice, so that its failure makes no bounce. */
    private void queued(String... recipients) {
        List<Recipient> all =
                Stream.of(recipients).map(Address::of).map(Recipient::of).toList();
        Instant now = sim.world().clock().now();
        List<RecipientState> states =
                all.stream().map(r -> RecipientState.fresh(now)).toList();
        SpoolId id = new SpoolId(next++);
        Envelope envelope = new Envelope(Address.NULL, all, false, false);
        spool.messages.put(
                id, new StoredMessage(id, now, envelope, Origin.ownNotice(), states, "", Errand.content(Errand.TEXT)));
    }

    private void run(Map<String, DeliveryAgent> more, Duration time) {
        sim.run(world -> {
            LocalDirectory directory = LocalDirectory.load(
                            Domain.of("me.example"), CONFIG.local(), Set.of("b@b.example")::contains, world.disk())
                    .directory();
            QueueManager queue = new QueueManager(world, spool, () -> settings, () -> directory);
            List.copyOf(spool.messages.values()).forEach(queue::message);
            Map<String, DeliveryAgent> agents = more.isEmpty()
                    ? Map.of("maildir", MailboxAgent.maildir(world, () -> directory, Users::none))
                    : more;
            deliverer(world, queue, agents).start();
            queue.start();
        });
        sim.runFor(time);
    }

    private Deliverer deliverer(World world, QueueManager queue, Map<String, DeliveryAgent> agents) {
        return new Deliverer(
                world, queue, new Router(world, settings), new SmtpAgent(world, connections), agents, () -> settings);
    }

    @Test
    void mailGoesByMxAndToMailboxesAndIsSettled() {
        queued("c@y.example", "b@b.example", "d@y.example", "nobody@b.example");
        run(Map.of(), Duration.ofMinutes(1));
        assertThat(spool.states)
                .containsExactlyInAnyOrder(
                        "1/0 DELIVERED 2.0.0", "1/1 DELIVERED 2.0.0", "1/2 DELIVERED 2.0.0", "1/3 FAILED 5.1.1");
        assertThat(mx.mails).hasSize(1);
        assertThat(mx.mails.getFirst().recipients()).containsExactly("<c@y.example>", "<d@y.example>");
        assertThat(mx.mails.getFirst().sender()).contains("<>"); // RFC 5321 4.5.5
    }

    @Test
    void allThatDeliverAreCancelledTogether() {
        queued("b@b.example");
        queued("b@b.example");
        queued("b@b.example");
        List<String> begun = new ArrayList<>();
        sim.run(world -> {
            LocalDirectory directory = LocalDirectory.load(
                            Domain.of("me.example"), CONFIG.local(), Set.of("b@b.example")::contains, world.disk())
                    .directory();
            QueueManager queue = new QueueManager(world, spool, () -> settings, () -> directory);
            List.copyOf(spool.messages.values()).forEach(queue::message);
            DeliveryAgent slow = delivery -> {
                begun.add(delivery.message().id().toString());
                world.tasks().sleep(Duration.ofHours(1));
                return new Outcomes(1, "maildir");
            };
            Tasks.Task all = deliverer(world, queue, Map.of("maildir", slow)).start();
            queue.start();
            world.tasks().sleep(Duration.ofSeconds(1));
            all.cancel();
            assertThat(all.join(Duration.ofSeconds(1))).isTrue();
        });
        assertThat(begun).hasSizeGreaterThan(1);
        assertThat(sim.host().tasks()).doesNotContain("deliverer", "delivery");
    }

    @Test
    void recipientsOfOneDomainGoEachByHisOwnAgent() {
        Config several = Errand.config("""
                agents.of { "noreply@b.example" = discard, "ticket@b.example" = mbox }
                """);
        List<String> names = List.of("b@b.example", "noreply@b.example", "ticket@b.example");
        for (int turn = 0; turn < 6; turn++) {
            List<String> order = new ArrayList<>(names);
            Collections.rotate(order, turn);
            if (turn >= 3) {
                Collections.swap(order, 0, 1);
            }
            queued(order.toArray(new String[0]));
        }
        Map<String, List<String>> got = new TreeMap<>();
        Map<String, DeliveryAgent> agents = new TreeMap<>();
        for (String name : List.of("maildir", "discard", "mbox")) {
            agents.put(name, delivery -> {
                Outcomes outcomes = new Outcomes(delivery.recipients().size(), name);
                for (int i = 0; i < delivery.recipients().size(); i++) {
                    got.computeIfAbsent(name, n -> new ArrayList<>())
                            .add(delivery.recipients().get(i).address().toString());
                    outcomes.delivered(i, "", "", "", Outcome.Word.DELIVERED);
                }
                return outcomes;
            });
        }
        settings = several;
        run(agents, Duration.ofMinutes(1));
        assertThat(spool.states).hasSize(18).allMatch(state -> state.contains("DELIVERED"));
        assertThat(got.get("maildir")).hasSize(6).containsOnly("b@b.example");
        assertThat(got.get("discard")).hasSize(6).containsOnly("noreply@b.example");
        assertThat(got.get("mbox")).hasSize(6).containsOnly("ticket@b.example");
    }

    @Test
    void anAgentThatBreaksTakesNothingBackOfWhatAnotherHasDelivered() {
        settings = Errand.config("agents.of { \"noreply@b.example\" = discard }");
        queued("b@b.example", "noreply@b.example");
        queued("noreply@b.example", "b@b.example");
        List<String> got = new ArrayList<>();
        Map<String, DeliveryAgent> agents = Map.of(
                "maildir",
                delivery -> {
                    Outcomes outcomes = new Outcomes(1, "maildir");
                    got.add(delivery.message().id().toString());
                    outcomes.delivered(0, "", "", "", Outcome.Word.DELIVERED);
                    return outcomes;
                },
                "discard",
                delivery -> {
                    throw new IllegalStateException("broken");
                });
        run(agents, Duration.ofHours(3));
        assertThat(got).as("no second copies").hasSize(2);
        assertThat(spool.states).contains("1/0 DELIVERED 2.0.0", "2/1 DELIVERED 2.0.0");
        assertThat(sim.events().count(Event.TASK_DIED)).as("tried again").isGreaterThan(2);
    }

    @Test
    void onlyWhatTheDnsSaysOutrightFails() {
        sim.zones()
                .nullMx("null.example")
                .fail("broken.example", Resolver.Cause.SERVFAIL)
                .fail("forged.example", Resolver.Cause.BOGUS);
        queued("a@null.example", "a@broken.example", "a@forged.example", "a@none.example");
        run(Map.of(), Duration.ofMinutes(1));
        assertThat(spool.states)
                .containsExactlyInAnyOrder(
                        "1/0 FAILED 5.1.10", "1/1 PENDING 4.4.3", "1/2 PENDING 4.7.5", "1/3 FAILED 5.1.2");
    }

    @Test
    void manyMessagesForOneSiteShareFewConnections() {
        for (int i = 0; i < 150; i++) {
            queued("c" + i + "@y.example");
        }
        run(Map.of(), Duration.ofMinutes(5));
        assertThat(mx.mails).hasSize(150);
        assertThat(mx.sessions).hasSizeLessThanOrEqualTo(30);
        sim.runFor(Duration.ofMinutes(10));
        assertThat(connections.idle()).isZero();
        assertThat(sim.host().tasks()).hasSizeLessThanOrEqualTo(32).containsOnly("deliverer");
    }

    @Test
    void whatAHostPutsOffIsTriedAgainUntilItIsTaken() {
        Instant until = sim.world().clock().now().plus(Duration.ofMinutes(12));
        mx.script = (session, line) ->
                line.startsWith("RCPT") && sim.world().clock().now().isBefore(until) ? "450 4.7.1 greylisted" : null;
        queued("c@y.example");
        run(Map.of(), Duration.ofHours(2));
        assertThat(spool.states).startsWith("1/0 PENDING 4.7.1").endsWith("1/0 DELIVERED 2.0.0");
        assertThat(mx.mails).hasSize(1);
    }

    @Test
    void anAgentThatBreaksLeavesNoClaimBehind() {
        queued("b@b.example");
        DeliveryAgent broken = delivery -> {
            throw new IllegalStateException("a bug");
        };
        run(Map.of("maildir", broken), Duration.ofMinutes(1));
        assertThat(spool.states).containsExactly("1/0 PENDING 4.3.0");
        assertThat(sim.events().count(Event.TASK_DIED)).isEqualTo(1);
    }

    @Test
    void aSiteThatIsDownIsTriedByFewAndTheOthersHaveTheirNextTimeAtOnce() {
        sim.zones().mx("down.example", 10, "mx.down.example").address("mx.down.example", "198.51.100.99");
        List<String> rows = new ArrayList<>();
        sim.events().listen((event, values) -> {
            if (event == Event.ATTEMPT_FAILED) {
                rows.add(String.valueOf(values[3]));
            }
        });
        for (int i = 0; i < 40; i++) {
            queued("c" + i + "@down.example");
        }
        run(Map.of(), Duration.ofSeconds(40));
        assertThat(rows).hasSize(40);
        assertThat(rows.stream().filter("CONNECT_FAILED"::equals)).hasSizeBetween(1, 5);
        rows.clear();
        sim.runFor(Duration.ofHours(1));
        assertThat(rows).hasSizeGreaterThan(39);
        assertThat(rows.stream().filter("CONNECT_FAILED"::equals))
                .as("after 1, 2, 4, 8, 16 minutes and half an hour")
                .hasSizeBetween(1, 6);
    }

    @Test
    void ofTwoHostsADeadOneCostsItsTimeOutOnceAndNothingMore() {
        sim.zones().mx("two.example", 10, "mx.y.example").mx("two.example", 10, "dead.example");
        sim.zones().address("dead.example", "198.51.100.2");
        FakeMx dead = Errand.mx(sim, "198.51.100.2");
        dead.script = (session, line) -> FakeMx.SILENCE;
        for (int i = 0; i < 500; i++) {
            queued("c" + i + "@two.example");
        }
        Duration greeting = CONFIG.delivery().timeouts().greeting();
        run(Map.of(), Duration.ofMinutes(2));
        assertThat(spool.states)
                .as("by the connection to the other, all but those who wait for the greeting")
                .hasSize(500 - dead.sessions.size());
        sim.runFor(greeting.minusSeconds(100));
        assertThat(spool.states).hasSize(500).allMatch(state -> state.contains("DELIVERED"));
        assertThat(dead.sessions).hasSizeBetween(1, 10);
    }
}
