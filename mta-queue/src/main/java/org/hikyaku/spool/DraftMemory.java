package org.hikyaku.spool;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

/** The memory that all drafts share, and who waits for some. Safe from anywhere; nothing here waits. */
final class DraftMemory {
    private final long bound;
    private final AtomicLong used = new AtomicLong();
    private final LinkedHashSet<SpoolDraft> open = new LinkedHashSet<>();
    private final ArrayList<Runnable> waiting = new ArrayList<>();

    DraftMemory(long bound) {
        this.bound = bound;
    }

    void take(long octets) {
        used.addAndGet(octets);
    }

    void give(long octets) {
        if (octets > 0) {
            used.addAndGet(-octets);
            relieve();
        }
    }

    long used() {
        return used.get();
    }

    boolean isFull() {
        return used.get() >= bound;
    }

    void onRelief(Runnable relief) {
        synchronized (waiting) {
            waiting.add(relief);
        }
        relieve();
    }

    void opened(SpoolDraft draft) {
        synchronized (open) {
            open.add(draft);
        }
    }

    void closed(SpoolDraft draft) {
        synchronized (open) {
            open.remove(draft);
        }
    }

    /** The open drafts, oldest first. */
    List<SpoolDraft> open() {
        synchronized (open) {
            return List.copyOf(open);
        }
    }

    /** Whether enough was pushed out to disk. */
    boolean isEased() {
        return used.get() < bound - bound / 4;
    }

    private void relieve() {
        if (isFull()) {
            return;
        }
        List<Runnable> now;
        synchronized (waiting) {
            if (waiting.isEmpty()) {
                return;
            }
            now = List.copyOf(waiting);
            waiting.clear();
        }
        now.forEach(Runnable::run);
    }
}
