package org.hikyaku.queue;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import org.hikyaku.spool.Spool;
import org.hikyaku.world.Event;
import org.hikyaku.world.Tasks;
import org.hikyaku.world.World;
import org.jspecify.annotations.Nullable;

/**
 * Stops the lending while the spool stores nothing (its disk is read-only, or has failed): what became of a delivery could
 * not be recorded, and a restart would deliver it again. Ends by itself when the spool stores again.
 */
final class StorageWatch {
    private static final Duration AGAIN = Duration.ofSeconds(5);

    private final World world;
    private final Spool spool;
    private final Dispatch dispatch;
    private final Runnable resumed;
    private final AtomicBoolean stalled = new AtomicBoolean();
    private volatile Tasks.@Nullable Task waiting;

    /** @param resumed run when claims may be lent again */
    StorageWatch(World world, Spool spool, Dispatch dispatch, Runnable resumed) {
        this.world = world;
        this.spool = spool;
        this.dispatch = dispatch;
        this.resumed = resumed;
    }

    /** To be called before anything is lent; never waits. */
    void look() {
        if (!spool.isStoring() && !dispatch.isStopped() && stalled.compareAndSet(false, true)) {
            dispatch.stall();
            world.events().emit(Event.QUEUE_STALLED, "", "the spool cannot be written");
            waiting = world.tasks().start("queue stalled", this::await);
        }
    }

    /** Waits no longer; follows {@link Dispatch#stop}. */
    void stop() {
        Tasks.Task task = waiting;
        if (task != null) {
            task.cancel();
            task.join(AGAIN);
        }
    }

    private void await() {
        while (!spool.isStoring() && !dispatch.isStopped()) {
            world.tasks().sleep(AGAIN);
        }
        stalled.set(false);
        dispatch.unstall();
        if (!dispatch.isStopped()) {
            world.events().emit(Event.QUEUE_RESUMED, 0);
        }
        resumed.run();
    }
}
