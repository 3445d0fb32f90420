package org.hikyaku.route;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.hikyaku.sim.SimFaults;
import org.hikyaku.sim.SimWorld;
import org.hikyaku.world.Disk;
import org.hikyaku.world.Event;
import org.hikyaku.world.World;
import org.junit.jupiter.api.Test;

/** What sources that warm up have begun today, over restarts, crashes and disks that refuse. */
class DayCountsTest {
    private static final Path DIRECTORY = Path.of("/data/operations");
    private static final InetAddress ONE = Outside.ip("192.0.2.26");
    private static final InetAddress TWO = Outside.ip("2001:db8::26");
    private static final int MOST = 100;
    /** How many of {@link #MOST} a crash may cost. */
    private static final int AHEAD = 5;

    private static int begun(DayCounts counts, InetAddress source, int tries) {
        int begun = 0;
        for (int i = 0; i < tries; i++) {
            begun += counts.begin(source, MOST).isPresent() ? 1 : 0;
        }
        return begun;
    }

    @Test
    void noCrashLetsMoreBeginThanTheDayAllowsAndEachCostsFew() {
        int crashes = 0;
        for (long seed = 0; seed < 60; seed++) {
            try (SimWorld sim = new SimWorld(seed, SimFaults.none())) {
                sim.disk().settle();
                int[] begun = {0};
                int lives = 0;
                boolean ended = false;
                while (!ended) {
                    lives++;
                    sim.crashAfter(20 + (seed * 31 + lives * 17L) % 150);
                    ended = sim.run(world -> {
                        DayCounts counts = new DayCounts(world, DIRECTORY);
                        for (int task = 0; task < 3; task++) {
                            world.tasks().start("deliveries", () -> {
                                for (Optional<Runnable> one = counts.begin(ONE, MOST);
                                        one.isPresent();
                                        one = counts.begin(ONE, MOST)) {
                                    begun[0]++;
                                    world.tasks().sleep(Duration.ofSeconds(1));
                                }
                            });
                        }
                        world.tasks().sleep(Duration.ofMinutes(5));
                    });
                }
                crashes += lives - 1;
                assertThat(begun[0])
                        .as("seed %s after %s crashes", seed, lives - 1)
                        .isLessThanOrEqualTo(MOST)
                        .isGreaterThanOrEqualTo(Math.max(1, MOST - AHEAD * (lives - 1)));
                assertThat(sim.events().count(Event.SOURCES_NOT_COUNTED)).isZero();
            }
        }
        assertThat(crashes).isGreaterThan(100);
    }

    @Test
    void aStopInOrderCostsNothingAndEachDayBeginsAnew() {
        try (SimWorld sim = new SimWorld(1)) {
            sim.run(world -> {
                DayCounts first = new DayCounts(world, DIRECTORY);
                assertThat(begun(first, ONE, 37)).isEqualTo(37);
                assertThat(begun(first, TWO, 3)).isEqualTo(3);
                first.begin(ONE, MOST).orElseThrow().run(); // it did not begin after all
                first.close();
                assertThat(first.begin(ONE, MOST)).as("after the end").isEmpty();
                DayCounts second = new DayCounts(world, DIRECTORY);
                assertThat(begun(second, ONE, 200)).isEqualTo(63);
                assertThat(begun(second, TWO, 200)).isEqualTo(97);
                world.tasks().sleep(Duration.ofDays(1));
                assertThat(begun(second, ONE, 200)).isEqualTo(100);
                second.close();
                world.tasks().sleep(Duration.ofDays(1));
                assertThat(begun(new DayCounts(world, DIRECTORY), ONE, 200)).isEqualTo(100);
            });
        }
    }

    @Test
    void whoMayNotWaitGetsNoMoreThanIsNoted() {
        try (SimWorld sim = new SimWorld(2)) {
            sim.run(world -> {
                DayCounts counts = new DayCounts(world, DIRECTORY);
                assertThat(counts.beginNow(ONE, MOST)).isEmpty();
                assertThat(counts.beginNow(TWO, Integer.MAX_VALUE))
                        .as("it does not warm up")
                        .isPresent();
                assertThat(counts.begin(ONE, MOST)).isPresent();
                for (int i = 1; i < AHEAD; i++) {
                    assertThat(counts.beginNow(ONE, MOST)).isPresent();
                }
                assertThat(counts.beginNow(ONE, MOST)).isEmpty();
                assertThat(counts.hasRoom(ONE, MOST)).isTrue();
            });
        }
    }

    @Test
    void whatCannotBeNotedDoesNotBegin() {
        try (SimWorld sim = new SimWorld(3)) {
            sim.run(world -> {
                DayCounts counts = new DayCounts(world, DIRECTORY);
                assertThat(begun(counts, ONE, AHEAD)).isEqualTo(AHEAD);
                sim.disk().capacity(0);
                assertThat(counts.begin(ONE, MOST)).isEmpty();
                assertThat(sim.events().count(Event.SOURCES_NOT_COUNTED)).isEqualTo(1);
                sim.disk().capacity(1 << 20);
                world.tasks().sleep(Duration.ofSeconds(1));
                assertThat(counts.begin(ONE, MOST)).isPresent();
            });
        }
    }

    @Test
    void aDiskThatTakesNothingIsToldOnceAndTriedEachSecond() {
        try (SimWorld sim = new SimWorld(3)) {
            sim.run(world -> {
                DayCounts counts = new DayCounts(world, DIRECTORY);
                assertThat(begun(counts, ONE, AHEAD)).isEqualTo(AHEAD);
                sim.disk().capacity(0);
                assertThat(counts.begin(ONE, MOST)).isEmpty();
                sim.disk().capacity(1 << 20);
                assertThat(begun(counts, ONE, 1_000)).as("not tried yet").isZero();
                sim.disk().capacity(0);
                for (int second = 0; second < 10; second++) {
                    world.tasks().sleep(Duration.ofSeconds(1));
                    assertThat(begun(counts, ONE, 100)).isZero();
                }
                assertThat(sim.events().count(Event.SOURCES_NOT_COUNTED)).isEqualTo(1);
                sim.disk().capacity(1 << 20);
                world.tasks().sleep(Duration.ofSeconds(1));
                assertThat(begun(counts, ONE, AHEAD)).isEqualTo(AHEAD);
                sim.disk().capacity(0);
                assertThat(counts.begin(ONE, MOST)).isEmpty();
                assertThat(sim.events().count(Event.SOURCES_NOT_COUNTED))
                        .as("it is another time")
                        .isEqualTo(2);
            });
        }
    }

    @Test
    void ofADayOfWhichNothingCanBeReadNothingIsLeft() {
        try (SimWorld sim = new SimWorld(4)) {
            sim.run(world -> {
                write(world, "2026-13-99\n192.0.2.26 nine\n");
                DayCounts counts = new DayCounts(world, DIRECTORY);
                assertThat(counts.hasRoom(ONE, MOST)).isFalse();
                assertThat(counts.begin(ONE, MOST)).isEmpty();
                assertThat(counts.begin(TWO, Integer.MAX_VALUE))
                        .as("it does not warm up")
                        .isPresent();
                world.tasks().sleep(Duration.ofDays(1));
                assertThat(begun(counts, ONE, 200)).isEqualTo(MOST);
            });
            assertThat(sim.events().count(Event.SOURCES_NOT_COUNTED)).isEqualTo(1);
        }
    }

    private static void write(World world, String text) throws IOException {
        world.disk().makeDirectories(DIRECTORY);
        try (Disk.File file = world.disk().create(DIRECTORY.resolve("sources"))) {
            file.write(0, ByteBuffer.wrap(text.getBytes(StandardCharsets.US_ASCII)));
        }
    }
}
