package org.hikyaku.queue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.ToLongFunction;
import org.hikyaku.spool.RecipientState;
import org.hikyaku.spool.StoredMessage;
import org.jspecify.annotations.Nullable;

/**
 * The messages that are not finished, with their sums; a message is the ring of its parcels. A hash table of many
 * small ones, each of which grows for itself, so that no step takes long however many there are. Touched under the
 * monitor of {@link Dispatch} only.
 */
final class Lives {
    /** Recipients of messages kept whole in memory for their first attempt. */
    private static final int HOT_RECIPIENTS_MAX = 20_000;

    private static final int TABLE_BITS = 10;
    private static final int BUCKETS_LEAST = 4;
    private static final long MIX = 0x9E3779B97F4A7C15L;

    private final @Nullable Parcel[][] tables = new Parcel[1 << TABLE_BITS][];
    private final int[] sizes = new int[1 << TABLE_BITS];
    private final HashMap<Long, Hot> hots = new HashMap<>();
    private int hot;
    private int messages;
    private int held;
    private int recipients;

    /** A whole message, and how many parcels still wait to be lent for the first time. */
    private static final class Hot {
        final StoredMessage message;
        int parcels;

        Hot(StoredMessage message, int parcels) {
            this.message = message;
            this.parcels = parcels;
        }
    }

    Lives() {
        Arrays.fill(tables, new Parcel[0]);
    }

    /** Any parcel of the message; null when it is not here. */
    @Nullable
    Parcel get(long id) {
        @Nullable Parcel[] table = tables[table(id)];
        Parcel each = table.length == 0 ? null : table[bucket(id, table)];
        while (each != null && each.id != id) {
            each = each.chained;
        }
        return each;
    }

    /** Adds a message; false when it is there already or has nothing left to do. */
    boolean add(StoredMessage message, List<Parcel> parcels, boolean keep) {
        if (parcels.isEmpty() || get(message.id().value()) != null) {
            return false;
        }
        Parcel head = parcels.getFirst();
        boolean hold = !message.held().isEmpty();
        for (Parcel each : parcels) {
            each.held = hold;
            recipients += each.size();
            if (each != head) {
                head.previous.link(each);
            }
        }
        insert(head);
        messages++;
        held += hold ? 1 : 0;
        int size = message.envelope().recipients().size();
        if (keep && hot + size <= HOT_RECIPIENTS_MAX) {
            hots.put(head.id, new Hot(message, parcels.size()));
            hot += size;
            parcels.forEach(each -> each.hot = true);
        }
        return true;
    }

    void drop(Parcel head) {
        take(head);
        messages--;
        held -= head.held ? 1 : 0;
        cool(head.id);
        each(head, parcel -> {
            parcel.gone = true;
            recipients -= parcel.size();
        });
    }

    /** Does something with each parcel of the message, which it may not take out of the ring. */
    static void each(Parcel head, Consumer<Parcel> what) {
        Parcel parcel = head;
        do {
            what.accept(parcel);
            parcel = parcel.next;
        } while (parcel != head);
    }

    /** Holds or releases a message; false when it is so already. */
    boolean hold(Parcel head, boolean hold) {
        if (head.held == hold) {
            return false;
        }
        held += hold ? 1 : -1;
        cool(head.id); // read again when it is lent: its states tell who held it
        each(head, parcel -> parcel.held = hold);
        return true;
    }

    /** The whole message for the first attempt of {@code parcel}, if it is still in memory. */
    Optional<StoredMessage> takeHot(Parcel parcel) {
        Hot kept = parcel.hot ? hots.get(parcel.id) : null;
        parcel.hot = false;
        if (kept == null) {
            return Optional.empty();
        }
        if (--kept.parcels == 0) {
            cool(parcel.id);
        }
        return Optional.of(kept.message);
    }

    private void cool(long id) {
        Hot kept = hots.isEmpty() ? null : hots.remove(id);
        if (kept != null) {
            hot -= kept.message.envelope().recipients().size();
        }
    }

    /**
     * Replaces a settled parcel by what of it is to be tried again, and returns that; drops a finished message.
     *
     * @param due of a state that is not finished
     */
    List<Parcel> settle(Parcel parcel, Map<Integer, RecipientState> states, ToLongFunction<RecipientState> due) {
        TreeMap<Long, List<Integer>> later = new TreeMap<>();
        states.forEach((place, state) -> {
            if (!state.status().isFinished()) {
                later.computeIfAbsent(due.applyAsLong(state), time -> new ArrayList<>(1))
                        .add(place);
            }
        });
        recipients -= parcel.size();
        List<Parcel> again = new ArrayList<>(1);
        later.forEach((time, places) -> {
            int[] sorted = places.stream().mapToInt(i -> i).sorted().toArray();
            recipients += sorted.length;
            again.add(again.isEmpty() ? anew(parcel, sorted, time) : linked(parcel, sorted, time));
        });
        if (again.isEmpty()) {
            finished(parcel);
        }
        return again;
    }

    private static Parcel anew(Parcel parcel, int[] places, long due) {
        parcel.places(places);
        parcel.due = due;
        parcel.first = false;
        return parcel;
    }

    private static Parcel linked(Parcel parcel, int[] places, long due) {
        Parcel more = new Parcel(parcel, places, due);
        parcel.link(more);
        return more;
    }

    private void finished(Parcel parcel) {
        Parcel other = parcel.next;
        parcel.gone = true;
        if (other == parcel) {
            take(parcel);
            messages--;
            held -= parcel.held ? 1 : 0;
            cool(parcel.id);
            return;
        }
        if (get(parcel.id) == parcel) {
            take(parcel);
            parcel.unlink();
            insert(other);
        } else {
            parcel.unlink();
        }
    }

    int messages() {
        return messages;
    }

    int held() {
        return held;
    }

    int recipients() {
        return recipients;
    }

    // The table

    private static int table(long id) {
        return (int) ((id * MIX) >>> (Long.SIZE - TABLE_BITS));
    }

    private static int bucket(long id, @Nullable Parcel[] table) {
        return (int) ((id * MIX) >>> 16) & (table.length - 1);
    }

    private void insert(Parcel head) {
        int at = table(head.id);
        if (sizes[at] >= tables[at].length) {
            resize(at, Math.max(BUCKETS_LEAST, tables[at].length << 1));
        }
        sizes[at]++;
        put(head, tables[at]);
    }

    private static void put(Parcel head, @Nullable Parcel[] table) {
        int bucket = bucket(head.id, table);
        head.chained = table[bucket];
        table[bucket] = head;
    }

    private void take(Parcel head) {
        int at = table(head.id);
        @Nullable Parcel[] table = tables[at];
        int bucket = bucket(head.id, table);
        Parcel each = table[bucket];
        Parcel before = null;
        while (each != null && each.id != head.id) {
            before = each;
            each = each.chained;
        }
        if (each == null) {
            throw new IllegalStateException(head.spoolId() + " is not here");
        }
        if (before == null) {
            table[bucket] = each.chained;
        } else {
            before.chained = each.chained;
        }
        each.chained = null;
        if (--sizes[at] < table.length >> 2 && table.length > BUCKETS_LEAST) {
            resize(at, table.length >> 1);
        }
    }

    private void resize(int at, int length) {
        @Nullable Parcel[] longer = new Parcel[length];
        for (Parcel head : tables[at]) {
            while (head != null) {
                Parcel following = head.chained;
                put(head, longer);
                head = following;
            }
        }
        tables[at] = longer;
    }
}
