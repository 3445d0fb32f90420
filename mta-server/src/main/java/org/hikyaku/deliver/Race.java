package org.hikyaku.deliver;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import org.hikyaku.route.Hop;
import org.hikyaku.world.Tasks;
import org.hikyaku.world.World;
import org.jspecify.annotations.Nullable;

/**
 * Who connects first, of hosts' addresses that are as good as each other (RFC 8305 5): the next is tried when the one before has failed,
 * or has been silent for a while; then both are in the air, and the others end without an octet when one is there. A second attempt
 * needs a place of its own at the site, and gives it back when somebody waits for one. Where there is none it gets that of an
 * attempt that has been silent for {@link #PATIENCE}, which is no failure of that one. docs/sites.md.
 *
 * <p><i>Failure:</i> {@link #run} gives null, {@link #fallen} says why; there is at least one.
 */
final class Race {
    /** At the same time. */
    private static final int IN_THE_AIR_MAX = 3;
    /** Long enough for a SYN that was lost to be sent again. */
    static final Duration PATIENCE = Duration.ofSeconds(3);

    private final World world;
    private final Places.Room room;
    private final Entries entries;
    private final Duration delay;
    private final Tasks.Mailbox<Attempt> news;
    private final List<Attempt> running = new ArrayList<>();
    private final List<Fallen> fallen = new ArrayList<>();
    private final List<Hop> givenUp = new ArrayList<>();
    private @Nullable Place given;
    private @Nullable ConnectionMaker upcoming;
    /** Guarded by the monitor. */
    private boolean won;

    /** Who takes part, in order. */
    interface Entries {
        boolean hasNext();

        /** Null when the next may not be tried now. */
        @Nullable
        ConnectionMaker next();

        /** It has not answered for the delay, and one more is tried. */
        void silent(Attempt attempt);

        /** One more is tried while {@code silent} is in the air. */
        void besides(Attempt silent, Attempt other);
    }

    /** @param most who may take part */
    Race(World world, Places.Room room, Duration delay, int most, Entries entries) {
        this.world = world;
        this.room = room;
        this.delay = delay;
        this.entries = entries;
        this.news = world.tasks().mailbox(most);
    }

    /** Of one. */
    static Race alone(World world, Places.Room room, ConnectionMaker maker) {
        Iterator<ConnectionMaker> one = List.of(maker).iterator();
        return new Race(world, room, Duration.ZERO, 1, new Entries() {
            @Override
            public boolean hasNext() {
                return one.hasNext();
            }

            @Override
            public ConnectionMaker next() {
                return one.next();
            }

            @Override
            public void silent(Attempt attempt) {}

            @Override
            public void besides(Attempt silent, Attempt other) {}
        });
    }

    /** Those that could not be reached. */
    List<Fallen> fallen() {
        return fallen;
    }

    /** Those that were silent and made room for the next. */
    List<Hop> givenUp() {
        return givenUp;
    }

    /**
     * The first that is there; null when nobody is. Waits; once.
     *
     * @param place for the first; null to wait for one
     */
    @Nullable
    Attempt run(@Nullable Place place, Duration limit) {
        given = place;
        while (!running.isEmpty() || beginNext(limit)) {
            running.getFirst().keep();
            Attempt heard = upcoming != null || entries.hasNext() ? news.poll(delay) : news.take();
            if (heard == null) {
                silence();
                continue;
            }
            running.remove(heard);
            switch (stateOf(heard)) {
                case FIRST -> {
                    heard.keep();
                    running.forEach(Attempt::cancel);
                    return heard;
                }
                case FAILED -> {
                    fell(heard);
                    beginBeside();
                }
                case IN_THE_AIR, CANCELLED -> {}
            }
        }
        return null;
    }

    private void fell(Attempt failed) {
        if (failed.step().await() instanceof Step.Unusable unusable) {
            fallen.add(new Fallen(failed.hop(), unusable.why()));
        }
    }

    private boolean hasNext() {
        while (upcoming == null && entries.hasNext()) {
            upcoming = entries.next();
        }
        return upcoming != null;
    }

    /** When nobody is in the air; false when nobody is left. */
    private boolean beginNext(Duration limit) {
        while (hasNext()) {
            Place place = given == null ? room.take(limit) : given;
            given = null;
            if (place == null) {
                fallen.add(new Fallen(takeUpcoming().hop(), ConnectionMaker.NO_ROOM));
                return false;
            }
            if (begin(place) != null) {
                return true;
            }
        }
        return false;
    }

    /** Beside those in the air, if there are any and room. */
    private boolean beginBeside() {
        if (running.isEmpty() || running.size() >= IN_THE_AIR_MAX || !hasNext()) {
            return false;
        }
        Optional<Place> place = room.tryTake();
        Attempt oldest = running.getFirst();
        oldest.keep();
        Attempt begun = place.isPresent() ? begin(place.get()) : null;
        if (begun != null) {
            begun.lend();
            entries.besides(oldest, begun);
        }
        return begun != null;
    }

    private void silence() {
        List<Attempt> quiet = List.copyOf(running);
        if (beginBeside() || (hasNext() && beginInstead())) {
            quiet.forEach(entries::silent);
        }
    }

    /** In the place of the one that has been silent for so long. */
    private boolean beginInstead() {
        Attempt oldest = running.getFirst();
        boolean patient = world.clock().nanos() - oldest.began() < PATIENCE.toNanos();
        if (patient || !oldest.cancel()) {
            return false; // or it is there in this very moment, or has failed: that will be heard
        }
        running.remove(oldest);
        givenUp.add(oldest.hop());
        running.forEach(Attempt::keep); // else room is made for the next by ending ours
        Place place = room.take(delay);
        Attempt begun = place == null ? null : begin(place);
        if (begun != null) {
            if (running.size() > 1) {
                begun.lend();
            }
            entries.besides(oldest, begun);
        }
        return begun != null;
    }

    private ConnectionMaker takeUpcoming() {
        ConnectionMaker taken = upcoming;
        if (taken == null) {
            throw new IllegalStateException("nobody is left");
        }
        upcoming = null;
        return taken;
    }

    private @Nullable Attempt begin(Place place) {
        ConnectionMaker maker = takeUpcoming();
        if (!maker.prepare()) {
            place.release();
            fallen.add(new Fallen(maker.hop(), maker.trouble()));
            return null;
        }
        Attempt attempt = maker.attempt(this, place);
        running.add(attempt);
        return attempt;
    }

    // From loops, too

    /** Whether it is so; only one is the first, and what has ended stays as it ended. */
    synchronized boolean becomes(Attempt attempt, Attempt.State state) {
        boolean late = state == Attempt.State.FIRST && won;
        if (attempt.state() != Attempt.State.IN_THE_AIR || late) {
            return false;
        }
        won |= state == Attempt.State.FIRST;
        attempt.become(state);
        return true;
    }

    private synchronized Attempt.State stateOf(Attempt attempt) {
        return attempt.state();
    }

    /** How it went is known. */
    void tell(Attempt attempt) {
        news.offer(attempt);
    }
}
