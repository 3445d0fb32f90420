package org.hikyaku.deliver;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.hikyaku.smtp.client.ServerOffer;
import org.hikyaku.smtp.client.Trouble;
import org.junit.jupiter.api.Test;

/** Who hears what of a conversation. */
class HearingTest {
    private static final Step READY = new Step.Ready(ServerOffer.NOTHING);
    private static final Step MORE = new Step.More();
    private static final Step ENDED =
            new Step.Unusable(Trouble.of(Trouble.Stage.IDLE, Trouble.Kind.LOST, "the host closed the connection"));

    private final Hearing hearing = new Hearing();
    private final List<Step> heard = new ArrayList<>();
    private int ends;

    @Test
    void whoAsksHearsOneStep() {
        hearing.ask(heard::add);
        hearing.tell(READY);
        hearing.tell(MORE);
        assertThat(heard).containsExactly(READY);
    }

    @Test
    void whatComesBeforeTheQuestionIsKept() {
        hearing.tell(MORE);
        hearing.ask(heard::add);
        assertThat(hearing.answerKept()).isTrue();
        assertThat(heard).containsExactly(MORE);
        hearing.ask(heard::add);
        assertThat(hearing.answerKept()).isFalse();
    }

    @Test
    void theEndIsKeptBeforeTheMiddle() {
        hearing.tell(MORE);
        hearing.tell(ENDED);
        hearing.tell(MORE);
        assertThat(hearing.hasEndedUnheard()).isTrue();
        hearing.ask(heard::add);
        hearing.answerKept();
        assertThat(heard).containsExactly(ENDED);
    }

    @Test
    void theEndOfARestIsToldOnce() {
        hearing.rest(() -> ends++);
        hearing.tell(ENDED);
        assertThat(hearing.end()).isFalse();
        assertThat(ends).isEqualTo(1);
    }

    @Test
    void whoGoesOnEndsTheRest() {
        hearing.rest(() -> ends++);
        hearing.goOn();
        hearing.tell(ENDED);
        assertThat(ends).isZero();
    }
}
