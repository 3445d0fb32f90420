package org.hikyaku.queue;

import java.util.Comparator;
import org.hikyaku.mail.Site;
import org.jspecify.annotations.Nullable;

/** What waits for one site, and how many of it are lent. */
final class Lane {
    static final Comparator<Lane> BY_WAKING =
            Comparator.<Lane>comparingLong(l -> l.wakes).thenComparing(l -> l.site.key());

    final Site site;
    /** How much may go there now. */
    final Flow flow;
    /** Not due yet, by due time. */
    final Heap later = new Heap();
    /** Due, and never tried. */
    final Turns first = new Turns(this, false);
    /** Due, and tried before. */
    final Turns again = new Turns(this, true);

    int lent;
    /** How many lent here since one was taken from {@link #again} by an open connection. */
    int more;
    /** Where what waits here goes instead: the site that serves this domain. */
    @Nullable
    Site flowsTo;

    /** Its key in the calendar, valid while {@link #inCalendar}. */
    long wakes;

    boolean inCalendar;
    /** Among the long ones. */
    boolean counted;

    Lane(Site site, Flow flow) {
        this.site = site;
        this.flow = flow;
    }

    boolean hasRoom(long now) {
        return flow.hasRoom(lent, now);
    }

    int waiting() {
        return later.size() + first.size() + again.size();
    }

    Turns turns(Parcel parcel) {
        return parcel.first ? first : again;
    }

    /** When time alone makes something go here, or Long.MAX_VALUE. */
    long wakes(long now) {
        long opens = flow.opens();
        if (opens > now) {
            return opens;
        }
        return later.isEmpty() ? Long.MAX_VALUE : later.first().due;
    }
}
