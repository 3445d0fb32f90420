package org.hikyaku.sim;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import org.hikyaku.world.Disk;
import org.junit.jupiter.api.Test;

/** What the simulated disk takes away, and what it must never take away. */
class SimDiskTest {
    private static final int SEEDS = 200;
    private static final Path A = Path.of("/a");
    private static final Path B = Path.of("/b");
    private static final Set<SimFault> DISK_FAULTS = EnumSet.of(
            SimFault.CRASH,
            SimFault.SECTOR_LOST,
            SimFault.SECTOR_KEPT,
            SimFault.PAGE_TORN,
            SimFault.SIZE_LOST,
            SimFault.NAME_LOST,
            SimFault.NAME_KEPT,
            SimFault.RENAME_UNDONE,
            SimFault.WRITEBACK_EARLY,
            SimFault.FORCE_FAILED,
            SimFault.FORCE_SLOW,
            SimFault.DIRECTORY_FORCE_FAILED,
            SimFault.WRITE_FAILED,
            SimFault.DISK_FULL,
            SimFault.NAME_FAILED);

    /** What {@code look} sees after {@code before} and a power loss, over many seeds. */
    private static <T> Set<T> afterCrash(SimWorld.Body before, Function<SimDisk, T> look) {
        Set<T> seen = new LinkedHashSet<>();
        for (long seed = 0; seed < SEEDS; seed++) {
            try (SimWorld sim = new SimWorld(seed)) {
                sim.run(before);
                sim.crash();
                seen.add(look.apply(sim.disk()));
            }
        }
        return seen;
    }

    private static void make(Disk disk, Path path, String text, boolean force) throws IOException {
        try (Disk.File file = disk.create(path)) {
            file.write(0, ByteBuffer.wrap(text.getBytes(US_ASCII)));
            if (force) {
                file.force();
            }
        }
    }

    private static String text(SimDisk disk, Path path) {
        try {
            return disk.exists(path) ? new String(disk.readAll(path, 100_000), US_ASCII) : "none";
        } catch (IOException e) {
            return e.toString();
        }
    }

    @Test
    void whatWasForcedWithItsNameIsAlwaysThere() {
        assertThat(afterCrash(
                        world -> {
                            make(world.disk(), A, "text", true);
                            world.disk().forceDirectory(Path.of("/"));
                        },
                        disk -> text(disk, A)))
                .containsExactly("text");
    }

    @Test
    void aNameThatWasNotForcedIsSometimesLost() {
        assertThat(afterCrash(world -> make(world.disk(), A, "text", true), disk -> text(disk, A)))
                .containsExactlyInAnyOrder("text", "none");
    }

    @Test
    void bytesThatWereNotForcedAreSometimesLostThoughTheNameIsThere() {
        assertThat(afterCrash(
                        world -> {
                            make(world.disk(), A, "text", false);
                            world.disk().forceDirectory(Path.of("/"));
                        },
                        disk -> text(disk, A).replace("\0", "0")))
                .contains("text", "", "0000");
    }

    @Test
    void anOverwriteThatWasNotForcedIsOldNewOrTornBySector() {
        String old = "o".repeat(2048);
        Set<String> seen = afterCrash(
                world -> {
                    make(world.disk(), A, old, true);
                    world.disk().forceDirectory(Path.of("/"));
                    try (Disk.File file = world.disk().openWrite(A)) {
                        file.write(0, ByteBuffer.wrap("n".repeat(2048).getBytes(US_ASCII)));
                    }
                },
                disk -> {
                    String text = text(disk, A);
                    StringBuilder sectors = new StringBuilder();
                    for (int i = 0; i < 2048; i += 512) {
                        String sector = text.substring(i, i + 512);
                        assertThat(sector).isIn("o".repeat(512), "n".repeat(512));
                        sectors.append(sector.charAt(0));
                    }
                    return sectors.toString();
                });
        assertThat(seen).contains("oooo", "nnnn", "onoo", "nnno").hasSize(16);
    }

    @Test
    void aRenameThatWasNotForcedLeavesTheFileUnderEitherNameNeverNone() {
        assertThat(afterCrash(
                        world -> {
                            make(world.disk(), A, "text", true);
                            world.disk().forceDirectory(Path.of("/"));
                            world.disk().rename(A, B);
                        },
                        disk -> text(disk, A) + " " + text(disk, B)))
                .containsExactlyInAnyOrder("text none", "none text");
    }

    @Test
    void aReplacedFileIsOldOrNewNeverNone() {
        assertThat(afterCrash(
                        world -> {
                            make(world.disk(), B, "old", true);
                            world.disk().forceDirectory(Path.of("/"));
                            make(world.disk(), A, "new", true);
                            world.disk().rename(A, B);
                        },
                        disk -> text(disk, B)))
                .containsExactlyInAnyOrder("old", "new");
    }

    @Test
    void forcingTheDirectoryThatAFileLeftDoesNotSettleItsMove() {
        SimWorld.Body move = world -> {
            world.disk().makeDirectories(Path.of("/tmp"));
            world.disk().makeDirectories(Path.of("/new"));
            world.disk().forceDirectory(Path.of("/"));
            make(world.disk(), Path.of("/tmp/a"), "text", true);
            world.disk().rename(Path.of("/tmp/a"), Path.of("/new/a"));
        };
        Function<SimDisk, String> look = disk -> text(disk, Path.of("/new/a"));
        assertThat(afterCrash(
                        world -> {
                            move.run(world);
                            world.disk().forceDirectory(Path.of("/tmp"));
                        },
                        look))
                .contains("text", "none");
        assertThat(afterCrash(
                        world -> {
                            move.run(world);
                            world.disk().forceDirectory(Path.of("/new"));
                        },
                        disk -> look.apply(disk) + disk.exists(Path.of("/tmp/a"))))
                .containsExactly("textfalse");
    }

    @Test
    void aDeletedNameThatWasNotForcedSometimesComesBack() {
        assertThat(afterCrash(
                        world -> {
                            make(world.disk(), A, "text", true);
                            world.disk().forceDirectory(Path.of("/"));
                            world.disk().delete(A);
                        },
                        disk -> text(disk, A)))
                .containsExactlyInAnyOrder("text", "none");
    }

    @Test
    void aKilledProcessLosesNothingThatWasWritten() {
        for (long seed = 0; seed < 20; seed++) {
            try (SimWorld sim = new SimWorld(seed)) {
                sim.run(world -> {
                    make(world.disk(), A, "text", false);
                    world.disk().lock(B);
                    sim.kill();
                });
                assertThat(text(sim.disk(), A)).isEqualTo("text");
                assertThat(sim.run(world -> world.disk().lock(B).close())).isTrue();
            }
        }
    }

    @Test
    void afterAFailedForceTheBytesMayBeGoneThoughALaterForceSucceeds() {
        Set<String> seen = new LinkedHashSet<>();
        for (long seed = 0; seed < SEEDS; seed++) {
            try (SimWorld sim = new SimWorld(seed, SimFaults.none().with(SimFault.FORCE_FAILED, 1))) {
                sim.run(world -> {
                    try (Disk.File file = world.disk().create(A)) {
                        world.disk().forceDirectory(Path.of("/"));
                        file.write(0, ByteBuffer.wrap("text".getBytes(US_ASCII)));
                        assertThatThrownBy(file::force).isInstanceOf(IOException.class);
                        sim.calm();
                        file.force();
                    }
                });
                sim.crash();
                seen.add(text(sim.disk(), A).replace("\0", "0"));
            }
        }
        assertThat(seen).contains("0000", "text");
    }

    @Test
    void aFullDiskRefusesWritesAndDeletingMakesRoom() {
        try (SimWorld sim = new SimWorld(1)) {
            sim.disk().capacity(8 * 4096);
            sim.run(world -> {
                make(world.disk(), A, "x".repeat(4 * 4096), true);
                assertThat(world.disk().freeBytes(Path.of("/"))).isEqualTo(4 * 4096);
                try (Disk.File file = world.disk().create(B)) {
                    assertThatThrownBy(() -> file.write(0, ByteBuffer.allocate(5 * 4096)))
                            .hasMessageContaining("No space left");
                    world.disk().delete(A);
                    file.write(0, ByteBuffer.allocate(5 * 4096));
                }
            });
        }
    }

    @Test
    void faultsStrikeByChanceAndAreCounted() {
        SimFaults faults = SimFaults.none()
                .with(SimFault.WRITE_FAILED, 0.3)
                .with(SimFault.READ_FAILED, 0.3)
                .with(SimFault.BIT_ROT, 0.3);
        try (SimWorld sim = new SimWorld(1, faults)) {
            List<String> errors = new ArrayList<>();
            byte[] read = new byte[1000];
            sim.run(world -> {
                try (Disk.File file = world.disk().create(A)) {
                    for (int i = 0; i < 50; i++) {
                        try {
                            file.write(0, ByteBuffer.allocate(1000));
                            file.read(ByteBuffer.wrap(read), 0);
                        } catch (IOException e) {
                            errors.add(e.getMessage());
                        }
                    }
                }
            });
            long failed = sim.tally().of(SimFault.WRITE_FAILED) + sim.tally().of(SimFault.READ_FAILED);
            assertThat(failed).isPositive().isEqualTo(errors.size());
            assertThat(sim.tally().of(SimFault.BIT_ROT)).isPositive();
            assertThat(Arrays.equals(read, new byte[1000])).isFalse();
        }
    }

    /** A fault that never strikes would prove nothing: over many seeds each of the disk's does. */
    @Test
    void everyFaultOfAHostileDiskOccurs() {
        SimTally tally = SimSeeds.each(0, 300, SimFaults.hostile(), sim -> {
            sim.run(world -> {
                for (int i = 0; i < 30; i++) {
                    tryAll(world.disk(), Path.of("/f" + i));
                }
            });
            sim.crash();
        });
        assertThat(tally.counts())
                .allSatisfy((fault, count) -> assertThat(count > 0 || !DISK_FAULTS.contains(fault))
                        .as(fault.name())
                        .isTrue());
    }

    private static void tryAll(Disk disk, Path path) {
        try (Disk.File file = disk.create(path)) {
            file.write(0, ByteBuffer.allocate(5000));
            file.force();
            disk.forceDirectory(Path.of("/"));
            disk.rename(path, Path.of(path + "-renamed"));
            file.write(1000, ByteBuffer.allocate(9000));
            disk.create(Path.of(path + "-new")).close();
        } catch (IOException e) {
            assertThat(e).hasMessageContaining(path.toString().substring(0, 1));
        }
    }

    /** Model check: random writes, cuts and forces, compared with a plain array; after a crash every sector is explained. */
    @Test
    void aRandomHistoryReadsBackAsWrittenAndForcedSectorsSurvive() {
        for (long seed = 0; seed < 60; seed++) {
            SimRandom random = new SimRandom(seed);
            try (SimWorld sim = new SimWorld(seed)) {
                byte[] model = new byte[40_000];
                byte[][] forced = {new byte[0]};
                int[] size = {0};
                sim.run(world -> {
                    Disk.File file = world.disk().create(A);
                    world.disk().forceDirectory(Path.of("/"));
                    for (int i = 0; i < 40; i++) {
                        switch (random.below(6)) {
                            case 0 -> {
                                int cut = random.below(20_000);
                                file.setSize(cut);
                                Arrays.fill(model, Math.min(cut, size[0]), model.length, (byte) 0);
                                size[0] = cut;
                            }
                            case 1 -> file.force();
                            default -> {
                                int at = random.below(20_000);
                                byte[] octets = new byte[random.below(9_000) + 1];
                                Arrays.fill(octets, (byte) (i + 1));
                                file.write(at, ByteBuffer.wrap(octets));
                                System.arraycopy(octets, 0, model, at, octets.length);
                                size[0] = Math.max(size[0], at + octets.length);
                            }
                        }
                        assertThat(world.disk().readAll(A, 100_000)).isEqualTo(Arrays.copyOf(model, size[0]));
                    }
                    file.force();
                    forced[0] = Arrays.copyOf(model, size[0]);
                });
                sim.crash();
                try {
                    assertThat(sim.disk().readAll(A, 100_000)).isEqualTo(forced[0]);
                } catch (IOException e) {
                    throw new AssertionError(e);
                }
            }
        }
    }
}
