package org.hikyaku.queue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.TreeMap;
import java.util.function.ToLongFunction;
import org.hikyaku.mail.Site;
import org.hikyaku.spool.RecipientState;
import org.hikyaku.spool.StoredMessage;

/** Divides a message's unfinished recipients into parcels: of one home and due time, of a bounded number. Pure. */
final class Parcels {
    private Parcels() {}

    private record Group(Site home, long due, boolean first) implements Comparable<Group> {
        @Override
        public int compareTo(Group other) {
            int byHome = home.key().compareTo(other.home.key());
            int byDue = byHome != 0 ? byHome : Long.compare(due, other.due);
            return byDue != 0 ? byDue : Boolean.compare(first, other.first);
        }
    }

    /**
     * The parcels of {@code message}.
     *
     * @param most recipients of a parcel
     * @param homing where a recipient waits
     * @param due when a recipient is due, by the clock that never goes back
     */
    static List<Parcel> of(
            StoredMessage message, Sender sender, int most, Homing homing, ToLongFunction<RecipientState> due) {
        Homing here = homing.of(message);
        TreeMap<Group, List<Integer>> groups = new TreeMap<>();
        for (int place = 0; place < message.states().size(); place++) {
            RecipientState state = message.states().get(place);
            if (!state.status().isFinished()) {
                Group group = new Group(here.home(message, place), due.applyAsLong(state), state.attempts() == 0);
                groups.computeIfAbsent(group, g -> new ArrayList<>(1)).add(place);
            }
        }
        List<Parcel> parcels = new ArrayList<>(groups.size());
        groups.forEach((group, all) -> {
            int[] places = all.stream().mapToInt(i -> i).toArray();
            Home home = new Home(group.home);
            int length = here.isAlone(message, places[0]) ? 1 : most;
            for (int from = 0; from < places.length; from += length) {
                int[] some = Arrays.copyOfRange(places, from, Math.min(places.length, from + length));
                parcels.add(new Parcel(message.id().value(), sender, home, some, group.due, group.first));
            }
        });
        return parcels;
    }
}
