package org.hikyaku.world;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.hikyaku.sim.SimWorld;
import org.junit.jupiter.api.Test;

class StateFileTest {
    private static final int SEEDS = 60;
    private static final Path DIRECTORY = Path.of("/data/new/state");

    private static StateFile file(World world) {
        return new StateFile(world.disk(), DIRECTORY, "lines", 100);
    }

    /** Its octets and its name, and the names of the directories above it, which are as new. */
    @Test
    void whatIsWrittenOutlivesThePower() {
        for (long seed = 0; seed < SEEDS; seed++) {
            try (SimWorld sim = new SimWorld(seed)) {
                sim.run(world -> file(world).write(List.of("first", "second")));
                sim.crash();
                sim.run(world ->
                        assertThat(file(world).read()).as("seed " + sim.seed()).containsExactly("first", "second"));
            }
        }
    }

    @Test
    void soDoesWhatTakesItsPlace() {
        for (long seed = 0; seed < SEEDS; seed++) {
            try (SimWorld sim = new SimWorld(seed)) {
                sim.run(world -> file(world).write(List.of("former")));
                sim.disk().settle();
                sim.run(world -> file(world).write(List.of("later")));
                sim.crash();
                sim.run(world ->
                        assertThat(file(world).read()).as("seed " + sim.seed()).containsExactly("later"));
            }
        }
    }

    @Test
    void aCrashInAnyStepLeavesTheFormerLinesOrTheNew() {
        boolean former = false;
        boolean later = false;
        for (int calls = 1; calls < 40; calls++) {
            try (SimWorld sim = new SimWorld(calls)) {
                sim.run(world -> file(world).write(List.of("former")));
                sim.disk().settle();
                sim.crashAfter(calls);
                sim.run(world -> file(world).write(List.of("later")));
                sim.crashNever();
                sim.crash();
                sim.run(world -> assertThat(file(world).read())
                        .as("seed " + sim.seed())
                        .isIn(List.of("former"), List.of("later")));
                boolean[] isLater = new boolean[1];
                sim.run(world -> isLater[0] = file(world).read().equals(List.of("later")));
                later |= isLater[0];
                former |= !isLater[0];
            }
        }
        assertThat(former && later).as("both happen").isTrue();
    }

    @Test
    void moreThanItMayHoldIsNotWritten() {
        try (SimWorld sim = new SimWorld(1)) {
            sim.run(world -> {
                file(world).write(List.of("former"));
                assertThatThrownBy(() -> file(world).write(List.of("x".repeat(100))))
                        .isInstanceOf(IOException.class)
                        .hasMessageContaining("longer than 100 octets");
                assertThat(file(world).read()).containsExactly("former");
            });
        }
    }
}
