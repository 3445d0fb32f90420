package org.hikyaku.real;

import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;
import java.time.Duration;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.hikyaku.world.Event;
import org.hikyaku.world.Events;
import org.hikyaku.world.Loop;

/**
 * A Netty event loop, with the array through which all its wires hand over what they received.
 *
 * <p><i>Failure:</i> an exception out of an event is logged (TASK_DIED) and ends that event only. What is given to a loop
 * that has been shut down is dropped: the process is ending.
 */
final class NettyLoop implements Loop {
    static final int SCRATCH_SIZE = 64 * 1024;

    private final EventLoop executor;
    private final Events events;
    private final byte[] scratch = new byte[SCRATCH_SIZE];

    NettyLoop(EventLoop executor, Events events) {
        this.executor = executor;
        this.events = events;
    }

    @Override
    public void execute(Runnable event) {
        try {
            executor.execute(() -> run(event));
        } catch (RejectedExecutionException shutDown) {
            return;
        }
    }

    @Override
    public Timer schedule(Duration delay, Runnable event) {
        try {
            Future<?> later = executor.schedule(() -> run(event), delay.toNanos(), TimeUnit.NANOSECONDS);
            return () -> later.cancel(false);
        } catch (RejectedExecutionException shutDown) {
            return () -> {};
        }
    }

    @Override
    public boolean isHere() {
        return executor.inEventLoop();
    }

    /** For use within one hand-over only. */
    byte[] scratch() {
        return scratch;
    }

    private void run(Runnable event) {
        try {
            event.run();
        } catch (RuntimeException | StackOverflowError | AssertionError e) {
            events.emit(Event.TASK_DIED, "loop", e);
        }
    }
}
