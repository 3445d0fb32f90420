package org.hikyaku.deliver;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.hikyaku.mail.Domain;
import org.hikyaku.route.Hop;
import org.hikyaku.smtp.client.Fate;
import org.hikyaku.world.Event;
import org.hikyaku.world.World;
import org.jspecify.annotations.Nullable;

/**
 * To a host that we connect to: over a connection that waits, or a new one. Others that are as good as it are tried beside it when it
 * is silent ({@link Race}); the way then leads to the one that was first.
 *
 * <p><i>Failure:</i> as {@link ConnectionMaker}.
 */
final class HostWay implements Way, Race.Entries {
    private final World world;
    private final Connections connections;
    private final HostMemory memory;
    private final Delivery delivery;
    private final Makers makers;
    private final List<Hop> hops;
    /** Who may take part in the race and has not been asked yet. */
    private List<Hop> waiting = List.of();

    private final List<Entry> entered = new ArrayList<>();
    private final Places.Room room;
    private boolean raced;
    /** It was given one that rested already: a second time it makes one. */
    private boolean inherited;

    private boolean secondHand;

    private final Entry first;
    private Entry current;
    private List<Fallen> fallen = List.of();
    private List<Hop> givenUp = List.of();

    /** What a way is made of. */
    interface Makers {
        ConnectionMaker of(Hop hop, Places.Room room);

        /** Is asked before each transaction: what takes it back, or empty when it must not begin. */
        Optional<Runnable> begins(Hop hop);
    }

    /** Who takes part, and what takes it back that a message is to leave by him. */
    private static final class Entry {
        final ConnectionMaker maker;
        Runnable notBegun = () -> {};

        Entry(ConnectionMaker maker) {
            this.maker = maker;
        }
    }

    /** @param hops the first is to be tried by this way; the others if he is silent */
    HostWay(
            World world,
            Connections connections,
            HostMemory memory,
            Places places,
            Delivery delivery,
            List<Hop> hops,
            Makers makers) {
        this.world = world;
        this.connections = connections;
        this.memory = memory;
        this.delivery = delivery;
        this.makers = makers;
        this.hops = List.copyOf(hops);
        this.room = places.room(delivery.site(), delivery.sites().room(delivery.site()));
        this.first = new Entry(makers.of(hops.getFirst(), room));
        this.current = first;
        this.entered.add(current);
    }

    /** Who was tried, or was about to be. */
    List<Hop> entered() {
        return entered.stream().map(entry -> entry.maker.hop()).toList();
    }

    @Override
    public Optional<ConversationRunner> idle() {
        return connections.borrow(current.maker.hop(), delivery.site()).filter(this::suits);
    }

    private boolean suits(ConversationRunner idle) {
        boolean suits = current.maker.doubts().suits(idle);
        if (!suits) {
            idle.quit();
        }
        return suits;
    }

    @Override
    public @Nullable ConversationRunner open() {
        secondHand = false;
        Duration limit = delivery.sites().timeouts(delivery.site()).connect();
        List<Hop> will = inherited ? List.of() : willDo();
        Given given = room.take(
                limit, new Places.Want(runner -> will.stream().anyMatch(runner.hop()::serves), this::again, inherited));
        return switch (given) {
            case null -> told(null, List.of(new Fallen(current.maker.hop(), ConnectionMaker.NO_ROOM)));
            case Given.Free free -> raced || hops.size() == 1 ? alone(free.place()) : race(free.place(), limit);
            case Given.Rested rested -> {
                inherited = true;
                inherit(rested.runner().hop());
                if (!suits(rested.runner())) {
                    yield open();
                }
                secondHand = true;
                yield told(rested.runner(), List.of());
            }
        };
    }

    @Override
    public boolean isSecondHand() {
        return secondHand;
    }

    /** To whom a connection that has come to rest will do: he is as good, and it leaves from where it was counted. */
    private List<Hop> willDo() {
        Hop hop = current.maker.hop();
        return hops.stream()
                .filter(other -> other.source().equals(hop.source()))
                .toList();
    }

    /** What has come to rest before we waited is for who waits. */
    private void again() {
        for (Hop hop : willDo()) {
            connections.borrow(hop, delivery.site()).ifPresent(this::giveBack);
        }
    }

    private void inherit(Hop hop) {
        for (Hop other : hops) {
            if (hop.serves(other) && !other.equals(current.maker.hop())) {
                turnTo(new Entry(makers.of(other, room)));
            }
        }
    }

    /** With what was counted: it leaves from the same address. */
    private void turnTo(Entry other) {
        other.notBegun = current.notBegun;
        current.notBegun = () -> {};
        current = other;
    }

    private @Nullable ConversationRunner alone(Place place) {
        ConversationRunner opened = current.maker.open(place, () -> slow(current));
        return told(opened, opened == null ? List.of(ofCurrent()) : List.of());
    }

    private @Nullable ConversationRunner race(Place place, Duration limit) {
        raced = true;
        if (current != first) {
            turnTo(first);
        }
        waiting = memory.shunnedLast(hops); // more may be known than when we began to wait for a place
        Duration delay = delivery.config().delivery().nextAddressAfter();
        Race race = new Race(world, room, delay, hops.size(), this);
        Attempt winner = race.run(place, limit);
        givenUp = race.givenUp();
        if (winner != null) {
            leadTo(winner.hop());
        }
        entered.stream().filter(entry -> entry != current).forEach(entry -> entry.notBegun.run());
        ConversationRunner opened = winner == null ? null : current.maker.goOn(winner, () -> slow(current));
        List<Fallen> all = new ArrayList<>(race.fallen());
        if (winner != null && opened == null) {
            all.add(ofCurrent());
        }
        return told(opened, all);
    }

    /** There, but not ready: as one that does not answer, it comes after others for a while. */
    private void slow(Entry connected) {
        memory.silent(connected.maker.hop(), domain());
    }

    private Fallen ofCurrent() {
        return new Fallen(current.maker.hop(), current.maker.trouble());
    }

    private void leadTo(Hop hop) {
        for (Entry entry : entered) {
            if (entry.maker.hop().equals(hop)) {
                current = entry;
            }
        }
    }

    private @Nullable ConversationRunner told(@Nullable ConversationRunner opened, List<Fallen> who) {
        fallen = who;
        return opened;
    }

    @Override
    public List<Fallen> fallen() {
        return fallen;
    }

    /** Who was silent and made room for the next: he has not had his time. */
    List<Hop> givenUp() {
        return givenUp;
    }

    // The race

    @Override
    public boolean hasNext() {
        return !waiting.isEmpty();
    }

    @Override
    public @Nullable ConnectionMaker next() {
        Hop hop = waiting.removeFirst();
        if (hop.equals(first.maker.hop())) {
            return first.maker;
        }
        if (memory.passedBy(hop).isPresent()) {
            return null;
        }
        Entry entry = new Entry(makers.of(hop, room));
        entered.add(entry);
        Optional<Runnable> counted = makers.begins(hop);
        counted.ifPresent(back -> entry.notBegun = back);
        return counted.isPresent() ? entry.maker : null;
    }

    @Override
    public void silent(Attempt attempt) {
        memory.silent(attempt.hop(), domain());
    }

    @Override
    public void besides(Attempt silent, Attempt other) {
        long millis = Duration.ofNanos(world.clock().nanos() - silent.began()).toMillis();
        String first = HopAttempt.remote(silent.hop());
        String second = HopAttempt.remote(other.hop());
        world.events().emit(Event.CONNECT_RACED, delivery.message().id(), first, millis, second);
    }

    private Domain domain() {
        return delivery.domain();
    }

    // The transaction

    @Override
    public boolean wantsAgain(ConversationRunner runner, List<Fate> fates) {
        return current.maker.doubts().wantsAgain(runner, fates);
    }

    @Override
    public boolean isProved() {
        return false;
    }

    @Override
    public boolean mayBegin() {
        Optional<Runnable> counted = makers.begins(current.maker.hop());
        counted.ifPresent(back -> current.notBegun = back);
        return counted.isPresent();
    }

    /** One that was begun elsewhere was counted so. */
    void counted(Runnable notBegun) {
        current.notBegun = notBegun;
    }

    @Override
    public void notBegun() {
        current.notBegun.run();
    }

    @Override
    public void giveBack(ConversationRunner runner) {
        connections.giveBack(
                runner,
                delivery.site(),
                delivery.sites().messagesPerConnection(delivery.site()),
                delivery.config().delivery().connectionIdle());
    }
}
