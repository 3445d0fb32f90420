package org.hikyaku.operate;

import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * What is remembered of an operation until the time to undo it is over.
 *
 * @param what the command with its arguments, for people
 * @param state {@code running}, {@code done}, {@code stopped} (by the operator, or for a failure), {@code broken-off} (the
 *     server ended)
 * @param done messages that were changed; 0 while it is not known
 * @param undoneBy the operation that took it back, or 0
 * @param isFinal whether it was carried out for good
 * @param senders whose freeze it was to begin or to end, of those named only who was not frozen before, or was; of one that
 *     was broken off nobody knows by this alone whether it came to that
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
        long undoneBy,
        boolean isFinal,
        List<String> senders) {
    public Operation {
        senders = List.copyOf(senders);
    }

    /** Whether there is nothing to take back. A freeze of a sender is something even if none of his mail waits. */
    public boolean changedNothing() {
        return done == 0 && state.equals("done") && senders.isEmpty();
    }

    /** Why it cannot be undone; empty if it may be. */
    public Optional<String> obstacle() {
        String name = "operation " + number;
        if (undoneBy != 0) {
            return Optional.of(name + " was undone by operation " + undoneBy);
        }
        if (state.equals("running")) {
            return Optional.of(name + " still runs");
        }
        if (command.equals("freeze")) {
            return Optional.of("a user's freeze is ended by hikyaku unfreeze, not by undo");
        }
        if (isFinal) {
            return Optional.of(name + " (" + command + " --now) was carried out for good: it cannot be undone");
        }
        return changedNothing()
                ? Optional.of(name + " (" + command + ") changed nothing: there is nothing to undo")
                : Optional.empty();
    }
}
