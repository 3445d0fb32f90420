package org.hikyaku.spool;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.hikyaku.world.Event;
import org.hikyaku.world.Events;
import org.jspecify.annotations.Nullable;

/** Where damage is told: as an event, and to one listener, who may come later than the first damage. Safe from anywhere. */
final class DamageLog {
    /** Damage found before somebody listens; what is more is an event only. */
    private static final int KEPT_MAX = 200;

    private final Events events;
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

    /** What may be well again at the next try. */
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
