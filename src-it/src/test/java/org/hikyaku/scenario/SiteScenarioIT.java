package org.hikyaku.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What holds between the server and each of many receivers, whatever the others do: docs/sites.md. */
class SiteScenarioIT {
    private static final Duration HOUR = Duration.ofHours(1);
    private static final int PER_SITE = 100;
    private static final int CONNECTIONS_MOST = 10;

    private static SiteScenario.Run simulate(long seed, List<Kind> kinds, String settings) {
        try (SiteScenario scenario = new SiteScenario(seed, kinds, kinds.size() * PER_SITE)) {
            return scenario.run(settings, HOUR);
        }
    }

    private static Result run(long seed, List<Kind> kinds, String settings) {
        return simulate(seed, kinds, settings).result();
    }

    private static List<Receiver> of(Result result, Kind kind) {
        return result.sites().stream().filter(site -> site.kind() == kind).toList();
    }

    private static long last(Result result, Kind kind) {
        long last = 0;
        for (int site = 0; site < result.sites().size(); site++) {
            if (result.sites().get(site).kind() == kind) {
                long[] times = result.of(site);
                last = Math.max(last, times[times.length - 1]);
            }
        }
        return last;
    }

    @Test
    void eachReceiverGetsAllOnceInItsOwnTimeAndIsTreatedWithCare() {
        for (long seed = 1; seed <= 3; seed++) {
            SiteScenario.Run run = simulate(seed, Kind.mixed(20), "");
            Result result = run.result();
            assertThat(Arrays.stream(result.arrived()).filter(at -> at >= 0).count())
                    .as("seed %d: arrived within the hour", seed)
                    .isEqualTo(result.deliverable());
            for (Receiver site : result.sites()) {
                String which = "seed " + seed + ", " + site.kind() + " " + site.name();
                assertThat(site.twice()).as(which).isZero();
                assertThat(site.openMax()).as(which).isLessThanOrEqualTo(CONNECTIONS_MOST);
            }
            for (Receiver site : of(result, Kind.FAST)) {
                assertThat(site.connections()).as("reuse at " + site.name()).isLessThan(PER_SITE / 2);
            }
            for (Receiver site : of(result, Kind.FEW_CONNECTIONS)) {
                assertThat(site.fruitless()).as("told 421 at the greeting").isLessThan(PER_SITE / 10);
            }
            for (Receiver site : of(result, Kind.GREYLISTING)) {
                assertThat(site.refused()).as("each came once too early").isEqualTo(PER_SITE);
            }
            for (Receiver site : of(result, Kind.RATE_LIMITED)) {
                assertThat(site.refused()).as("told to slow down").isLessThan(PER_SITE / 2);
            }
            assertThat(run.failed().getOrDefault("CONNECT_TIMEOUT", 0L))
                    .as("tries of silent hosts")
                    .isBetween(1L, 60L);
        }
    }

    /** Of the eight fast sites the last message, with twelve others beside them that are slow, dead or unwilling, and without. */
    @Test
    void whatOthersDoDelaysNobody() {
        List<Kind> alone = Kind.mixed(20).stream()
                .map(kind -> kind == Kind.FAST ? kind : Kind.TWO_HOSTS)
                .toList();
        long with = last(run(4, Kind.mixed(20), ""), Kind.FAST);
        long without = last(run(4, alone, ""), Kind.FAST);
        assertThat(with).isLessThan(2 * without);
    }

    /** The host takes a second to answer QUIT, and the next connection is wanted at once. */
    @Test
    void whatStillSaysQuitCounts() {
        String settings = "sites.any.connections = 3\ndelivery.messages_per_connection_max = 5\n";
        Result result = run(6, List.of(Kind.SLOW, Kind.SLOW), settings);
        for (Receiver site : result.sites()) {
            assertThat(site.taken()).isEqualTo(PER_SITE);
            assertThat(site.openMax()).isEqualTo(3);
        }
    }

    @Test
    void ofTwoHostsASilentOneCostsSeconds() {
        long dead = last(run(7, List.of(Kind.HALF_DEAD), ""), Kind.HALF_DEAD);
        long both = last(run(7, List.of(Kind.TWO_HOSTS), ""), Kind.TWO_HOSTS);
        assertThat(dead).isLessThan(both + 3_000);
    }

    /** It is kept where messages begin; on their way to the receiver some are a second faster than others. */
    @Test
    void aRateHoldsAtTheReceiverInAnyStretchOfTime() {
        Result result = run(
                5,
                List.of(Kind.FAST, Kind.RATE_LIMITED),
                "sites.limited { domains = [site1.example], rates = [\"50/m\"], connections = 3 }\n");
        Receiver limited = result.sites().get(1);
        assertThat(limited.busiest(Duration.ofSeconds(59))).isBetween(40, 50);
        assertThat(limited.openMax()).isLessThanOrEqualTo(3);
        assertThat(limited.refused()).isZero();
        assertThat(limited.taken()).isEqualTo(PER_SITE);
    }
}
