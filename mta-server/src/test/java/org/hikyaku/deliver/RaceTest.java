package org.hikyaku.deliver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.lang.reflect.Proxy;
import java.net.InetAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.hikyaku.config.Config;
import org.hikyaku.mail.Domain;
import org.hikyaku.route.Hop;
import org.hikyaku.route.Hop.Security;
import org.hikyaku.sim.SimFaults;
import org.hikyaku.sim.SimHost;
import org.hikyaku.sim.SimWorld;
import org.hikyaku.smtp.client.Trouble;
import org.hikyaku.world.Event;
import org.hikyaku.world.Net;
import org.hikyaku.world.Wire;
import org.hikyaku.world.WireHandler;
import org.hikyaku.world.World;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Of several addresses the first that answers is used (RFC 8305). */
class RaceTest {
    private static final String SIX = "2001:db8::25";
    private static final String FOUR = "198.51.100.25";
    private static final String OTHER = "198.51.100.26";
    private static final Duration SECOND = Duration.ofSeconds(1);
    private static final Duration MINUTE = Duration.ofMinutes(1);

    private final SimWorld sim = new SimWorld(11);
    private final Connections connections = new Connections();
    private final SmtpAgent agent = new SmtpAgent(sim.world(), connections);
    private final List<String> races = new ArrayList<>();
    private final Hop six = Errand.hop(SIX, Security.OPPORTUNISTIC);
    private final Hop four = Errand.hop(FOUR, Security.OPPORTUNISTIC);
    private Config config = Errand.CONFIG;
    private Duration took = Duration.ZERO;

    RaceTest() {
        sim.events().listen((event, values) -> {
            if (event == Event.CONNECT_RACED) {
                races.add(values[1] + " beside " + values[3]);
            }
        });
    }

    @AfterEach
    void close() {
        sim.close();
    }

    /** A host of both families. */
    private FakeMx[] host() {
        SimHost host = sim.remote("mx", SIX, FOUR);
        return new FakeMx[] {new FakeMx(host, Errand.tcp(SIX)), new FakeMx(host, Errand.tcp(FOUR))};
    }

    /** One message by new connections; what was open before has ended. */
    private List<String> deliver(Hop... hops) {
        sim.runFor(config.delivery().connectionIdle().plusSeconds(1));
        AtomicReference<Outcomes> result = new AtomicReference<>();
        sim.run(world -> {
            long began = world.clock().nanos();
            Delivery delivery = Errand.delivery(
                    Errand.message(Errand.content(Errand.TEXT), false, false, "b@y.example"), config, hops);
            result.set(agent.deliver(delivery));
            took = Duration.ofNanos(world.clock().nanos() - began);
        });
        return Errand.words(result.get());
    }

    @Test
    void aSilentAddressCostsTheDelayAndNotTheTimeOut() {
        FakeMx[] mx = host();
        sim.blackHole(SIX);
        assertThat(deliver(six, four)).containsExactly("delivered");
        assertThat(took).isBetween(SECOND, SECOND.multipliedBy(3));
        assertThat(mx[0].sessions).isEmpty();
        assertThat(mx[1].mails).hasSize(1);
        assertThat(races).containsExactly("mx.example [" + SIX + "]:25 beside mx.example [" + FOUR + "]:25");
        assertThat(sim.events().count(Event.ATTEMPT_FAILED))
                .as("it is no failure")
                .isZero();
    }

    @Test
    void whoWasSilentComesLastForAWhileAndIsThenTriedAgain() {
        FakeMx[] mx = host();
        sim.farAway(SIX, MINUTE);
        deliver(six, four);
        assertThat(deliver(six, four)).containsExactly("delivered");
        assertThat(took).isLessThan(SECOND);
        assertThat(races).hasSize(1);
        sim.runFor(MINUTE);
        deliver(six, four);
        assertThat(races).as("still silent").hasSize(2);
        sim.farAway(SIX, Duration.ZERO);
        sim.runFor(MINUTE);
        deliver(six, four);
        assertThat(mx[0].sessions).as("the second time it is longer").isEmpty();
        sim.runFor(MINUTE);
        deliver(six, four);
        assertThat(mx[0].mails).hasSize(1);
        assertThat(races).hasSize(2);
        assertThat(agent.memory().inOrder(List.of(six, four))).containsExactly(six, four);
    }

    @Test
    void whoConnectsAndDoesNotGreetComesLastTooBeforeItsTimeIsOver() {
        FakeMx[] mx = host();
        mx[0].script = (session, line) -> FakeMx.SILENCE;
        List<String> first = new ArrayList<>();
        Delivery delivery = Errand.delivery(List.of(six, four), "b@y.example");
        sim.run(world -> world.tasks().start("first", () -> first.addAll(Errand.words(agent.deliver(delivery)))));
        sim.runFor(ConnectionMaker.PATIENCE.minusSeconds(1));
        assertThat(agent.memory().inOrder(List.of(six, four))).containsExactly(six, four);
        sim.runFor(SECOND.multipliedBy(2));
        assertThat(agent.memory().inOrder(List.of(six, four))).containsExactly(four, six);
        assertThat(deliver(six, four)).containsExactly("delivered");
        assertThat(took).isLessThan(SECOND);
        assertThat(first).as("its time is not over").isEmpty();
        assertThat(agent.memory().passedBy(six)).as("it is not shut").isEmpty();
        sim.runFor(config.delivery().timeouts().greeting());
        assertThat(first).containsExactly("delivered");
        assertThat(agent.memory().passedBy(six)).isPresent();
    }

    @Test
    void whileOneTriesItAgainTheOthersDoNot() {
        HostMemory memory = agent.memory();
        Domain domain = Domain.of("y.example");
        memory.silent(six, domain);
        assertThat(memory.inOrder(List.of(six, four))).containsExactly(four, six);
        sim.runFor(HostMemory.FIRST);
        assertThat(memory.inOrder(List.of(six, four))).containsExactly(six, four);
        assertThat(memory.passedBy(six)).isEmpty();
        assertThat(memory.inOrder(List.of(six, four))).containsExactly(four, six);
        assertThat(memory.passedBy(six)).as("it is not shut").isEmpty();
        memory.untold(six);
        assertThat(memory.inOrder(List.of(six, four))).containsExactly(six, four);
        memory.forget(domain::equals);
        memory.silent(six, domain);
        memory.forget(domain::equals);
        assertThat(memory.inOrder(List.of(six, four))).containsExactly(six, four);
    }

    @Test
    void whoRefusesIsFollowedByTheNextAtOnce() {
        SimHost host = sim.remote("mx", SIX, FOUR);
        FakeMx mx = new FakeMx(host, Errand.tcp(FOUR));
        assertThat(deliver(six, four)).containsExactly("delivered");
        assertThat(took).isLessThan(SECOND);
        assertThat(mx.mails).hasSize(1);
        assertThat(races).isEmpty();
        assertThat(agent.memory().passedBy(six)).isPresent();
    }

    @Test
    void whereNobodyAnswersTheMailWaitsAndAllArePassedBy() {
        host();
        sim.blackHole(SIX);
        sim.blackHole(FOUR);
        assertThat(deliver(six, four)).containsExactly("retry 4.4.1");
        assertThat(took).isBetween(Duration.ofSeconds(30), Duration.ofSeconds(33));
        assertThat(sim.events().count(Event.ATTEMPT_FAILED)).isEqualTo(2);
        assertThat(deliver(six, four)).containsExactly("retry 4.4.1");
        assertThat(took).isLessThan(SECOND);
        assertThat(agent.places()
                        .taken(Errand.delivery(List.of(six), "b@y.example").site()))
                .isZero();
    }

    @Test
    void whoIsSlowIsUsedAllTheSameWhenTheOtherIsSlower() {
        FakeMx[] mx = host();
        sim.farAway(SIX, Duration.ofMillis(1500));
        sim.farAway(FOUR, Duration.ofMillis(1400));
        assertThat(deliver(six, four)).containsExactly("delivered");
        assertThat(mx[0].mails).hasSize(1);
        sim.runFor(MINUTE);
        assertThat(mx[1].sessions).as("given up before it was there").isEmpty();
        assertThat(agent.memory().inOrder(List.of(six, four))).containsExactly(six, four);
        sim.blackHole(FOUR);
        assertThat(deliver(six, four)).containsExactly("delivered");
        assertThat(mx[0].mails).hasSize(2);
    }

    private ConnectionMaker maker(Hop hop, Places.Room room) {
        Doubts doubts = new Doubts(agent.quirks(), hop, config.delivery().quirks());
        return new ConnectionMaker(sim.world(), config, config.delivery().timeouts(), "test", hop, doubts, room);
    }

    @Test
    void ofTwoThatAreThereOneHearsNothing() {
        FakeMx[] mx = host();
        Places.Room room =
                agent.places().room(Errand.delivery(List.of(), "b@y.example").site(), 2);
        sim.run(world -> {
            Race race = Race.alone(world, room, maker(six, room));
            for (Hop hop : List.of(six, four)) {
                ConnectionMaker maker = maker(hop, room);
                assertThat(maker.prepare()).isTrue();
                maker.attempt(race, Objects.requireNonNull(room.take(SECOND)));
            }
        });
        sim.runFor(SECOND);
        assertThat(mx[0].sessions.size() + mx[1].sessions.size()).isEqualTo(2);
        assertThat(mx[0].commands().size() + mx[1].commands().size()).isEqualTo(1);
        assertThat(mx[0].open + mx[1].open).isEqualTo(1);
        assertThat(agent.places().taken(room.site())).isEqualTo(1);
    }

    /** Both come at about the same moment, now this one first, now that one. */
    @Test
    void whoComesSecondHearsNothingAndNothingStaysOpen() {
        int sixes = 0;
        for (long seed = 0; seed < 150; seed++) {
            try (SimWorld world = new SimWorld(seed)) {
                SimHost host = world.remote("mx", SIX, FOUR);
                FakeMx first = new FakeMx(host, Errand.tcp(SIX));
                FakeMx second = new FakeMx(host, Errand.tcp(FOUR));
                world.farAway(SIX, SECOND.plusMillis(10));
                SmtpAgent own = new SmtpAgent(world.world(), new Connections());
                Delivery delivery = Errand.delivery(List.of(six, four), "b@y.example");
                assertThat(Errand.words(Errand.deliver(world, own, delivery))).containsExactly("delivered");
                assertThat(own.memory().passedBy(six)).as("no failure").isEmpty();
                assertThat(own.memory().passedBy(four)).as("no failure").isEmpty();
                world.runFor(MINUTE);
                assertThat(first.mails.size() + second.mails.size()).isEqualTo(1);
                FakeMx loser = first.mails.isEmpty() ? first : second;
                assertThat(loser.commands()).isEmpty();
                assertThat(first.open + second.open).as("seed " + seed).isZero();
                assertThat(own.places().taken(delivery.site())).isZero();
                assertThat(world.events().count(Event.ATTEMPT_FAILED)).isZero();
                sixes += first.mails.size();
            }
        }
        assertThat(sixes).isBetween(10, 140);
    }

    @Test
    void whereOneConnectionMayBeThereIsOneAttemptAtATime() {
        FakeMx[] mx = host();
        config = Errand.config("sites.any.connections = 1\n");
        sim.blackHole(SIX);
        assertThat(deliver(six, four)).containsExactly("delivered");
        assertThat(took).isBetween(Race.PATIENCE, Race.PATIENCE.plusSeconds(3));
        assertThat(mx[1].openMax).isEqualTo(1);
        assertThat(deliver(six, four)).containsExactly("delivered");
        assertThat(took).isLessThan(SECOND);
    }

    @Test
    void whoWasGivenUpForTheNextIsNoFailureAndHasItsTimeWhenThatFails() {
        SimHost host = sim.remote("mx", SIX, FOUR);
        FakeMx mx = new FakeMx(host, Errand.tcp(SIX)); // the other refuses
        config = Errand.config("sites.any.connections = 1\n");
        sim.farAway(SIX, Race.PATIENCE.plusSeconds(2));
        assertThat(deliver(six, four)).containsExactly("delivered");
        assertThat(mx.mails).hasSize(1);
        assertThat(agent.memory().passedBy(six)).isEmpty();
        assertThat(agent.memory().passedBy(four)).isPresent();
        assertThat(sim.events().count(Event.ATTEMPT_FAILED)).isEqualTo(1);
    }

    /** The first connects while the next is looked for, for whom it is to be given up. */
    @Test
    void whoIsThereInTheMomentWhenItIsGivenUpIsUsed() {
        FakeMx[] mx = host();
        sim.farAway(SIX, Race.PATIENCE.plusMillis(500));
        Places.Room room =
                agent.places().room(Errand.delivery(List.of(), "b@y.example").site(), 1);
        List<Hop> first = new ArrayList<>();
        sim.run(world -> {
            Iterator<Hop> hops = List.of(six, four).iterator();
            Race race = new Race(world, room, Race.PATIENCE, 2, new Race.Entries() {
                @Override
                public boolean hasNext() {
                    return hops.hasNext();
                }

                @Override
                public ConnectionMaker next() {
                    ConnectionMaker maker = maker(hops.next(), room);
                    if (!hops.hasNext()) {
                        world.tasks().promise().await(SECOND);
                    }
                    return maker;
                }

                @Override
                public void silent(Attempt attempt) {}

                @Override
                public void besides(Attempt silent, Attempt other) {}
            });
            first.add(Objects.requireNonNull(race.run(null, SECOND)).hop());
        });
        sim.runFor(SECOND.multipliedBy(10));
        assertThat(first).containsExactly(six);
        assertThat(mx[1].sessions).isEmpty();
    }

    @Test
    void whoWasGivenUpIsThenTriedAloneAndGivenUpForNobody() {
        FakeMx[] mx = host();
        sim.remote("silent", OTHER);
        sim.blackHole(FOUR);
        sim.blackHole(OTHER);
        config = Errand.config("sites.any.connections = 1\n");
        sim.farAway(SIX, Duration.ofSeconds(10));
        assertThat(deliver(six, four, Errand.hop(OTHER, Security.OPPORTUNISTIC)))
                .containsExactly("delivered");
        assertThat(mx[0].mails).hasSize(1);
        assertThat(took).isBetween(Duration.ofSeconds(45), Duration.ofSeconds(48)); // 3, 3, 30, 10
    }

    @Test
    void whoIsSlowIsNotNotedAsSilentUnlessAnotherIsTried() {
        host();
        config = Errand.config("sites.any.connections = 1\n");
        sim.farAway(SIX, Duration.ofMillis(2500));
        List<String> words = new ArrayList<>();
        sim.run(world -> world.tasks()
                .start(
                        "delivery",
                        () -> words.addAll(Errand.words(agent.deliver(Errand.delivery(
                                Errand.message(Errand.content(Errand.TEXT), false, false, "b@y.example"),
                                config,
                                six,
                                four))))));
        sim.runFor(Duration.ofMillis(2400));
        assertThat(agent.memory().inOrder(List.of(six, four))).containsExactly(six, four);
        sim.runFor(SECOND);
        assertThat(words).containsExactly("delivered");
    }

    @Test
    void twoNamesOfOneAddressAreTriedOnce() {
        sim.remote("silent", SIX);
        sim.remote("too", FOUR);
        sim.blackHole(SIX);
        sim.blackHole(FOUR);
        Hop again = new Hop("b.example", four.endpoint(), Hop.Protocol.SMTP, four.security(), Optional.empty());
        assertThat(deliver(six, four, again)).containsExactly("retry 4.4.1");
        assertThat(races).hasSize(1);
    }

    /** A net that breaks what it makes. */
    @Test
    void aConnectionThatBreaksInTheMomentWhenItIsThereHoldsUpNobody() {
        AtomicReference<List<String>> words = new AtomicReference<>();
        sim.run(world -> {
            Wire broken = (Wire)
                    Proxy.newProxyInstance(Wire.class.getClassLoader(), new Class<?>[] {Wire.class}, (p, m, a) -> {
                        throw new IllegalStateException("broken");
                    });
            Net net =
                    (Net) Proxy.newProxyInstance(Net.class.getClassLoader(), new Class<?>[] {Net.class}, (p, m, a) -> {
                        WireHandler handler = (WireHandler) a[3];
                        assertThatIllegalStateException().isThrownBy(() -> handler.opened(broken));
                        handler.closed(null);
                        Net.Connecting none = () -> {};
                        return none;
                    });
            World odd = new World(
                    world.clock(), world.disk(), net, world.resolver(), world.tasks(), world.entropy(), world.events());
            SmtpAgent own = new SmtpAgent(odd, connections);
            words.set(Errand.words(own.deliver(Errand.delivery(List.of(six), "b@y.example"))));
            assertThat(own.places()
                            .taken(Errand.delivery(List.of(six), "b@y.example").site()))
                    .isZero();
        });
        assertThat(words.get()).containsExactly("retry 4.4.2");
    }

    /** The connection had died while it rested. */
    @Test
    void aMessageThatIsBegunAnewCountsOnceWhereItLeavesFrom() {
        FakeMx mx = host()[0];
        int[] left = new int[1];
        agent.onBegin((hop, settings) -> {
            left[0]++;
            return Optional.of(() -> left[0]--);
        });
        config = Errand.config("delivery.connection_idle = 5m\n");
        deliver(six);
        mx.script =
                (session, line) -> line.startsWith("MAIL") && session == mx.sessions.getFirst() ? FakeMx.RESET : null;
        Delivery delivery =
                Errand.delivery(Errand.message(Errand.content(Errand.TEXT), false, false, "b@y.example"), config, six);
        assertThat(Errand.words(Errand.deliver(sim, agent, delivery))).containsExactly("delivered");
        assertThat(mx.sessions).hasSize(2);
        assertThat(left[0]).isEqualTo(2);
        left[0]++; // as a loop counts
        Trouble lost = Trouble.of(Trouble.Stage.IDLE, Trouble.Kind.LOST, "the connection had ended");
        ConversationRunner dead = connections.borrow(six, delivery.site()).orElseThrow();
        dead.abandon();
        AtomicReference<Outcomes> result = new AtomicReference<>();
        Begun begun = new Begun(dead, new Step.Unusable(lost), () -> left[0]--);
        sim.run(world -> result.set(agent.deliver(delivery, begun)));
        assertThat(Errand.words(result.get())).containsExactly("delivered");
        assertThat(left[0]).isEqualTo(3);
        ConversationRunner gone = connections.borrow(six, delivery.site()).orElseThrow();
        gone.abandon();
        sim.blackHole(SIX);
        left[0]++;
        Begun more = new Begun(gone, new Step.Unusable(lost), () -> left[0]--);
        sim.run(world -> result.set(agent.deliver(delivery, more)));
        assertThat(Errand.words(result.get())).containsExactly("retry 4.4.1");
        assertThat(left[0]).isEqualTo(3);
    }

    @Test
    void hostsOfEqualPreferenceAreRacedAndOthersWaitForTheirTurn() { // RFC 5321 5.1
        FakeMx other = Errand.mx(sim, OTHER);
        sim.remote("dead", FOUR);
        sim.blackHole(FOUR);
        Hop equal = new Hop("b.example", Errand.tcp(OTHER), Hop.Protocol.SMTP, four.security(), Optional.empty());
        assertThat(deliver(four, equal.preferred(20))).containsExactly("delivered");
        assertThat(took).isGreaterThan(Duration.ofSeconds(29));
        agent.memory().forget(domain -> true);
        assertThat(deliver(four, equal)).containsExactly("delivered");
        assertThat(took).isLessThan(SECOND.multipliedBy(3));
        assertThat(other.mails).hasSize(2);
        assertThat(agent.memory().inOrder(List.of(four, equal.preferred(20))))
                .as("preference comes before what is known")
                .containsExactly(four, equal.preferred(20));
    }

    @Test
    void manyAddressesAreTriedUntilOneAnswers() {
        List<Hop> hops = new ArrayList<>();
        for (int i = 1; i <= 5; i++) {
            String address = "203.0.113." + i;
            sim.remote("h" + i, address);
            sim.blackHole(address);
            hops.add(Errand.hop(address, Security.OPPORTUNISTIC));
        }
        FakeMx last = Errand.mx(sim, OTHER);
        hops.add(Errand.hop(OTHER, Security.OPPORTUNISTIC));
        assertThat(deliver(hops.toArray(new Hop[0]))).containsExactly("delivered");
        assertThat(took).isLessThan(Duration.ofSeconds(10));
        assertThat(last.mails).hasSize(1);
    }

    /** Two at most: the first is given up for the third, not the second, which is on its way. */
    @Test
    void theSecondAttemptIsNotEndedForTheThird() {
        config = Errand.config("sites.any.connections = 2\n");
        String silent = "203.0.113.1";
        String alsoSilent = "203.0.113.2";
        List.of(silent, alsoSilent).forEach(each -> {
            sim.remote("h" + each, each);
            sim.blackHole(each);
        });
        FakeMx far = Errand.mx(sim, OTHER);
        sim.farAway(OTHER, Duration.ofMillis(3_500));
        List<Hop> hops = Stream.of(silent, OTHER, alsoSilent)
                .map(each -> Errand.hop(each, Security.OPPORTUNISTIC))
                .toList();
        assertThat(deliver(hops.toArray(new Hop[0]))).containsExactly("delivered");
        assertThat(took).isLessThan(Duration.ofSeconds(7));
        assertThat(far.sessions).hasSize(1);
    }

    @Test
    void aMessageCountsWhereItLeavesFrom() {
        host();
        sim.blackHole(SIX);
        Map<String, Integer> left = new LinkedHashMap<>();
        agent.onBegin((hop, settings) -> {
            String from = hop.source().map(Hop.Source::ehlo).orElse("");
            left.merge(from, 1, Integer::sum);
            return Optional.of(() -> left.merge(from, -1, Integer::sum));
        });
        assertThat(deliver(from(six, "2001:db8::1", "six"), from(four, "192.0.2.1", "four")))
                .containsExactly("delivered");
        assertThat(left).containsExactly(Map.entry("six", 0), Map.entry("four", 1));
    }

    @Test
    void whatMayNotLeaveFromOneAddressLeavesFromNoOther() {
        FakeMx[] mx = host();
        sim.blackHole(SIX);
        agent.onBegin((hop, settings) -> hop.source().map(Hop.Source::ehlo).equals(Optional.of("four"))
                ? Optional.empty()
                : Optional.of(() -> {}));
        assertThat(deliver(from(six, "2001:db8::1", "six"), from(four, "192.0.2.1", "four")))
                .containsExactly("retry 4.4.5");
        assertThat(mx[1].sessions).isEmpty();
    }

    private static Hop from(Hop to, String address, String ehlo) {
        Hop.Source source = new Hop.Source(InetAddress.ofLiteral(address), ehlo);
        return new Hop(
                to.host(), to.endpoint(), to.protocol(), to.security(), to.login(), Optional.of(source), true, 0);
    }

    @Test
    void whatTheNetworkDoesWhileItIsRacedBringsEachMessageOnceAndLeavesNothingBehind() {
        int delivered = 0;
        int raced = 0;
        for (long seed = 0; seed < 60; seed++) {
            try (SimWorld world = new SimWorld(seed, SimFaults.hostile())) {
                SimHost host = world.remote("mx", SIX, FOUR);
                FakeMx[] mx = {new FakeMx(host, Errand.tcp(SIX)), new FakeMx(host, Errand.tcp(FOUR))};
                SmtpAgent own = new SmtpAgent(world.world(), new Connections());
                List<String> words = new ArrayList<>();
                Config few = Errand.config("sites.any.connections = 5\n");
                world.run(tasks -> {
                    for (int i = 0; i < 10; i++) {
                        tasks.tasks()
                                .start(
                                        "delivery",
                                        () -> words.addAll(Errand.words(own.deliver(Errand.delivery(
                                                Errand.message(
                                                        Errand.content(Errand.TEXT), false, false, "b@y.example"),
                                                few,
                                                six,
                                                four)))));
                    }
                });
                world.runFor(Duration.ofHours(3));
                assertThat(words).as("seed " + seed).hasSize(10).allMatch(w -> w.matches("delivered.*|retry 4\\..*"));
                assertThat(own.places()
                                .taken(Errand.delivery(List.of(six), "b@y.example")
                                        .site()))
                        .as("seed " + seed)
                        .isZero();
                delivered += (int)
                        words.stream().filter(w -> w.startsWith("delivered")).count();
                raced += (int) world.events().count(Event.CONNECT_RACED);
                assertThat(mx[0].open + mx[1].open).isZero();
            }
        }
        assertThat(delivered).isGreaterThan(300);
        assertThat(raced).isPositive();
    }
}
