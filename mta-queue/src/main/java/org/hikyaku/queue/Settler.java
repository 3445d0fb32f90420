package org.hikyaku.queue;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.hikyaku.config.Config;
import org.hikyaku.mail.SpoolId;
import org.hikyaku.spool.Change;
import org.hikyaku.spool.RecipientState;
import org.hikyaku.spool.Spool;
import org.hikyaku.spool.StoredMessage;
import org.hikyaku.world.Event;
import org.hikyaku.world.Tasks;
import org.hikyaku.world.World;
import org.jspecify.annotations.Nullable;

/**
 * Stores settlements: the recipients' new states and the notices owed for them in one commit. Bad news of one message is
 * gathered for a moment ({@link NoticeWindow}), to be one notice.
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
    private final NoticeWindow window = new NoticeWindow();
    private final List<List<Settlement>> parked = new ArrayList<>();
    private boolean trying;

    Settler(World world, Spool spool, Supplier<Config> config, Notices notices, Dispatch dispatch, QueueManager queue) {
        this.world = world;
        this.spool = spool;
        this.config = config;
        this.notices = notices;
        this.dispatch = dispatch;
        this.queue = queue;
    }

    /** What failed or is late waits a moment for more of its message; all else is stored at once. May wait. */
    void store(Settlement settlement) {
        SpoolId id = settlement.claim().message().id();
        boolean together = settlement.isBadNews()
                && !settlement.claim().message().envelope().sender().isNull() // to whom nothing is told
                && config.get().queue().noticeWindow().isPositive()
                && !dispatch.isStopped()
                && dispatch.parcels(id) > 1;
        if (!together) {
            store(List.of(settlement), null);
            return;
        }
        Optional<Settlement> good = settlement.good();
        if (good.isEmpty()) {
            keep(id, settlement);
            return;
        }
        List<Settlement> some = List.of(good.get());
        commit(id, some, () -> keep(id, settlement.withGoodStored()), why -> park(List.of(settlement), null, why));
    }

    private void keep(SpoolId id, Settlement settlement) {
        dispatch.rest(settlement.parcel());
        queue.pump();
        switch (window.keep(id, settlement)) {
            case NOT -> world.tasks().start("notice", () -> store(List.of(settlement), null));
            case FIRST -> world.net().loop().schedule(config.get().queue().noticeWindow(), () -> told(id));
            case MORE -> {}
            case ENOUGH -> told(id);
        }
        if (dispatch.isStopped() || dispatch.parcels(id) <= window.size(id)) {
            told(id);
        }
    }

    /** The time of a message is over, or nothing else of it is left. */
    private void told(SpoolId id) {
        List<Settlement> all = window.take(id);
        if (!all.isEmpty()) {
            world.tasks().start("notice", () -> store(all, null));
        }
    }

    /** Nothing waits any more. */
    void stop() {
        window.messages().forEach(this::told);
    }

    /** Settlements of one message, with one notice. With {@code told} this is another try of what was parked. */
    private void store(List<Settlement> group, Tasks.@Nullable Promise<Boolean> told) {
        SpoolId id = group.getFirst().claim().message().id();
        if (dispatch.isLive(id)) {
            commit(id, group, () -> settled(group, told), why -> park(group, told, why));
        } else {
            settled(group, told);
        }
    }

    private void commit(SpoolId id, List<Settlement> group, Runnable stored, Consumer<Spool.SpoolFailure> failed) {
        List<Notices.Owed> owed = notices.of(group);
        List<Change.Entry> entries = new ArrayList<>();
        Map<Integer, RecipientState> states = new TreeMap<>();
        group.forEach(each -> states.putAll(each.unstored()));
        entries.add(new Change.Entry.Progress(id, states));
        owed.forEach(o -> entries.add(o.accept()));
        List<Long> sizes = Notices.sizes(owed);
        spool.commit(new Change(entries), null, new Spool.Done() {
            @Override
            public void stored() {
                for (int i = 0; i < owed.size(); i++) {
                    queue.noticed(owed.get(i), sizes.get(i), id);
                }
                stored.run();
            }

            @Override
            public void failed(Spool.SpoolFailure why) {
                failed.accept(why);
            }
        });
    }

    private void settled(List<Settlement> group, Tasks.@Nullable Promise<Boolean> told) {
        group.forEach(this::settled);
        if (told != null) {
            dispatch.unstall();
        }
        queue.pump();
        SpoolId id = group.getFirst().claim().message().id();
        int waiting = window.size(id);
        if (waiting > 0 && dispatch.parcels(id) <= waiting) {
            told(id);
        }
        if (told != null) {
            told.complete(true);
        }
    }

    private void settled(Settlement settlement) {
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
        if (done) {
            StoredMessage message = settlement.claim().message();
            queue.kept().gone(message.id());
            world.events()
                    .emit(
                            Event.MESSAGE_DONE,
                            message.id(),
                            Duration.between(message.arrival(), now).toSeconds());
        }
    }

    private void park(List<Settlement> group, Tasks.@Nullable Promise<Boolean> told, Spool.SpoolFailure why) {
        boolean begin;
        synchronized (parked) {
            parked.add(group);
            begin = !trying;
            trying = true;
        }
        if (told == null) {
            dispatch.stall();
            world.events()
                    .emit(
                            Event.QUEUE_STALLED,
                            group.getFirst().claim().message().id(),
                            why.text());
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
            List<List<Settlement>> batch = nextBatch();
            if (batch.isEmpty()) {
                return;
            }
            all = true;
            for (List<Settlement> group : batch) {
                Tasks.Promise<Boolean> told = world.tasks().promise();
                store(group, told);
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
    private List<List<Settlement>> nextBatch() {
        world.tasks().sleep(AGAIN);
        synchronized (parked) {
            List<List<Settlement>> batch = List.copyOf(parked);
            trying = !batch.isEmpty();
            parked.clear();
            return batch;
        }
    }
}
