package org.hikyaku.spool;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import org.hikyaku.world.Event;
import org.hikyaku.world.Events;
import org.hikyaku.world.Loop;
import org.jspecify.annotations.Nullable;

/** What callers are to be told, posted once per loop. */
final class Notices {
    private final Events events;
    private final LinkedHashMap<Loop, List<Runnable>> byLoop = new LinkedHashMap<>();
    private final ArrayList<Runnable> here = new ArrayList<>();

    Notices(Events events) {
        this.events = events;
    }

    void stored(Waiting item) {
        add(item.loop(), item.done()::stored);
    }

    void failed(Waiting item, Spool.SpoolFailure why) {
        add(item.loop(), () -> item.done().failed(why));
    }

    private void add(@Nullable Loop loop, Runnable notice) {
        if (loop == null) {
            here.add(notice);
        } else {
            byLoop.computeIfAbsent(loop, ignored -> new ArrayList<>()).add(notice);
        }
    }

    void post() {
        byLoop.forEach((loop, notices) -> loop.execute(() -> run(notices)));
        byLoop.clear();
        if (!here.isEmpty()) {
            List<Runnable> now = List.copyOf(here);
            here.clear();
            run(now);
        }
    }

    /** One caller's bug is no other's loss. */
    private void run(List<Runnable> notices) {
        for (Runnable notice : notices) {
            try {
                notice.run();
            } catch (RuntimeException e) {
                events.emit(Event.TASK_DIED, "spool notice", e.toString());
            }
        }
    }
}
