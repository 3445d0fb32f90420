package org.hikyaku.operate;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.hikyaku.mail.Diagnosis;
import org.hikyaku.mail.Recipient;
import org.hikyaku.mail.Wishes;
import org.hikyaku.spool.RecipientState;
import org.hikyaku.spool.StoredMessage;

/**
 * What a query is asked of: one unfinished recipient of a message, at one moment. Pure.
 *
 * @param active whether the message is being delivered now
 */
public record Facts(StoredMessage message, int place, boolean active, Instant now) {
    /** How the spool words the hold of a message whose body is lost. */
    private static final String DAMAGED = "damaged:";

    /** One for each unfinished recipient. */
    static List<Facts> of(StoredMessage message, boolean active, Instant now) {
        List<Facts> all = new ArrayList<>();
        for (int place = 0; place < message.states().size(); place++) {
            if (!message.states().get(place).status().isFinished()) {
                all.add(new Facts(message, place, active, now));
            }
        }
        return all;
    }

    Recipient recipient() {
        return message.envelope().recipients().get(place);
    }

    RecipientState progress() {
        return message.states().get(place);
    }

    Duration age() {
        return Duration.between(message.arrival(), now);
    }

    /** Until when its sender wants it kept (RFC 4865); empty when he does not, or no more. */
    Optional<Instant> keptUntil() {
        return message.envelope().wishes().release().map(Wishes.Release::at).filter(at -> at.isAfter(now));
    }

    /** All that was said at the last attempt, on one line. */
    String error() {
        Diagnosis last = progress().last();
        return (last.status() + " " + last.reply() + " " + last.text()).strip();
    }

    /** The codes of the last attempt: that of SMTP, if there was a reply, and the enhanced one. */
    List<String> codes() {
        Diagnosis last = progress().last();
        List<String> codes = new ArrayList<>();
        if (last.reply().length() >= 3 && last.reply().chars().limit(3).allMatch(Character::isDigit)) {
            codes.add(last.reply().substring(0, 3));
        }
        if (!last.status().isEmpty()) {
            codes.add(last.status());
        }
        return codes;
    }

    public State state() {
        String held = message.held();
        if (held.isEmpty()) {
            return active ? State.ACTIVE : progress().attempts() > 0 ? State.DEFERRED : State.WAITING;
        }
        Optional<Mark> mark = Mark.parse(held);
        if (mark.isEmpty()) {
            return held.startsWith(DAMAGED) ? State.DAMAGED : State.HELD;
        }
        return switch (mark.get().kind()) {
            case TRASH -> State.TRASH;
            case BOUNCE -> State.BOUNCING;
            case FROZEN -> State.FROZEN;
            case MOVING, IMPORTED -> State.HELD;
        };
    }
}
