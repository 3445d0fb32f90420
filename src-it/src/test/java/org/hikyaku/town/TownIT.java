package org.hikyaku.town;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.hikyaku.deliver.FailurePolicy;
import org.hikyaku.sim.SimFault;
import org.hikyaku.world.Event;
import org.junit.jupiter.api.Test;

/**
 * Many towns: every seed must hold, and together they must have shown every fault and every row of the failure table.
 * {@code -Dseeds=N} for more, {@code -Dseed=S} to replay one with its last events.
 */
class TownIT {
    /** Rows that no outside can bring about: each says what would. */
    private static final Set<String> ROWS_OF_BUGS = Set.of(
            // a route without an agent: an error of configuration that the reader refuses
            FailurePolicy.ROUTE_UNUSABLE.name(),
            // an exception out of an agent
            FailurePolicy.AGENT_BROKEN.name(),
            // mailboxes with quotas and locks of others: MaildirAgentTest, MboxAgentTest
            FailurePolicy.MAILBOX_BUSY.name(),
            FailurePolicy.OVER_QUOTA.name(),
            FailurePolicy.OVER_QUOTA_REFUSED.name(),
            // more deliveries of a site than connections, for half a minute: PlacesTest, RaceTest
            FailurePolicy.SITE_FULL.name(),
            // programs: PipeAgentTest
            FailurePolicy.PROGRAM_FAILED.name(),
            FailurePolicy.PROGRAM_UNUSABLE.name(),
            FailurePolicy.PROGRAM_REFUSES_CONTENT.name(),
            FailurePolicy.PROGRAM_UNAVAILABLE.name(),
            FailurePolicy.PROGRAM_REFUSES.name());
    /** Those that recovery can tell; 13 and 15 are damage, which no crash makes; 11 looks like 8. */
    private static final List<Integer> CRASH_STATES = List.of(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 12, 16, 17, 18, 19);

    /** Damage of stored bits is for the spool's own tests: a stored message may then rightly be lost. */
    private static final Set<SimFault> NOT_HERE = Set.of(SimFault.BIT_ROT);

    /** What the operator must have been told as done. */
    private static final List<String> COMMANDS = List.of(
            "freeze",
            "unfreeze",
            "freeze-sender",
            "thaw-sender",
            "hold",
            "release",
            "retry",
            "remove",
            "undo",
            "redirect",
            "bounce",
            Operator.NOBODY_FROZEN);

    private final Map<SimFault, Long> faults = Collections.synchronizedMap(new EnumMap<>(SimFault.class));
    private final Map<String, Long> rows = Collections.synchronizedMap(new TreeMap<>());
    private final Map<Integer, Long> crashStates = Collections.synchronizedMap(new TreeMap<>());
    private final AtomicLong quirks = new AtomicLong();
    private final Map<String, Long> commands = Collections.synchronizedMap(new TreeMap<>());
    private final List<String> wrong = Collections.synchronizedList(new ArrayList<>());

    @Test
    void everySeedHolds() throws InterruptedException {
        Long single = Long.getLong("seed");
        int seeds = single != null ? 1 : Integer.getInteger("seeds", 2_000);
        AtomicLong next = new AtomicLong(single != null ? single : 1);
        long last = next.get() + seeds;
        long began = System.nanoTime();
        try (ExecutorService pool =
                Executors.newFixedThreadPool(Runtime.getRuntime().availableProcessors())) {
            for (int i = 0; i < seeds; i++) {
                pool.execute(() -> live(next.getAndIncrement()));
            }
            pool.shutdown();
            assertThat(pool.awaitTermination(60, TimeUnit.MINUTES)).isTrue();
        }
        System.out.printf(
                "town: seeds %d to %d in %d s%n", last - seeds, last - 1, (System.nanoTime() - began) / 1_000_000_000);
        System.out.println("faults: " + faults);
        System.out.println("crash states of docs/spool.md: " + crashStates);
        System.out.println("quirks learnt: " + quirks);
        System.out.println("commands told as done: " + commands);
        System.out.println("rows of the failure table: " + rows);
        wrong.stream().limit(50).forEach(System.out::println);
        assertThat(wrong).as("seeds that broke a promise").isEmpty();
        if (seeds >= 500) {
            assertThat(neverShown()).as("never occurred in " + seeds + " seeds").isEmpty();
        }
    }

    private void live(long seed) {
        try (Town town = new Town(seed, Plant.NONE)) {
            Town.Report report = town.live();
            report.faults().forEach((fault, count) -> faults.merge(fault, count, Long::sum));
            report.rows().forEach((row, count) -> rows.merge(row, count, Long::sum));
            quirks.addAndGet(report.events().getOrDefault(Event.QUIRK_LEARNT, 0L));
            report.commands().forEach((command, count) -> commands.merge(command, count, Long::sum));
            report.crashStates().forEach((state, count) -> crashStates.merge(state, count, Long::sum));
            report.wrong().forEach(each -> wrong.add("seed " + seed + ": " + each));
            if (Long.getLong("seed") != null) {
                report.lines().forEach(System.out::println);
                System.out.println(report.summary() + ", history " + Long.toHexString(report.hash()));
            }
        } catch (RuntimeException | Error e) {
            wrong.add("seed " + seed + ": " + e);
        }
    }

    private Set<String> neverShown() {
        Set<String> out = new TreeSet<>();
        for (SimFault fault : SimFault.values()) {
            if (faults.getOrDefault(fault, 0L) == 0 && !NOT_HERE.contains(fault)) {
                out.add(fault.name());
            }
        }
        for (int state : CRASH_STATES) {
            if (!crashStates.containsKey(state)) {
                out.add("crash state " + state);
            }
        }
        COMMANDS.stream().filter(each -> !commands.containsKey(each)).forEach(out::add);
        if (quirks.get() == 0) {
            out.add(Event.QUIRK_LEARNT.name());
        }
        for (FailurePolicy row : FailurePolicy.values()) {
            if (!rows.containsKey(row.name()) && !ROWS_OF_BUGS.contains(row.name())) {
                out.add(row.name());
            }
        }
        return out;
    }
}
