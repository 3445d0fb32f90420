package org.hikyaku.operate;

import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * What came of a command.
 *
 * @param operation its number; 0 for a dry run
 * @param looked messages looked at
 * @param matched messages that were chosen
 * @param done messages changed; of a dry run: that would be
 * @param senders whose mail is frozen from then on, or no longer; of a dry run: would be
 * @param undoUntil until when it can be undone; empty: it cannot
 * @param failure why it stopped early, empty when it did not
 */
public record Result(
        long operation,
        long looked,
        long matched,
        long done,
        List<String> senders,
        Optional<Instant> undoUntil,
        Optional<String> failure) {
    public Result {
        senders = List.copyOf(senders);
    }

    /** Whether there was anything to do: a freeze is something even if no mail waits. */
    public boolean isSomething() {
        return matched > 0 || !senders.isEmpty();
    }

    /** The same, but it was not all. */
    Result failed(String why) {
        return new Result(operation, looked, matched, done, senders, undoUntil, Optional.of(why));
    }
}
