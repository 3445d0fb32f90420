package org.hikyaku.deliver;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.hikyaku.config.Config;
import org.hikyaku.mail.Site;
import org.hikyaku.route.Hop;
import org.hikyaku.route.Hop.Security;
import org.hikyaku.sim.SimWorld;
import org.hikyaku.world.Event;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Connections to a site are never more than it may have. */
class PlacesTest {
    private static final String ONE = "198.51.100.1";
    private static final String TWO = "198.51.100.2";
    private static final Site SITE = Errand.delivery(List.of(), "b@y.example").site();

    private final SimWorld sim = new SimWorld(5);
    private final Connections connections = new Connections();
    private final SmtpAgent agent = new SmtpAgent(sim.world(), connections);
    private final FakeMx one = Errand.mx(sim, ONE);
    private final List<String> words = new ArrayList<>();

    @AfterEach
    void close() {
        sim.close();
    }

    /** {@code tasks} at the same time, each with so many messages one after the other. */
    private void deliver(Config config, int tasks, int messages, Hop... hops) {
        sim.run(world -> {
            for (int i = 0; i < tasks; i++) {
                world.tasks().start("delivery", () -> {
                    for (int n = 0; n < messages; n++) {
                        words.addAll(Errand.words(agent.deliver(Errand.delivery(
                                Errand.message(Errand.content(Errand.TEXT), false, false, "b@y.example"),
                                config,
                                hops))));
                    }
                });
            }
        });
    }

    /** One message each, at the same time; the name of the task when it was delivered. */
    private void deliver(Config config, Site site, String task, int messages, Hop... hops) {
        sim.run(world -> world.tasks().start(task, () -> {
            for (int n = 0; n < messages; n++) {
                Delivery plain = Errand.delivery(
                        Errand.message(Errand.content(Errand.TEXT), false, false, "b@y.example"), config, hops);
                Delivery delivery = new Delivery(
                        plain.message(), plain.recipients(), plain.route(), site, plain.hops(), plain.sites());
                Errand.words(agent.deliver(delivery)).forEach(word -> words.add(task + " " + word));
            }
        }));
    }

    private static @Nullable String when(String line, String prefix, String said) {
        return line.startsWith(prefix) ? said : null;
    }

    @Test
    void aConnectionThatSaysQuitCountsUntilItIsClosed() {
        one.script = (session, line) -> when(line, "QUIT", FakeMx.SILENCE);
        Config config = Errand.config("sites.any.connections = 3\ndelivery.messages_per_connection_max = 2\n");
        deliver(config, 3, 6, Errand.hop(ONE, Security.NONE));
        sim.runFor(Duration.ofSeconds(25));
        assertThat(words).hasSize(18).containsOnly("delivered");
        assertThat(one.openMax).isEqualTo(3);
        sim.runFor(Duration.ofMinutes(2));
        assertThat(one.open).isZero();
        assertThat(agent.places()
                        .taken(Errand.delivery(List.of(), "b@y.example").site()))
                .isZero();
    }

    @Test
    void anIdleConnectionEndsForWhoNeedsItsPlace() {
        FakeMx two = Errand.mx(sim, TWO);
        Config config = Errand.config("sites.any.connections = 1\ndelivery.connection_idle = 5m\n");
        deliver(config, 1, 1, Errand.hop(ONE, Security.NONE));
        sim.runFor(Duration.ofSeconds(10));
        assertThat(connections.idle()).isEqualTo(1);
        deliver(config, 1, 1, Errand.hop(TWO, Security.NONE));
        sim.runFor(Duration.ofSeconds(10));
        assertThat(words).containsExactly("delivered", "delivered");
        assertThat(one.commands()).endsWith("QUIT");
        assertThat(one.open).isZero();
        assertThat(two.open).isEqualTo(1);
    }

    @Test
    void aSecondAttemptGivesItsPlaceToWhoNeedsOne() {
        FakeMx alive = Errand.mx(sim, TWO);
        sim.remote("silent", "203.0.113.1", "203.0.113.2");
        sim.blackHole("203.0.113.1");
        sim.blackHole("203.0.113.2");
        Config config = Errand.config("sites.any.connections = 2\n");
        deliver(config, 1, 1, Errand.hop("203.0.113.1", Security.NONE), Errand.hop("203.0.113.2", Security.NONE));
        sim.runFor(Duration.ofSeconds(2));
        assertThat(agent.places()
                        .taken(Errand.delivery(List.of(), "b@y.example").site()))
                .as("both in the air")
                .isEqualTo(2);
        deliver(config, 1, 1, Errand.hop(TWO, Security.NONE));
        sim.runFor(Duration.ofSeconds(1));
        assertThat(words).containsExactly("delivered");
        assertThat(alive.openMax).isEqualTo(1);
        sim.runFor(Duration.ofMinutes(2));
        assertThat(words).containsExactly("delivered", "retry 4.4.1");
        assertThat(agent.places()
                        .taken(Errand.delivery(List.of(), "b@y.example").site()))
                .isZero();
    }

    @Test
    void whoWaitsHasAConnectionToHisHostWhenItComesToRest() {
        Config config = Errand.config("sites.any.connections = 10\ndelivery.connection_idle = 5m\n");
        deliver(config, 20, 1, Errand.hop(ONE, Security.NONE));
        sim.runFor(Places.GRACE.minusSeconds(1));
        assertThat(words).hasSize(20).containsOnly("delivered");
        assertThat(one.sessions).hasSize(10);
        assertThat(one.commands()).doesNotContain("QUIT");
        assertThat(connections.idle()).isEqualTo(10);
    }

    @Test
    void aConnectionToAHostAsGoodAsHisWillDo() {
        FakeMx two = Errand.mx(sim, TWO);
        Config config = Errand.config("sites.any.connections = 1\ndelivery.connection_idle = 5m\n");
        Hop toOne = Errand.hop(ONE, Security.NONE);
        Hop toTwo = Errand.hop(TWO, Security.NONE);
        int[] left = new int[1];
        agent.onBegin((hop, settings) -> {
            left[0]++;
            return Optional.of(() -> left[0]--);
        });
        deliver(config, SITE, "first", 5, toOne, toTwo);
        deliver(config, SITE, "second", 5, toTwo, toOne);
        sim.runFor(Duration.ofSeconds(20));
        assertThat(words).hasSize(10).allMatch(word -> word.endsWith(" delivered"));
        assertThat(one.sessions.size() + two.sessions.size()).isEqualTo(1);
        assertThat(left[0]).isEqualTo(10);
    }

    @Test
    void whoHasHadAConnectionDoesNotOvertakeWhoWaits() {
        Config config = Errand.config("sites.any.connections = 1\n");
        deliver(config, SITE, "first", 20, Errand.hop(ONE, Security.NONE));
        deliver(config, SITE, "second", 1, Errand.hop(ONE, Security.NONE));
        sim.runFor(Duration.ofSeconds(20));
        assertThat(words).hasSize(21).allMatch(word -> word.endsWith(" delivered"));
        assertThat(words.indexOf("second delivered")).isLessThanOrEqualTo(2);
        assertThat(one.sessions).hasSize(1);
    }

    @Test
    void aConnectionThatComesToRestEndsForWhoWaitsForAnotherHost() {
        FakeMx two = Errand.mx(sim, TWO);
        Config config = Errand.config("sites.any.connections = 1\n");
        sim.farAway(ONE, Duration.ofMillis(100));
        deliver(config, SITE, "first", 100, Errand.hop(ONE, Security.NONE));
        deliver(config, SITE, "second", 1, Errand.hop(TWO, Security.NONE));
        sim.runFor(Places.GRACE.minusSeconds(2));
        assertThat(words).contains("second delivered");
        assertThat(two.mails).hasSize(1);
    }

    @Test
    void thatHostIsGivenItsTimeToAnswerTheQuit() { // RFC 5321 4.1.1.10
        FakeMx two = Errand.mx(sim, TWO);
        Config config = Errand.config("sites.any.connections = 1\n");
        one.script = (session, line) -> when(line, "QUIT", FakeMx.SILENCE);
        sim.farAway(ONE, Duration.ofMillis(1500));
        deliver(config, SITE, "first", 1, Errand.hop(ONE, Security.NONE));
        sim.runFor(Duration.ofMillis(100));
        deliver(config, SITE, "second", 1, Errand.hop(TWO, Security.NONE));
        for (int i = 0; i < 300 && !words.contains("first delivered"); i++) {
            sim.runFor(Duration.ofMillis(100));
        }
        assertThat(words).containsExactly("first delivered");
        sim.runFor(Places.GRACE.minusMillis(300));
        assertThat(one.open).as("it may still answer").isEqualTo(1);
        sim.runFor(Duration.ofSeconds(4));
        assertThat(one.open).isZero();
        assertThat(words).containsExactly("first delivered", "second delivered");
        assertThat(two.openMax).isEqualTo(1);
    }

    /** Sites are sets of hosts: one host is of several. */
    @Test
    void noSiteHasTheConnectionsOfAnother() {
        Errand.mx(sim, TWO);
        Config config = Errand.config("sites.any.connections = 1\ndelivery.connection_idle = 5m\n");
        Site other = new Site("other");
        deliver(config, SITE, "first", 1, Errand.hop(ONE, Security.NONE));
        sim.runFor(Duration.ofSeconds(5));
        deliver(config, other, "other", 1, Errand.hop(ONE, Security.NONE));
        sim.runFor(Duration.ofSeconds(5));
        assertThat(agent.places().taken(SITE)).isEqualTo(1);
        assertThat(agent.places().taken(other)).isEqualTo(1);
        deliver(config, SITE, "second", 1, Errand.hop(TWO, Security.NONE));
        sim.runFor(Duration.ofSeconds(3));
        assertThat(words).containsExactly("first delivered", "other delivered", "second delivered");
        assertThat(one.open).as("that of the other site").isEqualTo(1);
    }

    @Test
    void noMoreWaitThanThereMayBeConnections() {
        one.script = (session, line) -> when(line, ".", FakeMx.SILENCE);
        Config config = Errand.config("sites.any.connections = 2\n");
        deliver(config, 6, 1, Errand.hop(ONE, Security.NONE));
        sim.runFor(Duration.ofSeconds(1));
        assertThat(words).containsExactly("retry 4.4.5", "retry 4.4.5");
    }

    @Test
    void whoGivesUpLetsInWhoStoodBehindHimAndMayHaveMore() {
        Places places = agent.places();
        List<Boolean> got = new ArrayList<>();
        sim.run(world -> {
            Optional<Place> taken = places.room(SITE, 1).tryTake();
            assertThat(taken).isPresent();
            world.tasks().start("few", () -> got.add(places.room(SITE, 1).take(Duration.ofSeconds(10)) != null));
        });
        sim.runFor(Duration.ofSeconds(1));
        sim.run(world ->
                world.tasks().start("more", () -> got.add(places.room(SITE, 10).take(Duration.ofSeconds(20)) != null)));
        sim.runFor(Duration.ofSeconds(10));
        assertThat(got).containsExactly(false, true);
    }

    @Test
    void anAttemptThatHasWonHoldsUpNobodyWhoNeedsThePlaceOfAnother() {
        FakeMx alive = Errand.mx(sim, TWO);
        one.script = (session, line) -> when(line, ".", FakeMx.SILENCE);
        for (String silent : List.of("203.0.113.1", "203.0.113.2", "203.0.113.3")) {
            sim.remote(silent, silent);
            sim.blackHole(silent);
        }
        Config config = Errand.config("sites.any.connections = 3\n");
        deliver(config, SITE, "won", 1, Errand.hop("203.0.113.1", Security.NONE), Errand.hop(ONE, Security.NONE));
        sim.runFor(Duration.ofSeconds(2));
        assertThat(agent.places().taken(SITE)).isEqualTo(1);
        deliver(
                config,
                SITE,
                "races",
                1,
                Errand.hop("203.0.113.2", Security.NONE),
                Errand.hop("203.0.113.3", Security.NONE));
        sim.runFor(Duration.ofSeconds(2));
        assertThat(agent.places().taken(SITE)).isEqualTo(3);
        deliver(config, SITE, "waits", 1, Errand.hop(TWO, Security.NONE));
        sim.runFor(Duration.ofSeconds(1));
        assertThat(words).containsExactly("waits delivered");
        assertThat(alive.mails).hasSize(1);
    }

    @Test
    void whoFindsNoPlaceWaitsForOneAndNotForEver() {
        one.script = (session, line) -> when(line, ".", FakeMx.SILENCE);
        Config config = Errand.config("sites.any.connections = 2\n");
        deliver(config, 4, 1, Errand.hop(ONE, Security.NONE));
        sim.runFor(Duration.ofSeconds(50));
        assertThat(words).containsExactly("retry 4.4.5", "retry 4.4.5");
        assertThat(agent.memory().passedBy(Errand.hop(ONE, Security.NONE)))
                .as("nothing was said of the host")
                .isEmpty();
        assertThat(one.openMax).isEqualTo(2);
        one.script = (session, line) -> null;
        sim.runFor(Duration.ofMinutes(20));
        deliver(config, 4, 1, Errand.hop(ONE, Security.NONE));
        sim.runFor(Duration.ofSeconds(10));
        assertThat(words.subList(4, 8)).containsOnly("delivered");
        assertThat(one.openMax).isEqualTo(2);
    }

    /** A host that closes after each message, at a site where many wait. */
    @Test
    void whoseConnectionIsDeadStandsBeforeThoseWhoCameLater() {
        Places places = agent.places();
        List<String> got = new ArrayList<>();
        Places.Room room = places.room(SITE, 1);
        Optional<Place> taken = room.tryTake();
        assertThat(taken).isPresent();
        sim.run(world -> {
            for (String who : List.of("later", "his turn was")) {
                boolean first = who.equals("his turn was");
                world.tasks().start(who, () -> {
                    Given given = room.take(Duration.ofSeconds(10), new Places.Want(runner -> false, () -> {}, first));
                    got.add(who + (given == null ? " in vain" : ""));
                    if (given instanceof Given.Free free) {
                        free.place().release();
                    }
                });
                world.tasks().sleep(Duration.ofSeconds(1));
            }
            taken.orElseThrow().release();
        });
        sim.runFor(Duration.ofSeconds(1));
        assertThat(got).containsExactly("his turn was", "later");
    }

    @Test
    void whoStandsFirstWaitsForNoneWhoMayHaveLess() { // after a reload
        Places places = agent.places();
        List<String> got = new ArrayList<>();
        sim.run(world -> {
            assertThat(places.room(SITE, 1).tryTake()).isPresent();
            world.tasks()
                    .start(
                            "few",
                            () -> got.add(places.room(SITE, 1).take(Duration.ofSeconds(5)) == null ? "none" : "few"));
            world.tasks().sleep(Duration.ofSeconds(1));
            Places.Want first = new Places.Want(runner -> false, () -> {}, true);
            assertThat(places.room(SITE, 2).take(Duration.ofSeconds(1), first)).isInstanceOf(Given.Free.class);
            assertThat(got).isEmpty();
        });
        sim.runFor(Duration.ofSeconds(10));
        assertThat(got).containsExactly("none");
    }

    @Test
    void aConnectionMadeBySomebodyElseMayHaveDiedAndCostsNothingButANewOne() {
        Config config = Errand.config("sites.any.connections = 1\n");
        Hop hop = Errand.hop(ONE, Security.NONE);
        one.offer = List.of("8BITMIME");
        one.script = (session, line) -> line.startsWith("MAIL") && one.sessions.size() == 1 ? FakeMx.CLOSE : null;
        Delivery impossible =
                Errand.delivery(Errand.message(Errand.content(Errand.TEXT), false, true, "bö@y.example"), config, hop);
        Delivery plain =
                Errand.delivery(Errand.message(Errand.content(Errand.TEXT), false, false, "b@y.example"), config, hop);
        sim.run(world -> {
            for (Delivery each : List.of(impossible, plain)) {
                world.tasks().start("delivery", () -> words.addAll(Errand.words(agent.deliver(each))));
            }
        });
        sim.runFor(Duration.ofSeconds(10));
        assertThat(words).as("needs SMTPUTF8, uses nothing").containsExactly("failed 5.6.7", "delivered");
        assertThat(one.sessions).hasSize(2);
        assertThat(sim.events().count(Event.ATTEMPT_FAILED)).isEqualTo(1);
    }
}
