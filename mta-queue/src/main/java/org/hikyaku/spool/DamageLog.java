package org.hikyaku.spool;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.function.Consumer;
import org.hikyaku.mail.SpoolId;
import org.hikyaku.world.Event;
import org.hikyaku.world.World;
import org.jspecify.annotations.Nullable;

/** Where damage is told: as an event, and to one listener, who may come later than the first damage. Safe from anywhere. */
final class DamageLog {
    /** Damage found before somebody listens; what is more is an event only. */
    private static final int KEPT_MAX = 200;

    static final int TRIES = 5;
    private static final int UNREAD_MAX = 1_000;

    /** Failures that come sooner after one are of the same moment of the disk. */
    private static final Duration APART = Duration.ofSeconds(30);

    private final World world;
    /** Messages that the disk could not read when it was asked last. */
    private final LinkedHashMap<SpoolId, Tries> unread = new LinkedHashMap<>();

    private final ArrayList<Damage> kept = new ArrayList<>();
    private @Nullable Consumer<Damage> listener;

    /** @param at nanoseconds; of the last that counted */
    private record Tries(int count, long at) {}

    DamageLog(World world) {
        this.world = world;
    }

    void add(Damage damage) {
        event(damage);
        Consumer<Damage> told;
        synchronized (kept) {
            told = listener;
            if (told == null && kept.size() < KEPT_MAX) {
                kept.add(damage);
            }
        }
        if (told != null) {
            told.accept(damage);
        }
    }

    /**
     * The disk cannot read a message: it may be well again at the next try, and is damage when it was not at {@link #TRIES} in a row, each
     * {@link #APART} from the one before.
     */
    void unread(SpoolId id, Damage damage) {
        boolean last;
        synchronized (kept) {
            last = isLast(id, world.clock().nanos());
        }
        if (last) {
            add(damage);
        } else {
            event(damage);
        }
    }

    private boolean isLast(SpoolId id, long now) {
        Tries before = unread.get(id);
        if (before != null && now - before.at < APART.toNanos()) {
            return false;
        }
        int count = before == null ? 1 : before.count + 1;
        unread.put(id, new Tries(count, now));
        if (count == TRIES || unread.size() > UNREAD_MAX) {
            unread.remove(count == TRIES ? id : unread.firstEntry().getKey());
        }
        return count == TRIES;
    }

    /** It has read it now. */
    void wasRead(SpoolId id) {
        synchronized (kept) {
            unread.remove(id);
        }
    }

    /** What costs nothing yet. */
    void event(Damage damage) {
        world.events().emit(Event.SPOOL_RECORD_DAMAGED, damage.file(), damage.offset(), damage.what());
    }

    void listen(Consumer<Damage> who) {
        List<Damage> before;
        synchronized (kept) {
            listener = who;
            before = List.copyOf(kept);
            kept.clear();
        }
        before.forEach(who);
    }
}
