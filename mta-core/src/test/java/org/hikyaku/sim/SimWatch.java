package org.hikyaku.sim;

import java.lang.ref.WeakReference;
import org.jspecify.annotations.Nullable;

/**
 * Looks from outside whether a driven world goes on: a task that spins without a world call holds the driver's own
 * thread, so nobody inside can tell.
 *
 * <p><i>Failure:</i> after three looks without a world call the JVM is ended, with a dump: nothing stops such a task.
 */
final class SimWatch {
    private static final long LOOK_EVERY_MILLIS = 20_000;
    private static final int LOOKS = 3;

    private SimWatch() {}

    /** Watches {@code world} until it is closed or forgotten. */
    static void over(SimScheduler world) {
        WeakReference<SimScheduler> weak = new WeakReference<>(world);
        Thread.ofVirtual().name("simulator's watch").start(() -> watch(weak));
    }

    private static void watch(WeakReference<SimScheduler> weak) {
        long seen = SimScheduler.IDLE;
        int looks = 0;
        while (true) {
            try {
                Thread.sleep(LOOK_EVERY_MILLIS);
            } catch (InterruptedException e) {
                return;
            }
            SimScheduler world = weak.get();
            if (world == null || world.isClosed()) {
                return;
            }
            long now = world.progress();
            looks = now == seen && now != SimScheduler.IDLE ? looks + 1 : 0;
            seen = now;
            if (looks == LOOKS) {
                end(world);
            }
        }
    }

    private static void end(SimScheduler world) {
        System.err.println("simulator: a task spins, or blocks outside of the World: " + world.dump());
        @Nullable Thread driver = world.driver();
        if (driver != null) {
            for (StackTraceElement each : driver.getStackTrace()) {
                System.err.println("    at " + each);
            }
        }
        Runtime.getRuntime().halt(70);
    }
}
