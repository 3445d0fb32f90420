package org.hikyaku.deliver;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import org.hikyaku.deliver.Stand.Waiter;
import org.hikyaku.mail.Site;
import org.hikyaku.world.World;
import org.jspecify.annotations.Nullable;

/**
 * The connections that there are to each site, never more than it may have: attempts to make one count, and those that are idle
 * or say QUIT, until they are closed. Who finds no place waits, first come first served: for one, or for a connection to his host
 * that comes to rest; before all others who was given one that had died. For who waits, an idle connection to another host says QUIT, or the second attempt of a race ends; one
 * that has said QUIT to a host that does not answer is dropped after {@link #GRACE}.
 *
 * <p><i>Failure:</i> who has waited too long gets nothing, nor does who finds as many waiting as there may be connections.
 */
final class Places implements Connections.Needs {
    /** RFC 5321 4.1.1.10: a client SHOULD wait for the reply to its QUIT; not for ever, while mail waits for that. */
    static final Duration GRACE = Duration.ofSeconds(5);

    private final World world;
    private final Predicate<Site> endsIdle;
    /** Guards itself and what is in it. */
    private final Map<Site, Stand> stands = new LinkedHashMap<>();

    /** Those of one site, which may have {@code most}. */
    record Room(Places places, Site site, int most) {
        Optional<Place> tryTake() {
            Place place = new Place(places, site);
            return places.take(place, most) ? Optional.of(place) : Optional.empty();
        }

        /** Null when there was none for {@code limit}. */
        @Nullable
        Place take(Duration limit) {
            return take(limit, new Want(runner -> false, () -> {}, false)) instanceof Given.Free free
                    ? free.place()
                    : null;
        }

        /** The same, or a connection. */
        @Nullable
        Given take(Duration limit, Want want) {
            Optional<Place> free = tryTake();
            return free.isPresent() ? new Given.Free(free.get()) : places.await(this, limit, want);
        }
    }

    /**
     * What somebody needs who waits.
     *
     * @param fits which connections are to his host; must not wait
     * @param again gives back what rests already, so that who waits has it
     * @param first he had his turn, and what he was given was dead: he stands before all others
     */
    record Want(Predicate<ConversationRunner> fits, Runnable again, boolean first) {}

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
        return takenOf(site).size();
    }

    private List<Place> takenOf(Site site) {
        synchronized (stands) {
            Stand stand = stands.get(site);
            return stand == null ? List.of() : stand.taken();
        }
    }

    private boolean take(Place place, int most) {
        synchronized (stands) {
            return stand(place.site()).take(place, most);
        }
    }

    private @Nullable Given await(Room room, Duration limit, Want want) {
        Place place = new Place(this, room.site);
        Waiter waiter = new Waiter(place, room.most, want.fits, world.tasks().promise());
        synchronized (stands) {
            if (!stand(room.site).take(waiter, want.first) || waiter.given() != null) {
                return waiter.given();
            }
        }
        try {
            want.again.run();
            stay(waiter, room.site, limit);
        } catch (RuntimeException e) { // cancelled
            switch (leave(waiter, room.site)) {
                case null -> {}
                case Given.Free free -> free.place().release();
                case Given.Rested rested -> rested.runner().abandon();
            }
            throw e;
        }
        return leave(waiter, room.site);
    }

    private void stay(Waiter waiter, Site site, Duration limit) {
        long until = world.clock().nanos() + limit.toNanos();
        long left = limit.toNanos();
        while (left > 0) {
            long look = Math.min(help(site).toNanos(), left);
            if (waiter.called().await(Duration.ofNanos(look)).isPresent()) {
                return;
            }
            left = until - world.clock().nanos();
        }
    }

    /** He waits no longer; what he was given. */
    private @Nullable Given leave(Waiter waiter, Site site) {
        List<Waiter> served;
        synchronized (stands) {
            Stand stand = stand(site);
            stand.leave(waiter);
            served = stand.admit(); // he may have stood before somebody who may have more
            forgetEmpty(site);
        }
        tell(served);
        return waiter.given();
    }

    private Stand stand(Site site) {
        return stands.computeIfAbsent(site, any -> new Stand());
    }

    /** Does what can be done for who waits; when to look again. */
    private Duration help(Site site) {
        long now = world.clock().nanos();
        long next = GRACE.toNanos();
        for (Place each : takenOf(site)) {
            Long leftAt = each.leftAt();
            ConversationRunner runner = each.holder();
            if (leftAt != null && runner != null && now - leftAt >= GRACE.toNanos()) {
                runner.abandon();
                return GRACE;
            }
            next = leftAt == null ? next : Math.min(next, GRACE.toNanos() - (now - leftAt));
        }
        if (isWanted(site) && !endsIdle.test(site)) {
            takeBackOne(site);
        }
        return Duration.ofNanos(next);
    }

    private void takeBackOne(Site site) {
        for (Place each : takenOf(site)) {
            if (each.takeBack()) {
                return;
            }
        }
    }

    private boolean isWanted(Site site) {
        synchronized (stands) {
            Stand stand = stands.get(site);
            return stand != null && stand.isWanted();
        }
    }

    /**
     * A connection to {@code site} that is about to rest, to who waits: to the first whose host it leads to, or it says QUIT for those
     * before him.
     *
     * @return false when nobody needs it
     */
    @Override
    public boolean offer(ConversationRunner runner, Site site) {
        boolean ends;
        Waiter heir = null;
        synchronized (stands) {
            Stand stand = stands.get(site);
            if (stand == null) {
                return false;
            }
            ends = stand.isWantedBefore(runner);
            heir = ends ? null : stand.give(runner);
        }
        if (ends) {
            runner.quit();
        } else if (heir != null) {
            heir.called().complete(true);
        }
        return ends || heir != null;
    }

    @Override
    public boolean needs(ConversationRunner runner, Site site) {
        synchronized (stands) {
            Stand stand = stands.get(site);
            return stand != null && (stand.isWantedBefore(runner) || stand.fits(runner));
        }
    }

    void release(Place place) {
        List<Waiter> served;
        synchronized (stands) {
            Stand stand = stands.get(place.site());
            if (stand == null || !stand.release(place)) {
                return;
            }
            served = stand.admit();
            forgetEmpty(place.site());
        }
        tell(served);
    }

    private static void tell(List<Waiter> served) {
        served.forEach(each -> each.called().complete(true));
    }

    private void forgetEmpty(Site site) {
        Stand stand = stands.get(site);
        if (stand != null && stand.isEmpty()) {
            stands.remove(site);
        }
    }
}
