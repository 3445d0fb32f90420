package org.hikyaku.spool;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.zip.CRC32C;
import org.hikyaku.mail.Content;
import org.hikyaku.world.Disk;
import org.jspecify.annotations.Nullable;

/**
 * A body in a file of its own, read block by block, each verified (docs/spool.md, Body file). The file is open only while a
 * block is read: contents have no end of life that anyone tells us.
 *
 * <p><i>Failure:</i> {@link Damaged} for a wrong checksum, a short file or none; other {@link IOException}s are the disk's.
 */
final class BodyFile implements Content {
    static final int BLOCK = 65536;
    private static final int MAGIC = 0x484B4246;
    private static final int TRAILER_FIXED = 24;

    private final Disk disk;
    private final Path file;
    private final long id;
    private final long size;
    private volatile int @Nullable [] checksums;
    private volatile @Nullable Block last;

    BodyFile(Disk disk, Path file, long id, long size) {
        this.disk = disk;
        this.file = file;
        this.id = id;
        this.size = size;
    }

    private record Block(long index, ByteBuffer octets) {}

    @Override
    public long size() {
        return size;
    }

    @Override
    public int read(ByteBuffer target, long position) throws IOException {
        if (position >= size || !target.hasRemaining()) {
            return 0;
        }
        Block block = block(position / BLOCK);
        int from = (int) (position % BLOCK);
        int count = Math.min(target.remaining(), block.octets().limit() - from);
        target.put(block.octets().slice(from, count));
        return count;
    }

    private Block block(long index) throws IOException {
        Block known = last;
        if (known != null && known.index() == index) {
            return known;
        }
        try (Disk.File open = disk.openRead(file)) {
            int[] sums = checksums;
            if (sums == null) {
                sums = trailer(open);
                checksums = sums;
            }
            ByteBuffer octets = ByteBuffer.allocate((int) Math.min(BLOCK, size - index * BLOCK));
            if (!Segment.fill(open, octets, index * BLOCK)) {
                throw new Damaged("body file " + file + " is short");
            }
            if (checksum(octets.array(), octets.limit()) != sums[(int) index]) {
                throw new Damaged("body file " + file + " has a wrong checksum in block " + index);
            }
            Block block = new Block(index, octets);
            last = block;
            return block;
        } catch (NoSuchFileException e) {
            throw new Damaged("body file " + file + " is missing");
        }
    }

    private int[] trailer(Disk.File open) throws IOException {
        int blocks = blocks(size);
        ByteBuffer in = ByteBuffer.allocate(trailerSize(size));
        if (open.size() != size + in.capacity() || !Segment.fill(open, in, size)) {
            throw new Damaged("body file " + file + " is not of its size");
        }
        int at = blocks * 4;
        boolean right = in.getLong(at) == size
                && in.getLong(at + 8) == id
                && in.getInt(at + 16) == MAGIC
                && in.getInt(at + 20) == checksum(in.array(), at + 20);
        if (!right) {
            throw new Damaged("body file " + file + " has a wrong trailer");
        }
        int[] sums = new int[blocks];
        in.asIntBuffer().get(sums);
        return sums;
    }

    static int trailerSize(long size) {
        return blocks(size) * 4 + TRAILER_FIXED;
    }

    private static int blocks(long size) {
        return (int) ((size + BLOCK - 1) / BLOCK);
    }

    /** The trailer for a body of {@code size} whose blocks have these checksums. */
    static ByteBuffer trailer(long id, long size, int[] sums) {
        int blocks = blocks(size);
        ByteBuffer out = ByteBuffer.allocate(trailerSize(size));
        for (int i = 0; i < blocks; i++) {
            out.putInt(sums[i]);
        }
        out.putLong(size).putLong(id).putInt(MAGIC);
        out.putInt(checksum(out.array(), out.position()));
        return out.flip();
    }

    private static int checksum(byte[] octets, int length) {
        CRC32C crc = new CRC32C();
        crc.update(octets, 0, length);
        return (int) crc.getValue();
    }
}
