package org.hikyaku.queue;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;
import org.hikyaku.mail.Domain;
import org.hikyaku.mail.Recipient;
import org.hikyaku.mail.Site;
import org.hikyaku.mail.SpoolId;
import org.hikyaku.spool.Change;
import org.hikyaku.spool.Spool;
import org.hikyaku.spool.StoredMessage;
import org.hikyaku.world.Event;
import org.hikyaku.world.Tasks;
import org.hikyaku.world.World;

/**
 * What operators do with the queue. For tasks: every call may wait.
 *
 * <p><i>Failure:</i> what the store does not take is told as an {@link Answer}; a message that cannot be read makes a
 * list throw, after the rows before it.
 */
public final class QueueAdmin {
    private static final int PAGE = 200;

    private final World world;
    private final Spool spool;
    private final Dispatch dispatch;
    private final QueueManager queue;

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
     * @param unstored outcomes that the store did not take yet; with any, nothing is lent
     * @param longest sites with the most waiting parcels
     */
    public record Counts(
            int messages,
            int recipients,
            int held,
            int waiting,
            int delivering,
            int unstored,
            List<Map.Entry<Site, Integer>> longest) {}

    /**
     * Which messages; what is empty does not matter.
     *
     * @param sender part of the sender's address, without case
     * @param recipient part of an unfinished recipient's address or original address, without case
     * @param domain of an unfinished recipient
     * @param minAge messages that came at least so long ago
     */
    public record Filter(
            String sender, String recipient, Optional<Domain> domain, Optional<Duration> minAge, State state) {
        public static Filter all() {
            return new Filter("", "", Optional.empty(), Optional.empty(), State.ANY);
        }
    }

    /** How far a message is. */
    public enum State {
        ANY,
        HELD,
        /** Not held, and tried at least once for a recipient that is not finished. */
        DEFERRED,
        /** Not held, and not tried yet. */
        FRESH
    }

    /** One row of a list. */
    public record Row(StoredMessage message, boolean delivering) {}

    QueueAdmin(World world, Spool spool, Dispatch dispatch, QueueManager queue) {
        this.world = world;
        this.spool = spool;
        this.dispatch = dispatch;
        this.queue = queue;
    }

    public Counts counts() {
        return dispatch.counts(10);
    }

    /** One message; empty when it is finished or never was. */
    public Optional<Row> show(SpoolId id) throws IOException {
        return spool.peek(id).map(message -> new Row(message, dispatch.isLent(id)));
    }

    /** Gives the rows that pass, in order of arrival, one at a time, until {@code sink} answers false. */
    public void list(Filter filter, Predicate<Row> sink) throws IOException {
        Instant now = world.clock().now();
        List<SpoolId> page = spool.ids(null, PAGE);
        while (!page.isEmpty()) {
            for (SpoolId id : page) {
                Optional<Row> row = show(id).filter(r -> passes(filter, r.message(), now));
                if (row.isPresent() && !sink.test(row.get())) {
                    return;
                }
            }
            page = spool.ids(page.getLast(), PAGE);
        }
    }

    private static boolean passes(Filter filter, StoredMessage message, Instant now) {
        boolean old = filter.minAge()
                .map(age -> !message.arrival().isAfter(now.minus(age)))
                .orElse(true);
        return old
                && contains(message.envelope().sender().toString(), filter.sender())
                && switch (filter.state()) {
                    case ANY -> true;
                    case HELD -> !message.held().isEmpty();
                    case DEFERRED -> message.held().isEmpty() && isTried(message);
                    case FRESH -> message.held().isEmpty() && !isTried(message);
                }
                && hasRecipient(filter, message);
    }

    private static boolean isTried(StoredMessage message) {
        return message.states().stream().anyMatch(s -> !s.status().isFinished() && s.attempts() > 0);
    }

    private static boolean hasRecipient(Filter filter, StoredMessage message) {
        for (int place = 0; place < message.states().size(); place++) {
            Recipient to = message.envelope().recipients().get(place);
            boolean here = filter.domain().isEmpty()
                    || filter.domain().equals(to.address().domain());
            boolean named = contains(to.address().toString(), filter.recipient())
                    || contains(to.original().toString(), filter.recipient());
            if (!message.states().get(place).status().isFinished() && here && named) {
                return true;
            }
        }
        return false;
    }

    private static boolean contains(String text, String part) {
        return text.toLowerCase(Locale.ROOT).contains(part.toLowerCase(Locale.ROOT));
    }

    /** Makes a message due now; a held one stays held. */
    public Answer retry(SpoolId id) {
        if (!isThere(id)) {
            return new Answer.NoSuchMessage();
        }
        dispatch.hurry(id, domain -> true, queue.millis());
        queue.pump();
        return new Answer.Done();
    }

    /** Makes all that waits due now, for one domain or for all; returns how many recipients. */
    public int retryAll(Optional<Domain> domain) {
        Predicate<Site> which = site -> domain.isEmpty() || site.equals(Site.ofDomain(domain.get()));
        int count = 0;
        for (List<SpoolId> page = spool.ids(null, PAGE); !page.isEmpty(); page = spool.ids(page.getLast(), PAGE)) {
            for (SpoolId id : page) {
                count += dispatch.hurry(id, which, queue.millis());
            }
            queue.pump();
        }
        return count;
    }

    /** Keeps a message from delivery until it is released; what is being delivered now goes on. */
    public Answer hold(SpoolId id, String by) {
        String why = by.isBlank() ? "operator" : by;
        return change(
                id,
                new Change.Entry.Hold(id, why),
                Event.MESSAGE_HELD,
                by,
                () -> dispatch.hold(id, why, queue.millis()));
    }

    public Answer release(SpoolId id, String by) {
        return change(
                id,
                new Change.Entry.Hold(id, ""),
                Event.MESSAGE_RELEASED,
                by,
                () -> dispatch.hold(id, "", queue.millis()));
    }

    /** Takes a message out for good; nobody is told. */
    public Answer remove(SpoolId id, String by) {
        return change(
                id,
                new Change.Entry.Remove(id, by),
                Event.MESSAGE_REMOVED,
                by,
                () -> dispatch.forget(id, queue.millis()));
    }

    private Answer change(SpoolId id, Change.Entry entry, Event event, String by, BooleanSupplier applied) {
        if (!isThere(id)) {
            return new Answer.NoSuchMessage();
        }
        Tasks.Promise<Answer> answer = world.tasks().promise();
        spool.commit(Change.of(entry), null, new Spool.Done() {
            @Override
            public void stored() {
                boolean there = applied.getAsBoolean();
                world.events().emit(event, id, by);
                queue.pump();
                answer.complete(there ? new Answer.Done() : new Answer.NoSuchMessage());
            }

            @Override
            public void failed(Spool.SpoolFailure why) {
                answer.complete(new Answer.StorageFailed(why.text()));
            }
        });
        return answer.await();
    }

    /** Also when the queue has not been told of it yet, after a start. */
    private boolean isThere(SpoolId id) {
        try {
            return dispatch.isLive(id) || spool.peek(id).isPresent();
        } catch (IOException e) {
            return true; // it cannot be read, but it is there
        }
    }
}
