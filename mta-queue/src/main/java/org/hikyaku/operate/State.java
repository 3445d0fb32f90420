package org.hikyaku.operate;

import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;

/** Where a recipient of a message is; of several that could be said, the first of this list. */
public enum State {
    /** Removed, and gone when its time is over. */
    TRASH,
    /** An operator gave it up; its sender hears so when the time to undo that is over. */
    BOUNCING,
    /** Its sender is frozen. */
    FROZEN,
    /** Its body is lost. */
    DAMAGED,
    /** Held by an operator or a check. */
    HELD,
    /** The message is being delivered right now. */
    ACTIVE,
    /** Tried before. */
    DEFERRED,
    /** Not tried yet. */
    WAITING;

    /** Reads a word; {@code fresh} is the former name of {@code waiting}. */
    public static Optional<State> parse(String word) {
        String name = word.toLowerCase(Locale.ROOT);
        return Stream.of(values())
                .filter(state -> state.label().equals(name.equals("fresh") ? "waiting" : name))
                .findFirst();
    }

    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }

    static List<String> labels() {
        return Stream.of(values()).map(State::label).toList();
    }
}
