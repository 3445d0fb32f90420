package org.hikyaku.sim;

import java.lang.reflect.Constructor;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Where the virtual threads of one world run: on the thread that drives it, so that handing the baton on is a change of
 * stack and not of core. This leans on the JDK's own way of testing virtual threads, which
 * {@code --add-opens java.base/java.lang=ALL-UNNAMED} opens; without it they run where all virtual threads run, the
 * histories are the same and take several times as long. That is said once.
 *
 * <p><i>Failure:</i> a task that blocks outside of the World leaves the carrier, which is then idle: the driver finds it.
 * One that spins, or blocks in native code, keeps the driver with it: {@link SimWatch} finds it.
 */
final class SimCarrier implements Executor {
    private static final @Nullable Constructor<?> BUILDER = builder();

    private final ConcurrentLinkedQueue<Runnable> ready = new ConcurrentLinkedQueue<>();
    private volatile @Nullable Thread waiting;

    private static @Nullable Constructor<?> builder() {
        try {
            Constructor<?> found = Class.forName("java.lang.ThreadBuilders$VirtualThreadBuilder")
                    .getDeclaredConstructor(Executor.class);
            found.setAccessible(true);
            return found;
        } catch (ReflectiveOperationException | RuntimeException e) {
            System.err.println("simulator: slow, for want of --add-opens java.base/java.lang=ALL-UNNAMED (" + e + ")");
            return null;
        }
    }

    /** A builder of threads that run here. */
    Thread.Builder.OfVirtual threads() {
        if (BUILDER == null) {
            return Thread.ofVirtual();
        }
        try {
            return (Thread.Builder.OfVirtual) BUILDER.newInstance(this);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void execute(Runnable part) {
        ready.add(part);
        Thread sleeper = waiting;
        if (sleeper != null) {
            LockSupport.unpark(sleeper);
        }
    }

    /** Runs what can run, until nothing can. */
    void work() {
        for (Runnable part = ready.poll(); part != null; part = ready.poll()) {
            part.run();
        }
    }

    /** Waits until there is work, or somebody unparks the caller, or for {@code nanos}. */
    void rest(long nanos) {
        waiting = Thread.currentThread();
        if (ready.isEmpty()) {
            LockSupport.parkNanos(this, nanos);
        }
        waiting = null;
    }
}
