package org.hikyaku.queue;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.hikyaku.mail.SpoolId;
import org.hikyaku.spool.StoredMessage;
import org.jspecify.annotations.Nullable;

/** What is kept in memory of a message that is not finished. Touched under the monitor of {@link Dispatch} only. */
final class Live {
    final SpoolId id;
    final Instant arrival;
    private final List<Parcel> parcels = new ArrayList<>(1);
    /** Recipients not finished. */
    int pending;
    /** Parcels not lent since the message came. */
    int fresh;
    /** Why it is held; empty when it is not. */
    String held;
    /** The whole message until each of its parcels was lent once, so that it is not read back for the first attempt. */
    @Nullable
    StoredMessage hot;

    Live(SpoolId id, Instant arrival, String held) {
        this.id = id;
        this.arrival = arrival;
        this.held = held;
    }

    /** In no order that means anything. */
    List<Parcel> parcels() {
        return parcels;
    }

    void add(Parcel parcel) {
        parcel.slot = parcels.size();
        parcels.add(parcel);
        fresh += parcel.fresh ? 1 : 0;
    }

    /** Costs the same however many there are. */
    void remove(Parcel parcel) {
        Parcel last = parcels.removeLast();
        if (last != parcel) {
            parcels.set(parcel.slot, last);
            last.slot = parcel.slot;
        }
    }
}
