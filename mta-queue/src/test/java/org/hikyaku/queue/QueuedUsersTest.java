package org.hikyaku.queue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.hikyaku.config.SpoolSettings;
import org.hikyaku.operate.AccountKeeper;
import org.hikyaku.sim.SimWorld;
import org.hikyaku.spool.JournalSpool;
import org.hikyaku.spool.Origin;
import org.junit.jupiter.api.Test;

/** Whether a user has mail in the queue, however long it is. */
class QueuedUsersTest {
    @Test
    void theQueueIsLookedAtUpToTheFirstOfHis() {
        try (SimWorld sim = new SimWorld(1)) {
            sim.run(world -> {
                JournalSpool spool = JournalSpool.open(
                        world,
                        Path.of("/spool"),
                        new SpoolSettings(Optional.empty(), 1 << 20, 16 << 10, 0, Duration.ofMillis(5), 64 << 20),
                        4 << 20);
                OperatorBed op = new OperatorBed(world, spool, List.of());
                send(op, "first@a.example", 1);
                send(op, "ann@a.example", 449);
                send(op, "last@a.example", 1);
                AccountKeeper accounts = op.operations.accounts();
                assertThat(looked(accounts, "First@A.example", true)).isEmpty();
                assertThat(looked(accounts, "last@a.example", true)).containsExactly(200L, 400L);
                assertThat(looked(accounts, "nobody@a.example", false)).containsExactly(200L, 400L);
                assertThatThrownBy(() -> accounts.isAnyQueued("nobody@a.example", looked -> {
                            throw new IllegalStateException("the client has gone");
                        }))
                        .hasMessage("the client has gone");
            });
        }
    }

    private static List<Long> looked(AccountKeeper accounts, String user, boolean any) {
        List<Long> looked = new ArrayList<>();
        assertThat(accounts.isAnyQueued(user, looked::add)).as(user).isEqualTo(any);
        return looked;
    }

    private static void send(OperatorBed op, String user, int count) {
        Origin origin = new Origin(Origin.Kind.SUBMISSION, "192.0.2.7", user, "s1");
        for (int i = 0; i < count; i++) {
            op.bed.send(origin, "x" + i + "@a.example", "bob@b.example");
        }
    }
}
