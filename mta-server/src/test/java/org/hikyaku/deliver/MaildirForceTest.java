package org.hikyaku.deliver;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.hikyaku.mail.Domain;
import org.hikyaku.sim.SimWorld;
import org.hikyaku.table.LocalDirectory;
import org.hikyaku.table.Users;
import org.hikyaku.world.World;
import org.junit.jupiter.api.Test;

/** What counts as delivered to a mailbox outlives the power: its octets, and every name on the way to them. */
class MaildirForceTest {
    private static final int SEEDS = 60;
    private static final Path NEW = Path.of("/data/mail/b.example/b/new");

    private static MailboxAgent agent(World world) {
        LocalDirectory directory = LocalDirectory.load(
                        Domain.of("me.example"), Errand.CONFIG.local(), Set.of("b@b.example")::contains, world.disk())
                .directory();
        return MailboxAgent.maildir(world, () -> directory, Users::none);
    }

    private static void deliver(SimWorld sim) {
        Outcomes outcomes = Errand.deliver(
                sim,
                agent(sim.world()),
                Errand.delivery(
                        Errand.message(Errand.content(Errand.TEXT), false, false, "b@b.example"), Errand.CONFIG));
        assertThat(Errand.words(outcomes)).containsExactly("delivered");
    }

    private static void assertWhole(SimWorld sim, int count) {
        sim.run(world -> {
            List<String> names = world.disk().list(NEW);
            assertThat(names).as("seed " + sim.seed()).hasSize(count);
            for (String name : names) {
                String text = new String(world.disk().readAll(NEW.resolve(name), 10_000), StandardCharsets.US_ASCII);
                assertThat(text).as("seed " + sim.seed()).endsWith("\n.dot\nbody\n");
            }
        });
    }

    @Test
    void theFirstMessageOfAMailboxThatWasNotThereOutlivesThePower() {
        for (long seed = 0; seed < SEEDS; seed++) {
            try (SimWorld sim = new SimWorld(seed)) {
                deliver(sim);
                sim.crash();
                assertWhole(sim, 1);
            }
        }
    }

    @Test
    void aFurtherMessageOutlivesThePowerToo() {
        for (long seed = 0; seed < SEEDS; seed++) {
            try (SimWorld sim = new SimWorld(seed)) {
                deliver(sim);
                sim.disk().settle();
                deliver(sim);
                sim.crash();
                assertWhole(sim, 2);
            }
        }
    }

    @Test
    void theDirectoryThatIsReadIsForced() { // a rename is two names on the disk, whatever the simulated one does
        try (SimWorld sim = new SimWorld(1)) {
            deliver(sim);
            List<String> steps = new ArrayList<>();
            sim.trace(steps::add);
            deliver(sim);
            assertThat(steps.stream()
                            .filter(step -> step.contains("forceDirectory"))
                            .map(step -> step.substring(step.lastIndexOf('/'))))
                    .endsWith("/new");
        }
    }
}
