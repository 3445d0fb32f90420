package org.hikyaku.operate;

import java.time.Instant;

/**
 * What is remembered of an operation until the time to undo it is over.
 *
 * @param what the command with its arguments, for people
 * @param state {@code running}, {@code done}, {@code stopped} (by the operator, or for a failure), {@code broken-off} (the
 *     server ended)
 * @param done messages that were changed; 0 while it is not known
 * @param undoneBy the operation that took it back, or 0
 */
public record Operation(
        long number,
        Instant at,
        String by,
        String command,
        String what,
        Instant undoUntil,
        String state,
        long done,
        long undoneBy) {}
