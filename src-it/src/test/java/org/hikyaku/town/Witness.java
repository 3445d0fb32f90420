package org.hikyaku.town;

import java.util.Arrays;
import java.util.EnumMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.hikyaku.sim.SimWorld;
import org.hikyaku.world.Event;
import org.jspecify.annotations.Nullable;

/** Hears what the server tells, and says it to those who judge; counts what is to have occurred. */
final class Witness {
    private static final Pattern MESSAGE_ID = Pattern.compile("(\\d+)@town\\.example");
    private static final boolean TRACED = Long.getLong("seed") != null;
    /** A start that was cut short (docs/spool.md). */
    private static final int CUT_SHORT = 18;

    private final SimWorld sim;
    private final Ledger ledger;
    private final Ways ways;
    private final Freezes freezes;
    private final Set<Integer> droppedBounces = new LinkedHashSet<>();
    private final Map<String, Long> rows = new TreeMap<>();
    private final Map<Integer, Long> crashStates = new TreeMap<>();

    Witness(SimWorld sim, Ledger ledger, Ways ways, Freezes freezes) {
        this.sim = sim;
        this.ledger = ledger;
        this.ways = ways;
        this.freezes = freezes;
    }

    /** Letters whose bounce failed with an event. */
    Set<Integer> droppedBounces() {
        return droppedBounces;
    }

    /** Rows of the table of failures, and how often each decided. */
    Map<String, Long> rows() {
        return rows;
    }

    Map<Integer, Long> crashStates() {
        return crashStates;
    }

    Map<Event, Long> events() {
        Map<Event, Long> out = new EnumMap<>(Event.class);
        for (Event event : Event.values()) {
            out.put(event, sim.events().count(event));
        }
        return out;
    }

    /** By a crash or by a fault; it is begun again. */
    void startCutShort() {
        crashStates.merge(CUT_SHORT, 1L, Long::sum);
    }

    /** Which letter became which message, and whose bounce was given up. */
    void heard(Event event, @Nullable Object[] values) {
        if (TRACED) {
            System.out.println(
                    event.label() + " " + Arrays.toString(values)); // no look at the clock: it is a world call
        }
        if (event == Event.MESSAGE_QUEUED && values[5] != null) {
            Matcher m = MESSAGE_ID.matcher(values[5].toString());
            if (m.find()) {
                ledger.named(String.valueOf(values[0]), Integer.parseInt(m.group(1)));
                freezes.accepted(Integer.parseInt(m.group(1)));
            }
        } else if (event == Event.RECIPIENT_DELIVERED
                && List.of("maildir", "discard").contains(values[2])) {
            ledger.letterOf(String.valueOf(values[0])).ifPresent(n -> stays(n, String.valueOf(values[1])));
        } else if (event == Event.ATTEMPT_FAILED) {
            rows.merge(String.valueOf(values[3]), 1L, Long::sum);
        } else if (event == Event.MAILBOX_COPY_LEFT) {
            ledger.numberOf(String.valueOf(values[0])).ifPresent(n -> ledger.uncertain(n, String.valueOf(values[1])));
        } else if (event == Event.SPOOL_FORCE_FAILED && "new".equals(values[0])) {
            ledger.cannotUndo(true);
        } else if (event == Event.SPOOL_RECOVERED && "a new segment was begun".equals(values[1])) {
            ledger.cannotUndo(false);
        } else if (event == Event.SPOOL_CRASH_STATE) {
            crashStates.merge(Integer.parseInt(String.valueOf(values[0])), 1L, Long::sum);
        } else if (event == Event.BOUNCE_QUEUED || event == Event.NOTICE_QUEUED) {
            ledger.numberOf(String.valueOf(values[1])).ifPresent(n -> ledger.notice(String.valueOf(values[0]), n));
        } else if (event == Event.BOUNCE_DROPPED) {
            ledger.numberOf(String.valueOf(values[0])).ifPresentOrElse(droppedBounces::add, ledger::strayBounceDropped);
        } else {
            operated(event, values);
        }
    }

    /** What is told of what the operator, or a rule, does with messages. */
    private void operated(Event event, @Nullable Object[] values) {
        switch (event) {
            case MESSAGE_TRASHED -> ledger.trash().into(String.valueOf(values[0]));
            case MESSAGE_RELEASED -> ledger.trash().back(String.valueOf(values[0]));
            case MESSAGE_REMOVED ->
                ledger.trash().emptied(String.valueOf(values[0]), sim.clock().stamp());
            case RECIPIENT_FAILED -> ledger.trash().failed(String.valueOf(values[0]), String.valueOf(values[1]));
            case MESSAGE_HELD -> {
                ledger.trash().back(String.valueOf(values[0]));
                if ("rule".equals(values[1])) {
                    ledger.numberOf(String.valueOf(values[0])).ifPresent(ways::held);
                }
            }
            default -> {}
        }
    }

    /** A copy of a letter is in a mailbox here, or discarded. */
    private void stays(int letter, String recipient) {
        freezes.left(letter, sim.clock().stamp());
        ledger.trash().left(letter, sim.clock().stamp());
        if (recipient.endsWith(Ledger.DISCARDED)) {
            ledger.delivered(letter, recipient);
        }
    }
}
