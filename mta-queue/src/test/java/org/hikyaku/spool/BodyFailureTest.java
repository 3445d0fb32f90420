package org.hikyaku.spool;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import org.hikyaku.sim.SimFault;
import org.hikyaku.sim.SimFaults;
import org.hikyaku.sim.SimWorld;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The file of a large body cannot be made last: its message is refused, no other, and nothing of it stays. */
class BodyFailureTest {
    private static final Path BODIES = SpoolHand.DIR.resolve("bodies");

    @ParameterizedTest
    @EnumSource(
            value = SimFault.class,
            names = {"DIRECTORY_FORCE_FAILED", "NAME_FAILED"})
    void aLargeMessageIsRefusedASmallOneIsNot(SimFault fault) {
        try (SimWorld sim = new SimWorld(1, SimFaults.none().with(fault, 1))) {
            sim.calm();
            sim.run(world -> {
                JournalSpool spool = SpoolHand.open(world);
                SpoolHand.store(world, spool, "first", 1);
                world.tasks().sleep(Duration.ofSeconds(1));
                sim.storm();
                for (int i = 0; i < 3; i++) {
                    Draft large = SpoolHand.draft(spool, SpoolHand.large(i, 100_000));
                    assertThat(SpoolHand.commit(world, spool, Change.of(SpoolHand.accept(world, large, 1)))
                                    .await())
                            .startsWith("failed");
                    SpoolHand.store(world, spool, "small", 1);
                }
                sim.calm();
                SpoolHand.store(world, spool, SpoolHand.large(9, 100_000), 1);
                assertThat(spool.size()).isEqualTo(5);
                spool.close();
                spool = SpoolHand.open(world);
                assertThat(SpoolHand.recovered(spool))
                        .hasSize(5)
                        .allMatch(message -> message.held().isEmpty());
                assertThat(world.disk().list(BODIES)).hasSize(1);
                spool.close();
            });
        }
    }
}
