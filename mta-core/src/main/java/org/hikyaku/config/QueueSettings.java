package org.hikyaku.config;

import java.time.Duration;
import java.util.List;

/**
 * When to try again and when to give up.
 *
 * @param retry the waits after the first, second... failure; the last repeats
 * @param jitter each wait is lengthened or shortened by at most this part of it, 0 to 0.5
 * @param noticeWindow how long a failure waits for others of its message, to be told together
 * @param undoFor how long an operator's command can be undone; an operator's bounce waits so long
 * @param trashFor how long removed messages are kept
 */
public record QueueSettings(
        @Range("1s to 7d") List<Duration> retry,
        @Range("0 to 0.5") double jitter,
        @Range("1m to 30d") Duration notifyAfter,
        @Range("1m to 60d") Duration expireAfter,
        @Range("1m to 60d") Duration expireBouncesAfter,
        @Range("0s to 5m") Duration noticeWindow,
        @Range("1 to 10000") int deliveriesMax,
        @Range("1 to 1000") int deliveriesPerSiteMax,
        @Range("0B to 16MiB") int bounceWholeMax,
        @Range("0s to 7d") Duration undoFor,
        @Range("0s to 60d") Duration trashFor) {}
