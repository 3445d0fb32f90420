package org.hikyaku.operate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.hikyaku.sim.SimWorld;
import org.hikyaku.world.Disk;
import org.hikyaku.world.World;
import org.junit.jupiter.api.Test;

/** What an operator was told outlives the power: his operation, what it did to whom, and what was imported. */
class OperateForceTest {
    private static final int SEEDS = 60;
    private static final Path DIRECTORY = Path.of("/data/operations");
    private static final Key KEY = new Key(7, 11);

    private static OperationLog.Header header(World world) {
        Instant now = world.clock().now();
        return new OperationLog.Header(
                1, now, "root", "hold", "from:a@a.example", now.plus(Duration.ofHours(1)), false, List.of());
    }

    private static List<Operation> all(World world) throws IOException {
        return new OperationLog(world, DIRECTORY).all();
    }

    @Test
    void anOperationThatBeganIsKnownAfterAPowerCut() {
        for (long seed = 0; seed < SEEDS; seed++) {
            try (SimWorld sim = new SimWorld(seed)) {
                sim.run(world -> new OperationLog(world, DIRECTORY).begin(header(world)));
                sim.crash();
                sim.run(world -> assertThat(all(world))
                        .as("seed " + sim.seed())
                        .extracting(Operation::what, Operation::state)
                        .containsExactly(tuple("from:a@a.example", "broken-off")));
            }
        }
    }

    @Test
    void soIsHowItEndedAndThatItWasTakenBack() {
        for (long seed = 0; seed < SEEDS; seed++) {
            try (SimWorld sim = new SimWorld(seed)) {
                sim.run(world -> {
                    OperationLog log = new OperationLog(world, DIRECTORY);
                    try (OperationLog.Writer writer = log.begin(header(world))) {
                        sim.disk().settle();
                        writer.ended("done", 3);
                    }
                });
                sim.crash();
                sim.run(world -> assertThat(all(world))
                        .as("seed " + sim.seed())
                        .extracting(Operation::state)
                        .containsExactly("done"));
                sim.disk().settle();
                sim.run(world -> new OperationLog(world, DIRECTORY).undone(1, 2));
                sim.crash();
                sim.run(world -> assertThat(all(world))
                        .as("seed " + sim.seed())
                        .extracting(Operation::undoneBy)
                        .containsExactly(2L));
            }
        }
    }

    @Test
    void whatWasImportedIsKnownAfterAPowerCut() {
        for (long seed = 0; seed < SEEDS; seed++) {
            try (SimWorld sim = new SimWorld(seed)) {
                sim.run(world -> {
                    KeySet keys = new KeySet();
                    keys.add(KEY);
                    new ImportLog(world, DIRECTORY).append(keys);
                });
                sim.crash();
                sim.run(world -> assertThat(
                                new ImportLog(world, DIRECTORY).load().contains(KEY))
                        .as("seed " + sim.seed())
                        .isTrue());
            }
        }
    }

    /** A crash may have come between the renaming and the force of the name: who reads the list by it makes the name last. */
    @Test
    void whatAnImportReliesOnOutlivesThePowerEvenIfItsWriterDied() {
        for (long seed = 0; seed < SEEDS; seed++) {
            try (SimWorld sim = new SimWorld(seed)) {
                sim.run(world -> {
                    KeySet keys = new KeySet();
                    keys.add(KEY);
                    new ImportLog(world, DIRECTORY).append(keys);
                    Path written = name(world);
                    byte[] octets = world.disk().readAll(written, 1000);
                    world.disk().delete(written);
                    world.disk().forceDirectory(DIRECTORY);
                    try (Disk.File file = world.disk().create(written)) {
                        file.write(0, ByteBuffer.wrap(octets));
                        file.force();
                    }
                    assertThat(new ImportLog(world, DIRECTORY).load().contains(KEY))
                            .isTrue();
                });
                sim.crash();
                sim.run(world -> assertThat(
                                new ImportLog(world, DIRECTORY).load().contains(KEY))
                        .as("seed " + sim.seed())
                        .isTrue());
            }
        }
    }

    private static Path name(World world) throws IOException {
        List<String> names = new ArrayList<>(world.disk().list(DIRECTORY));
        assertThat(names).hasSize(1);
        return DIRECTORY.resolve(names.getFirst());
    }
}
