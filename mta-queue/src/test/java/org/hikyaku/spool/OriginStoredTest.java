package org.hikyaku.spool;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.hikyaku.mail.Address;
import org.hikyaku.mail.Envelope;
import org.hikyaku.mail.Recipient;
import org.hikyaku.mail.SpoolId;
import org.hikyaku.sim.SimWorld;
import org.junit.jupiter.api.Test;

class OriginStoredTest {
    private static final List<Origin> SOME = List.of(
            new Origin(Origin.Kind.SUBMISSION, "192.0.2.7", "anna", "s1", "submissions"),
            new Origin(Origin.Kind.SMTP, "2001:db8::1", "", "s2", "mx"),
            new Origin(Origin.Kind.LOCAL, "", "root", ""),
            Origin.ownNotice());

    /** Rules of routes ask for all of it, at each attempt. */
    @Test
    void whereAMessageCameFromIsKnownAfterARestart() {
        try (SimWorld sim = new SimWorld(1)) {
            List<SpoolId> ids = new ArrayList<>();
            sim.run(world -> {
                JournalSpool spool = SpoolHand.open(world);
                for (Origin each : SOME) {
                    Draft draft = SpoolHand.draft(spool, "text\r\n");
                    Envelope envelope = new Envelope(
                            Address.of("a@a.example"), List.of(Recipient.of(Address.of("b@b.example"))), false, false);
                    Change.Entry.Accept accept = new Change.Entry.Accept(
                            draft,
                            SpoolHand.NO_HEADER,
                            envelope,
                            each,
                            world.clock().now(),
                            List.of(RecipientState.fresh(world.clock().now())),
                            "");
                    assertThat(SpoolHand.commit(world, spool, Change.of(accept)).await())
                            .isEmpty();
                    ids.add(draft.id());
                }
                spool.close();
            });
            sim.run(world -> {
                JournalSpool spool = SpoolHand.open(world);
                for (int i = 0; i < ids.size(); i++) {
                    assertThat(spool.read(ids.get(i)).orElseThrow().origin()).isEqualTo(SOME.get(i));
                }
                spool.close();
            });
        }
    }
}
