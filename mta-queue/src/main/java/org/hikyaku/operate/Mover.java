package org.hikyaku.operate;

import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.hikyaku.queue.QueueAdmin;
import org.hikyaku.queue.QueueAdmin.Answer;
import org.hikyaku.spool.RecipientState;
import org.hikyaku.spool.StoredMessage;

/**
 * Carries out moves, if the message is still as they say.
 *
 * <p><i>Failure:</i> a message that has changed since is left alone; what the store refuses is told.
 */
final class Mover {
    private final QueueAdmin queue;

    Mover(QueueAdmin queue) {
        this.queue = queue;
    }

    /** Whether the message must be seized for it. */
    static boolean seizes(Move move) {
        return !(move instanceof Move.Held);
    }

    /** Whether the message is as the move says; {@code now} may be empty: finished. */
    static Optional<String> obstacle(Move move, Optional<StoredMessage> now) {
        if (now.isEmpty()) {
            return Optional.of("no such message in the queue");
        }
        StoredMessage message = now.get();
        boolean same = switch (move) {
            case Move.Held held -> message.held().equals(held.from()) || Mark.isSameAround(message.held(), held.from());
            case Move.Due due ->
                due.shifts().stream()
                        .allMatch(s -> isPending(message, s.place())
                                && message.states().get(s.place()).attempts() == s.attempts()
                                && message.states().get(s.place()).due().equals(s.from()));
            case Move.Redirected r -> isWhole(message, r);
        };
        return same ? Optional.empty() : Optional.of("it has changed since");
    }

    private static boolean isPending(StoredMessage message, int place) {
        return place < message.states().size()
                && !message.states().get(place).status().isFinished();
    }

    private static boolean isWhole(StoredMessage message, Move.Redirected r) {
        for (int i = 0; i < r.places().size(); i++) {
            int place = r.places().get(i);
            if (!isPending(message, place)
                    || !message.envelope()
                            .recipients()
                            .get(place)
                            .equals(r.from().get(i))) {
                return false;
            }
        }
        return message.envelope().recipients().size() == r.added();
    }

    /** Stores the move; the message is as it says and, if need be, seized. */
    void carry(Move move, Consumer<Answer> told) throws IOException {
        switch (move) {
            case Move.Held(var id, String from, String to) -> queue.hold(id, to, told);
            case Move.Due due -> {
                StoredMessage message = queue.show(due.id()).orElseThrow().message();
                Map<Integer, RecipientState> states = new LinkedHashMap<>();
                for (Move.Shift s : due.shifts()) {
                    boolean hurry = s.to().isBefore(s.from()); // else one is taken back
                    states.put(s.place(), message.states().get(s.place()).at(s.to(), hurry));
                }
                queue.progress(due.id(), states, told);
            }
            case Move.Redirected r -> queue.redirect(r.id(), r.places(), r.to(), told);
        }
    }
}
