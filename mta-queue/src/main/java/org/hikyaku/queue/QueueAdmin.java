package org.hikyaku.queue;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.hikyaku.bounce.Report;
import org.hikyaku.mail.Diagnosis;
import org.hikyaku.mail.DomainPattern;
import org.hikyaku.mail.Recipient;
import org.hikyaku.mail.Site;
import org.hikyaku.mail.SpoolId;
import org.hikyaku.spool.Change;
import org.hikyaku.spool.Draft;
import org.hikyaku.spool.RecipientState;
import org.hikyaku.spool.Spool;
import org.hikyaku.spool.StoredMessage;
import org.hikyaku.world.Event;
import org.hikyaku.world.World;
import org.jspecify.annotations.Nullable;

/**
 * The single steps that an operator's commands are made of. For tasks: {@link #show}, {@link #ids} and {@link #fail} may
 * wait; what is stored is told on the committer's thread, where nothing may wait.
 *
 * <p>Who changes recipients' states takes the message with {@link #seize} first, so that no deliverer gets it meanwhile,
 * and gives it back with {@link #resume} in any case.
 *
 * <p><i>Failure:</i> what the store does not take is told as an {@link Answer} and has changed nothing. What cannot be read
 * when it is given back is lent to nobody until it can.
 */
public final class QueueAdmin {
    /** When a message that could not be read is looked at again. */
    private static final Duration UNREADABLE_FOR = Duration.ofMinutes(1);

    private final World world;
    private final Spool spool;
    private final Dispatch dispatch;
    private final QueueManager queue;
    private final Notices notices;

    /** What came of an operation on one message. */
    public sealed interface Answer {
        record Done() implements Answer {}

        record NoSuchMessage() implements Answer {}

        record StorageFailed(String why) implements Answer {}
    }

    /**
     * How full the queue is.
     *
     * @param recipients not finished
     * @param waiting parcels (recipients of one domain in one message) that wait for their time or for room
     * @param delivering parcels lent or being settled
     * @param loading messages of the run before that the queue has not been told of yet, and that are in no other number
     * @param unstored outcomes that the store did not take yet; with any, nothing is lent
     * @param longest sites with the most waiting parcels
     */
    public record Counts(
            int messages,
            int recipients,
            int held,
            int waiting,
            int delivering,
            int loading,
            int unstored,
            List<Map.Entry<Site, Integer>> longest) {}

    /** One row of a list. */
    public record Row(StoredMessage message, boolean delivering) {}

    QueueAdmin(World world, Spool spool, Dispatch dispatch, QueueManager queue, Notices notices) {
        this.world = world;
        this.spool = spool;
        this.dispatch = dispatch;
        this.queue = queue;
        this.notices = notices;
    }

    /** As {@link QueueManager#withhold}. */
    public void withhold(Predicate<StoredMessage> which) {
        queue.withhold(which);
    }

    /** Waits until all messages are in the queue, or refused, that were on their way to disk; false: not within {@code limit}. */
    public boolean awaitUnderway(Duration limit) {
        return queue.underway().awaitAll(limit);
    }

    public Counts counts() {
        return dispatch.counts(10, spool.unvisited());
    }

    /** The sites that most waits for. */
    public List<SiteState> longest(int most) {
        return dispatch.longest(most, queue.millis());
    }

    /** Those of {@code keys} that have something to do, and those where mail of {@code domains} waits. */
    public List<SiteState> sites(List<Site> keys, List<DomainPattern> domains) {
        return dispatch.sites(keys, domains, queue.millis());
    }

    /** One message, its body not yet read; empty when it is finished or never was. */
    public Optional<Row> show(SpoolId id) throws IOException {
        return spool.peek(id).map(message -> new Row(message, dispatch.isLent(id)));
    }

    /** The ids of unfinished messages in order of arrival, at most {@code most}. */
    public List<SpoolId> ids(@Nullable SpoolId after, int most) {
        return spool.ids(after, most);
    }

    /** Whether there is room on the disk but for the reserve. */
    public boolean hasRoom() {
        return spool.hasRoom(0);
    }

    /** Whether a message of that size can be begun, as {@link Spool#hasRoom}. */
    public boolean hasRoom(long size) {
        return spool.hasRoom(size);
    }

    /** Begins a message, as {@link Spool#draft}. */
    public Draft draft() {
        return spool.draft();
    }

    /** Keeps a message from being lent; false when some of it is out with a deliverer, then nothing is changed. */
    public boolean seize(SpoolId id) {
        return dispatch.seize(id, queue.millis());
    }

    /** Ends a {@link #seize}: takes the message up as the spool has it now, or as soon as it can be read again. */
    public void resume(SpoolId id) {
        takeUp(id, queue::again);
    }

    /** Others may have it in hand, too: what the last of them has read after all changes is what goes on. */
    private void takeUp(SpoolId id, Predicate<StoredMessage> how) {
        try {
            long version;
            boolean held;
            do {
                version = dispatch.version(id);
                Optional<StoredMessage> now = spool.peek(id);
                dispatch.forget(id, queue.millis());
                queue.kept().gone(id);
                held = now.filter(how).isPresent();
            } while (!dispatch.letGo(id, version, held, queue.millis()));
        } catch (IOException e) {
            world.events().emit(Event.MESSAGE_UNREADABLE, id, e.getMessage());
            world.net().loop().schedule(UNREADABLE_FOR, () -> takeUpLater(id));
        }
        queue.pump();
    }

    private void takeUpLater(SpoolId id) {
        if (!dispatch.isStopped()) {
            world.tasks().start("take up again", () -> takeUp(id, queue::anew));
        }
    }

    /** Takes a message up as the spool has it now, unless some of it is out with a deliverer. */
    public void refresh(SpoolId id) {
        if (!dispatch.isRenewed(id) && seize(id)) {
            resume(id);
        }
    }

    /** Sets or ends (empty text) a hold; what is being delivered goes on. */
    public void hold(SpoolId id, String held, Consumer<Answer> told) {
        commit(Change.of(new Change.Entry.Hold(id, held)), told, () -> dispatch.hold(id, held, queue.millis()));
    }

    /** Sets a hold that yields to one that is there when this is stored; what is being delivered goes on. */
    public void holdIfFree(SpoolId id, String held, Consumer<Answer> told) {
        commit(Change.of(new Change.Entry.Hold(id, held, true)), told, () -> dispatch.hold(id, held, queue.millis()));
    }

    /** Recipients' states from now on, of a message that was seized. */
    public void progress(SpoolId id, Map<Integer, RecipientState> states, Consumer<Answer> told) {
        commit(Change.of(new Change.Entry.Progress(id, states)), told, () -> {});
    }

    /** Has other recipients take the places of some, of a message that was seized. */
    public void redirect(SpoolId id, List<Integer> places, List<Recipient> to, Consumer<Answer> told) {
        Instant now = world.clock().now();
        commit(Change.of(new Change.Entry.Redirect(id, places, to, now)), told, () -> {});
    }

    /** Takes a message out for good; nobody is told. */
    public void remove(SpoolId id, String by, Consumer<Answer> told) {
        commit(Change.of(new Change.Entry.Remove(id, by)), told, () -> {
            dispatch.forget(id, queue.millis());
            queue.kept().gone(id);
            world.events().emit(Event.MESSAGE_REMOVED, id, by);
        });
    }

    /**
     * Gives recipients up and tells the sender, in one change with the hold that the others have from then on, of a message that
     * was seized. Reads the message.
     */
    public void fail(StoredMessage message, List<Integer> places, Diagnosis why, String rest, Consumer<Answer> told) {
        Instant now = world.clock().now();
        Map<Integer, RecipientState> states = new LinkedHashMap<>();
        List<Report.Affected> affected = new ArrayList<>();
        for (int place : places) {
            RecipientState old = message.states().get(place);
            states.put(
                    place,
                    new RecipientState(
                            RecipientState.Status.FAILED, old.attempts(), now, why, old.noticed(), old.ruled()));
            affected.add(
                    new Report.Affected(message.envelope().recipients().get(place), why, Report.Affected.OPERATOR));
        }
        List<Notices.Owed> owed = notices.of(Report.Kind.FAILED, message, now, affected);
        List<Change.Entry> entries = new ArrayList<>();
        if (!message.held().equals(rest)) {
            entries.add(new Change.Entry.Hold(message.id(), rest));
        }
        entries.add(new Change.Entry.Progress(message.id(), states));
        owed.forEach(o -> entries.add(o.accept()));
        List<Long> sizes = Notices.sizes(owed);
        commit(new Change(entries), told, () -> {
            affected.forEach(a -> world.events()
                    .emit(
                            Event.RECIPIENT_FAILED,
                            message.id(),
                            a.recipient().address(),
                            "operator",
                            "",
                            why.status(),
                            why.text()));
            for (int i = 0; i < owed.size(); i++) {
                queue.noticed(owed.get(i), sizes.get(i), message.id());
            }
        });
    }

    /** Stores messages as they are given, whatever aliases say of their recipients: they come from another queue. */
    public void accept(List<Change.Entry.Accept> accepts, Consumer<Answer> told) {
        List<Long> sizes = accepts.stream()
                .map(a -> a.prepended().length + a.draft().size())
                .toList();
        commit(new Change(List.copyOf(accepts)), told, () -> {
            for (int i = 0; i < accepts.size(); i++) {
                StoredMessage message = QueueManager.stored(spool, accepts.get(i), sizes.get(i));
                world.events()
                        .emit(
                                Event.MESSAGE_QUEUED,
                                message.id(),
                                message.origin().session(),
                                message.envelope().sender(),
                                message.envelope().recipients().size(),
                                sizes.get(i),
                                "",
                                null);
                queue.again(message); // its due times are those of the other queue, not now
            }
        });
    }

    private void commit(Change change, Consumer<Answer> told, Runnable applied) {
        spool.commit(change, null, new Spool.Done() {
            @Override
            public void stored() {
                applied.run();
                queue.pump();
                told.accept(new Answer.Done());
            }

            @Override
            public void failed(Spool.SpoolFailure why) {
                told.accept(new Answer.StorageFailed(why.text()));
            }
        });
    }
}
