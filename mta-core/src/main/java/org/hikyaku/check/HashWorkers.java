package org.hikyaku.check;

import java.time.Duration;
import java.util.Optional;
import org.hikyaku.sasl.PasswordHash;
import org.hikyaku.world.Event;
import org.hikyaku.world.Tasks;
import org.hikyaku.world.World;

/**
 * Checks passwords on threads of their own, so many at once and no more, with a bounded number waiting: hashing takes a
 * core for tens of milliseconds on purpose and must not starve anything else.
 *
 * <p><i>Failure:</i> empty when too many wait, or when a check broke or never ended: the login cannot be decided now.
 */
final class HashWorkers {
    private static final Duration PATIENCE = Duration.ofMinutes(1);

    private final World world;
    private final Tasks.Mailbox<Job> jobs;

    private record Job(PasswordHash hash, byte[] password, Tasks.Promise<Optional<Boolean>> answer) {}

    HashWorkers(World world, int threads, int queueMax) {
        this.world = world;
        this.jobs = world.tasks().mailbox(queueMax);
        for (int i = 1; i <= threads; i++) {
            world.tasks().startDedicated("hash-" + i, this::work);
        }
    }

    /** Whether {@code password} fits. Waits. */
    Optional<Boolean> fits(PasswordHash hash, byte[] password) {
        Tasks.Promise<Optional<Boolean>> answer = world.tasks().promise();
        return jobs.offer(new Job(hash, password, answer))
                ? answer.await(PATIENCE).flatMap(fits -> fits)
                : Optional.empty();
    }

    private void work() {
        for (Job job = jobs.take(); job != null; job = jobs.take()) {
            job.answer().complete(check(job));
        }
    }

    private Optional<Boolean> check(Job job) {
        try {
            return Optional.of(job.hash().fits(job.password()));
        } catch (RuntimeException e) { // a library that chokes on an entry must not end the thread
            world.events().emit(Event.CHECK_FAILED, null, "login", e.toString());
            return Optional.empty();
        }
    }

    void close() {
        jobs.close();
    }
}
