package org.hikyaku.queue;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.TreeSet;
import org.hikyaku.mail.Site;
import org.jspecify.annotations.Nullable;

/**
 * Whose turn it is: a machine without clock or thread. Sites with something due take turns, one parcel each, so that
 * no site delays another; a site has at most {@code siteWindow} parcels out, all sites together at most {@code
 * window}.
 *
 * <p>A parcel waits in the lane of its domain until the site that serves the domain is known, then in that site's;
 * what waits already moves over. Every step costs the logarithm of what waits, nothing scans.
 *
 * <p><i>Failure:</i> giving back what was not lent is a bug of the caller and throws.
 */
final class Scheduler {
    /** How many domains' sites are remembered, the least recently used forgotten first. */
    private static final int KNOWN_MAX = 10_000;

    private final Map<String, Lane> lanes = new TreeMap<>();
    private final ArrayDeque<Lane> ring = new ArrayDeque<>();
    private final TreeSet<Lane> calendar = new TreeSet<>(Lane.BY_WAKING);
    private final LinkedHashMap<Site, Site> known = new LinkedHashMap<>(16, 0.75f, true);
    private int window;
    private int siteWindow;
    private int out;
    private int waiting;

    Scheduler(int window, int siteWindow) {
        this.window = window;
        this.siteWindow = siteWindow;
    }

    /** New windows, after a reload. */
    void windows(int all, int perSite, long now) {
        if (all == window && perSite == siteWindow) {
            return;
        }
        window = all;
        siteWindow = perSite;
        new ArrayList<>(lanes.values()).forEach(lane -> place(lane, now));
    }

    /** Puts a parcel in the queue of its site. */
    void add(Parcel parcel, long now) {
        Lane lane = lane(known.getOrDefault(parcel.domain, parcel.domain));
        parcel.lane = lane;
        lane.waiting.add(parcel);
        waiting++;
        place(lane, now);
    }

    /** Takes a waiting parcel out (held, removed). */
    void remove(Parcel parcel, long now) {
        Lane lane = Objects.requireNonNull(parcel.lane, "not waiting");
        if (parcel.lent || !lane.waiting.remove(parcel)) {
            throw new IllegalStateException(parcel.id + " does not wait");
        }
        waiting--;
        parcel.lane = null;
        place(lane, now);
    }

    /** The next parcel to go, or null: nothing is due, or the windows are full. */
    @Nullable
    Parcel next(long now) {
        if (out >= window) {
            return null;
        }
        wake(now);
        for (Lane lane = ring.poll(); lane != null; lane = ring.poll()) {
            lane.inRing = false;
            if (lane.lent < siteWindow && lane.ready() <= now) {
                return lend(lane, now);
            }
            place(lane, now);
        }
        return null;
    }

    /** The next parcel of one site, for an open connection; null also when other sites wait for the last room. */
    @Nullable
    Parcel nextOf(Site site, long now) {
        Lane lane = lanes.get(site.key());
        if (lane == null || out >= window || lane.lent >= siteWindow || lane.ready() > now) {
            return null;
        }
        wake(now);
        boolean othersWait = ring.size() > 1 || (ring.size() == 1 && ring.peek() != lane);
        return othersWait && out + 1 >= window ? null : lend(lane, now);
    }

    private Parcel lend(Lane lane, long now) {
        Parcel parcel = Objects.requireNonNull(lane.waiting.pollFirst());
        waiting--;
        lane.lent++;
        out++;
        parcel.lent = true;
        place(lane, now);
        return parcel;
    }

    /** When {@link #next} has something that it has not now, as far as time alone decides. */
    long wakes() {
        return calendar.isEmpty() ? Long.MAX_VALUE : calendar.first().wakes;
    }

    /** The site is done with this parcel; its outcome is being stored. */
    void left(Parcel parcel, long now) {
        Lane lane = Objects.requireNonNull(parcel.lane, "not lent");
        if (!parcel.lent) {
            throw new IllegalStateException(parcel.id + " was not lent");
        }
        lane.lent--;
        parcel.lane = null;
        place(lane, now);
    }

    /** Its outcome is stored: it counts no more. Follows {@link #left}. */
    void settled(Parcel parcel) {
        if (!parcel.lent || parcel.lane != null) {
            throw new IllegalStateException(parcel.id + " is not being settled");
        }
        parcel.lent = false;
        out--;
    }

    /**
     * The site that serves a lent parcel's domain: what waits in the domain's lane moves there, and the parcel counts
     * there.
     *
     * @return false when that site has no room: the parcel is waiting again
     */
    boolean siteKnown(Parcel parcel, Site site, long now) {
        remember(parcel.domain, site);
        Lane from = Objects.requireNonNull(parcel.lane, "not lent");
        if (from.site.equals(site)) {
            return true;
        }
        Lane to = lane(site);
        from.lent--;
        boolean room = to.lent < siteWindow;
        parcel.lane = to;
        if (room) {
            to.lent++;
        } else {
            out--;
            parcel.lent = false;
            to.waiting.add(parcel);
            waiting++;
        }
        if (from.site.equals(parcel.domain)) {
            from.waiting.forEach(p -> p.lane = to);
            to.waiting.addAll(from.waiting);
            from.waiting.clear();
        }
        place(from, now);
        place(to, now);
        return room;
    }

    /** Leaves a site alone until {@code until}: it was found down as a whole. */
    void quiet(Site site, long until, long now) {
        Lane lane = lanes.get(site.key());
        if (lane != null) {
            lane.quietUntil = until;
            place(lane, now);
        }
    }

    int waiting() {
        return waiting;
    }

    /** Parcels lent or being settled. */
    int out() {
        return out;
    }

    int sites() {
        return lanes.size();
    }

    /** Parcels waiting by site, for an operator; at most {@code most} sites, those with the most first. */
    List<Map.Entry<Site, Integer>> longest(int most) {
        return lanes.values().stream()
                .map(lane -> Map.entry(lane.site, lane.waiting.size()))
                .sorted(Map.Entry.<Site, Integer>comparingByValue().reversed())
                .limit(most)
                .toList();
    }

    private void remember(Site domain, Site site) {
        known.put(domain, site);
        if (known.size() > KNOWN_MAX) {
            known.pollFirstEntry();
        }
    }

    private Lane lane(Site site) {
        return lanes.computeIfAbsent(site.key(), key -> new Lane(site));
    }

    private void wake(long now) {
        while (!calendar.isEmpty() && calendar.first().wakes <= now) {
            Lane lane = calendar.pollFirst();
            lane.inCalendar = false;
            place(lane, now);
        }
    }

    /** Puts a lane where it belongs: in the ring, in the calendar, or nowhere. */
    private void place(Lane lane, long now) {
        if (lane.inCalendar) {
            calendar.remove(lane);
            lane.inCalendar = false;
        }
        if (lane.waiting.isEmpty() && lane.lent == 0 && lane.quietUntil <= now) {
            if (!lane.inRing) {
                lanes.remove(lane.site.key());
            }
            return;
        }
        boolean empty = lane.waiting.isEmpty();
        if (lane.inRing || (empty && lane.lent > 0) || lane.lent >= siteWindow) {
            return;
        }
        if (lane.ready() <= now) {
            lane.inRing = true;
            ring.add(lane);
        } else {
            lane.wakes = empty ? lane.quietUntil : lane.ready();
            lane.inCalendar = true;
            calendar.add(lane);
        }
    }
}
