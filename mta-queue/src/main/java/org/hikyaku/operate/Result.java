package org.hikyaku.operate;

import java.time.Instant;
import java.util.Optional;

/**
 * What came of a command.
 *
 * @param operation its number; 0 for a dry run
 * @param looked messages looked at
 * @param matched messages that were chosen
 * @param done messages changed; of a dry run: that would be
 * @param undoUntil until when it can be undone; empty: it cannot
 * @param failure why it stopped early, empty when it did not
 */
public record Result(
        long operation, long looked, long matched, long done, Optional<Instant> undoUntil, Optional<String> failure) {
    /** The same, but it was not all. */
    Result failed(String why) {
        return new Result(operation, looked, matched, done, undoUntil, Optional.of(why));
    }
}
