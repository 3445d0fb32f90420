package org.hikyaku.spool;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import org.hikyaku.mail.SpoolId;
import org.hikyaku.sim.SimFault;
import org.hikyaku.sim.SimFaults;
import org.hikyaku.sim.SimWorld;
import org.hikyaku.world.Disk;
import org.hikyaku.world.Event;
import org.hikyaku.world.World;
import org.junit.jupiter.api.Test;

/** Crash state 19: the checkpoint. Seeds: {@code -Dcheckpoint.seeds=N}. */
class CheckpointTest {
    private static final long SEEDS = Long.getLong("checkpoint.seeds", 12);
    private static final Path JOURNAL = SpoolHand.DIR.resolve("journal");
    private static final Path FILE = SpoolHand.DIR.resolve(CheckpointFile.NAME);
    private static final Path NOWHERE = Path.of("/data");
    private static final Path ELSEWHERE = Path.of("/data/elsewhere");
    private static final int MOST = 1 << 24;

    private final List<byte[]> former = new ArrayList<>();
    private int used;
    private int stale;
    private int compared;

    /** What an opening finds out. */
    private record State(
            List<Index.Row> rows, long ids, long nextBatch, List<Accounts> segments, boolean byCheckpoint) {
        void isAs(State other) {
            assertThat(rows).isEqualTo(other.rows);
            assertThat(ids).isEqualTo(other.ids);
            assertThat(nextBatch).isEqualTo(other.nextBatch);
            assertThat(segments).hasSameSizeAs(other.segments);
            for (int i = 0; i < segments.size(); i++) {
                segments.get(i).isAs(other.segments.get(i));
            }
        }
    }

    /** What is known of a segment; {@code leansOn} and {@code copiesOf} as far as they count. */
    private record Accounts(
            long number, long end, long live, int inForce, TreeSet<Long> leansOn, TreeSet<Long> copiesOf) {
        static Accounts of(Segment segment, Segments all) {
            TreeSet<Long> leansOn = new TreeSet<>(segment.leansOn);
            leansOn.removeIf(each -> !all.isCounted(each));
            TreeSet<Long> copiesOf = new TreeSet<>(segment.copiesOf);
            copiesOf.removeIf(each -> !all.isCounted(each));
            return new Accounts(segment.number, segment.end, segment.live, segment.inForce, leansOn, copiesOf);
        }

        void isAs(Accounts everything) {
            assertThat(number).isEqualTo(everything.number);
            assertThat(end).isEqualTo(everything.end);
            assertThat(live).isEqualTo(everything.live);
            assertThat(inForce).isEqualTo(everything.inForce);
            // a checkpoint also knows which segments were copied whole, so that they lean on nothing any more
            assertThat(everything.leansOn).containsAll(leansOn);
            assertThat(copiesOf).isEqualTo(everything.copiesOf);
        }
    }

    /** Recovers by the checkpoint in {@code directory}, which may have none; changes nothing that counts. */
    private static State recovered(World world, Path directory) throws IOException {
        SegmentMaker maker = new SegmentMaker(world, JOURNAL);
        Segments segments = new Segments(world, maker, 7, SpoolHand.SEGMENT);
        Index index = new Index();
        Recovery recovery = new Recovery(world, directory, JOURNAL, index, segments, new DamageLog(world));
        recovery.run();
        List<Accounts> accounts = segments.inOrder().stream()
                .map(segment -> Accounts.of(segment, segments))
                .toList();
        State state = new State(
                index.rows(null, Integer.MAX_VALUE),
                recovery.idBound(),
                recovery.nextBatch(),
                accounts,
                recovery.usedCheckpoint());
        maker.close(Duration.ofMinutes(1));
        segments.close();
        return state;
    }

    private static void put(World world, Path directory, byte[] checkpoint) throws IOException {
        world.disk().makeDirectories(directory);
        Path file = directory.resolve(CheckpointFile.NAME);
        if (world.disk().exists(file)) {
            world.disk().delete(file);
        }
        try (Disk.File open = world.disk().create(file)) {
            open.write(0, ByteBuffer.wrap(checkpoint));
        }
    }

    private void compare(World world) throws IOException {
        if (!world.disk().exists(JOURNAL)) {
            return;
        }
        State everything = recovered(world, NOWHERE);
        assertThat(everything.byCheckpoint()).isFalse();
        State now = recovered(world, SpoolHand.DIR);
        now.isAs(everything);
        compared++;
        used += now.byCheckpoint() ? 1 : 0;
        for (byte[] each : former) {
            put(world, ELSEWHERE, each);
            State byFormer = recovered(world, ELSEWHERE);
            byFormer.isAs(everything);
            stale += byFormer.byCheckpoint() ? 1 : 0;
        }
        if (world.disk().exists(FILE)) {
            byte[] file = world.disk().readAll(FILE, MOST);
            former.add(file.clone());
            file[world.entropy().below(file.length)] ^=
                    (byte) (1 << world.entropy().below(8));
            put(world, ELSEWHERE, file);
            State byRotten = recovered(world, ELSEWHERE);
            assertThat(byRotten.byCheckpoint()).isFalse();
            byRotten.isAs(everything);
        }
        if (former.size() > 4) {
            former.remove(world.entropy().below(former.size())); // some of this spool, and of others before
        }
    }

    @Test
    void byAnyCheckpointAndTheTailTheSameIsFoundAsByReadingEverything() {
        for (long seed = 0; seed < SEEDS; seed++) {
            SimFaults faults = seed % 2 == 0
                    ? SimFaults.none()
                    : SimFaults.hostile().with(SimFault.FORCE_FAILED, 0.02).with(SimFault.WRITE_FAILED, 0.005);
            new SpoolWorkload(seed, faults, this::compare).run();
        }
        assertThat(used).isGreaterThan(compared / 4);
        assertThat(stale).isGreaterThan(compared / 4);
    }

    @Test
    void state19ACrashInAnyStepOfItsWritingLeavesTheFormerOneOrTheNew() {
        boolean former = false;
        boolean later = false;
        for (int calls = 1; calls < 60; calls++) {
            try (SimWorld sim = new SimWorld(calls)) {
                List<SpoolId> ids = new ArrayList<>();
                sim.run(world -> {
                    JournalSpool spool = SpoolHand.open(world);
                    ids.add(SpoolHand.store(world, spool, "first", 1));
                    spool.close();
                });
                byte[][] before = new byte[1][];
                sim.run(world -> {
                    before[0] = world.disk().readAll(FILE, MOST);
                    JournalSpool spool = SpoolHand.open(world);
                    ids.add(SpoolHand.store(world, spool, "second", 1));
                    sim.disk().settle();
                    sim.kill();
                });
                sim.run(world -> {
                    JournalSpool spool = SpoolHand.open(world);
                    ids.add(SpoolHand.store(world, spool, "third", 1));
                    sim.crashAfter(world.entropy().below(60) + 1);
                    spool.close();
                });
                sim.run(world -> {
                    State everything = recovered(world, NOWHERE);
                    State now = recovered(world, SpoolHand.DIR);
                    assertThat(now.byCheckpoint()).isTrue();
                    now.isAs(everything);
                });
                byte[][] after = new byte[1][];
                sim.run(world -> {
                    after[0] = world.disk().readAll(FILE, MOST);
                    JournalSpool spool = SpoolHand.open(world);
                    assertThat(SpoolHand.recovered(spool))
                            .extracting(StoredMessage::id)
                            .containsExactlyInAnyOrderElementsOf(ids);
                    spool.close();
                    assertThat(world.disk().exists(SpoolHand.DIR.resolve(CheckpointFile.UNFINISHED)))
                            .isFalse();
                });
                former |= java.util.Arrays.equals(before[0], after[0]);
                later |= !java.util.Arrays.equals(before[0], after[0]);
            }
        }
        assertThat(former).isTrue();
        assertThat(later).isTrue();
    }

    @Test
    void state19TheOneOfAStopOutlivesThePower() {
        for (long seed = 0; seed < 60; seed++) {
            try (SimWorld sim = new SimWorld(seed)) {
                for (int stops = 1; stops <= 2; stops++) {
                    sim.run(world -> {
                        JournalSpool spool = SpoolHand.open(world);
                        SpoolHand.store(world, spool, "one", 1);
                        spool.close();
                    });
                    sim.crash();
                    int count = stops;
                    sim.run(world -> {
                        Optional<CheckpointFile.Read> read = CheckpointFile.read(world.disk(), SpoolHand.DIR);
                        assertThat(read).as("seed " + sim.seed()).isPresent();
                        assertThat(read.orElseThrow().index().size())
                                .as("seed " + sim.seed())
                                .isEqualTo(count);
                    });
                }
            }
        }
    }

    /** A force of the journal that comes meanwhile may have to wait for what is not forced yet of this file. */
    @Test
    void aLargeOneIsForcedLittleByLittle() {
        try (SimWorld sim = new SimWorld(1)) {
            List<String> steps = new ArrayList<>();
            sim.run(world -> {
                Index index = new Index();
                for (long id = 1; id <= 400_000; id++) {
                    index.put(id, IndexEntry.unpacked(id, 0, 100, 100, 1L << 32));
                }
                sim.trace(steps::add);
                world.disk().makeDirectories(SpoolHand.DIR);
                CheckpointFile.write(
                        world,
                        SpoolHand.DIR,
                        new Checkpoint(1, 0, 1, 1_000_000, List.of()),
                        index.freeze(),
                        1 << 30,
                        () -> true);
            });
            long forced = 0;
            long longest = 0;
            long written = 0;
            for (String step : steps) { // "TIME write OFFSET HASH", "TIME force 0 0" beside those that name the file
                String[] words = step.split(" ", -1);
                if (words[1].equals("write") && !words[2].startsWith("/")) {
                    written = Long.parseLong(words[2]);
                    longest = Math.max(longest, written - forced);
                } else if (words[1].equals("force")) {
                    forced = written;
                }
            }
            assertThat(written).as("octets in all").isGreaterThan(12 << 20);
            assertThat(longest).as("octets not forced").isLessThan(5 << 20);
        }
    }

    @Test
    void state19OneIsWrittenWhileMailIsTakenAndTheNextOpeningReadsOnlyTheRest() {
        try (SimWorld sim = new SimWorld(4)) {
            sim.run(world -> {
                JournalSpool spool = SpoolHand.open(world);
                for (int i = 0; i < 400; i++) {
                    SpoolHand.store(world, spool, SpoolHand.large(i, 3_000), 1 + i % 3);
                }
                sim.crash();
            });
            assertThat(sim.events().count(Event.SPOOL_CHECKPOINT)).isPositive();
            sim.run(world -> {
                Optional<CheckpointFile.Read> read = CheckpointFile.read(world.disk(), SpoolHand.DIR);
                assertThat(read).isPresent();
                State everything = recovered(world, NOWHERE);
                State now = recovered(world, SpoolHand.DIR);
                assertThat(now.byCheckpoint()).isTrue();
                now.isAs(everything);
                assertThat(now.rows()).hasSize(400);
                assertThat(read.orElseThrow().index().size()).isBetween(50, 399);
            });
        }
    }

    @Test
    void state19OneOfAnotherJournalOrWithASegmentMissingIsVoid() {
        byte[][] foreign = new byte[1][];
        try (SimWorld other = new SimWorld(8)) {
            other.run(world -> {
                JournalSpool spool = SpoolHand.open(world);
                SpoolHand.store(world, spool, "foreign", 1);
                spool.close();
                foreign[0] = world.disk().readAll(FILE, MOST);
            });
        }
        try (SimWorld sim = new SimWorld(9)) {
            List<SpoolId> ids = new ArrayList<>();
            sim.run(world -> {
                JournalSpool spool = SpoolHand.open(world);
                for (int i = 0; i < 40; i++) {
                    ids.add(SpoolHand.store(world, spool, SpoolHand.large(i, 3_000), 1));
                }
                spool.close();
            });
            sim.run(world -> {
                put(world, ELSEWHERE, foreign[0]);
                State state = recovered(world, ELSEWHERE);
                assertThat(state.byCheckpoint()).isFalse();
                assertThat(state.rows())
                        .extracting(row -> new SpoolId(row.id()))
                        .containsExactlyElementsOf(ids);
            });
            sim.run(world -> world.disk().delete(JOURNAL.resolve(Segment.slotName(1))));
            sim.run(world -> {
                State state = recovered(world, SpoolHand.DIR);
                assertThat(state.byCheckpoint()).isFalse();
                assertThat(state.rows()).isNotEmpty().hasSizeLessThan(40);
            });
        }
    }
}
