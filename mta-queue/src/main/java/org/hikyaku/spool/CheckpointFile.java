package org.hikyaku.spool;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.zip.CRC32C;
import org.hikyaku.world.Disk;
import org.hikyaku.world.World;

/**
 * The file {@code checkpoint} (docs/spool.md, Checkpoint): written beside, forced, renamed, its directory forced. Its checksum
 * is over all of it: it counts as a whole or not at all.
 *
 * <p><i>Failure:</i> one that was not written whole, is of another version or rotten, is as none; a disk that cannot be read
 * or written is an {@link IOException}.
 */
final class CheckpointFile {
    static final String NAME = "checkpoint";
    static final String UNFINISHED = "checkpoint.new";
    private static final long MAGIC = 0x48494B59414B5543L;
    private static final int VERSION = 1;
    private static final int END = 0x484B4345;
    private static final int PIECE = 256 << 10;
    private static final int FORCE_EVERY = 4 << 20;
    /** A row of an {@link IndexChunk} is marked so when a whole entry follows. */
    private static final long ODD = 0x80;

    private static final int COUNT_MAX = 1 << 24;

    private CheckpointFile() {}

    /**
     * Writes {@code checkpoint} with the index of that moment. Waits, at most {@code rate} octets a second until {@code hurry}.
     */
    static void write(
            World world,
            Path directory,
            Checkpoint checkpoint,
            List<IndexChunk> index,
            long rate,
            BooleanSupplier hurry)
            throws IOException {
        Disk disk = world.disk();
        Path beside = directory.resolve(UNFINISHED);
        if (disk.exists(beside)) {
            disk.delete(beside);
        }
        try (Disk.File file = disk.create(beside)) {
            Out out = new Out(world, file, rate, hurry);
            head(out, checkpoint);
            out.u64(index.stream().mapToLong(IndexChunk::count).sum());
            for (IndexChunk chunk : index) {
                for (int row = 0; row < chunk.count(); row++) {
                    row(out, chunk, row);
                }
            }
            out.end();
        }
        disk.rename(beside, directory.resolve(NAME));
        disk.forceDirectory(directory);
    }

    private static void head(Out out, Checkpoint checkpoint) throws IOException {
        out.u64(MAGIC);
        out.u32(VERSION);
        out.u32(0);
        out.u64(checkpoint.segment());
        out.u64(checkpoint.offset());
        out.u64(checkpoint.nextBatch());
        out.u64(checkpoint.ids());
        out.u32(checkpoint.segments().size());
        for (Checkpoint.Kept each : checkpoint.segments()) {
            out.u32(each.slot());
            out.u32(each.damaged() ? 1 : 0);
            out.u64(each.number());
            out.u64(each.epoch());
            out.u64(each.end());
            out.u32(each.gones());
            out.numbers(each.leansOn());
            out.numbers(each.copiesOf());
        }
    }

    private static void row(Out out, IndexChunk chunk, int row) throws IOException {
        IndexEntry entry = chunk.entry(row);
        boolean odd = !entry.fitsRow();
        out.u64(chunk.id(row));
        out.u64(entry.home);
        out.u64(odd || entry.states.length == 0 ? 0 : entry.states[0]);
        out.u32(entry.span);
        out.u32(entry.cost);
        out.u64(odd ? ODD : entry.packed());
        if (odd) {
            out.u64(entry.meta);
            out.u32(entry.flags());
            out.u32(entry.recipients);
            for (long finished : entry.finishedWords()) {
                out.u64(finished);
            }
            out.u32(entry.states.length);
            for (long each : entry.states) {
                out.u64(each);
            }
        }
    }

    /** What is read back, the index into one of its own. */
    record Read(Checkpoint checkpoint, Index index) {}

    /** The checkpoint in {@code directory}; empty when there is none that is right. */
    static Optional<Read> read(Disk disk, Path directory) throws IOException {
        Path path = directory.resolve(NAME);
        if (!disk.exists(path)) {
            return Optional.empty();
        }
        try (Disk.File file = disk.openRead(path)) {
            In in = new In(file);
            Checkpoint checkpoint = head(in);
            Index index = new Index();
            for (long rest = in.u64(); rest > 0; rest--) {
                row(in, index);
            }
            in.end();
            return Optional.of(new Read(checkpoint, index));
        } catch (Damaged e) {
            return Optional.empty();
        }
    }

    private static Checkpoint head(In in) throws IOException {
        if (in.u64() != MAGIC || in.u32() != VERSION || in.u32() != 0) {
            throw new Damaged("not a checkpoint of this version");
        }
        long segment = in.u64();
        long offset = in.u64();
        long nextBatch = in.u64();
        long ids = in.u64();
        int count = in.count();
        ArrayList<Checkpoint.Kept> segments = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            segments.add(new Checkpoint.Kept(
                    in.u32(), in.u32() != 0, in.u64(), in.u64(), in.u64(), in.u32(), in.numbers(), in.numbers()));
        }
        return new Checkpoint(segment, offset, nextBatch, ids, segments);
    }

    private static void row(In in, Index index) throws IOException {
        long id = in.u64();
        long home = in.u64();
        long states = in.u64();
        int span = in.u32();
        int cost = in.u32();
        long packed = in.u64();
        if (packed != ODD) {
            index.put(id, IndexEntry.unpacked(home, states, span, cost, packed));
            return;
        }
        long meta = in.u64();
        int flags = in.u32();
        int recipients = in.count();
        long[] finished = new long[Math.max(1, (recipients + 63) / 64)];
        for (int i = 0; i < finished.length; i++) {
            finished[i] = in.u64();
        }
        long[] chain = new long[in.count()];
        for (int i = 0; i < chain.length; i++) {
            chain[i] = in.u64();
        }
        index.put(id, IndexEntry.read(home, span, cost, meta, chain, recipients, finished, flags));
    }

    /** Writes numbers one after the other, piece by piece. */
    private static final class Out {
        private final World world;
        private final Disk.File file;
        private final Duration pause;
        private final BooleanSupplier hurry;
        private final ByteBuffer piece = ByteBuffer.allocateDirect(PIECE);
        private final CRC32C crc = new CRC32C();
        private long at;

        Out(World world, Disk.File file, long rate, BooleanSupplier hurry) {
            this.world = world;
            this.file = file;
            this.pause = Duration.ofNanos(1_000_000_000L * PIECE / Math.max(PIECE, rate));
            this.hurry = hurry;
        }

        void u32(int value) throws IOException {
            ensure(4);
            piece.putInt(value);
        }

        void u64(long value) throws IOException {
            ensure(8);
            piece.putLong(value);
        }

        void numbers(List<Long> numbers) throws IOException {
            u32(numbers.size());
            for (long each : numbers) {
                u64(each);
            }
        }

        private void ensure(int octets) throws IOException {
            if (piece.remaining() < octets) {
                flush();
                if (at % FORCE_EVERY < PIECE) {
                    file.force(); // little by little, so that no force of the journal waits for all of it
                }
                if (!hurry.getAsBoolean()) {
                    world.tasks().sleep(pause);
                }
            }
        }

        private void flush() throws IOException {
            piece.flip();
            crc.update(piece.duplicate());
            at += piece.remaining();
            file.write(at - piece.remaining(), piece);
            piece.clear();
        }

        void end() throws IOException {
            flush();
            u32((int) crc.getValue());
            u32(END);
            flush();
            file.force();
        }
    }

    /** Reads them back. */
    private static final class In {
        private final Disk.File file;
        private final long size;
        private final ByteBuffer piece = ByteBuffer.allocate(PIECE).limit(0);
        private final CRC32C crc = new CRC32C();
        private long at;

        In(Disk.File file) throws IOException {
            this.file = file;
            this.size = file.size();
        }

        int u32() throws IOException {
            ensure(4);
            return piece.getInt();
        }

        long u64() throws IOException {
            ensure(8);
            return piece.getLong();
        }

        int count() throws IOException {
            int count = u32();
            if (count < 0 || count > COUNT_MAX) {
                throw new Damaged("a count out of bounds");
            }
            return count;
        }

        List<Long> numbers() throws IOException {
            int count = count();
            ArrayList<Long> numbers = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                numbers.add(u64());
            }
            return numbers;
        }

        private void ensure(int octets) throws IOException {
            if (piece.remaining() >= octets) {
                return;
            }
            crc.update(piece.array(), 0, piece.position());
            piece.compact();
            piece.limit((int) Math.min(piece.capacity(), piece.position() + size - at));
            int kept = piece.position();
            while (piece.hasRemaining()) {
                int got = file.read(piece, at + piece.position() - kept);
                if (got < 0) {
                    throw new Damaged("the file is short");
                }
            }
            at += piece.position() - kept;
            piece.flip();
            if (piece.remaining() < octets) {
                throw new Damaged("the file is short");
            }
        }

        void end() throws IOException {
            crc.update(piece.array(), 0, piece.position());
            int sum = (int) crc.getValue();
            piece.compact().flip();
            boolean right = u32() == sum && u32() == END && !piece.hasRemaining() && at == size;
            if (!right) {
                throw new Damaged("a wrong checksum");
            }
        }
    }
}
