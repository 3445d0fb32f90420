package org.hikyaku.operate;

import java.time.Instant;

/**
 * What one operation is to do.
 *
 * @param number in the log; 0 for a dry run
 * @param now when it was given: all its messages are judged by that time
 */
record Order(Verb verb, long number, String by, Instant now, Verb.Times times) {
    Instant undoUntil() {
        return now.plus(times.undoFor());
    }
}
