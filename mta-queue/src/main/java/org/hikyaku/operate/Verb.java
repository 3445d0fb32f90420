package org.hikyaku.operate;

import java.time.Duration;
import java.util.List;
import org.hikyaku.mail.Address;

/** What an operator wants done with messages. */
public sealed interface Verb {
    /** The word of the command. */
    default String label() {
        return switch (this) {
            case Hold h -> "hold";
            case Release r -> "release";
            case Retry r -> "retry";
            case Remove r -> "remove";
            case Bounce b -> "bounce";
            case Redirect r -> "redirect";
            case Freeze f -> "freeze-sender";
            case Thaw t -> "thaw-sender";
            case FreezeUser f -> "freeze";
            case ReleaseUser r -> "unfreeze";
            case Take t -> "export";
            case Moved m -> "export-remove";
            case Undo u -> "undo";
        };
    }

    /** Whether it is carried out at once and for ever. */
    default boolean isFinal() {
        return switch (this) {
            case Remove r -> r.now();
            case Bounce b -> b.now();
            default -> false;
        };
    }

    /** Whose mail it is for, when it is for senders. */
    default List<String> senders() {
        return List.of();
    }

    record Hold(String reason) implements Verb {}

    record Release() implements Verb {}

    record Retry() implements Verb {}

    /** Into the trash; {@code now}: for good. */
    record Remove(boolean now) implements Verb {}

    /** Gives recipients up and tells the sender {@code text}; {@code now}: not after the time to undo it. */
    record Bounce(String text, boolean now) implements Verb {}

    record Redirect(Address to) implements Verb {}

    /** Holds the mail of senders: addresses, {@code @domain}, users. */
    record Freeze(List<String> senders) implements Verb {
        public Freeze {
            senders = List.copyOf(senders);
        }
    }

    record Thaw(List<String> senders) implements Verb {
        public Thaw {
            senders = List.copyOf(senders);
        }
    }

    /** Holds what a user has sent who is frozen already. */
    record FreezeUser(String user) implements Verb {}

    /** Ends that for what was held by it. */
    record ReleaseUser(String user) implements Verb {}

    /** Holds messages that are exported to be moved. */
    record Take() implements Verb {}

    /** Into the trash, what an export took and wrote: only messages that still are as {@code taken}, that operation, left them. */
    record Moved(long taken) implements Verb {}

    record Undo(long operation) implements Verb {}

    /** How long things can be undone. */
    record Times(Duration undoFor, Duration trashFor) {}
}
