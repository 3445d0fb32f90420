package org.hikyaku.operate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.hikyaku.config.Config;
import org.hikyaku.config.ConfigReader;
import org.hikyaku.mail.Address;
import org.hikyaku.sim.SimFault;
import org.hikyaku.sim.SimFaults;
import org.hikyaku.sim.SimWorld;
import org.hikyaku.world.Disk;
import org.hikyaku.world.Event;
import org.hikyaku.world.World;
import org.junit.jupiter.api.Test;

class SuppressionsTest {
    private static final Path DIRECTORY = Path.of("/data/operations");
    private static final Address DEAD = Address.of("dead@b.example");
    private static final Config CONFIG = ConfigReader.fromText("""
            hostname = mx.a.example
            local { domains = [a.example], postmaster = "ann@a.example" }
            auth.users = /users
            suppression { after_failures = 3, within = 10d, apart = 1d, lasts = 5d }
            """);

    private static Suppressions load(World world) throws IOException {
        return Suppressions.load(world, () -> CONFIG, DIRECTORY);
    }

    private interface Body {
        void run(World world, Suppressions list) throws Exception;
    }

    private static SimWorld with(Body body) {
        SimWorld sim = new SimWorld(1);
        sim.run(world -> body.run(world, load(world)));
        return sim;
    }

    @Test
    void enoughFailuresOverADaySuppressForAWhile() {
        with((world, list) -> {
                    for (int i = 0; i < 5; i++) {
                        list.failed(DEAD, "550 5.1.1 nobody");
                    }
                    assertThat(list.holds(DEAD)).as("all at once").isFalse();
                    world.tasks().sleep(Duration.ofHours(25));
                    list.failed(Address.of("DEAD@b.example"), "550 5.1.1 nobody");
                    assertThat(list.holds(DEAD)).isTrue();
                    assertThat(list.holds(Address.of("other@b.example"))).isFalse();
                    assertThat(list.list(false)).extracting(Suppressed::address).containsExactly("dead@b.example");
                    world.tasks().sleep(Duration.ofDays(5).plusMinutes(1));
                    assertThat(list.holds(DEAD)).isFalse();
                })
                .close();
    }

    @Test
    void failuresFarApartAndThoseBeforeASuccessDoNotCount() {
        with((world, list) -> {
                    for (int i = 0; i < 6; i++) {
                        list.failed(DEAD, "550 5.1.1 nobody");
                        world.tasks().sleep(Duration.ofDays(6));
                    }
                    assertThat(list.holds(DEAD)).isFalse();
                    for (int i = 0; i < 6; i++) {
                        list.failed(DEAD, "550 5.1.1 nobody");
                        world.tasks().sleep(Duration.ofHours(20));
                        if (i % 2 == 1) {
                            list.delivered(DEAD);
                        }
                    }
                    assertThat(list.holds(DEAD)).isFalse();
                    assertThat(list.list(true)).isEmpty();
                })
                .close();
    }

    @Test
    void whatIsCountedAndWhatIsInForceOutlivesARestart() throws IOException {
        try (SimWorld sim = with((world, list) -> {
            list.failed(DEAD, "550 5.1.1 nobody");
            list.failed(DEAD, "550 5.1.1 nobody");
            list.add(Address.of("other@b.example"), Duration.ofDays(1), "ops", "a - b");
            list.add(Address.of("third@b.example"), Duration.ofDays(1), "ops", "-");
            list.remove(Address.of("third@b.example"), "ops");
            world.tasks().sleep(Duration.ofHours(25));
        })) {
            sim.crash();
            sim.run(world -> {
                Suppressions list = load(world);
                assertThat(list.holds(Address.of("other@b.example"))).isFalse();
                assertThat(list.list(true))
                        .extracting(Suppressed::address)
                        .as("in force no more, or counted")
                        .containsExactly("dead@b.example", "other@b.example");
                list.failed(DEAD, "550 5.1.1 nobody");
                assertThat(list.holds(DEAD)).isTrue();
                list.close();
                assertThat(load(world).holds(DEAD)).isTrue();
                assertThat(list.remove(DEAD, "ops")).isTrue();
                assertThat(list.remove(DEAD, "ops")).isFalse();
                assertThat(load(world).list(true))
                        .extracting(Suppressed::address)
                        .containsExactly("other@b.example");
            });
        }
    }

    @Test
    void theFileDoesNotGrowForEver() {
        with((world, list) -> {
                    for (int i = 0; i < 6_000; i++) {
                        list.failed(Address.of("u" + i % 10 + "@b.example"), "550 5.1.1 nobody");
                        if (i % 10 == 9) {
                            world.tasks().sleep(Duration.ofSeconds(2));
                        }
                    }
                    world.tasks().sleep(Duration.ofSeconds(5));
                    try (Disk.File file = world.disk().openRead(DIRECTORY.resolve("suppressions"))) {
                        assertThat(file.size()).isLessThan(1_200 * 120);
                    }
                    assertThat(load(world).list(true)).hasSize(10);
                })
                .close();
    }

    @Test
    void aDamagedLineAloneIsLost() {
        with((world, list) -> {
                    list.add(DEAD, Duration.ofDays(1), "ops", "");
                    Path file = DIRECTORY.resolve("suppressions");
                    try (Disk.File open = world.disk().openWrite(file)) {
                        open.write(open.size(), ByteBuffer.wrap("torn li".getBytes(StandardCharsets.US_ASCII)));
                        open.force();
                    }
                    Suppressions again = load(world);
                    again.add(Address.of("other@b.example"), Duration.ofDays(1), "ops", "");
                    assertThat(load(world).list(false)).hasSize(2);
                })
                .close();
    }

    @Test
    void whatServersSayIsKeptShortAndInAscii() {
        with((world, list) -> {
                    list.failed(DEAD, "550 5.1.1 " + "\u7f8e".repeat(290));
                    world.tasks().sleep(Duration.ofSeconds(5));
                    assertThat(load(world).list(true).getFirst().why())
                            .hasSize(120)
                            .startsWith("550 5.1.1 ??");
                    try (Disk.File file = world.disk().openRead(DIRECTORY.resolve("suppressions"))) {
                        assertThat(file.size()).isLessThan(600);
                    }
                })
                .close();
    }

    @Test
    void longLinesDoNotMakeTheFileGrowForEver() {
        String local = "\u7f8e".repeat(20);
        with((world, list) -> {
                    for (int i = 0; i < 6_000; i++) {
                        list.failed(Address.of(local + i % 600 + "@b.example"), "550 " + "%".repeat(300));
                        if (i % 600 == 599) {
                            world.tasks().sleep(Duration.ofSeconds(2));
                        }
                    }
                    try (Disk.File file = world.disk().openRead(DIRECTORY.resolve("suppressions"))) {
                        assertThat(file.size()).isLessThan((1 << 20) + 5 * 600 * 650);
                    }
                    assertThat(load(world).list(true)).hasSize(600);
                })
                .close();
    }

    @Test
    void aListThatCannotBeReadIsPutAsideAndBeginsEmpty() {
        AtomicInteger read = new AtomicInteger();
        try (SimWorld sim = new SimWorld(4, SimFaults.none().with(SimFault.READ_FAILED, 1))) {
            sim.calm();
            sim.run(world -> {
                load(world).add(DEAD, Duration.ofDays(1), "ops", "");
                sim.storm();
                Suppressions list = load(world);
                sim.calm();
                assertThat(list.list(true)).isEmpty();
                list.add(Address.of("x@b.example"), Duration.ofDays(1), "ops", "");
                assertThat(load(world).list(true))
                        .extracting(Suppressed::address)
                        .containsExactly("x@b.example");
                assertThat(world.disk().exists(DIRECTORY.resolve("suppressions.unreadable")))
                        .isTrue();
                read.incrementAndGet();
            });
            assertThat(sim.events().count(Event.SUPPRESSIONS_UNREADABLE)).isEqualTo(1);
        }
        assertThat(read).hasValue(1);
    }

    @Test
    void theNumberAndTheOctetsOfAllAreBounded() {
        Suppressed first = Suppressed.read(List.of("a@b.example", "1", "1", "1", "1", "servers", "550"))
                .orElseThrow();
        int line = OperationLog.line(first.fields()).length();
        SuppressedAddresses few = new SuppressedAddresses(2, 1_000);
        SuppressedAddresses small = new SuppressedAddresses(100, 2L * line);
        for (String each : List.of("a", "b", "c", "c")) {
            Suppressed one = Suppressed.read(List.of(each + "@b.example", "1", "1", "1", "1", "servers", "550"))
                    .orElseThrow();
            few.put(one);
            small.put(one);
        }
        for (SuppressedAddresses all : List.of(few, small)) {
            assertThat(all.all()).extracting(Suppressed::address).containsExactly("b@b.example", "c@b.example");
            assertThat(all.octets()).isEqualTo(2L * line);
            all.remove("b@b.example");
            all.removeIf(each -> true);
            assertThat(all.octets()).isZero();
        }
    }

    @Test
    void neitherADeliveryNorARefusalChangesWhatAnOperatorSaid() {
        with((world, list) -> {
                    Suppressed said = list.add(DEAD, Duration.ofDays(40), "ops", "gone");
                    list.delivered(DEAD);
                    for (int i = 0; i < 4; i++) {
                        list.failed(DEAD, "550 5.1.1 nobody");
                        world.tasks().sleep(Duration.ofHours(25));
                    }
                    assertThat(list.find(DEAD)).contains(said);
                    world.tasks().sleep(Duration.ofDays(40));
                    list.failed(DEAD, "550 5.1.1 nobody");
                    assertThat(list.holds(DEAD)).as("counted anew").isFalse();
                    list.delivered(DEAD);
                    assertThat(list.list(true)).isEmpty();
                })
                .close();
    }

    @Test
    void aCommandThatIsNotOnDiskIsNotInForce() {
        with((world, list) -> {
                    list.add(DEAD, Duration.ofDays(1), "ops", "");
                })
                .close();
        AtomicInteger refused = new AtomicInteger();
        try (SimWorld sim = new SimWorld(3, SimFaults.none().with(SimFault.FORCE_FAILED, 1))) {
            sim.calm();
            sim.run(world -> {
                Suppressions list = load(world);
                list.add(DEAD, Duration.ofDays(1), "ops", "");
                sim.storm();
                assertThatThrownBy(() -> list.add(Address.of("x@b.example"), Duration.ofDays(1), "ops", ""))
                        .isInstanceOf(IOException.class);
                assertThatThrownBy(() -> list.remove(DEAD, "ops")).isInstanceOf(IOException.class);
                refused.incrementAndGet();
                assertThat(list.holds(DEAD)).isTrue();
                assertThat(list.holds(Address.of("x@b.example"))).isFalse();
                list.failed(Address.of("y@b.example"), "550");
                world.tasks().sleep(Duration.ofSeconds(5));
                sim.calm();
                list.failed(Address.of("z@b.example"), "550");
                world.tasks().sleep(Duration.ofSeconds(5));
                assertThat(load(world).list(true))
                        .extracting(Suppressed::address)
                        .containsExactly("dead@b.example", "y@b.example", "z@b.example");
            });
            assertThat(sim.events().count(Event.SUPPRESSION_NOT_STORED)).isPositive();
        }
        assertThat(refused).hasValue(1);
    }

    /** What was told as done is there after the crash; nothing else changes. */
    @Test
    void aCrashAnywhereLeavesWhatWasTold() {
        for (long seed = 0; seed < 60; seed++) {
            try (SimWorld sim = new SimWorld(seed, SimFaults.none())) {
                sim.disk().settle();
                int[] added = {0};
                int[] removed = {0};
                sim.crashAfter(1 + (int) (seed * 3));
                sim.run(world -> {
                    Suppressions list = load(world);
                    for (int i = 0; i < 20; i++) {
                        list.add(Address.of("u" + i + "@b.example"), Duration.ofDays(1), "ops", "");
                        added[0]++;
                    }
                    for (int i = 0; i < 10; i++) {
                        list.remove(Address.of("u" + i + "@b.example"), "ops");
                        removed[0]++;
                    }
                    sim.crash();
                });
                sim.crashNever();
                String as = "seed " + seed;
                sim.run(world -> {
                    Suppressions list = load(world);
                    for (int i = 0; i < 20; i++) {
                        boolean holds = list.holds(Address.of("u" + i + "@b.example"));
                        if (i < removed[0]) {
                            assertThat(holds).as(as).isFalse();
                        } else if (i < added[0] && i > removed[0]) {
                            assertThat(holds).as(as).isTrue();
                        }
                    }
                });
            }
        }
    }
}
