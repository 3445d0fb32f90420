package org.hikyaku.sim;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;

/**
 * One trial in many worlds, as many side by side as there are processors.
 *
 * <p><i>Failure:</i> the least seed that failed, of those tried, is named; the rest are not tried.
 */
public final class SimSeeds {
    private SimSeeds() {}

    /** What is done in each world; it must hold for every seed. */
    public interface Trial {
        void run(SimWorld sim) throws Exception;
    }

    private record Failed(long seed, Throwable cause) {}

    /** Runs {@code trial} for {@code count} seeds from {@code first} on; the faults that occurred in all of them. */
    public static SimTally each(long first, int count, SimFaults faults, Trial trial) {
        AtomicLong next = new AtomicLong(first);
        AtomicReference<Failed> failed = new AtomicReference<>();
        SimTally sum = new SimTally();
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < Math.min(count, Runtime.getRuntime().availableProcessors()); i++) {
            threads.add(Thread.ofPlatform().name("seeds-" + i).daemon().start(() -> {
                for (long seed = next.getAndIncrement();
                        seed < first + count && failed.get() == null;
                        seed = next.getAndIncrement()) {
                    one(seed, faults, trial, sum, failed);
                }
            }));
        }
        threads.forEach(SimSeeds::join);
        Failed least = failed.get();
        if (least != null) {
            throw new AssertionError("seed " + least.seed + " failed: " + least.cause, least.cause);
        }
        return sum;
    }

    private static void one(long seed, SimFaults faults, Trial trial, SimTally sum, AtomicReference<Failed> failed) {
        try (SimWorld sim = new SimWorld(seed, faults)) {
            trial.run(sim);
            synchronized (sum) {
                sum.addAll(sim.tally());
            }
        } catch (Throwable cause) {
            failed.accumulateAndGet(new Failed(seed, cause), (a, b) -> a == null || b.seed < a.seed ? b : a);
        }
    }

    private static void join(Thread thread) {
        boolean interrupted = false;
        while (thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
