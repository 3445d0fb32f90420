package org.hikyaku.queue;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.hikyaku.mail.Address;
import org.hikyaku.mail.Envelope;
import org.hikyaku.mail.Recipient;
import org.hikyaku.operate.AccountKeeper;
import org.hikyaku.operate.Result;
import org.hikyaku.operate.Verb;
import org.hikyaku.sim.SimWorld;
import org.hikyaku.spool.Origin;
import org.hikyaku.spool.RecipientState.Status;
import org.hikyaku.spool.StoredMessage;
import org.hikyaku.world.Event;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** An operator gives up some recipients of a message: what becomes of the others, who were held. */
class PartialBounceTest {
    private static final String EVE = "eve@a.example";
    private static final Origin OF_EVE = new Origin(Origin.Kind.SUBMISSION, "192.0.2.7", EVE, "s1");
    private static final String OF_B = "domain = b.example";

    private final SimWorld sim = new SimWorld(1);
    private final MemorySpool.Store store = new MemorySpool.Store();

    @AfterEach
    void end() {
        assertThat(sim.events().count(Event.TASK_DIED)).isZero();
        sim.close();
    }

    /** What a test does with a message of eve's to bob at b and joe at c; that its sender has no mailbox spares a notice. */
    private interface Story {
        void tell(OperatorBed op, QueueBed bed, AccountKeeper accounts) throws Exception;
    }

    private void run(Story story) {
        OperatorBed.tell(sim, store, (op, bed) -> {
            bed.send("", letter("bob@b.example", "joe@c.example"), "", OF_EVE);
            story.tell(op, bed, op.operations.accounts());
        });
    }

    private static Envelope letter(String... to) {
        List<Recipient> recipients =
                List.of(to).stream().map(each -> Recipient.of(Address.of(each))).toList();
        return new Envelope(Address.of("x@a.example"), recipients, false, false);
    }

    private static void freeze(AccountKeeper accounts) throws Exception {
        accounts.freeze(EVE, "ops", "");
        accounts.sweep(EVE, "ops", false);
    }

    private static void sleep(QueueBed bed, Duration time) {
        bed.world.tasks().sleep(time);
    }

    private static List<Status> states(OperatorBed op) {
        return op.only("all").states().stream().map(each -> each.status()).toList();
    }

    /** Takes all that is lent, and says to whom it goes. */
    private static List<String> leaving(QueueBed bed) {
        List<String> to = new ArrayList<>();
        for (var claim = bed.takeSoon(); claim.isPresent(); claim = bed.takeSoon()) {
            claim.get().recipients().forEach(each -> to.add(each.address().toString()));
            bed.settle(claim.get(), QueueBed.delivered());
        }
        return to;
    }

    @Test
    void theOthersOfAFrozenUserStayFrozen() {
        run((op, bed, accounts) -> {
            freeze(accounts);
            Result result = op.run(new Verb.Bounce("no", true), "user = " + EVE + " and state = frozen and " + OF_B);
            assertThat(result.done()).isEqualTo(1);
            assertThat(states(op)).containsExactly(Status.FAILED, Status.PENDING);
            assertThat(op.list("state = frozen")).hasSize(1);
            assertThat(leaving(bed)).isEmpty();
            accounts.unfreeze(EVE);
            accounts.release(EVE, "ops", false);
            assertThat(leaving(bed)).containsExactly("joe@c.example");
        });
    }

    /** Whether the sender's freeze ends before those are given up or after. */
    @Test
    void theOthersOfWhoIsReleasedBeforeItIsSentGo() {
        run((op, bed, accounts) -> {
            freeze(accounts);
            op.run(new Verb.Bounce("no", false), "user = " + EVE + " and state = frozen and " + OF_B);
            accounts.unfreeze(EVE);
            assertThat(accounts.release(EVE, "ops", false).messages()).isEqualTo(1);
            assertThat(leaving(bed)).as("it can still be taken back").isEmpty();
            sleep(bed, Duration.ofMinutes(61));
            assertThat(leaving(bed)).containsExactly("joe@c.example");
            assertThat(op.list("all")).isEmpty();
        });
    }

    @Test
    void theOthersOfWhoIsFrozenWhileItWaitsAreFrozenWhenItIsSent() {
        run((op, bed, accounts) -> {
            op.run(new Verb.Bounce("no", false), OF_B);
            sleep(bed, Duration.ofMinutes(10));
            freeze(accounts);
            sleep(bed, Duration.ofMinutes(51));
            assertThat(states(op)).containsExactly(Status.FAILED, Status.PENDING);
            assertThat(op.list("state = frozen")).hasSize(1);
            assertThat(leaving(bed)).isEmpty();
        });
        assertThat(sim.events().count(Event.MESSAGE_HELD)).isEqualTo(2);
    }

    @Test
    void theOthersAreFrozenAlsoIfThoseGivenUpWereDeliveredMeanwhile() {
        run((op, bed, accounts) -> {
            Claim first = bed.take();
            String domain =
                    first.recipients().getFirst().address().requireDomain().ascii();
            op.run(new Verb.Bounce("no", false), "domain = " + domain);
            bed.settle(first, QueueBed.delivered());
            freeze(accounts);
            sleep(bed, Duration.ofMinutes(61));
            assertThat(states(op)).containsExactlyInAnyOrder(Status.DELIVERED, Status.PENDING);
            assertThat(op.list("state = frozen")).hasSize(1);
            assertThat(leaving(bed)).isEmpty();
        });
    }

    @Test
    void theOthersOfWhatWasHeldFallBackToThatHoldEvenOverARestart() {
        run((op, bed, accounts) -> {
            op.run(new Verb.Hold("to be seen"), "all");
            op.run(new Verb.Bounce("no", false), OF_B);
            sim.crash();
        });
        assertThat(sim.run(world -> {
                    OperatorBed op = new OperatorBed(world, store);
                    sleep(op.bed, Duration.ofMinutes(61));
                    StoredMessage left = op.only("all");
                    assertThat(left.held()).isEqualTo("to be seen");
                    assertThat(left.states().getFirst().status()).isEqualTo(Status.FAILED);
                    assertThat(leaving(op.bed)).isEmpty();
                    op.run(new Verb.Release(), "state = held");
                    assertThat(leaving(op.bed)).containsExactly("joe@c.example");
                }))
                .isTrue();
    }

    @Test
    void aSecondBounceDoesNotSpareThoseOfTheFirst() {
        run((op, bed, accounts) -> {
            op.bed.send("", letter("bob@b.example", "joe@c.example", "dan@d.example"), "", OF_EVE);
            op.run(new Verb.Bounce("no", false), OF_B);
            op.run(new Verb.Bounce("no", false), "domain = c.example");
            sleep(bed, Duration.ofMinutes(61));
            assertThat(leaving(bed)).containsExactly("dan@d.example");
            assertThat(op.list("all")).isEmpty();
        });
    }

    @Test
    void whatIsReleasedInTimeIsGivenUpForNobody() {
        run((op, bed, accounts) -> {
            op.run(new Verb.Hold("to be seen"), "all");
            op.run(new Verb.Bounce("no", false), OF_B);
            op.run(new Verb.Release(), "state = bouncing");
            sleep(bed, Duration.ofMinutes(61));
            assertThat(leaving(bed)).containsExactlyInAnyOrder("bob@b.example", "joe@c.example");
        });
    }
}
