package org.hikyaku.queue;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.TreeSet;
import org.hikyaku.mail.DomainPattern;
import org.hikyaku.mail.Site;
import org.hikyaku.sim.SimWorld;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** RFC 1985 5.1: what waits for a domain is begun when its owner asks. */
class StartDomainsTest {
    private final SimWorld sim = new SimWorld(5);
    private final MemorySpool.Store store = new MemorySpool.Store();

    @AfterEach
    void close() {
        sim.close();
    }

    private static List<DomainPattern> of(String... patterns) {
        return List.of(patterns).stream()
                .map(p -> DomainPattern.parse(p).orElseThrow())
                .toList();
    }

    /** Tries each once, as a host that is away does. */
    private static void fail(QueueBed bed, int times) {
        for (int i = 0; i < times; i++) {
            Claim claim = bed.take();
            Site site = new Site("mx:" + claim.recipients().getFirst().address().requireDomain());
            if (bed.queue.siteKnown(claim, site)) {
                bed.settle(claim, QueueBed.retry(), Lesson.SLOW_DOWN);
            }
        }
        bed.world.tasks().sleep(Duration.ofSeconds(1)); // the outcomes are stored
    }

    @Test
    void whatWaitsForADomainIsDueAndItsSiteRestsNoLonger() {
        sim.run(world -> {
            QueueBed bed = new QueueBed(world, store);
            bed.send("ann@c.example", "u@branch.example");
            bed.send("ann@c.example", "u@deep.branch.example");
            bed.send("ann@c.example", "u@other.example");
            fail(bed, 3);
            fail(bed, 3); // to a single one at a time each complained: it rests half a minute
            assertThat(bed.queue.startDomains(of("elsewhere.example")))
                    .isEqualTo(new QueueManager.Started(true, 0, true));
            long before = world.clock().nanos();
            assertThat(bed.queue.startDomains(of("branch.example")).pending()).isOne();
            Claim claim = bed.take();
            assertThat(claim.recipients().getFirst().address()).hasToString("u@branch.example");
            assertThat(Duration.ofNanos(world.clock().nanos() - before)).isLessThan(Duration.ofSeconds(1));
            bed.settle(claim, QueueBed.delivered());
            world.tasks().sleep(Duration.ofSeconds(1));
            assertThat(bed.queue
                            .startDomains(of(".branch.example", "branch.example"))
                            .pending())
                    .isOne();
            assertThat(bed.take().recipients().getFirst().address()).hasToString("u@deep.branch.example");
        });
    }

    @Test
    void manyAreStartedByATaskAndNoneIsForgotten() {
        sim.run(world -> {
            QueueBed bed = new QueueBed(world, store);
            for (int i = 0; i < 700; i++) {
                bed.send("ann@c.example", "u" + i + "@branch.example");
            }
            for (int i = 0; i < 700; i++) {
                bed.settle(bed.take(), QueueBed.retry());
            }
            world.tasks().sleep(Duration.ofSeconds(1));
            long before = world.clock().nanos();
            assertThat(bed.queue.startDomains(of("branch.example")).pending()).isEqualTo(700);
            TreeSet<String> seen = new TreeSet<>();
            for (int i = 0; i < 700; i++) {
                Claim claim = bed.take();
                seen.add(claim.recipients().getFirst().address().toString());
                bed.settle(claim, QueueBed.delivered());
            }
            assertThat(seen).hasSize(700);
            assertThat(Duration.ofNanos(world.clock().nanos() - before)).isLessThan(Duration.ofMinutes(1));
        });
    }

    @Test
    void aQueueThatLendsNothingSaysSo() {
        sim.run(world -> {
            QueueBed bed = new QueueBed(world, store);
            bed.send("ann@c.example", "u@branch.example");
            bed.settle(bed.take(), QueueBed.retry());
            bed.queue.stop(Duration.ofSeconds(10));
            assertThat(bed.queue.startDomains(of("branch.example")).works()).isFalse();
        });
    }
}
