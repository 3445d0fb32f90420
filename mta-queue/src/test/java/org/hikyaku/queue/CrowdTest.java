package org.hikyaku.queue;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.hikyaku.mail.Address;
import org.hikyaku.mail.Content;
import org.hikyaku.mail.Envelope;
import org.hikyaku.mail.Recipient;
import org.hikyaku.mail.Site;
import org.hikyaku.mail.SpoolId;
import org.hikyaku.sim.SimWorld;
import org.hikyaku.spool.Origin;
import org.hikyaku.spool.RecipientState;
import org.hikyaku.spool.StoredMessage;
import org.hikyaku.world.Event;
import org.hikyaku.world.World;
import org.junit.jupiter.api.Test;

/**
 * One message among a hundred thousand, on the whole queue with its deliverers and in simulated time.
 */
class CrowdTest {
    private static final int CROWD = 100_000;
    private static final Duration TIMEOUT = Duration.ofMinutes(5);

    private final MemorySpool.Store store = new MemorySpool.Store();
    private final List<String> done = new ArrayList<>();
    private Duration took = Duration.ZERO;

    /** Puts a message into the store as it would have come, without the way in. */
    private void fill(World world, String from, String to) {
        SpoolId id = new SpoolId(++store.lastId);
        Instant now = world.clock().now();
        Content content = new MemorySpool(world, store).content(id, 0);
        Envelope envelope = new Envelope(Address.of(from), List.of(Recipient.of(Address.of(to))), false, false);
        store.messages.put(
                id,
                new StoredMessage(
                        id,
                        now,
                        envelope,
                        new Origin(Origin.Kind.SMTP, "192.0.2.7", "", "s1"),
                        List.of(RecipientState.fresh(now)),
                        "",
                        content));
    }

    private interface Crowd {
        void gather(World world);
    }

    /** Lets the crowd wait and deliverers work for a while, then sends one message and measures how long it takes. */
    private void measure(Crowd crowd, String from, String to) {
        try (SimWorld sim = new SimWorld(1)) {
            sim.run(world -> {
                crowd.gather(world);
                QueueBed bed = new QueueBed(world, store);
                world.tasks().start("deliverer", () -> {
                    for (Optional<Claim> c = bed.queue.take(); c.isPresent(); c = bed.queue.take()) {
                        Claim claim = c.get();
                        world.tasks().start("delivery", () -> deliver(bed, claim));
                    }
                });
                world.tasks().sleep(Duration.ofMinutes(1));
                done.clear();
                long began = world.clock().nanos();
                bed.send(from, to);
                while (!done.contains(to)) {
                    world.tasks().sleep(Duration.ofMillis(10));
                }
                took = Duration.ofNanos(world.clock().nanos() - began);
                assertThat(sim.events().count(Event.TASK_DIED)).isZero();
                sim.crash();
            });
        }
    }

    /** Dead: five minutes of connecting, then nothing; slow: half a minute; all else: 20 ms. */
    private void deliver(QueueBed bed, Claim first) {
        Optional<Claim> claim = Optional.of(first);
        while (claim.isPresent()) {
            Claim lent = claim.get();
            String domain =
                    lent.recipients().getFirst().address().requireDomain().ascii();
            Site site = new Site("mx:" + domain);
            if (!bed.queue.siteKnown(lent, site)) {
                return;
            }
            boolean dead = domain.startsWith("dead");
            bed.world.tasks().sleep(dead ? TIMEOUT : Duration.ofMillis(domain.startsWith("slow") ? 30_000 : 20));
            done.add(lent.recipients().getFirst().address().toString());
            bed.settle(lent, dead ? QueueBed.retry() : QueueBed.delivered());
            claim = bed.queue.more(site);
        }
    }

    @Test
    void aCrowdForADeadSiteDoesNotDelayAMessageForALiveOne() {
        measure(
                world -> {
                    for (int i = 0; i < CROWD; i++) {
                        fill(world, "ann@c.example", "u" + i + "@dead.example");
                    }
                },
                "ann@c.example",
                "bob@live.example");
        assertThat(took).isLessThan(Duration.ofMillis(500));
    }

    @Test
    void deadAndSlowSitesTogetherDoNotDelayALiveOne() {
        measure(
                world -> {
                    for (int i = 0; i < CROWD; i++) {
                        String site = List.of("dead1", "dead2", "slow1", "slow2", "slow3")
                                .get(i % 5);
                        fill(world, "ann@c.example", "u" + i + "@" + site + ".example");
                    }
                },
                "ann@c.example",
                "bob@live.example");
        assertThat(took).isLessThan(Duration.ofMillis(500));
    }

    @Test
    void theCrowdOfOneSenderDoesNotDelayTheOneMessageOfAnotherToTheSameSite() {
        measure(
                world -> {
                    for (int i = 0; i < CROWD; i++) {
                        fill(world, "bulk" + i + "@c.example", "u" + i + "@slow.example");
                    }
                },
                "ann@c.example",
                "bob@slow.example");
        assertThat(took).as("ten at a time, 30 s each").isLessThan(Duration.ofSeconds(62));
    }
}
