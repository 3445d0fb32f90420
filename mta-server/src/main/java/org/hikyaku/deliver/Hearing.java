package org.hikyaku.deliver;

import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Who waits for the next {@link Step} of a conversation: one asks at a time, or somebody wants to know of its end while it
 * rests. On the conversation's loop only.
 *
 * <p>It promises that a step that nobody has asked for yet is kept for who asks next, the end of a thing before the middle
 * of it.
 *
 * <p><i>Failure:</i> none: who asks of a conversation that has ended is told the end that was kept.
 */
final class Hearing {
    private @Nullable Consumer<Step> asked;
    private @Nullable Step unheard;
    private @Nullable Runnable atEnd;

    void ask(Consumer<Step> heard) {
        asked = heard;
    }

    /** Answers with what was kept; false when there is nothing. */
    boolean answerKept() {
        Step kept = unheard;
        if (kept != null) {
            tell(kept);
        }
        return kept != null;
    }

    void tell(Step step) {
        Consumer<Step> hears = asked;
        if (hears != null) {
            asked = null;
            unheard = null;
            hears.accept(step);
        } else if (!(unheard instanceof Step.Done) && !(unheard instanceof Step.Unusable)) {
            unheard = step;
        }
        if (step instanceof Step.Unusable) {
            end();
        }
    }

    /** Whether the end was told, and nobody has heard it. */
    boolean hasEndedUnheard() {
        return unheard instanceof Step.Unusable;
    }

    /** The conversation rests: {@code ended} is run when it ends before somebody goes on with it. */
    void rest(Runnable ended) {
        atEnd = ended;
    }

    /** Somebody goes on with it. */
    void goOn() {
        atEnd = null;
    }

    /** The end of a rest; false when it did not rest. */
    boolean end() {
        Runnable told = atEnd;
        if (told != null) {
            told.run();
            atEnd = null;
        }
        return told != null;
    }
}
