package org.hikyaku.queue;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.TreeMap;
import java.util.function.BiFunction;
import org.hikyaku.mail.Recipient;
import org.hikyaku.mail.Site;
import org.hikyaku.spool.RecipientState;
import org.hikyaku.spool.StoredMessage;

/** Divides a message's unfinished recipients into parcels: of one domain and due time, of a bounded number. Pure. */
final class Parcels {
    private Parcels() {}

    private record Group(Site domain, long due) implements Comparable<Group> {
        @Override
        public int compareTo(Group other) {
            int byDomain = domain.key().compareTo(other.domain.key());
            return byDomain != 0 ? byDomain : Long.compare(due, other.due);
        }
    }

    /**
     * The parcels of {@code message}.
     *
     * @param most recipients of a parcel
     * @param due when a recipient is due, from what the spool says and how often he was tried
     */
    static List<Parcel> of(StoredMessage message, int most, BiFunction<Instant, Integer, Instant> due) {
        TreeMap<Group, List<Integer>> groups = new TreeMap<>();
        boolean fresh = true;
        for (int place = 0; place < message.states().size(); place++) {
            RecipientState state = message.states().get(place);
            fresh &= state.attempts() == 0;
            if (!state.status().isFinished()) {
                Recipient recipient = message.envelope().recipients().get(place);
                Site domain = Site.ofDomain(recipient.address().requireDomain());
                long time = due.apply(state.due(), state.attempts()).toEpochMilli();
                groups.computeIfAbsent(new Group(domain, time), g -> new ArrayList<>())
                        .add(place);
            }
        }
        List<Parcel> parcels = new ArrayList<>();
        for (var group : groups.entrySet()) {
            int[] places = group.getValue().stream().mapToInt(i -> i).toArray();
            for (int from = 0; from < places.length; from += most) {
                int[] some = Arrays.copyOfRange(places, from, Math.min(places.length, from + most));
                parcels.add(new Parcel(message.id(), some, group.getKey().domain, group.getKey().due, fresh));
            }
        }
        return parcels;
    }
}
