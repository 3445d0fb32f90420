package org.hikyaku.deliver;

import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import org.hikyaku.world.Tasks;

/** One task at a time for each mailbox; the others wait for their turn. */
final class Turns {
    private final Tasks tasks;
    private final Map<Path, Turn> turns = new LinkedHashMap<>();

    private static final class Turn {
        final Tasks.Permits permits;
        int wanted;

        Turn(Tasks.Permits permits) {
            this.permits = permits;
        }
    }

    Turns(Tasks tasks) {
        this.tasks = tasks;
    }

    /** True when it is the caller's turn, who then must {@link #end} it; false after {@code limit}. */
    boolean begin(Path mailbox, Duration limit) {
        Tasks.Permits fresh = tasks.permits(1);
        Turn turn;
        synchronized (turns) {
            turn = turns.computeIfAbsent(mailbox, key -> new Turn(fresh));
            turn.wanted++;
        }
        boolean mine = false;
        try {
            mine = turn.permits.acquire(limit);
        } finally {
            if (!mine) {
                leave(mailbox, turn);
            }
        }
        return mine;
    }

    void end(Path mailbox) {
        Turn turn;
        synchronized (turns) {
            turn = turns.get(mailbox);
        }
        if (turn == null) {
            throw new IllegalStateException("no turn at " + mailbox);
        }
        leave(mailbox, turn);
        turn.permits.release();
    }

    private void leave(Path mailbox, Turn turn) {
        synchronized (turns) {
            if (--turn.wanted == 0) {
                turns.remove(mailbox);
            }
        }
    }
}
