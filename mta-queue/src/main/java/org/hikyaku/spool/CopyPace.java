package org.hikyaku.spool;

import java.io.IOException;
import org.hikyaku.world.Clock;

/**
 * When the compactor copies, and how much: one and a half times what is written beside it, and as the rate allows when
 * nothing is written. The committer's, but for {@link #rate}.
 *
 * <p><i>Failure:</i> without room for copies the compactor begins anew some other time.
 */
final class CopyPace {
    private final Clock clock;
    private final Segments segments;
    private final Batch batch;
    private final Compactor compactor;
    private final WritableTail tail;
    private final BatchWriter writer;
    private volatile long rate;
    /** Octets to be copied, for so many were written. */
    private long owed;
    /** When more may be copied, by the rate. */
    private long again;

    CopyPace(
            Clock clock,
            Segments segments,
            Batch batch,
            Compactor compactor,
            WritableTail tail,
            BatchWriter writer,
            long rate) {
        this.clock = clock;
        this.segments = segments;
        this.batch = batch;
        this.compactor = compactor;
        this.tail = tail;
        this.writer = writer;
        this.rate = rate;
        this.again = clock.nanos();
    }

    /** Octets a second that nothing written calls for. */
    void rate(long octets) {
        rate = octets;
    }

    boolean isDue() {
        return !tail.isBroken() && compactor.isDue();
    }

    /** Copies what the batch just written calls for. */
    void afterBatch() {
        if (!isDue()) {
            owed = 0;
            return;
        }
        owed += writer.lastLength() / 2 * 3;
        if (owed >= compactor.piece() || nanosLeft() <= 0) {
            copy(Math.max(owed, compactor.piece()));
        }
    }

    /** Nanoseconds before more may be copied that nothing written calls for. */
    long nanosLeft() {
        return again - clock.nanos();
    }

    /** Copies because there is time. */
    void alone() {
        copy(Batch.OCTETS_MAX / 4);
    }

    private void copy(long budget) {
        long wanted = compactor.step(Math.min(budget, Batch.OCTETS_MAX));
        if (wanted > 0) {
            makeRoom(wanted);
            return;
        }
        if (batch.isEmpty() && batch.emptied() != null) {
            segments.copied(batch.emptied());
        }
        long octets = writer.flushAlone();
        owed = Math.max(0, owed - octets);
        again = clock.nanos() + octets * 1_000_000_000 / rate;
    }

    private void makeRoom(long frame) {
        if (segments.isPressed() && !segments.isHarvestDue()) {
            compactor.reset(); // what is left is for changes
            return;
        }
        try {
            tail.begin(frame);
        } catch (IOException e) {
            compactor.reset(); // told when it broke
        }
    }
}
