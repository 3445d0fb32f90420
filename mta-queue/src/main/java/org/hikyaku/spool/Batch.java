package org.hikyaku.spool;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Frames that are written and forced together, and what becomes true when they are. Used again and again; the octets are
 * composed in one buffer outside the heap, so that the write copies nothing more.
 */
final class Batch {
    /** A batch is closed when it has reached this, or holds one larger frame. */
    static final int OCTETS_MAX = 4 << 20;

    private static final int BUFFER_MIN = 256 << 10;

    private final LinkedHashMap<Long, IndexEntry> stage = new LinkedHashMap<>();
    private final ArrayList<Long> ended = new ArrayList<>();
    private final ArrayList<Long> copied = new ArrayList<>();
    private final ArrayList<Long> files = new ArrayList<>();
    private final ArrayList<Waiting> waiting = new ArrayList<>();
    private final ArrayList<Integer> starts = new ArrayList<>();
    private ByteBuffer octets = ByteBuffer.allocateDirect(BUFFER_MIN);
    private long number;
    private long bound;
    private @Nullable Segment emptied;

    /** @param number of the first one composed */
    Batch(long number) {
        this.number = number;
    }

    /** Of the batch that is composed, or the next. */
    long number() {
        return number;
    }

    boolean isEmpty() {
        return starts.isEmpty();
    }

    int length() {
        return octets.position();
    }

    int frames() {
        return starts.size();
    }

    boolean takes(long frame) {
        return isEmpty() || length() + frame <= OCTETS_MAX;
    }

    /** The message as this batch will leave it: null when it says nothing of it. */
    @Nullable
    IndexEntry staged(long id) {
        return stage.get(id);
    }

    /** Adds a frame, and the entries it makes true. */
    void add(FrameBuilder frame, Map<Long, IndexEntry> entries) {
        ensure(frame.length());
        starts.add(octets.position());
        frame.putInto(octets, number);
        stage.putAll(entries);
    }

    void ends(List<Long> homes, List<Long> bodyFiles) {
        ended.addAll(homes);
        files.addAll(bodyFiles);
    }

    void copies(long home) {
        copied.add(home);
    }

    void bounds(long ids) {
        bound = ids;
    }

    /** With this batch all that is needed of {@code segment} lies elsewhere. */
    void empties(Segment segment) {
        emptied = segment;
    }

    @Nullable
    Segment emptied() {
        return emptied;
    }

    void tell(Waiting item) {
        waiting.add(item);
    }

    /** All octets, ready to be written at the end of {@code tail}; its number is used, whatever becomes of the write. */
    ByteBuffer finish(Segment tail) {
        number++;
        int last = starts.getLast();
        octets.put(last + Frame.FLAGS_AT, (byte) Frame.LAST);
        for (int start : starts) {
            int head = octets.getInt(start + 8);
            octets.putInt(start + 4, Frame.checksum(octets, start, head, tail.epoch, tail.number, tail.end + start));
        }
        int length = octets.position();
        for (int rest = (int) Frame.toBlock(length) - length; rest > 0; rest -= 8) {
            octets.putLong(0);
        }
        return octets.duplicate().flip();
    }

    Map<Long, IndexEntry> entries() {
        return stage;
    }

    /** Segments that hold what this batch ends. */
    List<Long> ended() {
        return ended;
    }

    /** Segments that hold what this batch has newer copies of. */
    List<Long> copied() {
        return copied;
    }

    /** Messages whose body files are no longer needed. */
    List<Long> files() {
        return files;
    }

    List<Waiting> waiting() {
        return waiting;
    }

    /** The id bound that lasts with this batch, or 0. */
    long bound() {
        return bound;
    }

    void clear() {
        stage.clear();
        ended.clear();
        copied.clear();
        files.clear();
        waiting.clear();
        starts.clear();
        bound = 0;
        emptied = null;
        if (octets.capacity() > 2 * OCTETS_MAX) {
            octets = ByteBuffer.allocateDirect(BUFFER_MIN);
        }
        octets.clear();
    }

    private void ensure(long frame) {
        long needed = octets.position() + frame + Frame.BLOCK;
        if (needed > octets.capacity()) {
            ByteBuffer larger = ByteBuffer.allocateDirect((int) Math.max(needed, octets.capacity() * 2L));
            octets = larger.put(octets.flip());
        }
    }
}
