package org.hikyaku.queue;

import java.util.Comparator;
import java.util.TreeSet;
import org.hikyaku.mail.Site;

/** What waits for one site, and how many of it are lent. */
final class Lane {
    static final Comparator<Lane> BY_WAKING =
            Comparator.<Lane>comparingLong(l -> l.wakes).thenComparing(l -> l.site.key());

    final Site site;
    final TreeSet<Parcel> waiting = new TreeSet<>(Parcel.BY_DUE);
    int lent;
    /** The site is left alone until then. */
    long quietUntil = Long.MIN_VALUE;
    /** Its key in the calendar, valid while {@link #inCalendar}. */
    long wakes;

    boolean inCalendar;
    boolean inRing;

    Lane(Site site) {
        this.site = site;
    }

    /** When its first parcel may go. */
    long ready() {
        return waiting.isEmpty() ? Long.MAX_VALUE : Math.max(waiting.first().due, quietUntil);
    }
}
