package org.hikyaku.main;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import org.hikyaku.admin.ControlRequest;
import org.junit.jupiter.api.Test;

/** Names given to freezes and thaws that stand for nobody. */
class FreezeNamesTest {
    private static ControlRequest senders(String command, String... names) {
        return new ControlRequest(command, "ops", List.of(names), null, null);
    }

    @Test
    void whoMistypesANameHearsThatNobodyIsFrozen() throws IOException {
        try (OutboundBed bed = new OutboundBed(31)) {
            ControlRequest typo = ControlRequest.of("freeze", "ops").with("user", "jo@customer.example");
            for (boolean dry : new boolean[] {true, false}) {
                Told told = bed.ask(typo.withFlag("dry", dry));
                assertThat(told.end().ok()).isFalse();
                assertThat(told.end().messages())
                        .first()
                        .asString()
                        .startsWith("nobody is frozen: jo@customer.example is not in the users file");
                assertThat(told.rows()).isEmpty();
            }
            assertThat(bed.server().operations().accounts().all()).isEmpty();
            assertThat(bed.ask(typo.withFlag("local", true)).end().ok()).isTrue();
            assertThat(bed.ask(typo).end().ok()).as("on the list by now").isTrue();
        }
    }

    @Test
    void whoIsKnownByHisMailInTheQueueAloneIsFrozen() throws IOException {
        try (OutboundBed bed = new OutboundBed(32)) {
            bed.drop("m1", "anna", "to bob@b.example\n");
            bed.sim().runFor(Duration.ofMinutes(2));
            Told told = bed.ask(ControlRequest.of("freeze", "ops").with("user", "anna"));
            assertThat(told.end().ok()).isTrue();
            assertThat(told.rows().getFirst()).containsEntry("messages", 1L).containsEntry("listed", false);
        }
    }

    /** His mail may all be gone before anybody looks, while he goes on. */
    @Test
    void whoHasSentWithinTheHourIsFrozen() throws IOException {
        try (OutboundBed bed = new OutboundBed(34)) {
            bed.listen(line -> "250 ok");
            bed.drop("m1", "anna", "to bob@b.example\n");
            bed.sim().runFor(Duration.ofMinutes(10));
            assertThat(bed.holds()).as("it is delivered").isEmpty();
            ControlRequest anna =
                    ControlRequest.of("freeze", "ops").with("user", "Anna").withFlag("dry", true);
            assertThat(bed.ask(anna).end().ok()).isTrue();
            bed.sim().runFor(Duration.ofMinutes(70));
            Told later = bed.ask(anna);
            assertThat(later.end().ok()).isFalse();
            assertThat(later.end().messages()).last().asString().contains("--local takes it as it is", "of Dovecot");
        }
    }

    @Test
    void aThawTellsWhoWasNotFrozenAndThawsTheOthers() throws IOException {
        try (OutboundBed bed = new OutboundBed(33)) {
            Told none = bed.ask(senders("queue-thaw-sender", "never@x.example"));
            assertThat(none.end().ok()).isFalse();
            assertThat(none.end().messages()).containsExactly("never@x.example is not frozen");
            Told frozen = bed.ask(senders("queue-freeze-sender", "@Outside.example"));
            assertThat(frozen.end().ok()).isTrue();
            assertThat(frozen.rows().getFirst()).containsEntry("senders", List.of("@Outside.example"));
            Told some = bed.ask(senders("queue-thaw-sender", "never@x.example", "@outside.example"));
            assertThat(some.end().messages()).containsExactly("never@x.example is not frozen");
            assertThat(bed.server().operations().frozen()).isEmpty();
            bed.ask(senders("queue-freeze-sender", "@outside.example"));
            assertThat(bed.ask(senders("queue-thaw-sender", "@OUTSIDE.example"))
                            .end()
                            .ok())
                    .isTrue();
        }
    }
}
