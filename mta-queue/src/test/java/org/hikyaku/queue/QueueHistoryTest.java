package org.hikyaku.queue;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.hikyaku.mail.Site;
import org.hikyaku.sim.SimWorld;
import org.hikyaku.world.Event;
import org.junit.jupiter.api.Test;

/** Histories of the queue by chance, of many seeds. */
class QueueHistoryTest {
    @Test
    void oneSeedOfManyWhateverHappensEachRecipientIsDeliveredOrBounced() {
        for (long seed = 0; seed < 40; seed++) {
            MemorySpool.Store disk = new MemorySpool.Store();
            List<String> outcomes = new ArrayList<>();
            try (SimWorld world = new SimWorld(seed)) {
                if (seed % 2 == 0) {
                    world.crashAfter(300 + 37 * seed);
                }
                boolean ended = world.run(w -> history(new QueueBed(w, disk), outcomes, 30));
                if (!ended) {
                    world.run(w -> history(new QueueBed(w, disk), outcomes, 5));
                }
                assertThat(disk.messages).as("seed " + seed).isEmpty();
                assertThat(world.events().count(Event.TASK_DIED))
                        .as("seed " + seed)
                        .isZero();
            }
            if (seed % 2 == 1) {
                List<String> finals =
                        outcomes.stream().filter(o -> o.endsWith("final")).toList();
                assertThat(finals).as("seed " + seed).doesNotHaveDuplicates().hasSizeGreaterThan(90);
            }
        }
    }

    /** Sends messages to sites that deliver, delay and refuse by chance, and waits until the queue is empty. */
    private static void history(QueueBed bed, List<String> outcomes, int messages) {
        for (int i = 0; i < 5; i++) {
            bed.world.tasks().start("deliverer", () -> {
                for (Optional<Claim> c = bed.queue.take(); c.isPresent(); c = bed.queue.take()) {
                    deliver(bed, c.get(), outcomes);
                }
            });
        }
        for (int i = 0; i < messages; i++) {
            bed.send("ann@c.example", "a@d" + i % 4 + ".example", "b@d" + i % 3 + ".example", "c@d0.example");
        }
        while (bed.queue.admin().counts().messages() > 0) {
            bed.world.tasks().sleep(Duration.ofMinutes(10));
        }
        assertThat(bed.queue.admin().counts().recipients()).isZero();
        assertThat(bed.queue.admin().counts().waiting()).isZero();
    }

    private static void deliver(QueueBed bed, Claim claim, List<String> outcomes) {
        bed.world.tasks().sleep(Duration.ofMillis(bed.world.entropy().below(2000)));
        if (bed.world.entropy().below(3) == 0 && !bed.queue.siteKnown(claim, new Site("mx:all"))) {
            return;
        }
        bed.queue.settle(
                claim,
                claim.places().stream()
                        .map(place -> {
                            int luck = bed.world.entropy().below(10);
                            outcomes.add(claim.message().id() + " " + place + (luck < 4 ? " again" : " final"));
                            return luck < 4 ? QueueBed.retry() : luck < 6 ? QueueBed.failed() : QueueBed.delivered();
                        })
                        .toList());
    }
}
