package org.hikyaku.spool;

import java.util.Arrays;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What memory keeps of one unfinished message: where its records lie and which recipients are finished. Never the
 * envelope. Immutable: a reader's copy stays as it was. Two that are equal say the same: a location never comes twice.
 *
 * <p>Made anew when the {@link Index} is asked, which keeps most of them as rows of numbers.
 */
final class IndexEntry {
    /** Stands for a message that is finished. */
    static final IndexEntry GONE = new IndexEntry(0, 0, 0, 0, new long[0], 0, 0, null, 0);

    private static final int HELD = 1;
    private static final int IN_FILE = 2;
    private static final int DAMAGED = 4;
    /** The chain of STATES holds or releases. */
    private static final int CHAINED_HOLD = 8;

    private static final long[] NONE = {};

    /** Recipients of a message that fits a row: their finished bits lie beside their number and the flags. */
    private static final int ROW_RECIPIENTS_MAX = 40;

    private static final int RECIPIENTS_SHIFT = 8;
    private static final int FINISHED_SHIFT = 16;

    /** Location of the frame with the MESSAGE. */
    final long home;
    /** Octets from that frame's start to the end of the inline body. */
    final int span;
    /** What the message costs in its segment. */
    final int cost;
    /** Location of a META, or 0. */
    final long meta;
    /** Locations of STATES since, in order. */
    final long[] states;

    final int recipients;
    private final long finished;
    private final long @Nullable [] finishedBeyond64;
    private final int flags;

    private IndexEntry(
            long home,
            int span,
            int cost,
            long meta,
            long[] states,
            int recipients,
            long finished,
            long @Nullable [] finishedBeyond64,
            int flags) {
        this.home = home;
        this.span = span;
        this.cost = cost;
        this.meta = meta;
        this.states = states;
        this.recipients = recipients;
        this.finished = finished;
        this.finishedBeyond64 = finishedBeyond64;
        this.flags = flags;
    }

    /** A message as {@code meta} says, at {@code home}. */
    static IndexEntry of(SpoolRecord.Meta meta, long home, int span, int cost, boolean inFile) {
        int flags = (meta.held().isEmpty() ? 0 : HELD) | (inFile ? IN_FILE : 0);
        int recipients = meta.states().size();
        long[] beyond = recipients > 64 ? new long[(recipients - 1) / 64] : null;
        long finished = 0;
        for (int i = 0; i < recipients; i++) {
            if (meta.states().get(i).status().isFinished()) {
                finished = set(finished, beyond, i);
            }
        }
        return new IndexEntry(home, span, cost, 0, NONE, recipients, finished, beyond, flags);
    }

    /** The same message, all but its body said anew at {@code location}. */
    IndexEntry restated(SpoolRecord.Meta now, long location) {
        IndexEntry fresh = of(now, home, span, cost, isInFile());
        return new IndexEntry(
                home,
                span,
                cost,
                location,
                NONE,
                fresh.recipients,
                fresh.finished,
                fresh.finishedBeyond64,
                fresh.flags | (flags & DAMAGED));
    }

    /** After STATES at {@code location}. */
    IndexEntry with(Map<Integer, RecipientState> news, boolean all, long location) {
        long[] beyond = finishedBeyond64 == null ? null : finishedBeyond64.clone();
        long now = finished;
        for (Map.Entry<Integer, RecipientState> each : news.entrySet()) {
            if (each.getValue().status().isFinished() && each.getKey() < recipients) {
                now = set(now, beyond, each.getKey());
            }
        }
        return new IndexEntry(
                home,
                span,
                cost,
                meta,
                all ? new long[] {location} : chained(location),
                recipients,
                now,
                beyond,
                flags);
    }

    /** After a hold or release at {@code location}. */
    IndexEntry held(boolean held, long location) {
        int now = (held ? flags | HELD : flags & ~HELD) | CHAINED_HOLD;
        return new IndexEntry(home, span, cost, meta, chained(location), recipients, finished, finishedBeyond64, now);
    }

    IndexEntry withSpan(int octets) {
        return new IndexEntry(home, octets, cost, meta, states, recipients, finished, finishedBeyond64, flags);
    }

    IndexEntry damaged() {
        return new IndexEntry(home, span, cost, meta, states, recipients, finished, finishedBeyond64, flags | DAMAGED);
    }

    /** Whether {@link #packed} and four numbers more say all. */
    boolean fitsRow() {
        return meta == 0 && states.length <= 1 && recipients <= ROW_RECIPIENTS_MAX;
    }

    /** Flags, number of recipients, and which are finished. */
    long packed() {
        return finished << FINISHED_SHIFT | (long) recipients << RECIPIENTS_SHIFT | flags;
    }

    static IndexEntry unpacked(long home, long states, int span, int cost, long packed) {
        return new IndexEntry(
                home,
                span,
                cost,
                0,
                states == 0 ? NONE : new long[] {states},
                (int) (packed >>> RECIPIENTS_SHIFT) & 0xff,
                packed >>> FINISHED_SHIFT,
                null,
                (int) packed & 0xff);
    }

    /** As {@link #flags}, {@link #finishedWords} and the fields gave it. */
    static IndexEntry read(
            long home, int span, int cost, long meta, long[] states, int recipients, long[] finished, int flags) {
        long[] beyond = recipients > 64 ? Arrays.copyOfRange(finished, 1, finished.length) : null;
        return new IndexEntry(home, span, cost, meta, states, recipients, finished[0], beyond, flags);
    }

    int flags() {
        return flags;
    }

    /** A bit for each recipient. */
    long[] finishedWords() {
        long[] beyond = finishedBeyond64 == null ? NONE : finishedBeyond64;
        long[] words = new long[beyond.length + 1];
        words[0] = finished;
        System.arraycopy(beyond, 0, words, 1, beyond.length);
        return words;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof IndexEntry that
                && home == that.home
                && meta == that.meta
                && Arrays.equals(states, that.states)
                && span == that.span
                && cost == that.cost
                && recipients == that.recipients
                && finished == that.finished
                && Arrays.equals(finishedBeyond64, that.finishedBeyond64)
                && flags == that.flags;
    }

    @Override
    public int hashCode() {
        return Long.hashCode(home) * 31 + Arrays.hashCode(states);
    }

    boolean isGone() {
        return home == 0;
    }

    boolean isHeld() {
        return (flags & HELD) != 0;
    }

    boolean isInFile() {
        return (flags & IN_FILE) != 0;
    }

    boolean isDamaged() {
        return (flags & DAMAGED) != 0;
    }

    /** Whether STATES of all recipients say all that STATES ever said. */
    boolean isChainOfStatesOnly() {
        return (flags & CHAINED_HOLD) == 0;
    }

    boolean isFinished() {
        int bits = Long.bitCount(finished);
        if (finishedBeyond64 != null) {
            for (long each : finishedBeyond64) {
                bits += Long.bitCount(each);
            }
        }
        return bits >= recipients;
    }

    /** Whether the chain of STATES is long enough to be said anew as a whole. */
    boolean isChainLong() {
        return states.length >= Math.max(8, recipients / 8);
    }

    /** Whether the STATES at {@code location} are in force. */
    boolean hasStatesAt(long location) {
        return Arrays.stream(states).anyMatch(each -> each == location);
    }

    private long[] chained(long location) {
        int length = states.length;
        if (length > 0 && states[length - 1] == location) {
            return states;
        }
        long[] longer = Arrays.copyOf(states, length + 1);
        longer[length] = location;
        return longer;
    }

    private static long set(long first, long @Nullable [] beyond, int place) {
        if (place < 64) {
            return first | 1L << place;
        }
        if (beyond != null) {
            beyond[(place >> 6) - 1] |= 1L << (place & 63);
        }
        return first;
    }
}
