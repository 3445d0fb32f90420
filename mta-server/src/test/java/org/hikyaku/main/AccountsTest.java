package org.hikyaku.main;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.time.Duration;
import org.hikyaku.admin.ControlRequest;
import org.hikyaku.operate.Account;
import org.hikyaku.sim.SimWorld;
import org.hikyaku.world.Event;
import org.junit.jupiter.api.Test;

/** Accounts that an operator freezes or that are held, in the whole server. */
class AccountsTest {
    @Test
    void aFrozenUserIsSentAwayHeldAndRefusedAlsoAfterARestart() throws IOException {
        try (OutboundBed bed = new OutboundBed(1)) {
            SimWorld sim = bed.sim();
            assertThat(bed.connect(OutboundBed.message("bob@b.example")).last()).startsWith("250 ");
            OutboundBed.Client open = bed.connect("EHLO c.example", OutboundBed.AUTH, "NOOP");
            assertThat(open.last()).startsWith("250 ");
            assertThat(open.closed).isFalse();
            Told dry = bed.ask(ControlRequest.of("freeze", "ops")
                    .with("user", OutboundBed.EVE)
                    .withFlag("dry", true));
            assertThat(dry.rows().getFirst()).containsEntry("messages", 1L).containsEntry("sessions", 2);
            assertThat(open.closed).isFalse();
            Told told = bed.freeze();
            assertThat(told.end().ok()).isTrue();
            assertThat(told.rows().getFirst())
                    .containsEntry("user", OutboundBed.EVE)
                    .containsEntry("messages", 1L)
                    .containsEntry("sessions", 2)
                    .containsEntry("listed", true);
            sim.runFor(Duration.ofSeconds(10));
            assertThat(open.last()).startsWith("421 4.7.0 Your account");
            assertThat(open.closed).isTrue();
            assertThat(bed.connect("EHLO c.example", OutboundBed.AUTH).last()).startsWith("525 5.7.13 ");
            sim.crash();
            sim.run(world -> bed.start(world));
            assertThat(bed.connect("EHLO c.example", OutboundBed.AUTH).last()).startsWith("525 5.7.13 ");
            assertThat(bed.holds()).hasSize(1).allMatch(held -> held.startsWith("@frozen"));
            assertThat(bed.ask(ControlRequest.of("freeze-list", "ops")).rows().getFirst())
                    .containsEntry("user", OutboundBed.EVE)
                    .containsEntry("state", "frozen")
                    .containsEntry("why", "spam")
                    .containsEntry("swept", true);
            ControlRequest unfreeze = ControlRequest.of("unfreeze", "ops").with("user", OutboundBed.EVE);
            assertThat(bed.ask(unfreeze.withFlag("release", true).withFlag("dry", true))
                            .rows()
                            .getFirst())
                    .containsEntry("messages", 1L);
            assertThat(bed.ask(unfreeze).end().ok()).isTrue();
            assertThat(bed.ask(unfreeze).end().ok()).as("twice").isFalse();
            assertThat(bed.holds()).as("to be looked at").allMatch(held -> held.startsWith("@frozen"));
            assertThat(bed.ask(unfreeze.withFlag("release", true)).rows().getFirst())
                    .containsEntry("messages", 1L);
            assertThat(bed.holds()).allMatch(String::isEmpty);
            assertThat(bed.ask(ControlRequest.of("freeze", "ops").with("user", "a b"))
                            .end()
                            .usage())
                    .isTrue();
            assertThat(bed.connect("EHLO c.example", OutboundBed.AUTH).last()).startsWith("235 ");
        }
    }

    @Test
    void aUserOfThisHostIsFrozenAndUnfrozenBesideTheMailboxUserOfHisName() throws IOException {
        try (OutboundBed bed = new OutboundBed(9)) {
            SimWorld sim = bed.sim();
            sim.run(world -> {
                bed.server().operations().accounts().suspect("joe", "too much");
                world.tasks().sleep(Duration.ofSeconds(10));
            });
            assertThat(bed.ask(ControlRequest.of("freeze-list", "ops")).rows().getFirst())
                    .containsEntry("user", "joe");
            Told unfrozen = bed.ask(ControlRequest.of("unfreeze", "ops").with("user", "joe"));
            assertThat(unfrozen.end().ok()).isTrue();
            assertThat(unfrozen.rows().getFirst()).containsEntry("user", "joe");
            Told local = bed.ask(
                    ControlRequest.of("freeze", "ops").with("user", "joe").withFlag("local", true));
            assertThat(local.rows().getFirst()).containsEntry("user", "joe").containsEntry("listed", false);
            assertThat(bed.connect("EHLO c.example", OutboundBed.AUTH).last()).startsWith("235 ");
            assertThat(bed.freeze().rows().getFirst()).containsEntry("user", OutboundBed.EVE);
            assertThat(bed.connect("EHLO c.example", OutboundBed.AUTH).last()).startsWith("525 ");
            ControlRequest unfreeze = ControlRequest.of("unfreeze", "ops").with("user", "joe");
            assertThat(bed.ask(unfreeze).rows().getFirst()).as("as listed").containsEntry("user", "joe");
            assertThat(bed.ask(unfreeze.withFlag("local", true)).end().ok()).isFalse();
            assertThat(bed.ask(unfreeze).rows().getFirst()).as("as at a login").containsEntry("user", OutboundBed.EVE);
        }
    }

    @Test
    void whoTriesManyAddressesThatAreNotThereHasHisMailHeld() throws IOException {
        try (OutboundBed bed = new OutboundBed(3)) {
            SimWorld sim = bed.sim();
            OutboundBed.Client client = bed.connect(OutboundBed.message(
                    "a@customer.example",
                    "b@customer.example",
                    "c@customer.example",
                    "d@customer.example",
                    "e@customer.example",
                    "bob@b.example"));
            assertThat(client.last()).startsWith("250 ");
            sim.runFor(Duration.ofMinutes(1));
            assertThat(sim.events().count(Event.ACCOUNT_HELD)).isEqualTo(1);
            assertThat(bed.holds()).hasSize(1).allMatch(held -> held.startsWith("@frozen"));
            assertThat(bed.server().operations().accounts().all())
                    .extracting(Account::level)
                    .containsExactly(Account.Level.HELD);
            assertThat(bed.connect("EHLO c.example", OutboundBed.AUTH).last()).startsWith("235 ");
        }
    }

    @Test
    void whatIsRefusedLongAfterItCameIsSetAgainstWhatIsTakenThen() throws IOException {
        for (int taken : new int[] {6, 4}) {
            try (OutboundBed bed = new OutboundBed(18)) {
                SimWorld sim = bed.sim();
                String to = "to e1@b.example\nto e2@b.example\nto e3@b.example\nto e4@b.example\nto e5@b.example\n";
                StringBuilder all = new StringBuilder(to);
                for (int i = 0; i < taken; i++) {
                    all.append("to ok").append(i).append("@b.example\n");
                }
                bed.drop("m1", "Cronjob", all.toString());
                sim.runFor(Duration.ofMinutes(70)); // its server is away
                bed.listen(line -> line.startsWith("RCPT TO:<e") ? "550 5.7.1 Blocked by policy" : "250 ok");
                sim.runFor(Duration.ofHours(4));
                assertThat(sim.events().count(Event.RECIPIENT_DELIVERED))
                        .as("and a notice to the postmaster, for the user has no mailbox")
                        .isEqualTo(taken + 1);
                assertThat(sim.events().count(Event.RECIPIENT_FAILED)).isEqualTo(5);
                assertThat(sim.events().count(Event.ACCOUNT_HELD))
                        .as("5 of " + (5 + taken))
                        .isEqualTo(taken == 4 ? 1 : 0);
            }
        }
    }
}
