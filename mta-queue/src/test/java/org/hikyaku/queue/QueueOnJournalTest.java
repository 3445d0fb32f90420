package org.hikyaku.queue;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.hikyaku.config.SpoolSettings;
import org.hikyaku.mail.Address;
import org.hikyaku.sim.SimFaults;
import org.hikyaku.sim.SimWorld;
import org.hikyaku.spool.JournalSpool;
import org.hikyaku.spool.StoredMessage;
import org.hikyaku.world.Event;
import org.hikyaku.world.World;
import org.junit.jupiter.api.Test;

/** The queue on the real spool, on a disk that fails and through crashes. */
class QueueOnJournalTest {
    private static final int SEEDS = 40;
    private static final int MESSAGES = 15;
    private static final Pattern TOLD = Pattern.compile("Final-Recipient: rfc822; (\\S+)");

    /** What the world outside saw; it remembers through our crashes. */
    private static final class Witness {
        final Set<String> accepted = new LinkedHashSet<>();
        final List<String> delivered = new ArrayList<>();
        final Set<String> bounced = new LinkedHashSet<>();
        int sent;
    }

    private static QueueBed open(World world) throws IOException {
        JournalSpool spool = JournalSpool.open(
                world,
                Path.of("/spool"),
                new SpoolSettings(Optional.empty(), 64 << 10, 16 << 10, 0, Duration.ofMillis(5), 64 << 20),
                4 << 20);
        return new QueueBed(
                world, spool, QueueBed.directory(world, QueueBed.CONFIG.local()), queue -> spool.recover(queue));
    }

    @Test
    void throughFaultsAndCrashesEachAcceptedRecipientIsDeliveredOrBouncedToTheSender() {
        int crashes = 0;
        for (long seed = 0; seed < SEEDS; seed++) {
            Witness witness = new Witness();
            boolean crashed = false;
            try (SimWorld sim = new SimWorld(seed, SimFaults.hostile())) {
                sim.disk().settle();
                if (seed % 4 != 0) {
                    sim.crashAfter(200 + 97 * seed % 1100);
                }
                boolean ended = attempt(sim, witness);
                while (!ended) {
                    crashed = true;
                    sim.calm();
                    ended = attempt(sim, witness);
                }
                assertThat(sim.events().count(Event.TASK_DIED))
                        .as("seed " + seed)
                        .isZero();
            }
            crashes += crashed ? 1 : 0;
            check(seed, witness, crashed);
        }
        assertThat(crashes).isGreaterThan(SEEDS / 2);
    }

    private static boolean attempt(SimWorld sim, Witness witness) {
        return sim.run(world -> {
            QueueBed bed;
            try {
                bed = open(world);
            } catch (IOException e) {
                sim.crash();
                return;
            }
            story(sim, bed, witness);
        });
    }

    private static void check(long seed, Witness witness, boolean crashed) {
        Set<String> finished = new LinkedHashSet<>(witness.delivered);
        finished.addAll(witness.bounced);
        assertThat(finished).as("seed " + seed + ": nothing lost").containsAll(witness.accepted);
        if (!crashed) {
            assertThat(witness.delivered).as("seed " + seed + ": one copy").doesNotHaveDuplicates();
            assertThat(witness.bounced).as("seed " + seed + ": never both").noneMatch(witness.delivered::contains);
        }
    }

    private static void story(SimWorld sim, QueueBed bed, Witness witness) {
        for (int i = 0; i < 4; i++) {
            bed.world.tasks().start("deliverer", () -> {
                for (Optional<Claim> c = bed.queue.take(); c.isPresent(); c = bed.queue.take()) {
                    deliver(bed, c.get(), witness);
                }
            });
        }
        while (witness.sent < MESSAGES) {
            int m = witness.sent++;
            String[] to = {"m" + m + "a@d1.example", "m" + m + "b@d" + m % 3 + ".example", "m" + m + "c@d0.example"};
            try {
                bed.send("ann@c.example", to);
                witness.accepted.addAll(List.of(to));
            } catch (IllegalStateException refused) {
                bed.world.tasks().sleep(Duration.ofSeconds(1));
            }
        }
        sim.calm();
        while (!bed.spool.ids(null, 1).isEmpty()) {
            bed.world.tasks().sleep(Duration.ofHours(1));
        }
    }

    private static void deliver(QueueBed bed, Claim claim, Witness witness) {
        StoredMessage message = claim.message();
        bed.world.tasks().sleep(Duration.ofMillis(bed.world.entropy().below(2000)));
        String text;
        try {
            text = text(message);
        } catch (IOException e) {
            bed.settle(claim, QueueBed.retry());
            return;
        }
        List<Outcome> outcomes = new ArrayList<>();
        boolean notice = message.envelope().sender().isNull();
        for (Address to : claim.recipients().stream().map(r -> r.address()).toList()) {
            int luck = bed.world.entropy().below(10);
            if (luck >= 4 && notice && text.contains("Action: failed")) {
                Matcher m = TOLD.matcher(text);
                while (m.find()) {
                    witness.bounced.add(m.group(1));
                }
            } else if (luck >= 6 && !notice) {
                witness.delivered.add(to.toString());
            }
            outcomes.add(luck < 4 ? QueueBed.retry() : luck < 6 && !notice ? QueueBed.failed() : QueueBed.delivered());
        }
        bed.queue.settle(claim, outcomes);
    }

    private static String text(StoredMessage message) throws IOException {
        ByteBuffer all = ByteBuffer.allocate((int) message.content().size());
        while (all.hasRemaining()) {
            message.content().read(all, all.position());
        }
        return new String(all.array(), StandardCharsets.UTF_8);
    }
}
