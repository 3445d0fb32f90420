package org.hikyaku.queue;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import org.hikyaku.config.SpoolSettings;
import org.hikyaku.mail.Address;
import org.hikyaku.mail.SpoolId;
import org.hikyaku.operate.Facts;
import org.hikyaku.operate.Operation;
import org.hikyaku.operate.Result;
import org.hikyaku.operate.Verb;
import org.hikyaku.sim.SimFaults;
import org.hikyaku.sim.SimWorld;
import org.hikyaku.spool.JournalSpool;
import org.hikyaku.spool.StoredMessage;
import org.hikyaku.world.Event;
import org.hikyaku.world.World;
import org.junit.jupiter.api.Test;

/** Operators' commands on the real spool: what was told as done outlives the power, and nothing is lost on the way. */
class OperationsOnJournalTest {
    private static final int SEEDS = 60;
    private static final int MESSAGES = 12;
    private static final List<String> VERBS = List.of("hold", "remove", "redirect", "bounce", "freeze", "undo");

    /** What the operator saw; he remembers through crashes. */
    private static final class Notes {
        /** By the local part of the sender: the state that was told last. */
        final TreeMap<String, String> told = new TreeMap<>();

        final List<String> sent = new ArrayList<>();
        int step;
    }

    private static OperatorBed open(World world) throws IOException {
        JournalSpool spool = JournalSpool.open(
                world,
                Path.of("/spool"),
                new SpoolSettings(Optional.empty(), 64 << 10, 16 << 10, 0, Duration.ofMillis(5), 64 << 20),
                4 << 20);
        OperatorBed op = new OperatorBed(world, spool, List.of());
        spool.recover(message -> {
                    op.operations.recovered(message);
                    op.bed.queue.message(message);
                })
                .join(Duration.ofMinutes(10));
        return op;
    }

    @Test
    void whatWasToldAsDoneOutlivesTheCrash() {
        int crashes = 0;
        for (long seed = 0; seed < SEEDS; seed++) {
            Notes notes = new Notes();
            try (SimWorld sim = new SimWorld(seed, SimFaults.none())) {
                sim.disk().settle();
                sim.crashAfter(150 + 29 * seed % 1000);
                sim.run(world -> {
                    story(world, notes);
                    sim.crash();
                });
                crashes += notes.step < VERBS.size() ? 1 : 0;
                long now = seed;
                assertThat(sim.run(world -> check(world, notes, now))).isTrue();
                assertThat(sim.events().count(Event.TASK_DIED))
                        .as("seed %s", seed)
                        .isZero();
            }
        }
        assertThat(crashes).isGreaterThan(SEEDS / 2);
    }

    private static void story(World world, Notes notes) throws IOException {
        OperatorBed op = open(world);
        for (int i = 0; i < MESSAGES; i++) {
            op.bed.send("u" + i + "@c.example", "bob@b.example", "eve@e.example");
            notes.sent.add("u" + i);
        }
        while (notes.step < VERBS.size()) {
            String verb = VERBS.get(notes.step);
            if (verb.equals("undo")) { // from now on either is right
                notes.told.remove("u0");
                notes.told.remove("u6");
            }
            String query = "sender ~ u" + notes.step + "@ or sender ~ u" + (notes.step + 6) + "@";
            Result result = op.run(
                    switch (verb) {
                        case "hold" -> new Verb.Hold("x");
                        case "remove" -> new Verb.Remove(false);
                        case "redirect" -> new Verb.Redirect(Address.of("new@n.example"));
                        case "bounce" -> new Verb.Bounce("no", false);
                        case "freeze" -> new Verb.Freeze(List.of("u4@c.example", "u10@c.example"));
                        default -> new Verb.Undo(1);
                    },
                    query);
            assertThat(result.done()).as(verb).isEqualTo(2);
            if (!verb.equals("undo")) {
                notes.told.put("u" + notes.step, verb);
                notes.told.put("u" + (notes.step + 6), verb);
            }
            notes.step++;
        }
    }

    private static void check(World world, Notes notes, long seed) throws IOException {
        OperatorBed op = open(world);
        List<String> all = op.list("all or state = trash");
        assertThat(all).as("seed %s: nothing is lost", seed).containsAll(notes.sent);
        notes.told.forEach((sender, verb) -> {
            StoredMessage message = op.only("sender = " + sender + "@c.example and (all or state = trash)"
                    + (verb.equals("redirect") ? " and domain = n.example" : ""));
            String state =
                    new Facts(message, 0, false, world.clock().now()).state().label();
            assertThat(state)
                    .as("seed %s: %s of %s", seed, verb, sender)
                    .isEqualTo(
                            switch (verb) {
                                case "hold" -> "held";
                                case "remove" -> "trash";
                                case "bounce" -> "bouncing";
                                case "freeze" -> "frozen";
                                default -> "waiting";
                            });
            if (verb.equals("freeze")) {
                assertThat(op.operations.frozen()).as("seed %s", seed).contains(sender + "@c.example");
            }
        });
        for (Operation each : op.operations.operations().reversed()) {
            if (each.undoneBy() == 0 && !each.command().equals("undo")) {
                op.run(new Verb.Undo(each.number()), new SpoolId[0]);
            }
        }
        assertThat(op.list("state = trash or state = bouncing or state = frozen"))
                .as("seed %s: also what was broken off is undone", seed)
                .isEmpty();
        assertThat(op.list("domain = n.example")).as("seed %s", seed).isEmpty();
    }
}
