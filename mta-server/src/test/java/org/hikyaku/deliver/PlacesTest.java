package org.hikyaku.deliver;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.hikyaku.config.Config;
import org.hikyaku.route.Hop;
import org.hikyaku.route.Hop.Security;
import org.hikyaku.sim.SimWorld;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Connections to a site are never more than it may have. */
class PlacesTest {
    private static final String ONE = "198.51.100.1";
    private static final String TWO = "198.51.100.2";

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

    /** As where mail of many sites goes by one fallback. */
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
}
