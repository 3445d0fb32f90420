package org.hikyaku.town;

import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What the operator has put into the trash, what he took out again, and what was removed for good: whose copies are not owed any
 * more, and whose must not come. By message, for a notice about a letter is another message than the letter.
 */
final class Trash {
    /** What is being delivered when it is put there goes on. */
    private static final Duration UNDER_WAY = Duration.ofHours(2);

    private final Ledger ledger;
    private final Set<String> trashed = new LinkedHashSet<>();
    private final Map<String, Instant> removed = new LinkedHashMap<>();
    private final Set<String> failed = new LinkedHashSet<>();

    Trash(Ledger ledger) {
        this.ledger = ledger;
    }

    void into(String id) {
        trashed.add(id);
    }

    /** It is in the queue again, held or not. */
    void back(String id) {
        trashed.remove(id);
    }

    /** As it is when the disk is full, or its time is over. */
    void emptied(String id, Instant now) {
        trashed.remove(id);
        removed.put(id, now);
    }

    /** A recipient of a message was given up: from now on a notice speaks for him. */
    void failed(String id, String recipient) {
        ledger.letterOf(id).ifPresent(letter -> failed.add(letter + " " + Ledger.promisedAs(recipient)));
    }

    /** Whether nothing is owed of this recipient; what the trash still had at a crash may have been removed with nobody told. */
    boolean isGone(int letter, String recipient) {
        Set<String> gone = gone().collect(Collectors.toSet());
        Set<String> copies = ledger.messagesOf(letter);
        boolean all = !copies.isEmpty() && gone.containsAll(copies);
        return all || (isNoticeGone(letter) && failed.contains(letter + " " + recipient));
    }

    /** Whether a notice about a letter is gone. */
    boolean isNoticeGone(int letter) {
        return gone().filter(ledger::isNotice)
                .anyMatch(id -> ledger.numberOf(id).filter(n -> n == letter).isPresent());
    }

    private Stream<String> gone() {
        return Stream.concat(removed.keySet().stream(), ledger.crashes() > 0 ? trashed.stream() : Stream.empty());
    }

    /** A copy of a letter arrives. */
    void left(int letter, Instant now) {
        Set<String> messages = ledger.messagesOf(letter);
        boolean all = !messages.isEmpty()
                && messages.stream()
                        .allMatch(id -> removed.containsKey(id)
                                && now.isAfter(removed.get(id).plus(UNDER_WAY)));
        if (all && ledger.crashes() == 0) {
            ledger.wrong("letter " + letter + " left at " + now + ", and was removed");
        }
    }
}
