package org.hikyaku.queue;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.hikyaku.mail.SpoolId;
import org.hikyaku.queue.QueueAdmin.Answer;
import org.hikyaku.sim.SimWorld;
import org.hikyaku.spool.RecipientState;
import org.hikyaku.world.Tasks;
import org.hikyaku.world.World;
import org.junit.jupiter.api.Test;

/** Messages that the queue has not been told of yet, after a start: docs/queue.md, "After a start". */
class UnvisitedTest {
    private final MemorySpool.Store store = new MemorySpool.Store();

    private QueueBed unvisited(World world) {
        return new QueueBed(
                world, new MemorySpool(world, store), QueueBed.directory(world, QueueBed.CONFIG.local()), queue -> {});
    }

    private static Answer hold(QueueBed bed, SpoolId id, String why) {
        Tasks.Promise<Answer> answer = bed.world.tasks().promise();
        bed.queue.admin().hold(id, why, answer::complete);
        return answer.await();
    }

    private static Answer remove(QueueBed bed, SpoolId id) {
        Tasks.Promise<Answer> answer = bed.world.tasks().promise();
        bed.queue.admin().remove(id, "ops", answer::complete);
        return answer.await();
    }

    private static String to(Claim claim) {
        return claim.recipients().getFirst().address().toString();
    }

    private static List<String> deliverAll(QueueBed bed) {
        List<String> taken = new ArrayList<>();
        for (Optional<Claim> c = bed.takeSoon(); c.isPresent(); c = bed.takeSoon()) {
            taken.add(to(c.get()));
            bed.settle(c.get(), QueueBed.delivered());
        }
        return taken;
    }

    @Test
    void whatIsDoneToAMessageBeforeItsVisitHoldsAfterItAndEachIsDeliveredOnce() {
        try (SimWorld sim = new SimWorld(1)) {
            sim.run(world -> {
                QueueBed bed = new QueueBed(world, store);
                for (String name : List.of("held", "removed", "released", "left")) {
                    bed.send("ann@c.example", name + "@b.example");
                }
                hold(bed, List.copyOf(store.messages.keySet()).get(2), "ops");
                sim.crash();
            });
            sim.run(world -> {
                QueueBed bed = unvisited(world);
                List<SpoolId> ids = bed.queue.admin().ids(null, 10);
                assertThat(ids).as("the list is complete at once").hasSize(4);
                assertThat(bed.takeSoon()).isEmpty();
                assertThat(hold(bed, ids.get(0), "ops")).isInstanceOf(Answer.Done.class);
                assertThat(remove(bed, ids.get(1))).isInstanceOf(Answer.Done.class);
                assertThat(hold(bed, ids.get(2), "")).isInstanceOf(Answer.Done.class);
                assertThat(bed.queue.admin().seize(ids.get(3))).isTrue();
                bed.send("ann@c.example", "new@b.example");
                assertThat(deliverAll(bed)).as("new mail goes on").containsExactly("new@b.example");
                List.copyOf(store.messages.values()).forEach(bed.queue::message);
                List.copyOf(store.messages.values()).forEach(bed.queue::message);
                assertThat(deliverAll(bed)).as("each once").containsExactly("released@b.example");
                bed.queue.admin().resume(ids.get(3));
                assertThat(deliverAll(bed)).containsExactly("left@b.example");
                assertThat(bed.queue.admin().counts().held()).isEqualTo(1);
                assertThat(bed.queue.admin().counts().messages()).isEqualTo(1);
            });
        }
    }

    @Test
    void whatAnOperatorWantsTriedNowGoesBeforeItsVisit() {
        try (SimWorld sim = new SimWorld(2)) {
            sim.run(world -> {
                QueueBed bed = new QueueBed(world, store);
                bed.send("ann@c.example", "one@b.example");
                bed.settle(bed.take(), QueueBed.retry());
                world.tasks().sleep(Duration.ofSeconds(1));
                sim.crash();
            });
            sim.run(world -> {
                QueueBed bed = unvisited(world);
                QueueAdmin admin = bed.queue.admin();
                SpoolId id = admin.ids(null, 10).getFirst();
                RecipientState state =
                        Objects.requireNonNull(store.messages.get(id)).states().getFirst();
                assertThat(state.due()).isAfter(world.clock().now());
                assertThat(admin.seize(id)).isTrue();
                Tasks.Promise<Answer> answer = world.tasks().promise();
                admin.progress(id, Map.of(0, state.at(world.clock().now(), true)), answer::complete);
                assertThat(answer.await()).isInstanceOf(Answer.Done.class);
                admin.resume(id);
                Claim claim = bed.takeSoon().orElseThrow();
                bed.queue.message(claim.message());
                assertThat(bed.takeSoon()).as("once").isEmpty();
            });
        }
    }
}
