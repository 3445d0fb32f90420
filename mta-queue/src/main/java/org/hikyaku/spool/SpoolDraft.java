package org.hikyaku.spool;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32C;
import org.hikyaku.mail.Content;
import org.hikyaku.mail.SpoolId;
import org.jspecify.annotations.Nullable;

/**
 * A draft in memory chunks; above the inline bound, or when all drafts take too much memory, the chunks go to a file by a
 * {@link BodyWriter}. Octets are copied once, on their way in, and their checksum is taken there.
 *
 * <p><i>Failure:</i> when the file cannot be written, further octets are counted and dropped, and the commit tells why.
 */
final class SpoolDraft implements Draft {
    static final int CHUNK_MIN = 4096;
    static final int CHUNK_MAX = 65536;

    private final SpoolId id;
    private final Instant opened;
    private final int inlineMax;
    private final DraftMemory memory;
    private final BodyWriter writer;

    // guarded by this; no world call is made while it is held
    private final ArrayList<Chunk> chunks = new ArrayList<>(4);
    private final CRC32C crc = new CRC32C();
    private long size;
    private long held;
    /** Octets in the file: the chunks follow them. */
    private long written;

    private boolean spilled;
    private boolean closed;
    private boolean dropped;
    private @Nullable Integer checksum;
    private @Nullable IOException failure;

    SpoolDraft(SpoolId id, Instant opened, int inlineMax, DraftMemory memory, BodyWriter writer) {
        this.id = id;
        this.opened = opened;
        this.inlineMax = inlineMax;
        this.memory = memory;
        this.writer = writer;
        memory.opened(this);
    }

    private static final class Chunk {
        final byte[] octets;
        /** Before it, octets are in the file. */
        int start;

        int length;

        Chunk(int capacity) {
            this.octets = new byte[capacity];
        }
    }

    @Override
    public SpoolId id() {
        return id;
    }

    @Override
    public Instant opened() {
        return opened;
    }

    @Override
    public synchronized long size() {
        return size;
    }

    @Override
    public boolean append(byte[] octets, int offset, int length) {
        long taken;
        boolean hand;
        synchronized (this) {
            if (closed) {
                throw new IllegalStateException("draft " + id + " is closed");
            }
            long before = held;
            size += length;
            if (!dropped) {
                copy(octets, offset, length);
            }
            spilled |= size > inlineMax;
            taken = held - before;
            hand = spilled && !dropped && held >= CHUNK_MAX;
        }
        memory.take(taken);
        if (hand) {
            writer.write(this);
        }
        if (memory.isFull()) {
            writer.ease();
            return false;
        }
        return true;
    }

    private void copy(byte[] octets, int offset, int length) {
        if (!spilled) {
            crc.update(octets, offset, length);
        }
        int at = offset;
        int rest = length;
        while (rest > 0) {
            Chunk chunk = chunks.isEmpty() ? null : chunks.getLast();
            if (chunk == null || chunk.length == chunk.octets.length) {
                chunk = new Chunk(Math.clamp(held, CHUNK_MIN, CHUNK_MAX));
                chunks.add(chunk);
                held += chunk.octets.length;
            }
            int count = Math.min(rest, chunk.octets.length - chunk.length);
            System.arraycopy(octets, at, chunk.octets, chunk.length, count);
            chunk.length += count;
            at += count;
            rest -= count;
        }
    }

    @Override
    public void onRelief(Runnable relief) {
        memory.onRelief(relief);
    }

    @Override
    public synchronized Content content() {
        return spilled ? new SpilledContent(this, size) : new Octets(parts());
    }

    @Override
    public void abort() {
        boolean toDelete;
        synchronized (this) {
            if (closed) {
                return;
            }
            closed = true;
            toDelete = spilled;
        }
        release();
        if (toDelete) {
            writer.delete(this);
        }
    }

    /** No more octets: the commit has it. False when it was committed or aborted before. */
    synchronized boolean close() {
        boolean first = !closed;
        closed = true;
        return first;
    }

    /** Octets of memory it takes. */
    synchronized long held() {
        return held;
    }

    synchronized boolean isSpilled() {
        return spilled;
    }

    /** Makes it one with a file, unless it is closed or takes next to nothing. */
    boolean spill() {
        synchronized (this) {
            if (closed || dropped || held < CHUNK_MIN) {
                return false;
            }
            spilled = true;
        }
        return true;
    }

    /** The octets in memory, in order. */
    synchronized List<ByteBuffer> parts() {
        ArrayList<ByteBuffer> parts = new ArrayList<>(chunks.size());
        for (Chunk chunk : chunks) {
            parts.add(ByteBuffer.wrap(chunk.octets, chunk.start, chunk.length - chunk.start));
        }
        return parts;
    }

    /** The checksum of a draft in memory, going on over {@code prepended}. */
    synchronized int checksumWith(byte[] prepended) {
        Integer known = checksum;
        if (known == null) {
            crc.update(prepended);
            known = (int) crc.getValue();
            checksum = known;
        }
        return known;
    }

    /** Forgets the memory. */
    void release() {
        long given;
        synchronized (this) {
            given = held;
            held = 0;
            chunks.clear();
            dropped = true;
        }
        memory.closed(this);
        memory.give(given);
    }

    BodyWriter writerOf() {
        return writer;
    }

    // ---- the writer's side

    /** Where {@link #parts} belong in the file. */
    synchronized long written() {
        return written;
    }

    /** {@code octets}, the first in memory, are in the file. */
    void wrote(long octets) {
        long given = 0;
        synchronized (this) {
            if (dropped) {
                return;
            }
            written += octets;
            long rest = octets;
            while (rest > 0) {
                Chunk first = chunks.getFirst();
                if (first.length - first.start > rest) {
                    first.start += (int) rest;
                    break;
                }
                rest -= first.length - first.start;
                given += first.octets.length;
                chunks.removeFirst();
            }
            held -= given;
        }
        memory.give(given);
    }

    void failed(IOException why) {
        synchronized (this) {
            failure = why;
        }
        release();
    }

    synchronized @Nullable IOException failure() {
        return failure;
    }

    synchronized boolean isDropped() {
        return dropped;
    }

    /** Reads what is in the file from there, and the rest from memory. */
    private record SpilledContent(SpoolDraft draft, long size) implements Content {
        @Override
        public int read(ByteBuffer target, long position) throws IOException {
            if (position >= size || !target.hasRemaining()) {
                return 0;
            }
            IOException failure = draft.failure();
            if (failure != null) {
                throw new IOException("the draft was not written", failure);
            }
            int most = (int) Math.min(target.remaining(), size - position);
            ByteBuffer window = target.slice(target.position(), most);
            int count = draft.readMemory(window, position);
            if (count == 0) {
                count = draft.writer.read(draft, window, position);
            }
            target.position(target.position() + count);
            return count;
        }
    }

    /** Copies from memory; 0 when the octets at {@code position} are in the file. */
    private synchronized int readMemory(ByteBuffer target, long position) {
        if (position < written) {
            target.limit((int) Math.min(target.limit(), written - position));
            return 0;
        }
        return new Octets(parts()).read(target, position - written);
    }
}
