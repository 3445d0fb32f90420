package org.hikyaku.sim;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.hikyaku.mail.Domain;
import org.hikyaku.mail.TlsFacts;
import org.hikyaku.world.Disk;
import org.hikyaku.world.Endpoint;
import org.hikyaku.world.Event;
import org.hikyaku.world.Loop;
import org.hikyaku.world.Resolver;
import org.hikyaku.world.Tasks;
import org.hikyaku.world.Wire;
import org.hikyaku.world.WireFailure;
import org.hikyaku.world.WireHandler;
import org.hikyaku.world.World;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class SimWorldTest {
    private static final Path DIR = Path.of("/data");
    private static final Endpoint MX = new Endpoint.Tcp(InetAddress.ofLiteral("198.51.100.1"), 25);

    /** A little of everything; returns the hash of its history. */
    static long history(long seed) {
        try (SimWorld sim = new SimWorld(seed, SimFaults.hostile())) {
            sim.zones().mx("b.example", 10, "mx.b.example").address("mx.b.example", "198.51.100.1");
            SimHost mx = sim.remote("mx", "198.51.100.1");
            mx.world().net().listen(MX, 10, wire -> new Echo());
            sim.crashAfter(400 + seed % 100);
            while (!sim.run(SimWorldTest::busyProgram)) {
                sim.calm();
            }
            return sim.historyHash();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    /** Says hello, then sends back what comes, up to a bound. */
    private static final class Echo implements WireHandler {
        private @Nullable Wire wire;
        private int left = 300;

        @Override
        public void opened(Wire opened) {
            wire = opened;
            received("hello".getBytes(US_ASCII), 0, 5);
        }

        @Override
        public void received(byte[] octets, int offset, int length) {
            left -= length;
            if (wire != null && left > 0) {
                wire.write(octets, offset, length);
                wire.flush();
            } else if (wire != null) {
                wire.close();
            }
        }

        @Override
        public void secured(TlsFacts facts) {}

        @Override
        public void closed(@Nullable WireFailure cause) {}
    }

    private static void busyProgram(World world) {
        Tasks.Mailbox<Integer> box = world.tasks().mailbox(2);
        Tasks.Promise<Boolean> end = world.tasks().promise();
        Loop loop = world.net().loop();
        for (int i = 0; i < 3; i++) {
            int me = i;
            world.tasks().start("writer-" + i, () -> {
                for (int k = 0; k < 20; k++) {
                    box.put(me * 100 + k);
                    world.tasks().sleep(Duration.ofMillis(world.entropy().below(5)));
                }
            });
        }
        world.resolver().ask(Domain.of("b.example"), Resolver.Type.MX);
        for (int i = 0; i < 4; i++) {
            world.net().connect(MX, Optional.empty(), Duration.ofSeconds(30), new Echo());
        }
        loop.schedule(Duration.ofSeconds(1), () -> end.complete(true));
        for (int k = 0; k < 60; k++) {
            box.take();
        }
        end.await();
    }

    @Test
    void oneSeedIsOneHistoryAndAnotherSeedAnother() {
        Set<Long> hashes = new LinkedHashSet<>();
        for (long seed = 0; seed < 20; seed++) {
            long first = history(seed);
            assertThat(history(seed)).as("seed " + seed).isEqualTo(first);
            hashes.add(first);
        }
        assertThat(hashes).hasSize(20);
    }

    @Test
    void oneSeedIsOneHistoryInAnotherJvmToo() throws Exception {
        Process other = new ProcessBuilder(
                        System.getProperty("java.home") + "/bin/java",
                        "-XX:TieredStopAtLevel=1",
                        "--add-opens=java.base/java.lang=ALL-UNNAMED",
                        "-cp",
                        System.getProperty("java.class.path"),
                        SimWorldTest.class.getName(),
                        "7",
                        "8")
                .redirectErrorStream(true)
                .start();
        String said = new String(other.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
        assertThat(said.trim()).isEqualTo(history(7) + " " + history(8));
    }

    /** The other JVM of the test above. */
    public static void main(String[] seeds) {
        System.out.println(history(Long.parseLong(seeds[0])) + " " + history(Long.parseLong(seeds[1])));
    }

    @Test
    void seedsInterleaveTasksDifferently() {
        Set<String> orders = new LinkedHashSet<>();
        for (long seed = 0; seed < 50; seed++) {
            StringBuilder order = new StringBuilder();
            try (SimWorld sim = new SimWorld(seed)) {
                sim.run(world -> {
                    for (String name : new String[] {"a", "b", "c"}) {
                        world.tasks().start(name, () -> order.append(name));
                    }
                    world.tasks().sleep(Duration.ofSeconds(1));
                });
            }
            orders.add(order.toString());
        }
        assertThat(orders).hasSize(6);
    }

    @Test
    void anUnlockedReadModifyWriteAcrossAWorldCallIsFound() {
        int lost = 0;
        for (long seed = 0; seed < 50; seed++) {
            AtomicInteger count = new AtomicInteger();
            try (SimWorld sim = new SimWorld(seed)) {
                sim.run(world -> {
                    for (int i = 0; i < 5; i++) {
                        world.tasks().start("adder", () -> {
                            int seen = count.get();
                            world.tasks().sleep(Duration.ZERO);
                            count.set(seen + 1);
                        });
                    }
                    world.tasks().sleep(Duration.ofSeconds(1));
                });
            }
            lost += count.get() < 5 ? 1 : 0;
        }
        assertThat(lost).isPositive();
    }

    @Test
    void timeJumpsWhenAllWait() {
        try (SimWorld sim = new SimWorld(1)) {
            sim.run(world -> {
                long before = world.clock().nanos();
                world.tasks().sleep(Duration.ofDays(2));
                Duration passed = Duration.ofNanos(world.clock().nanos() - before);
                assertThat(passed)
                        .isBetween(Duration.ofDays(2), Duration.ofDays(2).plusSeconds(1));
                assertThat(world.clock().now()).isAfterOrEqualTo(SimClock.START.plus(Duration.ofDays(2)));
            });
        }
    }

    @Test
    void aDeadlockFailsWithADumpOfWhoWaits() {
        try (SimWorld sim = new SimWorld(3)) {
            assertThatThrownBy(() -> sim.run(world -> world.tasks().promise().await()))
                    .isInstanceOf(SimFailure.class)
                    .hasMessageContaining("seed 3")
                    .hasMessageContaining("deadlock")
                    .hasMessageContaining("mta/main#1: waits for promise");
        }
    }

    @Test
    void waitingOnALoopFails() {
        try (SimWorld sim = new SimWorld(3)) {
            assertThatThrownBy(() -> sim.run(world -> {
                        world.net().loop().execute(() -> world.tasks().sleep(Duration.ofSeconds(1)));
                        world.tasks().sleep(Duration.ofSeconds(2));
                    }))
                    .hasMessageContaining("nothing on a loop may block");
        }
    }

    @Test
    void anExceptionInATaskIsAnEventAndAnErrorFailsTheRun() {
        try (SimWorld sim = new SimWorld(4)) {
            sim.run(world -> {
                world.tasks().start("doomed", () -> {
                    throw new IllegalStateException("no");
                });
                world.tasks().sleep(Duration.ofSeconds(1));
            });
            assertThat(sim.events().count(Event.TASK_DIED)).isEqualTo(1);
            assertThatThrownBy(() -> sim.run(world -> {
                        world.tasks().start("wrong", () -> {
                            throw new AssertionError("claim");
                        });
                        world.tasks().sleep(Duration.ofSeconds(1));
                    }))
                    .isInstanceOf(SimFailure.class)
                    .rootCause()
                    .hasMessage("claim");
        }
    }

    @Test
    void anEventWithTheWrongNumberOfValuesFailsTheRun() {
        try (SimWorld sim = new SimWorld(4)) {
            assertThatThrownBy(() -> sim.run(world -> world.events().emit(Event.SERVER_STOPPING)))
                    .isInstanceOf(SimFailure.class);
        }
    }

    @Test
    void aCrashUnwindsAllTasksAndTheNextProcessLivesOn() {
        try (SimWorld sim = new SimWorld(5)) {
            World before = sim.world();
            AtomicInteger unwound = new AtomicInteger();
            boolean ended = sim.run(world -> {
                for (int i = 0; i < 3; i++) {
                    world.tasks().start("sleeper", () -> {
                        try {
                            world.tasks().sleep(Duration.ofDays(1));
                        } finally {
                            unwound.incrementAndGet();
                        }
                    });
                }
                world.tasks().sleep(Duration.ofSeconds(1));
                sim.crash();
            });
            assertThat(ended).isFalse();
            assertThat(unwound).hasValue(3);
            assertThat(sim.world()).isNotSameAs(before);
            assertThat(sim.host().tasks()).isEmpty();
            assertThat(sim.run(world -> world.tasks().sleep(Duration.ofSeconds(1))))
                    .isTrue();
            assertThatThrownBy(() -> before.tasks().start("ghost", () -> {})).isInstanceOf(SimCrash.class);
        }
    }

    @Test
    void aRemoteHostOutlivesTheCrash() {
        try (SimWorld sim = new SimWorld(6)) {
            SimHost remote = sim.remote("mx", "198.51.100.1");
            AtomicInteger ticks = new AtomicInteger();
            remote.world().tasks().start("ticker", () -> {
                while (true) {
                    remote.world().tasks().sleep(Duration.ofSeconds(1));
                    ticks.incrementAndGet();
                }
            });
            sim.runFor(Duration.ofSeconds(10));
            sim.crash();
            int before = ticks.get();
            sim.runFor(Duration.ofSeconds(10));
            assertThat(before).isBetween(9, 10);
            assertThat(ticks.get()).isBetween(before + 9, before + 10);
        }
    }

    @Test
    void whoCatchesTheCrashIsFound() {
        try (SimWorld sim = new SimWorld(7)) {
            assertThatThrownBy(() -> sim.run(world -> {
                        world.tasks().start("immortal", () -> {
                            while (true) {
                                try {
                                    world.tasks().sleep(Duration.ofSeconds(1));
                                } catch (Throwable all) {
                                    assertThat(all).isNotNull();
                                }
                            }
                        });
                        world.tasks().sleep(Duration.ofSeconds(2));
                        sim.crash();
                    }))
                    .hasMessageContaining("catches SimCrash");
        }
    }

    @Test
    void aPlannedCrashComesAtTheWorldCallThatWasSet() {
        try (SimWorld sim = new SimWorld(8)) {
            sim.crashAfter(50);
            boolean ended = sim.run(world -> {
                Disk.File file = world.disk().create(Path.of("/f"));
                for (int i = 0; i < 100; i++) {
                    file.write(i, ByteBuffer.wrap(new byte[1]));
                }
            });
            assertThat(ended).isFalse();
            assertThat(sim.calls()).isEqualTo(50);
            assertThat(sim.tally().of(SimFault.CRASH)).isEqualTo(1);
        }
    }

    @Test
    void whoSpinsOnTheClockSeesItGoOn() {
        try (SimWorld sim = new SimWorld(8)) {
            sim.run(world -> {
                long end = world.clock().nanos() + 1_000_000;
                while (world.clock().nanos() < end) {
                    assertThat(world.clock().now()).isNotNull();
                }
            });
            assertThat(sim.calls()).isGreaterThan(1000);
        }
    }

    @Test
    void anEndlessLoopOfWorldCallsIsALivelock() {
        try (SimWorld sim = new SimWorld(8)) {
            sim.callsOfRunMax(20_000);
            assertThatThrownBy(() -> sim.run(world -> {
                        while (true) {
                            world.disk().exists(DIR);
                        }
                    }))
                    .hasMessageContaining("livelock");
        }
    }

    @Test
    void theDyingLogNothing() {
        try (SimWorld sim = new SimWorld(8)) {
            sim.run(world -> {
                try {
                    sim.crash();
                } finally {
                    world.events().emit(Event.SERVER_STOPPING, "dead");
                }
            });
            assertThat(sim.events().count(Event.SERVER_STOPPING)).isZero();
        }
    }

    @Test
    void seedsAreTriedSideBySideAndTheOneThatFailsIsNamed() {
        SimTally tally = SimSeeds.each(0, 20, SimFaults.hostile(), sim -> {
            sim.run(SimWorldTest::busyProgram);
            sim.crash();
        });
        assertThat(tally.of(SimFault.CRASH)).isEqualTo(20);
        assertThatThrownBy(() -> SimSeeds.each(
                        0, 50, SimFaults.none(), sim -> assertThat(sim.seed()).isLessThan(17)))
                .isInstanceOf(AssertionError.class)
                .hasMessageMatching("(?s)seed (17|18|19) failed.*");
    }

    @Test
    void aWorldCallFromAForeignThreadIsFound() {
        try (SimWorld sim = new SimWorld(9)) {
            sim.run(world -> {
                Throwable[] seen = new Throwable[1];
                Thread foreign = new Thread(() -> {
                    try {
                        world.disk().exists(DIR);
                    } catch (IllegalStateException e) {
                        seen[0] = e;
                    }
                });
                foreign.start();
                foreign.join();
                assertThat(seen[0]).hasMessageContaining("does not hold the baton");
            });
        }
    }
}
