package org.hikyaku.real;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.hikyaku.sim.TasksContract;
import org.hikyaku.world.Disk;
import org.hikyaku.world.Event;
import org.hikyaku.world.Tasks;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The contract of all tasks, in a task and in a thread that is none; and what only real threads can break. */
@Timeout(60)
class RealTasksTest extends TasksContract {
    private final List<Event> events = new CopyOnWriteArrayList<>();
    private final Tasks tasks = new RealTasks((event, values) -> events.add(event));

    @Override
    protected void inTask(Body body) {
        AtomicReference<Throwable> thrown = new AtomicReference<>();
        Tasks.Task task = tasks.start("test", () -> {
            try {
                body.run(tasks, new RealClock());
            } catch (Throwable any) {
                thrown.set(any);
            }
        });
        assertThat(task.join(Duration.ofSeconds(50))).isTrue();
        if (thrown.get() != null) {
            throw new AssertionError(thrown.get());
        }
    }

    @Test
    void whatLeavesATaskIsAnEventACancelIsNone() {
        tasks.start("doomed", () -> {
                    throw new IllegalStateException("meant");
                })
                .join(Duration.ofSeconds(10));
        Tasks.Task cancelled = tasks.start("sleeper", () -> tasks.sleep(Duration.ofHours(1)));
        cancelled.cancel();
        assertThat(cancelled.join(Duration.ofSeconds(10))).isTrue();
        assertThat(events).containsExactly(Event.TASK_DIED);
    }

    @Test
    void aCancelNeverClosesAFileUnderATaskAtWork(@TempDir Path directory) throws Exception {
        Disk.File file = new RealDisk().create(directory.resolve("a"));
        AtomicInteger cancels = new AtomicInteger();
        AtomicReference<Throwable> thrown = new AtomicReference<>();
        Tasks.Task writer = tasks.startDedicated("writer", () -> {
            for (int i = 0; i < 2000; i++) {
                try {
                    file.write(i, ByteBuffer.allocate(1));
                    tasks.sleep(Duration.ZERO);
                } catch (Tasks.TaskCancelled e) {
                    cancels.incrementAndGet();
                } catch (Exception e) {
                    thrown.set(e);
                }
            }
        });
        while (!writer.join(Duration.ofNanos(1000))) {
            writer.cancel();
        }
        assertThat(thrown.get()).isNull();
        assertThat(cancels.get()).isPositive();
        assertThat(file.size()).isEqualTo(2000);
        file.close();
    }

    /** Lost wake-ups show as a hang: cancelled and timed waiters among many that pass permits and letters on. */
    @Test
    void noWakeUpIsLostAmongCancelsAndTimeOuts() {
        Tasks.Permits permits = tasks.permits(1);
        Tasks.Mailbox<Integer> box = tasks.mailbox(1);
        List<Tasks.Task> all = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            boolean patient = i % 2 == 0;
            all.add(tasks.start("worker", () -> work(permits, box, patient)));
        }
        for (int round = 0; round < 200; round++) {
            all.get(round % 10 * 2 + 1).cancel();
            tasks.sleep(Duration.ofNanos(50_000));
        }
        for (Tasks.Task task : all) {
            assertThat(task.join(Duration.ofSeconds(20))).isTrue();
        }
    }

    private void work(Tasks.Permits permits, Tasks.Mailbox<Integer> box, boolean patient) {
        for (int k = 0; k < 200; k++) {
            try {
                if (acquire(permits, patient, k)) {
                    try {
                        box.offer(k);
                        box.poll(Duration.ZERO);
                    } finally {
                        permits.release();
                    }
                }
            } catch (Tasks.TaskCancelled e) {
                tasks.sleep(Duration.ZERO);
            }
        }
    }

    private static boolean acquire(Tasks.Permits permits, boolean patient, int k) {
        if (patient) {
            permits.acquire();
            return true;
        }
        return permits.acquire(Duration.ofNanos(k * 1000L));
    }
}
