package org.hikyaku.spool;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.function.Consumer;
import org.hikyaku.mail.SpoolId;
import org.hikyaku.world.Event;
import org.hikyaku.world.Events;
import org.jspecify.annotations.Nullable;

/** Where damage is told: as an event, and to one listener, who may come later than the first damage. Safe from anywhere. */
final class DamageLog {
    /** Damage found before somebody listens; what is more is an event only. */
    private static final int KEPT_MAX = 200;

    static final int TRIES = 5;
    private static final int UNREAD_MAX = 1_000;

    private final Events events;
    /** How often the disk could not read a message. */
    private final LinkedHashMap<SpoolId, Integer> unread = new LinkedHashMap<>();

    private final ArrayList<Damage> kept = new ArrayList<>();
    private @Nullable Consumer<Damage> listener;

    DamageLog(Events events) {
        this.events = events;
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

    /** The disk cannot read a message: it may be well again at the next try, and is damage when it was not at the last of {@link #TRIES}. */
    void unread(SpoolId id, Damage damage) {
        boolean last;
        synchronized (kept) {
            int tries = unread.merge(id, 1, Integer::sum);
            last = tries >= TRIES;
            if (last || unread.size() > UNREAD_MAX) {
                unread.remove(last ? id : unread.firstEntry().getKey());
            }
        }
        if (last) {
            add(damage);
        } else {
            event(damage);
        }
    }

    /** What costs nothing yet. */
    void event(Damage damage) {
        events.emit(Event.SPOOL_RECORD_DAMAGED, damage.file(), damage.offset(), damage.what());
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
