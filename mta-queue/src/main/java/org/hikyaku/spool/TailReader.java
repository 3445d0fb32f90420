package org.hikyaku.spool;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.hikyaku.world.Event;
import org.hikyaku.world.Events;
import org.jspecify.annotations.Nullable;

/**
 * Reads the newest segment, whose end is found, not told: the first place that is no right frame and has no later batch
 * behind it (docs/spool.md, rule 1 and crash states 6 to 9). It then writes the last batch again and forces it, for it may
 * lie in the kernel's memory only.
 *
 * <p><i>Failure:</i> a broken frame with a later batch behind it is damage and costs what it covers; a disk that cannot be read
 * or written stops the opening.
 */
final class TailReader {
    private static final int WINDOW = 1 << 20;

    private final Segment segment;
    private final Replay replay;
    private final DamageLog damages;
    private final Events events;
    private final SegmentScanner scanner;
    private long nextBatch;
    private boolean inBatch;
    /** Where the last batch begins. */
    private long lastBatch;

    /**
     * @param segment read from its present end on; that is raised as frames are found
     * @param nextBatch expected there
     */
    TailReader(Segment segment, long nextBatch, Replay replay, DamageLog damages, Events events) {
        this.segment = segment;
        this.nextBatch = nextBatch;
        this.replay = replay;
        this.damages = damages;
        this.events = events;
        this.scanner = new SegmentScanner(segment, segment.end, segment.size, WINDOW, (offset, why) -> {});
        this.lastBatch = segment.end;
    }

    /** Reads to the end; returns a number that no batch has. */
    long read() throws IOException {
        long began = segment.end;
        while (segment.end < segment.size && step()) {}
        if (segment.end > began) {
            saw(8);
        }
        again();
        return nextBatch + 1;
    }

    /** One frame, or what damage covers and the frame behind it; false at the end. */
    private boolean step() throws IOException {
        SegmentScanner.Found found = frame();
        List<Long> broken = brokenBodies(found);
        if (found == null || !broken.isEmpty()) {
            if (!hasLaterBatch()) {
                cut(inBatch || found != null);
                return false;
            }
            damaged(found == null ? "no right frame" : "a body has a wrong checksum");
            if (found == null) {
                found = scanner.search(segment.end + 8, 8);
                broken = brokenBodies(found);
            }
        }
        if (found != null) {
            take(found, broken);
        }
        return found != null;
    }

    private void take(SegmentScanner.Found found, List<Long> broken) {
        replay.apply(segment, found, broken);
        lastBatch = inBatch ? lastBatch : found.offset();
        inBatch = !found.frame().last();
        nextBatch = inBatch ? found.frame().batch() : found.frame().batch() + 1;
        segment.end = found.next();
    }

    private SegmentScanner.@Nullable Found frame() throws IOException {
        try {
            return scanner.at(segment.end);
        } catch (Damaged e) {
            return null; // what that means, the caller finds out
        }
    }

    private List<Long> brokenBodies(SegmentScanner.@Nullable Found found) throws IOException {
        if (found == null) {
            return List.of();
        }
        ArrayList<Long> broken = new ArrayList<>(0);
        for (SpoolRecord each : found.records()) {
            if (each instanceof SpoolRecord.Message message && !scanner.isBodyRight(found, message)) {
                broken.add(message.id());
            }
        }
        return broken;
    }

    /** Whether a batch behind the one expected was begun: then that one was forced (rule 1). */
    private boolean hasLaterBatch() throws IOException {
        long from = Frame.toBlock(segment.end + 1);
        for (var found = scanner.search(from, Frame.BLOCK);
                found != null;
                found = scanner.search(Frame.toBlock(found.offset() + 1), Frame.BLOCK)) {
            if (found.frame().batch() > nextBatch) {
                return true;
            }
        }
        return false;
    }

    /** Crash states 6, 7 and 9: the end, clean, torn, or followed by former frames. */
    private void cut(boolean surelyTorn) throws IOException {
        boolean torn = surelyTorn;
        boolean former = false;
        if (!torn && segment.end + Frame.FIXED <= segment.size) {
            var start = scanner.octets(segment.end, Frame.FIXED);
            torn = start.getInt(0) == Frame.MAGIC && start.getLong(16) == nextBatch;
            former = start.getInt(0) == Frame.MAGIC && !torn;
        }
        saw(torn ? 7 : former ? 9 : 6);
        if (torn) {
            String where = Segment.slotName(segment.slot);
            events.emit(Event.SPOOL_TAIL_CUT, where, segment.end, "a batch written in part");
        }
    }

    /**
     * Makes the last batch last, which may so far lie in the kernel's memory only: after a process that died before its force,
     * or whose force failed. Earlier ones were forced (rule 1).
     */
    private void again() throws IOException {
        ByteBuffer octets = ByteBuffer.allocate((int) Math.max(0, segment.end - lastBatch));
        if (octets.hasRemaining() && Segment.fill(segment.file, octets, lastBatch)) {
            segment.file.write(lastBatch, octets);
        }
        segment.file.force();
    }

    private void saw(int state) {
        events.emit(Event.SPOOL_CRASH_STATE, state, Segment.slotName(segment.slot));
    }

    private void damaged(String why) {
        segment.damaged = true;
        damages.add(new Damage(Segment.slotName(segment.slot), segment.end, Optional.empty(), why));
    }
}
