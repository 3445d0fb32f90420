package org.hikyaku.queue;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.hikyaku.mail.Address;
import org.hikyaku.mail.Recipient;
import org.hikyaku.mail.SpoolId;
import org.hikyaku.operate.AccountKeeper;
import org.hikyaku.operate.Verb;
import org.hikyaku.sim.SimWorld;
import org.hikyaku.spool.Origin;
import org.hikyaku.spool.RecipientState;
import org.hikyaku.spool.RecipientState.Status;
import org.hikyaku.world.Event;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Messages that a command has in its hands, and that cannot be read when it gives them back. */
class SeizedTest {
    private static final Duration LONG = Duration.ofMinutes(3);

    private final SimWorld sim = new SimWorld(1);
    private final MemorySpool.Store store = new MemorySpool.Store();

    @AfterEach
    void end() {
        assertThat(sim.events().count(Event.TASK_DIED)).isZero();
        sim.close();
    }

    private void run(OperatorBed.Story story) {
        assertThat(OperatorBed.tell(sim, store, story)).isTrue();
    }

    @Test
    void itIsLentWhenItCanBeReadAgain() {
        run((op, bed) -> {
            SpoolId id = bed.send("ann@c.example", "bob@b.example");
            QueueAdmin admin = bed.queue.admin();
            assertThat(admin.seize(id)).isTrue();
            store.unlisted = true;
            admin.resume(id);
            bed.world.tasks().sleep(Duration.ofSeconds(150));
            store.unlisted = false;
            assertThat(bed.takeSoon()).as("too early").isEmpty();
            bed.world.tasks().sleep(Duration.ofMinutes(1));
            assertThat(bed.takeSoon()).isPresent();
        });
        assertThat(sim.events().count(Event.MESSAGE_UNREADABLE)).isEqualTo(3);
    }

    /** What memory still has of it is what was before the command. */
    @Test
    void aReleaseMeanwhileLendsNothingThatTheCommandHasChanged() {
        run((op, bed) -> {
            SpoolId id = bed.sendHeld("x", "ann@c.example", "bob@b.example");
            QueueAdmin admin = bed.queue.admin();
            admin.seize(id);
            admin.redirect(id, List.of(0), List.of(recipient("new@n.example")), answer -> {});
            bed.world.tasks().sleep(Duration.ofSeconds(1));
            store.unlisted = true;
            admin.resume(id);
            bed.release(id);
            store.unlisted = false;
            assertThat(bed.takeSoon()).isEmpty();
            bed.world.tasks().sleep(LONG);
            List<String> to = new ArrayList<>();
            bed.take().recipients().forEach(each -> to.add(each.address().toString()));
            assertThat(to).containsExactly("new@n.example");
        });
    }

    private static Recipient recipient(String address) {
        return Recipient.of(Address.of(address));
    }

    /** Both end in either order; who was given up is lent to nobody. */
    @Test
    void whatAnotherCommandChangesWhileItIsReadIsReadAgain() {
        run((op, bed) -> {
            SpoolId id = bed.send("ann@c.example", "bob@b.example", "joe@d.example");
            QueueAdmin admin = bed.queue.admin();
            admin.seize(id);
            store.afterPeek = () -> {
                assertThat(admin.seize(id)).isTrue();
                RecipientState given = Objects.requireNonNull(store.messages.get(id))
                        .states()
                        .getFirst()
                        .finished(Status.FAILED);
                admin.progress(id, Map.of(0, given), answer -> {});
                bed.world.tasks().sleep(Duration.ofSeconds(1));
                admin.resume(id);
            };
            admin.resume(id);
            List<String> to = new ArrayList<>();
            for (Optional<Claim> claim = bed.takeSoon(); claim.isPresent(); claim = bed.takeSoon()) {
                claim.get().recipients().forEach(each -> to.add(each.address().toString()));
            }
            assertThat(to).containsExactly("joe@d.example");
        });
    }

    @Test
    void aReleaseWhileItIsReadIsNotForgotten() {
        run((op, bed) -> {
            SpoolId id = bed.sendHeld("x", "ann@c.example", "bob@b.example");
            QueueAdmin admin = bed.queue.admin();
            admin.seize(id);
            store.afterPeek = () -> bed.release(id);
            admin.resume(id);
            assertThat(bed.takeSoon()).isPresent();
        });
    }

    /** Else each would try on its own each minute. */
    @Test
    void whoOnlyWantsItReadAgainLeavesThatToWhoHasIt() {
        run((op, bed) -> {
            SpoolId id = bed.send("ann@c.example", "bob@b.example");
            QueueAdmin admin = bed.queue.admin();
            store.unlisted = true;
            admin.refresh(id);
            for (int i = 0; i < 10; i++) {
                admin.refresh(id);
            }
            int before = store.peeks;
            bed.world.tasks().sleep(Duration.ofSeconds(90));
            assertThat(store.peeks - before).isEqualTo(1);
            store.unlisted = false;
            bed.world.tasks().sleep(Duration.ofMinutes(1));
            assertThat(bed.takeSoon()).isPresent();
        });
    }

    @Test
    void whoSeizesItMeanwhileIsNotDisturbed() {
        run((op, bed) -> {
            SpoolId id = bed.send("ann@c.example", "bob@b.example");
            QueueAdmin admin = bed.queue.admin();
            admin.seize(id);
            store.unlisted = true;
            admin.resume(id);
            store.unlisted = false;
            assertThat(admin.seize(id)).isTrue();
            bed.world.tasks().sleep(LONG);
            assertThat(bed.takeSoon()).isEmpty();
            admin.resume(id);
            assertThat(bed.takeSoon()).isPresent();
        });
    }

    @Test
    void whatTheEndOfAFreezeCannotReadGoesLater() {
        Origin eve = new Origin(Origin.Kind.SUBMISSION, "192.0.2.7", "eve@a.example", "s1");
        run((op, bed) -> {
            bed.send(eve, "x@c.example", "bob@b.example");
            store.refuse = 1;
            AccountKeeper accounts = op.operations.accounts();
            accounts.freeze("eve@a.example", "ops", "");
            op.run(new Verb.Retry(), "all"); // taken up anew: held in memory, as the sweep has not come
            assertThat(bed.takeSoon()).isEmpty();
            store.unlisted = true;
            accounts.unfreeze("eve@a.example");
            store.unlisted = false;
            bed.world.tasks().sleep(LONG);
            assertThat(bed.takeSoon()).isPresent();
        });
    }
}
