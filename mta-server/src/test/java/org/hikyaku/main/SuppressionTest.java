package org.hikyaku.main;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.hikyaku.admin.ControlRequest;
import org.hikyaku.mail.Address;
import org.hikyaku.operate.Suppressed;
import org.hikyaku.queue.Explainer;
import org.hikyaku.sim.SimWorld;
import org.hikyaku.world.Event;
import org.junit.jupiter.api.Test;

/** Recipients who are gone, in the whole server. */
class SuppressionTest {
    @Test
    void whoHasLongBeenGoneIsRefusedAtRcptUntilHeIsTakenOffTheList() throws IOException {
        Address bob = Address.of("bob@b.example");
        try (OutboundBed bed = new OutboundBed(5)) {
            SimWorld sim = bed.sim();
            ControlRequest add = new ControlRequest("suppression-add", "ops", List.of("bob@b.example"), null, null);
            assertThat(bed.ask(add.withFlag("dry", true)).end().ok()).isTrue();
            assertThat(bed.ask(ControlRequest.of("suppression-list", "ops")).rows())
                    .isEmpty();
            assertThat(bed.ask(add.with("for", "40d").with("text", "gone"))
                            .end()
                            .ok())
                    .isTrue();
            assertThat(bed.ask(add.with("for", "soon")).end().usage()).isTrue();
            assertThat(bed.ask(ControlRequest.of("suppression-list", "ops"))
                            .rows()
                            .getFirst())
                    .containsEntry("address", "bob@b.example")
                    .containsEntry("by", "ops")
                    .containsEntry("why", "gone");
            sim.crash();
            sim.run(world -> bed.start(world));
            OutboundBed.Client client = bed.connect(OutboundBed.message("BOB@b.example", "eve@b.example"));
            assertThat(client.heard)
                    .anyMatch(line -> line.startsWith("550 5.1.1 Nobody has this address: ")
                            && line.contains("or the postmaster here"));
            assertThat(client.last()).startsWith("250 ");
            sim.run(sim.host(), world -> {
                Explainer.Case asked = new Explainer.Case(bob, Address.of(OutboundBed.EVE), OutboundBed.EVE, "");
                assertThat(bed.server().explainer().explain(asked).toString()).contains("suppressed until", "by ops");
            });
            ControlRequest remove =
                    new ControlRequest("suppression-remove", "ops", List.of("bob@b.example"), null, null);
            assertThat(bed.ask(remove.withFlag("dry", true)).end().ok()).isTrue();
            assertThat(bed.ask(remove).end().ok()).isTrue();
            assertThat(bed.ask(remove).end().ok()).isFalse();
            assertThat(bed.ask(remove).end().messages()).containsExactly("bob@b.example is not on the list");
            assertThat(bed.ask(add).end().ok()).isTrue();
            ControlRequest both = new ControlRequest(
                    "suppression-remove", "ops", List.of("bob@b.example", "no@b.example"), null, null);
            assertThat(bed.ask(both).end().messages()).containsExactly("1 removed", "no@b.example is not on the list");
            assertThat(bed.connect(OutboundBed.message("bob@b.example")).heard)
                    .noneMatch(line -> line.startsWith("550"));
        }
    }

    @Test
    void whoeverIsAddedInADomainThatIsSparedIsAddedInVainAndThatIsSaid() throws IOException {
        try (OutboundBed bed = new OutboundBed(7)) {
            ControlRequest add = new ControlRequest(
                    "suppression-add",
                    "ops",
                    List.of("bob@b.example", "x@relay.example", "y@relay.example"),
                    null,
                    null);
            for (boolean dry : new boolean[] {true, false}) {
                Told told = bed.ask(add.withFlag("dry", dry));
                assertThat(told.end().ok()).isTrue();
                assertThat(told.end().messages().getLast())
                        .startsWith("without effect for relay.example: ")
                        .doesNotContain("b.example,");
            }
            assertThat(bed.ask(ControlRequest.of("suppression-list", "ops")).rows())
                    .extracting(row -> row.get("spared"))
                    .containsExactly(false, true, true);
            ControlRequest bob = new ControlRequest("suppression-add", "ops", List.of("bob@b.example"), null, null);
            assertThat(bed.ask(bob).end().messages()).hasSize(1);
        }
    }

    @Test
    void otherMailToHimIsAnsweredByANoticeAndGoesToTheOthers() throws IOException {
        try (OutboundBed bed = new OutboundBed(6)) {
            SimWorld sim = bed.sim();
            sim.run(
                    sim.host(),
                    world -> bed.server()
                            .suppressions()
                            .add(Address.of("bob@b.example"), Duration.ofDays(30), "ops", "gone"));
            bed.drop("m1", "joe", "to bob@b.example\nto eve@b.example\n");
            bed.drop("m2", "joe", "to bob@b.example\n");
            sim.runFor(Duration.ofMinutes(2));
            assertThat(sim.events().count(Event.BOUNCE_QUEUED)).isEqualTo(2);
            assertThat(sim.events().lines()).anyMatch(line -> line.contains("SUPPRESSED"));
            assertThat(bed.server().spool().ids(null, 100))
                    .as("eve's server is away")
                    .hasSize(1);
        }
    }

    @Test
    void whatAServerSaysOfTheSenderIsNotSaidOfTheRecipient() throws IOException {
        try (OutboundBed bed = new OutboundBed(8)) {
            SimWorld sim = bed.sim();
            Map<String, String> replies = Map.of(
                    "MAIL FROM:<www", "550 5.1.1 no such user here",
                    "RCPT TO:<code", "553 5.1.8 Domain does not exist",
                    "RCPT TO:<exim", "550 Sender verify failed: no such user",
                    "RCPT TO:<named", "550 5.1.1 <joe@customer.example>: user unknown",
                    "RCPT TO:<sender", "550 5.1.1 <sender@b.example>: user unknown");
            bed.listen(line -> replies.entrySet().stream()
                    .filter(each -> line.startsWith(each.getKey()))
                    .map(Map.Entry::getValue)
                    .findFirst()
                    .orElse(line.startsWith("RCPT") ? "550 5.1.1 no such user" : "250 ok"));
            for (int i = 0; i < 3; i++) {
                bed.drop("mw" + i, "www", "to refused@b.example\n");
                bed.drop("mn" + i, "root", "sender \nto null@b.example\n");
                bed.connect(
                        OutboundBed.message("code@b.example", "exim@b.example", "named@b.example", "sender@b.example"));
                sim.runFor(Duration.ofHours(13));
            }
            assertThat(bed.server().suppressions().list(true))
                    .extracting(Suppressed::address)
                    .containsExactly("sender@b.example");
            assertThat(sim.events().count(Event.RECIPIENT_FAILED)).isGreaterThanOrEqualTo(18);
        }
    }

    @Test
    void whoIsNotThereYetInADomainThatTheOperatorServesIsNotGone() throws IOException {
        try (OutboundBed bed = new OutboundBed(9)) {
            SimWorld sim = bed.sim();
            bed.listen(line -> line.startsWith("RCPT") ? "550 5.1.1 no such user" : "250 ok");
            for (int i = 0; i < 3; i++) {
                bed.connect(OutboundBed.message("new@relay.example", "new@x.inner.example", "bob@b.example"));
                sim.runFor(Duration.ofHours(13));
            }
            assertThat(bed.server().suppressions().list(true))
                    .extracting(Suppressed::address)
                    .containsExactly("bob@b.example");
            sim.run(sim.host(), world -> {
                for (String listed : List.of("new@relay.example", "new@x.inner.example", "bob@b.example")) {
                    bed.server().suppressions().add(Address.of(listed), Duration.ofDays(1), "servers", "before");
                }
            });
            assertThat(bed
                            .connect(OutboundBed.message("bob@b.example", "new@relay.example", "new@x.inner.example"))
                            .heard
                            .stream()
                            .filter(line -> line.startsWith("550 5.1.1")))
                    .as("bob alone")
                    .hasSize(1);
        }
    }

    @Test
    void whoseServerSaysForDaysThatHeIsNotThereIsSuppressedAndForNothingElse() throws IOException {
        try (OutboundBed bed = new OutboundBed(7)) {
            SimWorld sim = bed.sim();
            bed.listen(line -> line.startsWith("RCPT TO:<bob")
                    ? "550 5.1.1 no such user"
                    : line.startsWith("RCPT") ? "550 5.7.1 Blocked by policy" : "250 ok");
            for (int i = 0; i < 3; i++) {
                assertThat(bed.server().suppressions().holds(Address.of("bob@b.example")))
                        .isFalse();
                bed.drop("m" + i, "joe", "to bob@b.example\nto eve@b.example\n");
                sim.runFor(Duration.ofHours(13));
            }
            assertThat(bed.server().suppressions().holds(Address.of("bob@b.example")))
                    .isTrue();
            assertThat(bed.server().suppressions().list(true)).hasSize(1);
            assertThat(sim.events().count(Event.BOUNCE_QUEUED)).isEqualTo(3);
            assertThat(sim.events().count(Event.ADDRESS_SUPPRESSED)).isEqualTo(1);
        }
    }
}
