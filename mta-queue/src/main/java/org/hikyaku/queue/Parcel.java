package org.hikyaku.queue;

import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import org.hikyaku.mail.Site;
import org.hikyaku.mail.SpoolId;
import org.jspecify.annotations.Nullable;

/**
 * One message's recipients of one domain that travel together: waiting, lent as a claim, or held. Compact, for there
 * may be a million; all else is in the spool. Belongs to the {@link Scheduler} and is touched under its owner's
 * monitor only.
 */
final class Parcel {
    static final Comparator<Parcel> BY_DUE = Comparator.<Parcel>comparingLong(p -> p.due)
            .thenComparing(p -> p.id)
            .thenComparingInt(p -> p.places[0]);

    final SpoolId id;
    /** The recipients' places in the envelope, ascending, at least one. */
    final int[] places;
    /** The site its domain is by itself. */
    final Site domain;
    /** Not to be tried before; milliseconds of the day's clock. */
    long due;
    /** Not lent yet since the message came. */
    boolean fresh;
    /** Where it waits or was lent from; null while held or being settled. */
    @Nullable
    Lane lane;
    /** Its index in the parcels of its message. */
    int slot;
    /** Lent to a deliverer or being settled. */
    boolean lent;

    Parcel(SpoolId id, int[] places, Site domain, long due, boolean fresh) {
        this.id = id;
        this.places = places;
        this.domain = domain;
        this.due = due;
        this.fresh = fresh;
    }

    /** The site it counts for. */
    Site site() {
        Lane at = lane;
        return at == null ? domain : at.site;
    }

    List<Integer> placeList() {
        return Arrays.stream(places).boxed().toList();
    }
}
