package org.hikyaku.sim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.hikyaku.world.Clock;
import org.hikyaku.world.Tasks;
import org.hikyaku.world.Tasks.TaskCancelled;
import org.junit.jupiter.api.Test;

/** What every {@link Tasks} holds. Runs on the simulated and on the real ones. */
public abstract class TasksContract {
    private static final Duration SHORT = Duration.ofMillis(20);
    private static final Duration LONG = Duration.ofSeconds(20);

    /** A test. */
    protected interface Body {
        void run(Tasks tasks, Clock clock) throws Exception;
    }

    /** Runs {@code body} as a task. */
    protected abstract void inTask(Body body);

    @Test
    void aTaskRunsAndIsJoined() {
        inTask((tasks, clock) -> {
            AtomicInteger ran = new AtomicInteger();
            Tasks.Task light = tasks.start("light", ran::incrementAndGet);
            Tasks.Task own = tasks.startDedicated("own", ran::incrementAndGet);
            assertThat(light.join(LONG)).isTrue();
            assertThat(own.join(LONG)).isTrue();
            assertThat(ran).hasValue(2);
        });
    }

    @Test
    void joinGivesUpAtItsLimit() {
        inTask((tasks, clock) -> {
            Tasks.Promise<String> never = tasks.promise();
            Tasks.Task task = tasks.start("waiter", never::await);
            assertThat(task.join(SHORT)).isFalse();
            never.complete("now");
            assertThat(task.join(LONG)).isTrue();
        });
    }

    @Test
    void sleepLastsAtLeastAsLongAsAsked() {
        inTask((tasks, clock) -> {
            long before = clock.nanos();
            tasks.sleep(SHORT);
            assertThat(clock.nanos() - before).isGreaterThanOrEqualTo(SHORT.toNanos());
            tasks.sleep(Duration.ZERO);
        });
    }

    @Test
    void aPromiseIsCompletedOnceAndTellsAll() {
        inTask((tasks, clock) -> {
            Tasks.Promise<String> promise = tasks.promise();
            List<Tasks.Task> waiters = new ArrayList<>();
            AtomicInteger told = new AtomicInteger();
            for (int i = 0; i < 3; i++) {
                waiters.add(tasks.start("waiter", () -> {
                    if (promise.await().equals("first")) {
                        told.incrementAndGet();
                    }
                }));
            }
            tasks.sleep(SHORT);
            assertThat(promise.isDone()).isFalse();
            assertThat(promise.complete("first")).isTrue();
            assertThat(promise.complete("second")).isFalse();
            assertThat(promise.isDone()).isTrue();
            for (Tasks.Task waiter : waiters) {
                assertThat(waiter.join(LONG)).isTrue();
            }
            assertThat(told).hasValue(3);
            assertThat(promise.await(Duration.ZERO)).contains("first");
        });
    }

    @Test
    void aPromiseThatDoesNotComeIsEmptyAfterTheLimit() {
        inTask((tasks, clock) -> {
            long before = clock.nanos();
            assertThat(tasks.promise().await(SHORT)).isEqualTo(Optional.empty());
            assertThat(clock.nanos() - before).isGreaterThanOrEqualTo(SHORT.toNanos());
        });
    }

    @Test
    void aMailboxIsBoundedAndKeepsItsOrder() {
        inTask((tasks, clock) -> {
            Tasks.Mailbox<Integer> box = tasks.mailbox(2);
            assertThat(box.offer(1)).isTrue();
            assertThat(box.offer(2)).isTrue();
            assertThat(box.offer(3)).isFalse();
            assertThat(box.size()).isEqualTo(2);
            assertThat(box.take()).isEqualTo(1);
            assertThat(box.take()).isEqualTo(2);
            assertThat(box.poll(SHORT)).isNull();
        });
    }

    @Test
    void putWaitsForRoomAndTakeForALetter() {
        inTask((tasks, clock) -> {
            Tasks.Mailbox<Integer> box = tasks.mailbox(1);
            Tasks.Task writer = tasks.start("writer", () -> {
                for (int i = 0; i < 50; i++) {
                    box.put(i);
                }
            });
            for (int i = 0; i < 50; i++) {
                assertThat(box.take()).isEqualTo(i);
            }
            assertThat(writer.join(LONG)).isTrue();
        });
    }

    @Test
    void manyWritersAndReadersLoseNothing() {
        inTask((tasks, clock) -> {
            Tasks.Mailbox<Integer> box = tasks.mailbox(3);
            AtomicInteger sum = new AtomicInteger();
            List<Tasks.Task> readers = new ArrayList<>();
            List<Tasks.Task> writers = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                readers.add(tasks.start("reader", () -> {
                    for (Integer got = box.take(); got != null; got = box.take()) {
                        sum.addAndGet(got);
                    }
                }));
                writers.add(tasks.start("writer", () -> {
                    for (int k = 1; k <= 100; k++) {
                        box.put(k);
                    }
                }));
            }
            for (Tasks.Task writer : writers) {
                assertThat(writer.join(LONG)).isTrue();
            }
            box.close();
            for (Tasks.Task reader : readers) {
                assertThat(reader.join(LONG)).isTrue();
            }
            assertThat(sum).hasValue(4 * 5050);
        });
    }

    @Test
    void drainToTakesWhatIsThereWithoutWaiting() {
        inTask((tasks, clock) -> {
            Tasks.Mailbox<Integer> box = tasks.mailbox(5);
            List<Integer> got = new ArrayList<>();
            assertThat(box.drainTo(got, 10)).isZero();
            for (int i = 0; i < 5; i++) {
                box.offer(i);
            }
            assertThat(box.drainTo(got, 3)).isEqualTo(3);
            assertThat(box.drainTo(got, 10)).isEqualTo(2);
            assertThat(got).containsExactly(0, 1, 2, 3, 4);
        });
    }

    @Test
    void drainToMakesRoomForWritersThatWait() {
        inTask((tasks, clock) -> {
            Tasks.Mailbox<Integer> box = tasks.mailbox(1);
            box.offer(1);
            Tasks.Task writer = tasks.start("writer", () -> box.put(2));
            tasks.sleep(SHORT);
            box.drainTo(new ArrayList<>(), 10);
            assertThat(writer.join(LONG)).isTrue();
            assertThat(box.take()).isEqualTo(2);
        });
    }

    @Test
    void aClosedMailboxTakesNothingAndGivesTheRest() {
        inTask((tasks, clock) -> {
            Tasks.Mailbox<Integer> box = tasks.mailbox(1);
            box.offer(1);
            AtomicReference<Boolean> put = new AtomicReference<>(true);
            Tasks.Task writer = tasks.start("writer", () -> put.set(box.put(2)));
            tasks.sleep(SHORT);
            box.close();
            assertThat(writer.join(LONG)).isTrue();
            assertThat(put).hasValue(false);
            assertThat(box.offer(3)).isFalse();
            assertThat(box.take()).isEqualTo(1);
            assertThat(box.take()).isNull();
            assertThat(box.poll(LONG)).isNull();
        });
    }

    @Test
    void closeWakesWaitingReaders() {
        inTask((tasks, clock) -> {
            Tasks.Mailbox<Integer> box = tasks.mailbox(1);
            Tasks.Task reader =
                    tasks.start("reader", () -> assertThat(box.take()).isNull());
            tasks.sleep(SHORT);
            box.close();
            assertThat(reader.join(LONG)).isTrue();
        });
    }

    @Test
    void permitsAreCounted() {
        inTask((tasks, clock) -> {
            Tasks.Permits permits = tasks.permits(2);
            assertThat(permits.tryAcquire()).isTrue();
            permits.acquire();
            assertThat(permits.tryAcquire()).isFalse();
            assertThat(permits.acquire(SHORT)).isFalse();
            permits.release();
            assertThat(permits.acquire(LONG)).isTrue();
        });
    }

    @Test
    void neverMoreHoldAPermitThanThereAre() {
        inTask((tasks, clock) -> {
            Tasks.Permits permits = tasks.permits(2);
            AtomicInteger inside = new AtomicInteger();
            AtomicInteger most = new AtomicInteger();
            List<Tasks.Task> all = new ArrayList<>();
            for (int i = 0; i < 8; i++) {
                all.add(tasks.start("holder", () -> {
                    for (int k = 0; k < 10; k++) {
                        permits.acquire();
                        most.accumulateAndGet(inside.incrementAndGet(), Math::max);
                        tasks.sleep(Duration.ZERO);
                        inside.decrementAndGet();
                        permits.release();
                    }
                }));
            }
            for (Tasks.Task task : all) {
                assertThat(task.join(LONG)).isTrue();
            }
            assertThat(most.get()).isBetween(1, 2);
        });
    }

    @Test
    void cancelBreaksThePresentWaitAndOnlyOne() {
        inTask((tasks, clock) -> {
            List<String> seen = new ArrayList<>();
            Tasks.Task task = tasks.start("waiter", () -> {
                try {
                    tasks.sleep(LONG);
                } catch (TaskCancelled e) {
                    seen.add("cancelled");
                }
                tasks.sleep(SHORT);
                seen.add("slept");
            });
            tasks.sleep(SHORT);
            task.cancel();
            assertThat(task.join(LONG)).isTrue();
            assertThat(seen).containsExactly("cancelled", "slept");
        });
    }

    @Test
    void cancelBreaksTheNextWaitEvenOneThatNeedNotWait() {
        inTask((tasks, clock) -> {
            Tasks.Promise<Tasks.Task> self = tasks.promise();
            Tasks.Promise<String> outcome = tasks.promise();
            Tasks.Promise<String> ready = tasks.promise();
            ready.complete("there");
            Tasks.Task task = tasks.start("self", () -> {
                self.await().cancel();
                assertThatThrownBy(ready::await).isInstanceOf(TaskCancelled.class);
                outcome.complete(ready.await());
            });
            self.complete(task);
            assertThat(outcome.await(LONG)).contains("there");
        });
    }

    @Test
    void aCancelledWaitTakesNothingAway() {
        inTask((tasks, clock) -> {
            Tasks.Mailbox<Integer> box = tasks.mailbox(1);
            Tasks.Permits permits = tasks.permits(0);
            Tasks.Task reader = tasks.start("reader", box::take);
            Tasks.Task holder = tasks.start("holder", permits::acquire);
            tasks.sleep(SHORT);
            reader.cancel();
            holder.cancel();
            assertThat(reader.join(LONG)).isTrue();
            assertThat(holder.join(LONG)).isTrue();
            assertThat(box.offer(7)).isTrue();
            permits.release();
            assertThat(box.poll(LONG)).isEqualTo(7);
            assertThat(permits.acquire(LONG)).isTrue();
        });
    }

    @Test
    void anExceptionEndsItsTaskOnly() {
        inTask((tasks, clock) -> {
            Tasks.Task task = tasks.start("doomed", () -> {
                throw new IllegalStateException("meant");
            });
            assertThat(task.join(LONG)).isTrue();
        });
    }
}
