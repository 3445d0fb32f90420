package org.hikyaku.town;

import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Who is frozen, as the operator was told, and what must not leave: nothing that was accepted since then, and soon nothing at all
 * of his.
 */
final class Freezes {
    /** What was being delivered goes on. */
    private static final Duration UNDER_WAY = Duration.ofHours(2);

    private final Ledger ledger;
    /** Whoever has logged in as {@link TownProgram#USER}; others are their addresses. */
    static final String LOGIN = "user " + TownProgram.USER;

    /** Whose letter it is. */
    private final Map<Integer, String> owners = new LinkedHashMap<>();

    private final Map<String, Frozen> frozen = new LinkedHashMap<>();

    private static final class Frozen {
        final Set<Integer> accepted = new LinkedHashSet<>();
        /** All that waited was held by then. */
        @Nullable
        Instant wholly;
    }

    Freezes(Ledger ledger) {
        this.ledger = ledger;
    }

    void written(Letter letter, boolean login) {
        owners.put(letter.number(), login ? LOGIN : letter.sender().toString());
    }

    boolean isFrozen(String who) {
        return frozen.containsKey(who);
    }

    /** The operator was told that he is. */
    void froze(String who) {
        frozen.put(who, new Frozen());
    }

    /** The operator was told that all that waited is held. */
    void swept(String who, Instant now) {
        Frozen one = frozen.get(who);
        if (one != null) {
            one.wholly = now;
        }
    }

    /** From now on it may go again. */
    void thaws(String who) {
        frozen.remove(who);
    }

    /** It was stored just now. */
    void accepted(int letter) {
        Frozen one = ownerOf(letter);
        if (one != null) {
            one.accepted.add(letter);
        }
    }

    private @Nullable Frozen ownerOf(int letter) {
        return frozen.get(owners.getOrDefault(letter, ""));
    }

    void left(int letter, Instant now) {
        Frozen one = ownerOf(letter);
        if (one != null && one.accepted.contains(letter)) {
            ledger.wrong("letter " + letter + " left, accepted when " + owners.get(letter) + " was frozen");
        } else if (one != null && one.wholly != null && now.isAfter(one.wholly.plus(UNDER_WAY))) {
            ledger.wrong("letter " + letter + " left at " + now + ", and all mail of " + owners.get(letter)
                    + " is held since " + one.wholly);
        }
    }
}
