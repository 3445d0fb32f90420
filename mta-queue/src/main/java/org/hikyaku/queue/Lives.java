package org.hikyaku.queue;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.hikyaku.mail.SpoolId;
import org.hikyaku.spool.RecipientState;
import org.hikyaku.spool.StoredMessage;
import org.jspecify.annotations.Nullable;

/** The messages that are not finished, with their sums. Touched under the monitor of {@link Dispatch} only. */
final class Lives {
    /** Recipients of messages kept whole in memory for their first attempt. */
    private static final int HOT_RECIPIENTS_MAX = 20_000;

    private final TreeMap<SpoolId, Live> lives = new TreeMap<>();
    private int hot;
    private int held;
    private int recipients;

    @Nullable
    Live get(SpoolId id) {
        return lives.get(id);
    }

    /** Adds a message; null when it is there already or has nothing left to do. */
    @Nullable
    Live add(StoredMessage message, List<Parcel> parcels, boolean keep) {
        Live live = new Live(message.id(), message.arrival(), message.held());
        live.pending = parcels.stream().mapToInt(p -> p.places.length).sum();
        if (live.pending == 0 || lives.putIfAbsent(live.id, live) != null) {
            return null;
        }
        parcels.forEach(live::add);
        recipients += live.pending;
        held += live.held.isEmpty() ? 0 : 1;
        int size = message.envelope().recipients().size();
        if (keep && hot + size <= HOT_RECIPIENTS_MAX) {
            live.hot = message;
            hot += size;
        }
        return live;
    }

    void drop(Live live) {
        cool(live);
        lives.remove(live.id);
        recipients -= live.pending;
        held -= live.held.isEmpty() ? 0 : 1;
    }

    void hold(Live live, String why) {
        held += (live.held.isEmpty() ? 1 : 0) - (why.isEmpty() ? 1 : 0);
        live.held = why;
    }

    /** The whole message for the first attempt of {@code parcel}, if it is still in memory. */
    Optional<StoredMessage> takeHot(Parcel parcel) {
        Live live = lives.get(parcel.id);
        StoredMessage message = live == null || !parcel.fresh ? null : live.hot;
        if (live != null && parcel.fresh && --live.fresh == 0) {
            cool(live);
        }
        parcel.fresh = false;
        return Optional.ofNullable(message);
    }

    private void cool(Live live) {
        if (live.hot != null) {
            hot -= live.hot.envelope().recipients().size();
            live.hot = null;
        }
    }

    /** Replaces a settled parcel by what of it is to be tried again, and returns that; drops a finished message. */
    List<Parcel> settle(Live live, Parcel parcel, Map<Integer, RecipientState> states) {
        live.remove(parcel);
        TreeMap<Long, List<Integer>> later = new TreeMap<>();
        states.forEach((place, state) -> {
            if (state.status().isFinished()) {
                live.pending--;
                recipients--;
            } else {
                later.computeIfAbsent(state.due().toEpochMilli(), due -> new ArrayList<>())
                        .add(place);
            }
        });
        List<Parcel> again = new ArrayList<>();
        later.forEach((due, places) -> {
            int[] sorted = places.stream().mapToInt(i -> i).sorted().toArray();
            again.add(new Parcel(parcel.id, sorted, parcel.domain, due, false));
        });
        again.forEach(live::add);
        if (live.pending == 0) {
            drop(live);
        }
        return again;
    }

    /** The ids after {@code after}, in order of arrival, at most {@code most}. */
    List<SpoolId> ids(@Nullable SpoolId after, int most) {
        return (after == null ? lives : lives.tailMap(after, false))
                .keySet().stream().limit(most).toList();
    }

    int messages() {
        return lives.size();
    }

    int held() {
        return held;
    }

    int recipients() {
        return recipients;
    }
}
