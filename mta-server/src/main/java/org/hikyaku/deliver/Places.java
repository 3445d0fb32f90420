package org.hikyaku.deliver;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import org.hikyaku.mail.Site;
import org.hikyaku.world.Tasks;
import org.hikyaku.world.World;
import org.jspecify.annotations.Nullable;

/**
 * The connections that there are to each site, never more than it may have: attempts to make one count, and those that are idle
 * or say QUIT, until they are closed. Who finds no place waits for one, first come first served; meanwhile an idle connection
 * says QUIT for him, or the second attempt of a race ends, and one that has said QUIT to a host that does not answer is
 * dropped after {@link #GRACE}.
 *
 * <p><i>Failure:</i> who has waited too long gets none.
 */
final class Places {
    /** RFC 5321 4.1.1.10: a client SHOULD wait for the reply to its QUIT; not for ever, while mail waits for that. */
    static final Duration GRACE = Duration.ofSeconds(5);

    private final World world;
    private final Predicate<Site> endsIdle;
    /** Guards itself and what is in it. */
    private final Map<Site, Stand> stands = new LinkedHashMap<>();

    private static final class Stand {
        final Set<Place> taken = new LinkedHashSet<>();
        final Deque<Waiter> waiting = new ArrayDeque<>();
    }

    private static final class Waiter {
        final Place place;
        final int most;
        final Tasks.Promise<Boolean> called;
        boolean served;

        Waiter(Place place, int most, Tasks.Promise<Boolean> called) {
            this.place = place;
            this.most = most;
            this.called = called;
        }
    }

    /** Those of one site, which may have {@code most}. */
    record Room(Places places, Site site, int most) {
        Optional<Place> tryTake() {
            Place place = new Place(places, site);
            return places.take(place, most) ? Optional.of(place) : Optional.empty();
        }

        /** Null when there was none for {@code limit}. */
        @Nullable
        Place take(Duration limit) {
            return tryTake().orElseGet(() -> places.await(site, most, limit));
        }
    }

    /** @param endsIdle has an idle connection to the site say QUIT; false when there is none */
    Places(World world, Predicate<Site> endsIdle) {
        this.world = world;
        this.endsIdle = endsIdle;
    }

    Room room(Site site, int most) {
        return new Room(this, site, most);
    }

    /** Connections to {@code site}, those included that come or go. */
    int taken(Site site) {
        synchronized (stands) {
            Stand stand = stands.get(site);
            return stand == null ? 0 : stand.taken.size();
        }
    }

    private boolean take(Place place, int most) {
        synchronized (stands) {
            Stand stand = stands.computeIfAbsent(place.site(), site -> new Stand());
            return stand.waiting.isEmpty() && stand.taken.size() < most && stand.taken.add(place);
        }
    }

    private @Nullable Place await(Site site, int most, Duration limit) {
        Waiter waiter = new Waiter(new Place(this, site), most, world.tasks().promise());
        if (!queue(waiter)) {
            return waiter.place;
        }
        long until = world.clock().nanos() + limit.toNanos();
        boolean mine = false;
        try {
            makeRoom(site);
            long left = limit.toNanos();
            while (!mine && left > 0) {
                mine = waiter.called
                        .await(Duration.ofNanos(Math.min(GRACE.toNanos(), left)))
                        .isPresent();
                left = until - world.clock().nanos();
                if (!mine && left > 0) {
                    makeRoom(site);
                    dropLeaving(site);
                }
            }
        } catch (Tasks.TaskCancelled e) {
            if (leave(waiter)) {
                waiter.place.release();
            }
            throw e;
        }
        return mine || leave(waiter) ? waiter.place : null;
    }

    /** False when there is room now. */
    private boolean queue(Waiter waiter) {
        synchronized (stands) {
            if (take(waiter.place, waiter.most)) {
                return false;
            }
            stand(waiter.place).waiting.add(waiter);
            return true;
        }
    }

    /** He waits no longer; whether he has been served. */
    private boolean leave(Waiter waiter) {
        synchronized (stands) {
            if (!waiter.served) {
                stand(waiter.place).waiting.remove(waiter);
                forgetEmpty(waiter.place.site());
            }
            return waiter.served;
        }
    }

    private Stand stand(Place place) {
        return stands.computeIfAbsent(place.site(), site -> new Stand());
    }

    private void makeRoom(Site site) {
        if (endsIdle.test(site)) {
            return;
        }
        Runnable giveBack = null;
        synchronized (stands) {
            Stand stand = stands.get(site);
            for (Place each : stand == null ? List.<Place>of() : stand.taken) {
                giveBack = giveBack == null ? each.takeBack(null) : giveBack;
            }
        }
        if (giveBack != null) {
            giveBack.run();
        }
    }

    private void dropLeaving(Site site) {
        ConversationRunner leaving = null;
        synchronized (stands) {
            Stand stand = stands.get(site);
            for (Place each : stand == null ? List.<Place>of() : stand.taken) {
                ConversationRunner holder = each.holder();
                leaving = leaving == null && holder != null && holder.isLeaving() ? holder : leaving;
            }
        }
        if (leaving != null) {
            leaving.abandon();
        }
    }

    void lend(Place place, Runnable giveBack) {
        synchronized (stands) {
            place.takeBack(giveBack);
        }
    }

    void release(Place place) {
        List<Waiter> served = new ArrayList<>();
        synchronized (stands) {
            Stand stand = stands.get(place.site());
            if (stand == null || !stand.taken.remove(place)) {
                return;
            }
            for (Waiter next = stand.waiting.peek();
                    next != null && stand.taken.size() < next.most;
                    next = stand.waiting.peek()) {
                stand.waiting.remove();
                next.served = true;
                stand.taken.add(next.place);
                served.add(next);
            }
            forgetEmpty(place.site());
        }
        served.forEach(each -> each.called.complete(true));
    }

    private void forgetEmpty(Site site) {
        Stand stand = stands.get(site);
        if (stand != null && stand.taken.isEmpty() && stand.waiting.isEmpty()) {
            stands.remove(site);
        }
    }
}
