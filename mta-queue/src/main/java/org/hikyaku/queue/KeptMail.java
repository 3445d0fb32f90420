package org.hikyaku.queue;

import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import org.hikyaku.mail.SpoolId;
import org.hikyaku.mail.Wishes;
import org.hikyaku.spool.StoredMessage;

/**
 * How much each user has kept here for later (RFC 4865 6): from when it is stored until its time has come or it is gone. Safe
 * from any task or loop, never waits. Its rows are the messages that are kept, so the quota bounds them.
 *
 * <p><i>Failure:</i> after a start it knows a message once the spool has told of it; until then its user has more room.
 */
public final class KeptMail {
    private final TreeMap<Moment, Kept> byTime = new TreeMap<>();
    private final Map<Long, Moment> byId = new HashMap<>();
    private final Map<String, Sum> sums = new HashMap<>();

    private record Moment(Instant at, long id) implements Comparable<Moment> {
        @Override
        public int compareTo(Moment other) {
            int byTime = at.compareTo(other.at);
            return byTime != 0 ? byTime : Long.compare(id, other.id);
        }
    }

    private record Kept(String user, long octets) {}

    private record Sum(int messages, long octets) {
        private static final Sum NOTHING = new Sum(0, 0);

        Sum plus(int more, long of) {
            return new Sum(messages + more, octets + of);
        }
    }

    /** Whether a user may have one more kept, of so many octets. */
    public synchronized boolean hasRoom(String user, long octets, int messagesMax, long octetsMax, Instant now) {
        while (!byTime.isEmpty() && !byTime.firstKey().at().isAfter(now)) {
            remove(byTime.firstKey());
        }
        Sum sum = sums.getOrDefault(user, Sum.NOTHING);
        return sum.messages() < messagesMax && sum.octets() + octets <= octetsMax;
    }

    /** A message that is stored; nothing, if it is not to be kept or known already. */
    synchronized void add(StoredMessage message) {
        Instant at =
                message.envelope().wishes().release().map(Wishes.Release::at).orElse(Instant.MIN);
        Moment moment = new Moment(at, message.id().value());
        if (at.equals(Instant.MIN) || byId.putIfAbsent(moment.id(), moment) != null) {
            return;
        }
        Kept kept = new Kept(message.origin().user(), message.content().size());
        byTime.put(moment, kept);
        sums.merge(kept.user(), new Sum(1, kept.octets()), (sum, one) -> sum.plus(1, one.octets()));
    }

    /** It was delivered, given up or removed. */
    synchronized void gone(SpoolId id) {
        Moment moment = byId.get(id.value());
        if (moment != null) {
            remove(moment);
        }
    }

    private void remove(Moment moment) {
        byId.remove(moment.id());
        Kept kept = byTime.remove(moment);
        if (kept != null) {
            sums.computeIfPresent(kept.user(), (user, sum) -> {
                Sum left = sum.plus(-1, -kept.octets());
                return left.messages() == 0 ? null : left;
            });
        }
    }
}
