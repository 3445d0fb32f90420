package org.hikyaku.queue;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeSet;
import java.util.function.Function;
import org.hikyaku.mail.DomainPattern;
import org.hikyaku.mail.Site;
import org.jspecify.annotations.Nullable;

/**
 * Whose turn it is: a machine without clock or thread. Sites take turns, and in a site its senders ({@link Turns});
 * how much a site has out its {@link Flow} says, all sites together have at most {@code window}, of which what was tried before never takes the last quarter. docs/queue.md has the rules.
 *
 * <p>A parcel waits in the lane of its domain until the site that serves the domain is known, then in that site's;
 * what waits already flows over, some with each call. Every step costs the logarithm of what waits, nothing scans.
 *
 * <p><i>Failure:</i> giving back what was not lent is a bug of the caller and throws.
 */
final class Scheduler {
    /** Parcels that one call moves, because they fell due or their site became known; the next call goes on. */
    private static final int MOVES = 256;
    /** Of so many turns one is for what was tried before, when both wait. */
    private static final int AGAIN_EVERY = 4;

    private final Map<String, Lane> lanes = new HashMap<>();
    private final Flows flows;
    private final Longest longest = new Longest();
    private final Homes homes = new Homes();
    private final Ring first = new Ring();
    private final Ring again = new Ring();
    private final TreeSet<Lane> calendar = new TreeSet<>(Lane.BY_WAKING);
    private int window;
    private int out;
    private int againOut;
    /** Beside {@link #out}: those whose outcome waits for its notice, and which hold no room. */
    private int resting;

    private int firstInTurn;
    private int waiting;
    private boolean unfinished;

    Scheduler(int window, Function<Site, SiteLimits> limits) {
        this.window = window;
        this.flows = new Flows(limits);
    }

    /** New settings, after a reload. */
    void limits(int most, Function<Site, SiteLimits> perSite, long now) {
        window = most;
        flows.limits(perSite);
        List<Lane> all = new ArrayList<>(lanes.values());
        all.sort(Comparator.comparing(lane -> lane.site.key())); // their places in the turns must not hang on a hash
        for (Lane lane : all) {
            flows.update(lane);
            place(lane, now);
        }
    }

    // Parcels come and go

    /** A new parcel: its domain is counted. */
    void admit(Parcel parcel) {
        parcel.home = homes.take(parcel.home);
    }

    /** A parcel that comes no more. */
    void dismiss(Parcel parcel) {
        homes.release(parcel.home);
    }

    /** Puts a parcel in the queue of its site. */
    void add(Parcel parcel, long now) {
        Lane lane = lane(parcel.home.lane());
        parcel.lane = lane;
        if (parcel.due > now) {
            lane.later.add(parcel, parcel.due);
        } else {
            lane.turns(parcel).add(parcel);
        }
        waiting++;
        place(lane, now);
    }

    /** Takes a waiting parcel out (held, removed). */
    void remove(Parcel parcel, long now) {
        Lane lane = Objects.requireNonNull(parcel.lane, "not waiting");
        if (parcel.lent) {
            throw new IllegalStateException(parcel.spoolId() + " does not wait");
        }
        if (lane.later.has(parcel)) {
            lane.later.remove(parcel);
        } else {
            lane.turns(parcel).remove(parcel);
        }
        waiting--;
        parcel.lane = null;
        place(lane, now);
    }

    // Turns

    /** The next parcel to go, or null: nothing is due, or the windows are full. */
    @Nullable
    Parcel next(long now) {
        if (out >= window) {
            return null;
        }
        int moves = wake(now);
        for (Turns turns = choose(); turns != null; turns = choose()) {
            (turns.again ? again : first).serve(turns);
            if (turns.lane.flowsTo != null) {
                moves = flow(turns, turns.lane.flowsTo, moves, now);
                if (moves == 0) {
                    unfinished = true;
                    return null;
                }
            } else if (turns.lane.hasRoom(now)) {
                return lend(turns, now);
            } else {
                place(turns.lane, now);
            }
        }
        return null;
    }

    private @Nullable Turns choose() {
        Turns fresh = first.first();
        Turns tried = againOut < againMax() ? again.first() : null;
        boolean both = fresh != null && tried != null;
        return both ? (firstInTurn + 1 >= AGAIN_EVERY ? tried : fresh) : fresh != null ? fresh : tried;
    }

    /** What was tried before leaves a quarter of the window to what was not. */
    private int againMax() {
        return window - window / 4;
    }

    /** The next parcel of one site, for an open connection; null also when other sites wait for the last room. */
    @Nullable
    Parcel nextOf(Site site, long now) {
        Lane lane = lanes.get(site.key());
        if (lane == null || out >= window || lane.flowsTo != null || !lane.hasRoom(now)) {
            return null;
        }
        wake(now);
        boolean tried = !lane.again.isEmpty() && againOut < againMax();
        Turns turns = tried && (lane.first.isEmpty() || ++lane.more % AGAIN_EVERY == 0) ? lane.again : lane.first;
        int own = (lane.first.inRing ? 1 : 0) + (lane.again.inRing ? 1 : 0);
        boolean othersWait = first.size() + again.size() > own;
        return turns.isEmpty() || (othersWait && out + 1 >= window) ? null : lend(turns, now);
    }

    private Parcel lend(Turns turns, long now) {
        Parcel parcel = turns.poll();
        waiting--;
        out++;
        parcel.lent = true;
        againOut += parcel.first ? 0 : 1;
        firstInTurn = parcel.first && !again.isEmpty() ? firstInTurn + 1 : 0;
        enter(turns.lane, now);
        place(turns.lane, now);
        return parcel;
    }

    /** When {@link #next} has something that it has not now, as far as time alone decides. */
    long wakes() {
        if (out >= window) {
            return Long.MAX_VALUE;
        }
        return unfinished ? Long.MIN_VALUE : calendar.isEmpty() ? Long.MAX_VALUE : calendar.first().wakes;
    }

    // Parcels come back

    /**
     * The site is done with this parcel; its outcome is being stored.
     *
     * @param lesson what it taught about the site
     */
    void left(Parcel parcel, Lesson lesson, long now) {
        Lane lane = Objects.requireNonNull(parcel.lane, "not lent");
        if (!parcel.lent) {
            throw new IllegalStateException(parcel.spoolId() + " was not lent");
        }
        parcel.lane = null;
        lane.flow.learned(lesson, lane.lent, now);
        lane.lent--;
        place(lane, now);
    }

    /** Its outcome is stored: it counts no more. Follows {@link #left}. */
    void settled(Parcel parcel) {
        if (!parcel.lent || parcel.lane != null) {
            throw new IllegalStateException(parcel.spoolId() + " is not being settled");
        }
        back(parcel);
    }

    /** Its outcome waits to be stored, for others of its message: its room is free for others. Follows {@link #left}. */
    void rest(Parcel parcel) {
        if (!parcel.lent || parcel.lane != null || parcel.resting) {
            throw new IllegalStateException(parcel.spoolId() + " is not being settled");
        }
        parcel.resting = true;
        resting++;
        out--;
        againOut -= parcel.first ? 0 : 1;
    }

    private void back(Parcel parcel) {
        parcel.lent = false;
        if (parcel.resting) {
            parcel.resting = false;
            resting--;
        } else {
            out--;
            againOut -= parcel.first ? 0 : 1;
        }
    }

    /** A lent parcel belongs elsewhere than where it waited: the rules of routes have changed, or could not be asked before. */
    void rehome(Parcel parcel, Site home) {
        Home old = parcel.home;
        if (!old.site.equals(home)) {
            parcel.home = homes.take(new Home(home));
            homes.release(old);
        }
    }

    /**
     * The site that serves a lent parcel's domain: what waits in the domain's lane flows there, and the parcel counts
     * there.
     *
     * @return false when that site has no room or is left alone: the parcel is waiting again
     */
    boolean siteKnown(Parcel parcel, Site site, long now) {
        Lane from = Objects.requireNonNull(parcel.lane, "not lent");
        serves(parcel.home, site, now);
        if (from.site.equals(site)) {
            return true;
        }
        Lane to = lane(site);
        boolean room = to.hasRoom(now);
        from.lent--;
        parcel.lane = to;
        if (room) {
            enter(to, now);
        } else {
            back(parcel);
            to.turns(parcel).back(parcel);
            waiting++;
        }
        place(from, now);
        place(to, now);
        return room;
    }

    private void serves(Home home, Site site, long now) {
        home.served = site.equals(home.site) ? null : site;
        Lane own = lanes.get(home.site.key());
        if (own != null && !Objects.equals(own.flowsTo, home.served)) {
            own.flowsTo = home.served;
            place(own, now);
        }
    }

    /** The domains that have parcels and are meant, each once. */
    List<Home> homes(List<DomainPattern> meant) {
        return homes.with(meant);
    }

    /** Whoever serves the domain is there: its site rests no longer. */
    void wakeUp(Home home, long now) {
        for (Site site : List.of(home.site, home.lane())) {
            Lane lane = lanes.get(site.key());
            if (lane != null) {
                lane.flow.wakeUp();
                place(lane, now);
            }
        }
    }

    /** Makes what waits for a domain due now, so much as one call may move; false when nothing is left. */
    boolean hurry(Site domain, long now) {
        Home home = homes.get(domain);
        if (home == null) {
            return false;
        }
        List<Parcel> some = new ArrayList<>();
        for (Site site : home.site.equals(home.lane()) ? List.of(home.site) : List.of(home.site, home.lane())) {
            Lane lane = lanes.get(site.key());
            for (int i = 0; lane != null && i < lane.later.size() && some.size() < MOVES; i++) {
                Parcel parcel = lane.later.get(i);
                if (parcel.home == home && parcel.due > now) {
                    some.add(parcel);
                }
            }
        }
        for (Parcel parcel : some) {
            remove(parcel, now);
            parcel.due = now;
            add(parcel, now);
        }
        return some.size() == MOVES;
    }

    // For operators

    int waiting() {
        return waiting;
    }

    /** Parcels lent or being settled. */
    int out() {
        return out + resting;
    }

    int sites() {
        return lanes.size();
    }

    /** Domains that are known: those with parcels, and some whose site is remembered. */
    int domains() {
        return homes.size();
    }

    /** Parcels waiting by site, those with the most first, at most {@code most} sites. */
    List<Map.Entry<Site, Integer>> longest(int most) {
        return longest.of(most, lanes.values()).stream()
                .filter(lane -> lane.waiting() > 0)
                .map(lane -> Map.entry(lane.site, lane.waiting()))
                .toList();
    }

    /** The same sites as they are now, and those for which all is under way. */
    List<SiteState> longestNow(int most, long now) {
        return longest.of(most, lanes.values()).stream()
                .map(lane -> SiteState.of(lane, now))
                .toList();
    }

    /** Those of these keys that have something to do, and those where mail of {@code domains} waits. */
    List<SiteState> sitesNow(List<Site> keys, List<DomainPattern> domains, long now) {
        LinkedHashSet<Site> sites = new LinkedHashSet<>(keys);
        for (Home home : homes.with(domains)) {
            sites.add(home.site);
            sites.add(home.lane());
        }
        return sites.stream()
                .map(site -> lanes.get(site.key()))
                .filter(Objects::nonNull)
                .map(lane -> SiteState.of(lane, now))
                .toList();
    }

    // Lanes

    private Lane lane(Site site) {
        return lanes.computeIfAbsent(site.key(), key -> new Lane(site, flows.of(site)));
    }

    private static void enter(Lane lane, long now) {
        lane.flow.begun(lane.lent, now);
        lane.lent++;
    }

    /** Lets what fell due take part in the turns; returns how many more may be moved. */
    private int wake(long now) {
        int moves = MOVES;
        while (moves > 0 && !calendar.isEmpty() && calendar.first().wakes <= now) {
            Lane lane = calendar.first();
            while (moves > 0 && lane.flow.opens() <= now && isDue(lane.later, now)) {
                move(lane.later.poll(), lane.flowsTo == null ? lane : lane(lane.flowsTo), now);
                moves--;
            }
            place(lane, now);
        }
        unfinished = moves == 0;
        return moves;
    }

    private static boolean isDue(Heap later, long now) {
        return !later.isEmpty() && later.first().due <= now;
    }

    private int flow(Turns turns, Site site, int most, long now) {
        int moves = most;
        for (Lane to = lane(site); moves > 0 && !turns.isEmpty(); moves--) {
            move(turns.poll(), to, now);
        }
        place(turns.lane, now);
        return moves;
    }

    private void move(Parcel parcel, Lane to, long now) {
        parcel.lane = to;
        to.turns(parcel).add(parcel);
        place(to, now);
    }

    /** Puts a lane where it belongs: in the rings, in the calendar, or nowhere. */
    private void place(Lane lane, long now) {
        boolean room = lane.flowsTo != null || lane.hasRoom(now);
        first.place(lane.first, room);
        again.place(lane.again, room);
        longest.place(lane);
        long wakes = lane.wakes(now);
        boolean over = lane.waiting() == 0 && lane.lent == 0;
        if (lane.inCalendar && (over || wakes != lane.wakes)) {
            calendar.remove(lane);
            lane.inCalendar = false;
        }
        if (over) {
            lanes.remove(lane.site.key());
            flows.keep(lane.site, lane.flow, now);
        } else if (wakes != Long.MAX_VALUE && !lane.inCalendar) {
            lane.wakes = wakes;
            lane.inCalendar = true;
            calendar.add(lane);
        }
    }
}
