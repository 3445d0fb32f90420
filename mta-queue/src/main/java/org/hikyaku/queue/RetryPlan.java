package org.hikyaku.queue;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.hikyaku.config.Config;
import org.hikyaku.config.QueueSettings;
import org.hikyaku.spool.StoredMessage;

/**
 * When to try again, when to tell the sender of a delay, when to give up. Pure: chance is handed in, from 0 to 1.
 *
 * <p>A wait never leads past the moment of notice or of expiry: there is an attempt at that moment, and its failure is
 * what the sender is told (RFC 5321 4.5.4.1: at least 4 to 5 days before giving up).
 */
record RetryPlan(
        List<Duration> waits, double jitter, Duration notifyAfter, Duration expireAfter, Duration expireBouncesAfter) {
    /** After so many attempts a host that says "soon" is not believed any more. */
    private static final int ASKED_MAX = 10;

    RetryPlan {
        waits = List.copyOf(waits);
    }

    static RetryPlan of(QueueSettings queue) {
        return new RetryPlan(
                queue.retry(), queue.jitter(), queue.notifyAfter(), queue.expireAfter(), queue.expireBouncesAfter());
    }

    /** With the times of the class that this message's sender is in. */
    static RetryPlan of(Config config, StoredMessage message) {
        RetryPlan usual = of(config.queue());
        return config.senderClass(message.origin().user(), message.envelope().sender())
                .map(own -> new RetryPlan(
                        usual.waits,
                        usual.jitter,
                        own.notifyAfter().orElse(usual.notifyAfter),
                        own.expireAfter().orElse(usual.expireAfter),
                        usual.expireBouncesAfter))
                .orElse(usual);
    }

    /** When a message is given up; {@code notice}: it has the null sender. */
    Instant expiry(Instant arrival, boolean notice) {
        return arrival.plus(notice ? expireBouncesAfter : expireAfter);
    }

    boolean isExpired(Instant arrival, boolean notice, Instant now) {
        return !now.isBefore(expiry(arrival, notice));
    }

    /** Whether a failure now is to be told to the sender as a delay. */
    boolean isNoticeDue(Instant arrival, boolean noticed, Instant now) {
        return !noticed && !now.isBefore(arrival.plus(notifyAfter));
    }

    /**
     * The time of the next attempt.
     *
     * @param attempts made so far, the one that failed just now included
     * @param asked how long the host wants it to wait: never less than that, and the schedule counts again when it has said so
     *     too often
     */
    Instant next(
            int attempts,
            Optional<Duration> asked,
            Instant arrival,
            boolean noticed,
            boolean notice,
            Instant now,
            double chance) {
        Duration wait = waits.get(Math.clamp(attempts - 1L, 0, waits.size() - 1));
        Instant next = asked.isPresent() && attempts <= ASKED_MAX
                ? now.plusMillis(Math.round(asked.get().toMillis() * (1 + jitter * chance)))
                : now.plusMillis(Math.round(wait.toMillis() * (1 + jitter * (2 * chance - 1))));
        Instant told = arrival.plus(notifyAfter);
        if (!noticed && !notice && told.isAfter(now) && told.isBefore(next)) {
            next = told;
        }
        Instant end = expiry(arrival, notice);
        return end.isAfter(now) && end.isBefore(next) ? end : next;
    }

    /** The longest wait there is; a stored time further ahead was written by a clock that went wrong. */
    Duration longest() {
        Duration longest = waits.stream().max(Duration::compareTo).orElseThrow();
        return longest.plusMillis(Math.round(longest.toMillis() * jitter));
    }

    /**
     * How long to wait for the next attempt after a start: what fell due while we were down is spread over the first
     * wait, so that it does not all go at once, and so is what is further ahead than any wait. What was never tried
     * goes at once.
     */
    Duration afterStart(Instant due, int attempts, Instant now, double chance) {
        if (attempts == 0) {
            return Duration.ZERO;
        }
        Duration wait = Duration.between(now, due);
        boolean known = !wait.isNegative() && wait.compareTo(longest()) <= 0;
        return known ? wait : Duration.ofMillis(Math.round(waits.getFirst().toMillis() * chance));
    }
}
