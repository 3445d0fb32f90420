package org.hikyaku.spool;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.hikyaku.mail.Diagnosis;
import org.hikyaku.mail.SpoolId;
import org.hikyaku.sim.SimFaults;
import org.hikyaku.sim.SimWorld;
import org.hikyaku.world.Event;
import org.hikyaku.world.Tasks;
import org.hikyaku.world.World;
import org.jspecify.annotations.Nullable;

/** One seed of work on one spool: some process runs, most cut short at a random world call, each followed by a look. */
final class SpoolWorkload {
    private static final int RUNS = 4;

    private final long seed;
    private final SimFaults faults;
    private final SpoolModel model = new SpoolModel();
    private int sequence;

    private final Look before;

    /** Looks at the disk after each run, before the spool is opened again. */
    interface Look {
        void at(World world) throws Exception;
    }

    SpoolWorkload(long seed, SimFaults faults) {
        this(seed, faults, world -> {});
    }

    SpoolWorkload(long seed, SimFaults faults, Look before) {
        this.seed = seed;
        this.faults = faults;
        this.before = before;
    }

    void run() {
        try (SimWorld sim = new SimWorld(seed, faults)) {
            sim.events().listen((event, values) -> {
                if (Boolean.getBoolean("spool.events")) {
                    System.err.println(event + " " + List.of(values));
                }
                if (event == Event.SPOOL_FORCE_FAILED && "new".equals(values[0])) {
                    model.inDoubt = true;
                } else if (event == Event.SPOOL_RECOVERED) {
                    model.inDoubt = false;
                }
            });
            for (int run = 0; run < RUNS; run++) {
                String when = "seed " + seed + " run " + run;
                if ((seed + run) % 4 != 0) {
                    sim.crashAfter(sim.world().entropy().below(isLong() ? 15_000 : 3_000) + 1);
                }
                if (Boolean.getBoolean("spool.events")) {
                    System.err.println("run " + run);
                }
                if (sim.run(world -> work(world))) {
                    sim.kill();
                }
                model.inDoubt = false;
                sim.calm();
                sim.run(before::at);
                sim.run(world -> look(world, when));
                sim.storm();
            }
        } catch (AssertionError | RuntimeException e) {
            throw new AssertionError("seed " + seed + ": " + e.getMessage(), e);
        }
    }

    private void look(World world, String when) throws Exception {
        JournalSpool spool = SpoolHand.open(world);
        model.verify(spool, SpoolHand.recovered(spool), when);
        spool.close();
    }

    private void work(World world) {
        JournalSpool spool;
        try {
            spool = SpoolHand.open(world);
        } catch (IOException e) {
            return; // the disk failed at opening: nothing was told
        }
        List<Tasks.Task> hands = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            hands.add(world.tasks().start("hand " + i, () -> hand(world, spool)));
        }
        hands.forEach(hand -> hand.join(Duration.ofDays(1)));
        if (world.entropy().below(3) > 0) {
            spool.close();
        }
    }

    private void hand(World world, JournalSpool spool) {
        List<SpoolModel.Message> mine = new ArrayList<>();
        for (int i = 0; i < (isLong() ? 120 : 25); i++) {
            switch (world.entropy().below(10)) {
                case 0, 1, 2, 3 -> mine.add(accept(world, spool, null));
                case 4, 5 -> progress(world, spool, pick(world, mine));
                case 6, 7 -> {
                    for (int k = 0; k < (isLong() ? 3 : 1); k++) {
                        end(world, spool, pick(world, mine));
                    }
                }
                case 8 -> {
                    SpoolModel.Message answered = pick(world, mine);
                    if (answered != null) {
                        mine.add(accept(world, spool, answered));
                    }
                }
                default -> world.tasks().sleep(Duration.ofMillis(world.entropy().below(20)));
            }
        }
    }

    /** Such seeds fill and recycle many segments; most messages end soon, so that compaction has work. */
    private boolean isLong() {
        return seed % 5 == 0;
    }

    private static SpoolModel.@Nullable Message pick(World world, List<SpoolModel.Message> mine) {
        return mine.isEmpty() ? null : mine.get(world.entropy().below(mine.size()));
    }

    /** A new message; one that answers another ends that in the same change. */
    private SpoolModel.Message accept(World world, JournalSpool spool, SpoolModel.@Nullable Message answered) {
        int big = world.entropy().below(8);
        String body =
                SpoolHand.large(++sequence, big == 0 ? 20_000 : world.entropy().below(big == 1 ? 15_000 : 3_000));
        Draft draft = spool.draft();
        if (spool.hasRoom(0)) {
            model.drafted(draft.id()); // one given while nothing can be stored may come again after a crash
        }
        byte[] octets = body.getBytes(StandardCharsets.US_ASCII);
        for (int at = 0; at < octets.length; at += 7_000) {
            draft.append(octets, at, Math.min(7_000, octets.length - at));
        }
        int recipients = 1 + world.entropy().below(3);
        SpoolModel.Step step = new SpoolModel.Step();
        SpoolModel.Message message = new SpoolModel.Message(draft.id(), SpoolHand.body(body), recipients, step);
        if (world.entropy().below(20) == 0) {
            draft.abort();
            step.told = SpoolModel.Told.FAILED;
            return message;
        }
        List<Change.Entry> entries = new ArrayList<>();
        entries.add(SpoolHand.accept(world, draft, recipients));
        if (answered != null) {
            entries.add(new Change.Entry.Remove(answered.id, "answered"));
            answered.ends.add(step);
        }
        model.accepted(message);
        commit(spool, new Change(entries), step);
        return message;
    }

    private void progress(World world, JournalSpool spool, SpoolModel.@Nullable Message message) {
        if (message != null) {
            SpoolModel.Step step = new SpoolModel.Step();
            int place = world.entropy().below(message.recipients);
            int attempts = ++sequence;
            message.tried(step, place, attempts);
            RecipientState state = new RecipientState(
                    RecipientState.Status.PENDING,
                    attempts,
                    world.clock().now(),
                    Diagnosis.ours("4.0.0", "later"),
                    false);
            commit(spool, Change.of(new Change.Entry.Progress(message.id, Map.of(place, state))), step);
        }
    }

    private void end(World world, JournalSpool spool, SpoolModel.@Nullable Message message) {
        if (message != null) {
            SpoolModel.Step step = new SpoolModel.Step();
            message.ends.add(step);
            SpoolId id = message.id;
            Change.Entry entry;
            if (world.entropy().below(2) == 0) {
                entry = new Change.Entry.Remove(id, "done");
            } else {
                Map<Integer, RecipientState> all = new LinkedHashMap<>();
                for (int i = 0; i < message.recipients; i++) {
                    all.put(i, SpoolHand.delivered());
                }
                entry = new Change.Entry.Progress(id, all);
            }
            commit(spool, Change.of(entry), step);
        }
    }

    private void commit(JournalSpool spool, Change change, SpoolModel.Step step) {
        spool.commit(change, null, new Spool.Done() {
            @Override
            public void stored() {
                model.told(step, true);
            }

            @Override
            public void failed(Spool.SpoolFailure why) {
                model.told(step, false);
            }
        });
    }
}
