package org.hikyaku.queue;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.ToLongFunction;
import org.hikyaku.mail.DomainPattern;
import org.hikyaku.mail.Site;
import org.hikyaku.mail.SpoolId;
import org.hikyaku.spool.RecipientState;
import org.hikyaku.spool.StoredMessage;
import org.hikyaku.world.Tasks;
import org.jspecify.annotations.Nullable;

/**
 * The queue's memory behind one monitor: the scheduler, the unfinished messages, and the deliverers that wait for
 * work. Makes no call of the World; what is to be done outside the monitor comes back as {@link Work}. Its times are
 * milliseconds of the clock that never goes back, so that a set clock moves nothing that waits.
 *
 * <p><i>Failure:</i> settling what was not lent is a bug of the caller and throws.
 */
final class Dispatch {
    private final Scheduler scheduler;
    private final Lives lives = new Lives();
    private final Map<Place, Parcel> lent = new LinkedHashMap<>();
    /** Messages that operators' commands have in their hands. */
    private final TreeMap<SpoolId, Seizure> seized = new TreeMap<>();

    private final ArrayDeque<Taker> takers = new ArrayDeque<>();
    private final Standbys standbys = new Standbys();

    private boolean open;
    private boolean stopped;
    private int stalled;
    private long armed = Long.MAX_VALUE;

    /** A recipient of a message. */
    private record Place(long id, int place) {}

    /** How often a message is seized; and a number that is another whenever somebody may have changed it. */
    private static final class Seizure {
        int times;
        long version;
    }

    /** A deliverer that waits. */
    static final class Taker {
        final Tasks.Promise<Optional<Parcel>> turn;

        @Nullable
        Parcel given;

        Taker(Tasks.Promise<Optional<Parcel>> turn) {
            this.turn = turn;
        }
    }

    /** A message whose parcel goes to an open connection. */
    record Direct(Standby to, Parcel parcel, StoredMessage message) {}

    /**
     * To be done outside the monitor.
     *
     * @param direct what goes to open connections
     * @param served deliverers whose turn has come; those without a parcel are to stop
     * @param alarm when to pump again, or Long.MAX_VALUE
     */
    record Work(List<Direct> direct, List<Taker> served, long alarm) {}

    Dispatch(Scheduler scheduler) {
        this.scheduler = scheduler;
    }

    /** From now on parcels are given out. */
    synchronized void open() {
        open = true;
    }

    /** No parcel is given out any more. */
    synchronized void stop() {
        stopped = true;
    }

    synchronized boolean isStopped() {
        return stopped;
    }

    synchronized boolean isIdle() {
        return scheduler.out() == 0;
    }

    synchronized void limits(int all, Function<Site, SiteLimits> perSite, long now) {
        scheduler.limits(all, perSite, now);
    }

    synchronized void stall() {
        stalled++;
    }

    synchronized void unstall() {
        stalled--;
    }

    // Giving out

    synchronized @Nullable Parcel next(long now) {
        return takers.isEmpty() ? give(now) : null;
    }

    synchronized @Nullable Parcel nextOf(Site site, long now) {
        return mayGive() ? noted(scheduler.nextOf(site, now)) : null;
    }

    synchronized void await(Taker taker) {
        takers.add(taker);
    }

    /** A deliverer goes away while it waits; what it was just given waits again. */
    synchronized void withdraw(Taker taker, long now) {
        takers.remove(taker);
        if (taker.given != null) {
            putOff(taker.given, now, now);
        }
    }

    /** An open connection waits for what comes for its site. */
    synchronized void await(Standby standby) {
        standbys.add(standby);
    }

    /** It waits no more; nothing, if it was just given something. */
    synchronized void withdraw(Standby standby) {
        standbys.remove(standby);
    }

    /** Something for an open connection: the first attempt of a message that is whole in memory. */
    private @Nullable Direct direct(Parcel parcel) {
        if (!parcel.hot || !standbys.hasOne(parcel.site())) {
            return null;
        }
        return lives.takeHot(parcel)
                .map(message -> new Direct(standbys.take(parcel.site()), parcel, message))
                .orElse(null);
    }

    synchronized Work pump(long now) {
        List<Direct> direct = new ArrayList<>();
        List<Taker> served = new ArrayList<>();
        while (!takers.isEmpty() && (stopped || mayGive())) {
            Parcel parcel = give(now);
            if (parcel == null && !stopped) {
                break;
            }
            Direct hit = parcel == null ? null : direct(parcel);
            if (hit != null) {
                direct.add(hit);
                continue;
            }
            Taker taker = takers.remove();
            taker.given = parcel;
            served.add(taker);
        }
        long wakes = takers.isEmpty() || !mayGive() ? Long.MAX_VALUE : scheduler.wakes();
        long alarm = Math.max(wakes, now);
        boolean earlier = alarm < armed;
        armed = earlier ? alarm : armed;
        return new Work(direct, served, earlier ? alarm : Long.MAX_VALUE);
    }

    /** The alarm set for {@code at} has rung; one that was overtaken by an earlier one means nothing. */
    synchronized void alarmed(long at) {
        if (armed == at) {
            armed = Long.MAX_VALUE;
        }
    }

    private boolean mayGive() {
        return open && !stopped && stalled == 0;
    }

    private @Nullable Parcel give(long now) {
        return mayGive() ? noted(scheduler.next(now)) : null;
    }

    private @Nullable Parcel noted(@Nullable Parcel parcel) {
        if (parcel != null) {
            lent.put(new Place(parcel.id, parcel.place()), parcel);
        }
        return parcel;
    }

    /** The whole message for the first attempt of a parcel, if it is still in memory. */
    synchronized Optional<StoredMessage> hot(Parcel parcel) {
        return lives.takeHot(parcel);
    }

    // Messages

    /** A message that is stored, with its unfinished recipients as {@code parcels}; nothing, if it is here already. */
    synchronized void add(StoredMessage message, List<Parcel> parcels, boolean keep, long now) {
        if (lives.add(message, parcels, keep)) {
            if (seized.containsKey(message.id())) {
                lives.hold(parcels.getFirst(), true);
            }
            parcels.forEach(scheduler::admit);
            if (!parcels.getFirst().held) {
                parcels.forEach(p -> scheduler.add(p, now));
            }
        }
    }

    /** The message was finished elsewhere or removed: nothing of it goes out any more. */
    synchronized boolean forget(SpoolId id, long now) {
        Parcel head = lives.get(id.value());
        if (head == null) {
            return false;
        }
        lives.drop(head);
        Lives.each(head, parcel -> {
            if (!parcel.lent) {
                takeOut(parcel, now);
                scheduler.dismiss(parcel);
            }
        });
        return true;
    }

    private void takeOut(Parcel parcel, long now) {
        if (parcel.lane != null) {
            scheduler.remove(parcel, now);
        }
    }

    synchronized boolean isLive(SpoolId id) {
        return lives.get(id.value()) != null;
    }

    /** The outcome of a parcel that has left waits for others of its message: it holds no room meanwhile. */
    synchronized void rest(Parcel parcel) {
        scheduler.rest(parcel);
    }

    /** How many parcels of a message are not finished. */
    synchronized int parcels(SpoolId id) {
        int[] count = {0};
        Parcel head = lives.get(id.value());
        if (head != null) {
            Lives.each(head, parcel -> count[0]++);
        }
        return count[0];
    }

    /** Lends nothing of a message until it is let go, also if it is told of only then; false: some of it is lent. */
    synchronized boolean seize(SpoolId id, long now) {
        if (isLent(id)) {
            return false;
        }
        seized.computeIfAbsent(id, any -> new Seizure()).times++;
        hold(id, "seized", now);
        return true;
    }

    /** What {@link #letGo} wants to be told; to be asked before the message is read. */
    synchronized long version(SpoolId id) {
        Seizure seizure = seized.get(id);
        return seizure == null ? 0 : seizure.version;
    }

    /** Whether somebody has it in hand, who then takes it up as it is from now on. */
    synchronized boolean isRenewed(SpoolId id) {
        Seizure seizure = seized.get(id);
        if (seizure != null) {
            seizure.version++;
        }
        return seizure != null;
    }

    /**
     * Ends one {@link #seize}, after a forget and an add that told what the message is; with the last one what waits of it is lent again.
     *
     * @param version of before it was read
     * @param held as it was read
     * @return false when it may have changed since: it is to be read anew
     */
    synchronized boolean letGo(SpoolId id, long version, boolean held, long now) {
        Seizure seizure = seized.get(id);
        if (seizure == null) {
            return true;
        }
        if (seizure.version != version) {
            return false;
        }
        seizure.version++;
        if (--seizure.times == 0) {
            seized.remove(id);
            hold(id, held ? "held" : "", now);
        }
        return true;
    }

    /** Holds a message, or releases it when {@code why} is empty, unless it is seized; false when it is not here. */
    synchronized boolean hold(SpoolId id, String why, long now) {
        boolean inHand = isRenewed(id);
        Parcel head = lives.get(id.value());
        if (head == null) {
            return false;
        }
        if (lives.hold(head, !why.isEmpty() || inHand)) {
            Lives.each(head, parcel -> {
                if (parcel.lent) {
                    return;
                }
                if (parcel.held) {
                    scheduler.remove(parcel, now);
                } else {
                    scheduler.add(parcel, now);
                }
            });
        }
        return true;
    }

    /**
     * Domains with mail.
     *
     * @param works whether any is lent at the moment
     * @param pending parcels of them
     */
    record Domains(boolean works, List<Site> keys, int pending) {}

    /** Those of {@code domains} that mail waits for; their sites rest no longer. */
    synchronized Domains domains(List<DomainPattern> domains, long now) {
        scheduler.homes(domains).forEach(home -> scheduler.wakeUp(home, now));
        return pending(domains);
    }

    synchronized Domains pending(List<DomainPattern> domains) {
        List<Home> homes = scheduler.homes(domains);
        int pending = homes.stream().mapToInt(home -> home.parcels).sum();
        return new Domains(mayGive(), homes.stream().map(home -> home.site).toList(), pending);
    }

    /** Makes some of what waits for a domain due now; false when that was all of it. */
    synchronized boolean hurry(Site domain, long now) {
        return scheduler.hurry(domain, now);
    }

    synchronized boolean isLent(SpoolId id) {
        boolean[] any = {false};
        Parcel head = lives.get(id.value());
        if (head != null) {
            Lives.each(head, parcel -> any[0] |= parcel.lent);
        }
        return any[0];
    }

    // Coming back

    /** The parcel of a claim that is out; throws when it has come back already. */
    synchronized Parcel lent(Claim claim) {
        Place place = key(claim);
        Parcel parcel = lent.get(place);
        if (parcel == null) {
            throw new IllegalStateException("not lent, or settled twice: " + place);
        }
        return parcel;
    }

    /** A claim has come back; its site is done with it, its outcome is being stored. */
    synchronized void left(Claim claim, Lesson lesson, long now) {
        Parcel parcel = lent(claim);
        lent.remove(key(claim));
        scheduler.left(parcel, lesson, now);
    }

    private static Place key(Claim claim) {
        return new Place(claim.message().id().value(), claim.places().getFirst());
    }

    /** Where the claim's deliveries count from now on; false: no room there, the claim is taken back. */
    synchronized boolean siteKnown(Claim claim, Site home, Site site, long now) {
        Parcel parcel = lent(claim);
        scheduler.rehome(parcel, home);
        if (scheduler.siteKnown(parcel, site, now)) {
            return true;
        }
        lent.remove(key(claim));
        if (parcel.gone || parcel.held) {
            scheduler.remove(parcel, now);
        }
        if (parcel.gone) {
            scheduler.dismiss(parcel);
        }
        return false;
    }

    /** A lent parcel that could not be tried at all. */
    synchronized void putOff(Parcel parcel, long due, long now) {
        lent.remove(new Place(parcel.id, parcel.place()));
        scheduler.left(parcel, Lesson.NOTHING, now);
        scheduler.settled(parcel);
        parcel.due = due;
        resume(parcel, now);
    }

    private void resume(Parcel parcel, long now) {
        if (parcel.gone) {
            scheduler.dismiss(parcel);
        } else if (!parcel.held) {
            scheduler.add(parcel, now);
        }
    }

    /**
     * The outcome of a parcel is stored.
     *
     * @param due of a state that is not finished
     * @return whether its message is finished now
     */
    synchronized boolean settled(
            Parcel parcel, Map<Integer, RecipientState> states, ToLongFunction<RecipientState> due, long now) {
        scheduler.settled(parcel);
        if (parcel.gone) {
            scheduler.dismiss(parcel);
            return false;
        }
        List<Parcel> again = lives.settle(parcel, states, due);
        for (Parcel each : again) {
            if (each != parcel) {
                scheduler.admit(each);
            }
            resume(each, now);
        }
        if (again.isEmpty()) {
            scheduler.dismiss(parcel);
        }
        return lives.get(parcel.id) == null;
    }

    synchronized List<SiteState> longest(int most, long now) {
        return scheduler.longestNow(most, now);
    }

    synchronized List<SiteState> sites(List<Site> keys, List<DomainPattern> domains, long now) {
        return scheduler.sitesNow(keys, domains, now);
    }

    synchronized QueueAdmin.Counts counts(int sitesMost, int loading) {
        return new QueueAdmin.Counts(
                lives.messages(),
                lives.recipients(),
                lives.held(),
                scheduler.waiting(),
                scheduler.out(),
                loading,
                stalled,
                scheduler.longest(sitesMost));
    }
}
