package org.hikyaku.table;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.hikyaku.sim.SimWorld;
import org.hikyaku.world.World;
import org.junit.jupiter.api.Test;

class SrsKeysTest {
    private static final Path FILE = Path.of("/srs-keys");
    private static final Duration LIFE = Duration.ofDays(30);
    private static final Duration VALID = Duration.ofDays(20);

    private static List<byte[]> read(World world) {
        List<String> problems = new ArrayList<>();
        List<byte[]> keys = SrsKeys.read(world.disk(), FILE, problems).newestFirst();
        assertThat(problems).isEmpty();
        return keys;
    }

    /** What was signed before a power cut must be known after it. */
    @Test
    void aKeyThatSignsOutlivesThePower() {
        for (long seed = 0; seed < 60; seed++) {
            try (SimWorld sim = new SimWorld(seed)) {
                List<byte[]> before = new ArrayList<>();
                for (int i = 0; i < 2; i++) {
                    sim.run(world -> {
                        SrsKeys.renew(world, FILE, LIFE, VALID);
                        before.clear();
                        before.addAll(read(world));
                    });
                    assertThat(before).hasSize(i + 1);
                    sim.crash();
                    sim.run(world -> {
                        List<byte[]> after = read(world);
                        assertThat(after).as("seed " + sim.seed()).hasSameSizeAs(before);
                        for (int j = 0; j < after.size(); j++) {
                            assertThat(after.get(j)).isEqualTo(before.get(j));
                        }
                    });
                    sim.runFor(LIFE.plusDays(2));
                }
            }
        }
    }

    @Test
    void aKeyLivesUntilTheLastOfItsAddressesIsOver() {
        try (SimWorld sim = new SimWorld(1)) {
            List<byte[]> first = new ArrayList<>();
            sim.run(world -> {
                SrsKeys.renew(world, FILE, LIFE, VALID);
                first.addAll(read(world));
                SrsKeys.renew(world, FILE, LIFE, VALID);
                assertThat(read(world)).as("it is young").hasSize(1);
            });
            sim.runFor(LIFE.plusDays(2));
            sim.run(world -> {
                SrsKeys.renew(world, FILE, LIFE, VALID);
                assertThat(read(world)).hasSize(2);
                assertThat(read(world).getLast()).isEqualTo(first.getFirst());
            });
            sim.runFor(LIFE.plusDays(2));
            sim.run(world -> {
                SrsKeys.renew(world, FILE, LIFE, VALID);
                assertThat(read(world)).as("the first has gone").hasSize(2);
                assertThat(read(world).getLast()).isNotEqualTo(first.getFirst());
            });
        }
    }
}
