package org.hikyaku.queue;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.hikyaku.bounce.Report;
import org.hikyaku.config.Config;
import org.hikyaku.mail.Domain;
import org.hikyaku.mail.DomainPattern;
import org.hikyaku.mail.Recipient;
import org.hikyaku.mail.Site;
import org.hikyaku.mail.SpoolId;
import org.hikyaku.spool.Change;
import org.hikyaku.spool.RecoveryVisitor;
import org.hikyaku.spool.Spool;
import org.hikyaku.spool.StoredMessage;
import org.hikyaku.table.LocalDirectory;
import org.hikyaku.world.Event;
import org.hikyaku.world.Loop;
import org.hikyaku.world.Tasks;
import org.hikyaku.world.World;
import org.jspecify.annotations.Nullable;

/**
 * The queue: lends what is due to deliverers as claims, and stores what they say became of it. Safe from any task or
 * loop; {@link #take}, {@link #more}, {@link #settle} and {@link #stop} may wait, so they are for tasks.
 *
 * <p>A recipient is lent to one deliverer at a time and not again before his outcome is stored. A claim that was lent
 * must come back, by {@link #settle}, {@link #giveBack} or a {@link #siteKnown} that says false.
 *
 * <p><i>Failure:</i> a message that cannot be read is put off; an outcome that cannot be stored stops the lending
 * until it can ({@link Settler}), and so does a spool that stores nothing ({@link StorageWatch}).
 */
public final class QueueManager implements RecoveryVisitor {
    /** When a message that could not be read, or a claim that was given back, is offered again. */
    private static final Duration PUT_OFF = Duration.ofMinutes(1);

    /** Messages of which each is moved without a task. */
    private static final int HURRIED_AT_ONCE = 200;

    private static final int CHANCES = 1 << 20;

    private final World world;
    private final Spool spool;
    private final Supplier<Config> config;
    private final Loop loop;
    private final Dispatch dispatch;
    private final Notices notices;
    private final Settler settler;
    private final StorageWatch storage;
    private final OutcomeNews news;
    private final KeptMail kept = new KeptMail();
    private final Underway underway;
    private final long salt;
    private volatile Tasks.@Nullable Promise<Boolean> idle;
    private volatile boolean started;
    private volatile Homing homing = Homing.BY_DOMAIN;
    private volatile Consumer<Predicate<Domain>> hurried = domains -> {};
    private volatile Predicate<StoredMessage> withheld = message -> false;
    /** The settings whose limits are in force. */
    private volatile Config limited;

    public QueueManager(World world, Spool spool, Supplier<Config> config, Supplier<LocalDirectory> directory) {
        this.world = world;
        this.spool = spool;
        this.config = config;
        this.loop = world.net().loop();
        this.underway = new Underway(world);
        this.salt = world.entropy().nextLong();
        this.limited = config.get();
        this.dispatch = new Dispatch(new Scheduler(limited.queue().deliveriesMax(), SiteLimits.under(limited)));
        this.notices = new Notices(world, spool, config, directory);
        this.settler = new Settler(world, spool, config, notices, dispatch, this);
        this.news = new OutcomeNews(world.events());
        this.storage = new StorageWatch(world, spool, dispatch, this::pump);
    }

    /** From now on mail waits where {@code wise} says. */
    public void homing(Homing wise) {
        homing = wise;
    }

    /**
     * From now on what is taken up is held in memory where {@code which} says so, which must not wait: the spool is still to be
     * told, or {@link QueueAdmin#refresh} to take it up again.
     */
    public void withhold(Predicate<StoredMessage> which) {
        withheld = which;
    }

    private StoredMessage admitted(StoredMessage message) {
        return message.held().isEmpty() && withheld.test(message) ? message.heldFor("withheld") : message;
    }

    /** What operators do with the queue. */
    public QueueAdmin admin() {
        return new QueueAdmin(world, spool, dispatch, this, notices);
    }

    /** What users have kept here for later. */
    public KeptMail kept() {
        return kept;
    }

    /** What is on its way to disk. */
    Underway underway() {
        return underway;
    }

    // Messages come

    /**
     * At the start, of each message in the spool; nothing is lent before {@link #start}. Or later, of one that the disk
     * gave late.
     */
    @Override
    public void message(StoredMessage message) {
        RetryPlan plan = RetryPlan.of(config.get().queue());
        Instant now = world.clock().now();
        double chance = chance();
        long millis = millis();
        long wait = keptFor(message);
        List<Parcel> parcels = Parcels.of(
                message,
                Sender.of(message, salt),
                most(message),
                homing,
                state -> millis
                        + Math.max(
                                state.attempts() == 0 ? wait : 0,
                                plan.afterStart(state.due(), state.attempts(), now, chance)
                                        .toMillis()));
        dispatch.add(admitted(message), parcels, false, millis);
        if (started) {
            pump();
        }
    }

    /** From now on claims are lent. */
    public void start() {
        dispatch.open();
        started = true;
        pump();
    }

    /** A message that was stored just now. */
    void accepted(StoredMessage message) {
        long now = millis();
        long wait = keptFor(message);
        List<Parcel> parcels =
                Parcels.of(message, Sender.of(message, salt), most(message), homing, state -> now + wait);
        dispatch.add(message, parcels, wait == 0, now);
        pump();
    }

    /** Milliseconds for which its sender still wants it kept (RFC 4865 4.2); counts it as such. */
    private long keptFor(StoredMessage message) {
        if (message.envelope().wishes().release().isEmpty()) {
            return 0; // for nearly all, without a look at the clock
        }
        kept.add(message);
        return Math.max(
                0, Duration.between(world.clock().now(), message.begins()).toMillis());
    }

    Notices notices() {
        return notices;
    }

    /** A notice about a message was stored just now. */
    void noticed(Notices.Owed owed, long size, SpoolId of) {
        StoredMessage notice = stored(spool, owed.accept(), size);
        Event event = owed.kind() == Report.Kind.FAILED ? Event.BOUNCE_QUEUED : Event.NOTICE_QUEUED;
        world.events()
                .emit(
                        event,
                        notice.id(),
                        of,
                        notice.envelope().recipients().getFirst().original());
        accepted(notice); // after the event: by an open connection it may be delivered before this returns
    }

    /** Is told of which domains somebody wants the mail tried now, who may know more of their hosts than we do. */
    public void onHurry(Consumer<Predicate<Domain>> told) {
        hurried = told;
    }

    /** Hears what receivers said of recipients, before that is stored. From a loop or a task; must not wait. */
    public interface OutcomeEar {
        /** Nobody. */
        OutcomeEar NONE = new OutcomeEar() {
            @Override
            public void refused(StoredMessage message, Recipient to, Outcome.Failed how) {}

            @Override
            public void taken(StoredMessage message, Recipient to) {}
        };

        /** For good. */
        void refused(StoredMessage message, Recipient to, Outcome.Failed how);

        void taken(StoredMessage message, Recipient to);
    }

    public void onOutcome(OutcomeEar hears) {
        news.to(hears);
    }

    /** A message that an operator's command has changed, with the times that the spool has for it now; whether it is held. */
    boolean again(StoredMessage message) {
        hurried.accept(domain -> true);
        return anew(message);
    }

    /** One that could not be read when a command had changed it. */
    boolean anew(StoredMessage message) {
        long now = millis();
        long wall = world.clock().now().toEpochMilli();
        List<Parcel> parcels = Parcels.of(
                message,
                Sender.of(message, salt),
                most(message),
                homing,
                state -> now + Math.max(0, state.due().toEpochMilli() - wall));
        kept.add(message);
        StoredMessage admitted = admitted(message);
        dispatch.add(admitted, parcels, false, now);
        return !admitted.held().isEmpty();
    }

    static StoredMessage stored(Spool spool, Change.Entry.Accept accept, long size) {
        return new StoredMessage(
                accept.draft().id(),
                accept.arrival(),
                accept.envelope(),
                accept.origin(),
                accept.states(),
                accept.held(),
                spool.content(accept.draft().id(), size));
    }

    /**
     * What waits for some domains.
     *
     * @param works false: nothing is lent at the moment
     * @param pending messages, counted once for each domain
     * @param all no message is in the spool that was not told of yet
     */
    public record Started(boolean works, int pending, boolean all) {}

    /**
     * Makes due now what waits for these domains, and ends the rest of their sites: their owner says that he is there (RFC
     * 1985). Returns at once; what is much is done by a task.
     */
    public Started startDomains(List<DomainPattern> domains) {
        Dispatch.Domains found = dispatch.domains(domains, millis());
        if (found.works() && found.pending() > 0) {
            hurried.accept(domain -> domains.stream().anyMatch(pattern -> pattern.holds(domain)));
            if (found.pending() <= HURRIED_AT_ONCE) {
                found.keys().forEach(this::hurry);
            } else {
                world.tasks().start("queue start", () -> found.keys().forEach(this::hurry));
            }
        }
        return new Started(found.works(), found.pending(), spool.unvisited() == 0);
    }

    /** What waits for these domains; nothing is begun. */
    public Started pending(List<DomainPattern> domains) {
        Dispatch.Domains found = dispatch.pending(domains);
        return new Started(found.works(), found.pending(), spool.unvisited() == 0);
    }

    private void hurry(Site domain) {
        boolean more = true;
        while (more) {
            more = dispatch.hurry(domain, millis());
            pump();
        }
    }

    // Claims go out

    /** Waits for the next claim; empty when the queue stops. */
    public Optional<Claim> take() {
        limits(config.get());
        while (true) {
            storage.look();
            Parcel parcel = dispatch.next(millis());
            if (parcel == null) {
                parcel = await().orElse(null);
                if (parcel == null) {
                    return Optional.empty();
                }
            }
            Optional<Claim> claim = load(parcel);
            if (claim.isPresent()) {
                return claim;
            }
        }
    }

    @SuppressWarnings("ReferenceEquality") // a configuration is a snapshot: another object is another one
    private void limits(Config now) {
        if (now != limited) {
            limited = now;
            dispatch.limits(now.queue().deliveriesMax(), SiteLimits.under(now), millis());
        }
    }

    /** Another claim of a site to which a connection is open; never waits for one to fall due. */
    public Optional<Claim> more(Site site) {
        storage.look();
        Parcel parcel = dispatch.nextOf(site, millis());
        return parcel == null ? Optional.empty() : load(parcel);
    }

    /** An open connection waits for the next message of its site that is whole in memory; such come to it first. */
    public void standby(Standby standby) {
        dispatch.await(standby);
    }

    /** It waits no more; a claim that was given to it at the same time still comes. */
    public void withdraw(Standby standby) {
        dispatch.withdraw(standby);
    }

    private void give(Dispatch.Direct direct) {
        Parcel parcel = direct.parcel();
        Optional<StoredMessage> whole = spool.recent(parcel.spoolId());
        direct.to()
                .give(new Claim(whole.orElse(direct.message()), parcel.site(), parcel.placeList()), whole.isPresent());
    }

    private Optional<Parcel> await() {
        Dispatch.Taker taker = new Dispatch.Taker(world.tasks().promise());
        dispatch.await(taker);
        pump();
        try {
            return taker.turn.await();
        } catch (Tasks.TaskCancelled e) {
            dispatch.withdraw(taker, millis());
            pump();
            throw e;
        }
    }

    private Optional<Claim> load(Parcel parcel) {
        try {
            Optional<StoredMessage> message = dispatch.hot(parcel);
            if (message.isEmpty()) {
                message = spool.read(parcel.spoolId());
            }
            if (message.isPresent()) {
                return Optional.of(new Claim(message.get(), parcel.site(), parcel.placeList()));
            }
            dispatch.forget(parcel.spoolId(), millis()); // finished or removed in the meantime
            kept.gone(parcel.spoolId());
            dispatch.putOff(parcel, parcel.due, millis());
        } catch (IOException e) {
            world.events().emit(Event.MESSAGE_UNREADABLE, parcel.spoolId(), e.getMessage());
            dispatch.putOff(parcel, millis() + PUT_OFF.toMillis(), millis());
        }
        pump();
        return Optional.empty();
    }

    // Claims come back

    /**
     * The site that serves the claim's domain, found by routing: deliveries are counted there from now on.
     *
     * @return false when that site has no room now: the claim has been taken back and is not to be tried
     */
    public boolean siteKnown(Claim claim, Site site) {
        return siteKnown(claim, homing.home(claim.message(), claim.places().getFirst()), site);
    }

    /** The same, told where the claim should have waited: its way may have changed meanwhile. */
    public boolean siteKnown(Claim claim, Site home, Site site) {
        boolean room = dispatch.siteKnown(claim, home, site, millis());
        pump();
        return room;
    }

    /** Takes a claim back untried: no attempt is counted, it is lent again a little later. */
    public void giveBack(Claim claim) {
        long now = millis();
        dispatch.putOff(dispatch.lent(claim), now + PUT_OFF.toMillis(), now);
        pump();
    }

    /**
     * What became of a claim, an outcome for each of its places. Returns before it is stored; the site's room is free
     * at once, the recipients are lent again only when it is stored and they are due.
     */
    public void settle(Claim claim, List<Outcome> outcomes) {
        settle(claim, outcomes, Lesson.NOTHING);
    }

    /** The same, with what the attempt taught about the site beyond its outcomes. */
    public void settle(Claim claim, List<Outcome> outcomes, Lesson beyond) {
        Instant now = world.clock().now();
        RetryPlan plan = RetryPlan.of(config.get(), claim.message());
        Settlement settlement = Settlement.of(claim, dispatch.lent(claim), outcomes, plan, now, chance());
        boolean alive = outcomes.stream().anyMatch(QueueManager::isSignOfLife);
        dispatch.left(claim, beyond.and(alive ? Lesson.WORKED : Lesson.NOTHING), millis());
        pump();
        news.tell(settlement, outcomes);
        settler.store(settlement);
    }

    private static boolean isSignOfLife(Outcome outcome) {
        return switch (outcome) {
            case Outcome.Delivered d -> true;
            case Outcome.Failed f -> !f.route().equals(Outcome.NO_ROUTE);
            case Outcome.Retry r -> !r.why().reply().isEmpty();
        };
    }

    // The end

    /**
     * Lends no more and waits for what is lent to come back and be stored.
     *
     * @return false when some of it had not within {@code limit}; it is tried again at the next start
     */
    public boolean stop(Duration limit) {
        Tasks.Promise<Boolean> done = world.tasks().promise();
        idle = done;
        dispatch.stop();
        settler.stop();
        pump();
        boolean ended = done.await(limit).isPresent();
        storage.stop();
        return ended;
    }

    /** Hands out what can be handed out; called after every change, outside the monitor. */
    void pump() {
        storage.look();
        long now = millis();
        Dispatch.Work work = dispatch.pump(now);
        work.direct().forEach(this::give);
        for (Dispatch.Taker taker : work.served()) {
            taker.turn.complete(Optional.ofNullable(taker.given));
        }
        if (work.alarm() != Long.MAX_VALUE) {
            loop.schedule(Duration.ofMillis(Math.max(1, work.alarm() - now)), () -> {
                dispatch.alarmed(work.alarm());
                pump();
            });
        }
        Tasks.Promise<Boolean> stopping = idle;
        if (stopping != null && dispatch.isIdle()) {
            stopping.complete(true);
        }
    }

    /** Recipients of a transaction: one, where each has a sender's address of his own. */
    private int most(StoredMessage message) {
        boolean alone = !message.envelope().wishes().verp().isEmpty();
        return alone ? 1 : config.get().delivery().recipientsPerTransactionMax();
    }

    private double chance() {
        return world.entropy().below(CHANCES) / (double) CHANCES;
    }

    /** The clock that never goes back: when things are due in memory. */
    long millis() {
        return world.clock().nanos() / 1_000_000;
    }
}
