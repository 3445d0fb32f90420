package org.hikyaku.operate;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import org.hikyaku.mail.Address;
import org.hikyaku.mail.Recipient;
import org.hikyaku.mail.SpoolId;
import org.hikyaku.spool.RecipientState;
import org.hikyaku.spool.StoredMessage;

/** What a verb means for one message as it is now. Pure. */
final class Planner {
    private static final String CHANGED = "it has changed since";
    private static final String OTHERWISE = "its sender is frozen by another rule";

    private final Verb verb;
    private final long operation;
    private final String by;
    private final Instant now;
    private final Verb.Times times;
    private final Freezes freezes;

    Planner(Order order, Freezes freezes) {
        this.verb = order.verb();
        this.operation = order.number();
        this.by = order.by();
        this.now = order.now();
        this.times = order.times();
        this.freezes = freezes;
    }

    /** What is to be done. */
    sealed interface Plan {
        /** Whether the verb does what it is for. */
        default boolean isWanted() {
            return switch (this) {
                case Carry c -> c.yet.isEmpty();
                case Purge p -> true;
                case Fail f -> true;
                case Leave l -> false;
            };
        }

        /**
         * A change that can be taken back.
         *
         * @param yet why the message is still not as was wanted, which is told as if it were left; or empty
         */
        record Carry(Move move, String yet) implements Plan {
            Carry(Move move) {
                this(move, "");
            }
        }

        /** A removal for good. */
        record Purge() implements Plan {}

        /** The recipients given up at once. */
        record Fail(List<Integer> places, String text) implements Plan {}

        /** Nothing, and why. */
        record Leave(String why) implements Plan {}
    }

    /** Whether recipients' states are changed, so that no deliverer may have the message. */
    boolean seizes() {
        return switch (verb) {
            case Verb.Retry r -> true;
            case Verb.Redirect r -> true;
            case Verb.Take t -> true;
            case Verb.Bounce b -> b.now();
            default -> false;
        };
    }

    /** @param places of the recipients that were chosen */
    Plan plan(StoredMessage message, List<Integer> places) {
        String held = message.held();
        Optional<Mark.Kind> mark = Mark.parse(held).map(Mark::kind);
        boolean trashed = mark.equals(Optional.of(Mark.Kind.TRASH));
        if (mark.equals(Optional.of(Mark.Kind.IMPORTED)) && !(verb instanceof Verb.Remove(boolean now) && now)) {
            return new Plan.Leave("its import is not finished: import again, or remove it with --now");
        }
        boolean moving = mark.equals(Optional.of(Mark.Kind.MOVING));
        return switch (verb) {
            case Verb.Hold h ->
                held.isEmpty() ? held(message, Mark.reason(h.reason())) : new Plan.Leave("held already");
            case Verb.Release r when moving -> held(message, after(Mark.unmoved(held), message));
            case Verb.Release r -> held.isEmpty() ? new Plan.Leave("not held") : held(message, released(message, mark));
            case Verb.Retry r -> held.isEmpty() ? due(message, places) : new Plan.Leave("held: release it first");
            case Verb.Remove r when r.now() -> new Plan.Purge();
            case Verb.Remove r ->
                trashed
                        ? new Plan.Leave("in the trash already")
                        : held(
                                message,
                                Mark.trash(now.plus(times.trashFor()), operation, by)
                                        .held());
            case Verb.Bounce b when trashed -> new Plan.Leave("in the trash");
            case Verb.Bounce b when moving -> new Plan.Leave("being moved: release it first");
            case Verb.Bounce b when b.now() -> new Plan.Fail(places, b.text());
            case Verb.Bounce b -> bounce(message, places, b.text());
            case Verb.Redirect r when trashed -> new Plan.Leave("in the trash");
            case Verb.Redirect r when moving -> new Plan.Leave("being moved: release it first");
            case Verb.Redirect r -> redirected(message, places, r.to());
            case Verb.Freeze f ->
                held.isEmpty()
                        ? held(
                                message,
                                freezes.mark(operation, by, message.origin()).held())
                        : new Plan.Leave("held already");
            case Verb.Thaw t -> thawed(message);
            case Verb.FreezeUser f -> frozen(message);
            case Verb.ReleaseUser r -> freed(message);
            case Verb.Take t when trashed -> new Plan.Leave("in the trash");
            case Verb.Take t ->
                held(message, Mark.moving(operation, by, Mark.unmoved(held)).held());
            case Verb.Moved(long taken) when !isTaken(held, taken) -> new Plan.Leave(CHANGED);
            case Verb.Moved m ->
                held(
                        message,
                        Mark.trash(now.plus(times.trashFor()), operation, by).held());
            case Verb.Undo u -> throw new IllegalStateException("an undo has moves of its own");
        };
    }

    /** Whether the hold is the mark of a take. */
    static boolean isTaken(String held, long operation) {
        return Mark.parse(held)
                .filter(m -> m.kind() == Mark.Kind.MOVING && m.operation() == operation)
                .isPresent();
    }

    private static Plan held(StoredMessage message, String to) {
        return new Plan.Carry(new Move.Held(message.id(), message.held(), to));
    }

    /** A message of a frozen sender goes on waiting, unless it is the freeze itself that is ended for it. */
    private String released(StoredMessage message, Optional<Mark.Kind> mark) {
        boolean itself = mark.equals(Optional.of(Mark.Kind.FROZEN));
        return itself ? "" : after("", message);
    }

    private String after(String former, StoredMessage message) {
        return freezes.holdAfter(former, message.envelope().sender(), message.origin());
    }

    /** A move that takes another back: it lets nothing go of who was frozen in between, and holds nothing of who was thawed. */
    Move back(Move move, StoredMessage message) {
        if (!(move instanceof Move.Held(SpoolId id, String from, String to))) {
            return move;
        }
        String before = message.held().equals(from) ? to : asFrozen(to, message);
        String now = to.isEmpty() ? released(message, Mark.parse(from).map(Mark::kind)) : after(before, message);
        return new Move.Held(id, message.held(), now);
    }

    /** A hold with the freeze that the message has now: that in it has ended since, or given way to another. */
    private static String asFrozen(String held, StoredMessage message) {
        return Mark.freeze(message.held())
                .map(freeze -> Mark.refrozen(held, freeze))
                .orElseGet(() -> Mark.thawed(held));
    }

    /** What the freeze of a sender holds goes on, but for what its user's holds, or that of a wider sender. */
    private Plan thawed(StoredMessage message) {
        if (!Mark.isThawable(message.held())) {
            return new Plan.Leave(CHANGED);
        }
        if (isFrozenSender(message)) {
            return new Plan.Leave(OTHERWISE);
        }
        return freezes.accounts().isHeld(message.origin())
                ? still(message, true, "its user is frozen")
                : held(message, Mark.thawed(message.held()));
    }

    /** For a freeze of its user, who holds from then on what that of a sender has held. */
    private Plan frozen(StoredMessage message) {
        String held = message.held();
        Mark mark = Mark.frozen(operation, by, true);
        if (held.isEmpty()) {
            return held(message, mark.held());
        }
        return Mark.isThawable(held) ? held(message, Mark.refrozen(held, mark)) : new Plan.Leave("held already");
    }

    /** What the freeze of its user holds goes on, or is left to that of its sender. */
    private Plan freed(StoredMessage message) {
        if (!Mark.isFrozen(message.held())) {
            return new Plan.Leave(CHANGED);
        }
        if (!isDry() && freezes.accounts().isHeld(message.origin())) {
            return new Plan.Leave("its user was frozen again");
        }
        return isFrozenSender(message) ? still(message, false, OTHERWISE) : held(message, Mark.thawed(message.held()));
    }

    /** By another freeze from then on. */
    private Plan still(StoredMessage message, boolean leaves, String why) {
        String held = message.held();
        boolean already = Mark.isThawable(held) != leaves;
        String to = Mark.refrozen(held, Mark.frozen(operation, by, leaves));
        return already ? new Plan.Leave(why) : new Plan.Carry(new Move.Held(message.id(), held, to), why);
    }

    /** After this; a dry run comes before the freeze that it asks of has ended. */
    private boolean isFrozenSender(StoredMessage message) {
        List<String> but = isDry() ? verb.senders() : List.of();
        return freezes.isFrozenSender(message.envelope().sender(), message.origin(), but);
    }

    private boolean isDry() {
        return operation == 0;
    }

    /** Those of a bounce that is marked already, and has not been sent, are given up with these. */
    private Plan bounce(StoredMessage message, List<Integer> places, String text) {
        TreeSet<Integer> some = new TreeSet<>(places);
        some.removeIf(place -> message.states().get(place).status().isFinished());
        if (some.isEmpty()) {
            return new Plan.Leave("finished in the meantime"); // and no places would mean all
        }
        Optional<Mark> first = Mark.parse(message.held()).filter(m -> m.kind() == Mark.Kind.BOUNCE);
        first.ifPresent(mark -> some.addAll(mark.places()));
        some.removeIf(place -> message.states().get(place).status().isFinished());
        boolean all = first.filter(mark -> mark.places().isEmpty()).isPresent()
                || some.size() == Housekeeper.pending(message, List.of()).size();
        Mark mark = new Mark(
                Mark.Kind.BOUNCE,
                now.plus(times.undoFor()),
                operation,
                by,
                text,
                all ? List.of() : List.copyOf(some),
                all ? "" : first.map(Mark::before).orElse(message.held()));
        return held(message, mark.held());
    }

    private Plan due(StoredMessage message, List<Integer> places) {
        List<Move.Shift> shifts = new ArrayList<>();
        for (int place : places) {
            RecipientState state = message.states().get(place);
            if (!state.status().isFinished() && state.due().isAfter(now)) {
                shifts.add(new Move.Shift(place, state.attempts(), state.due(), now));
            }
        }
        return shifts.isEmpty() ? new Plan.Leave("due already") : new Plan.Carry(new Move.Due(message.id(), shifts));
    }

    private static Plan redirected(StoredMessage message, List<Integer> places, Address to) {
        if (to.isInternational() && !message.envelope().needsUtf8()) {
            return new Plan.Leave("the new address needs SMTPUTF8, the message was not sent with it");
        }
        List<Integer> some = new ArrayList<>();
        List<Recipient> from = new ArrayList<>();
        for (int place : places) {
            Recipient each = message.envelope().recipients().get(place);
            if (!message.states().get(place).status().isFinished()
                    && !each.address().equals(to)) {
                some.add(place);
                from.add(each);
            }
        }
        if (some.isEmpty()) {
            return new Plan.Leave("goes there already");
        }
        int added = message.envelope().recipients().size();
        Recipient one =
                new Recipient(to, from.getFirst().original(), from.getFirst().wanted());
        return new Plan.Carry(new Move.Redirected(message.id(), some, from, added, List.of(one)));
    }
}
