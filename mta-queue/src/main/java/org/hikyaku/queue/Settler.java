package org.hikyaku.queue;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.hikyaku.config.Config;
import org.hikyaku.mail.SpoolId;
import org.hikyaku.spool.Change;
import org.hikyaku.spool.Spool;
import org.hikyaku.spool.StoredMessage;
import org.hikyaku.world.Event;
import org.hikyaku.world.Tasks;
import org.hikyaku.world.World;
import org.jspecify.annotations.Nullable;

/**
 * Stores settlements: the recipients' new states and the notices owed for them in one commit.
 *
 * <p><i>Failure:</i> a settlement that could not be stored is kept and tried again until it is; until then its
 * recipients are not given out, so nobody gets a second copy while this process lives, and no further delivery begins
 * at all. A crash in between leads to a second copy, never to a loss.
 */
final class Settler {
    private static final Duration AGAIN = Duration.ofSeconds(10);

    private final World world;
    private final Spool spool;
    private final Supplier<Config> config;
    private final Notices notices;
    private final Dispatch dispatch;
    private final QueueManager queue;
    private final List<Settlement> parked = new ArrayList<>();
    private boolean trying;

    Settler(World world, Spool spool, Supplier<Config> config, Notices notices, Dispatch dispatch, QueueManager queue) {
        this.world = world;
        this.spool = spool;
        this.config = config;
        this.notices = notices;
        this.dispatch = dispatch;
        this.queue = queue;
    }

    void store(Settlement settlement) {
        store(settlement, null);
    }

    /** With {@code told} this is another try of one that was parked. */
    private void store(Settlement settlement, Tasks.@Nullable Promise<Boolean> told) {
        SpoolId id = settlement.claim().message().id();
        if (!dispatch.isLive(id)) {
            settled(settlement, told);
            return;
        }
        List<Notices.Owed> owed = notices.of(settlement);
        List<Change.Entry> entries = new ArrayList<>();
        entries.add(new Change.Entry.Progress(id, settlement.states()));
        owed.forEach(o -> entries.add(o.accept()));
        List<Long> sizes = Notices.sizes(owed);
        spool.commit(new Change(entries), null, new Spool.Done() {
            @Override
            public void stored() {
                for (int i = 0; i < owed.size(); i++) {
                    queue.noticed(owed.get(i), sizes.get(i), id);
                }
                settled(settlement, told);
            }

            @Override
            public void failed(Spool.SpoolFailure why) {
                park(settlement, told, why);
            }
        });
    }

    private void settled(Settlement settlement, Tasks.@Nullable Promise<Boolean> told) {
        Instant now = world.clock().now();
        long longest = RetryPlan.of(config.get().queue()).longest().toMillis();
        long millis = queue.millis();
        boolean done = dispatch.settled(
                settlement.parcel(),
                settlement.states(),
                state -> millis
                        + Math.clamp(
                                Duration.between(settlement.at(), state.due()).toMillis(), 0, longest),
                millis);
        if (told != null) {
            dispatch.unstall();
        }
        if (done) {
            StoredMessage message = settlement.claim().message();
            queue.kept().gone(message.id());
            world.events()
                    .emit(
                            Event.MESSAGE_DONE,
                            message.id(),
                            Duration.between(message.arrival(), now).toSeconds());
        }
        queue.pump();
        if (told != null) {
            told.complete(true);
        }
    }

    private void park(Settlement settlement, Tasks.@Nullable Promise<Boolean> told, Spool.SpoolFailure why) {
        boolean begin;
        synchronized (parked) {
            parked.add(settlement);
            begin = !trying;
            trying = true;
        }
        if (told == null) {
            dispatch.stall();
            world.events()
                    .emit(Event.QUEUE_STALLED, settlement.claim().message().id(), why.text());
        }
        if (begin) {
            world.tasks().start("settle-again", this::again);
        }
        if (told != null) {
            told.complete(false);
        }
    }

    private void again() {
        boolean all = true;
        // once the queue has stopped, the first failure is the last try
        while (all || !dispatch.isStopped()) {
            List<Settlement> batch = nextBatch();
            if (batch.isEmpty()) {
                return;
            }
            all = true;
            for (Settlement settlement : batch) {
                Tasks.Promise<Boolean> told = world.tasks().promise();
                store(settlement, told);
                all &= told.await();
            }
            if (all) {
                world.events().emit(Event.QUEUE_RESUMED, batch.size());
                if (isNothingLeft()) {
                    return;
                }
            }
        }
    }

    /** Whether all is stored; then the next to be parked starts the task anew. */
    private boolean isNothingLeft() {
        synchronized (parked) {
            trying = !parked.isEmpty();
            return !trying;
        }
    }

    /** Waits, then takes what is parked. */
    private List<Settlement> nextBatch() {
        world.tasks().sleep(AGAIN);
        synchronized (parked) {
            List<Settlement> batch = List.copyOf(parked);
            trying = !batch.isEmpty();
            parked.clear();
            return batch;
        }
    }
}
