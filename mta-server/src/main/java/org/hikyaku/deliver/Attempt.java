package org.hikyaku.deliver;

import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Optional;
import org.hikyaku.mail.TlsFacts;
import org.hikyaku.route.Hop;
import org.hikyaku.world.Net;
import org.hikyaku.world.Tasks;
import org.hikyaku.world.Wire;
import org.hikyaku.world.WireFailure;
import org.hikyaku.world.WireHandler;
import org.hikyaku.world.World;
import org.jspecify.annotations.Nullable;

/**
 * One attempt to connect, and then the connection: it stands between the network and the conversation. When it is too late, because
 * another of its {@link Race} was first or it was cancelled, it ends without an octet and the conversation never hears of it.
 *
 * <p><i>Failure:</i> one that comes to nothing ends the conversation with the cause; its place is free when it is closed.
 */
final class Attempt implements WireHandler {
    private final Hop hop;
    private final ConversationRunner runner;
    private final Tasks.Promise<Step> step;
    private final Place place;
    private final Race race;
    private State state = State.IN_THE_AIR;
    private long began;
    private Net.@Nullable Connecting connecting;
    /** On the loop only: the conversation has it. */
    private boolean handedOn;

    /** How it went; the race's monitor guards it. */
    enum State {
        IN_THE_AIR,
        FIRST,
        FAILED,
        CANCELLED
    }

    Attempt(Hop hop, ConversationRunner runner, Place place, Race race) {
        this.hop = hop;
        this.runner = runner;
        this.place = place;
        this.race = race;
        this.step = runner.expect();
    }

    void begin(World world, Optional<InetSocketAddress> source, Duration limit) {
        began = world.clock().nanos();
        place.heldBy(runner);
        connecting = world.net().connect(hop.endpoint(), source, limit, this);
    }

    Hop hop() {
        return hop;
    }

    ConversationRunner runner() {
        return runner;
    }

    /** {@link Step.Ready} or {@link Step.Unusable}; never of one that was cancelled. */
    Tasks.Promise<Step> step() {
        return step;
    }

    long began() {
        return began;
    }

    /** For the race, under its monitor. */
    State state() {
        return state;
    }

    /** For the race, under its monitor. */
    void become(State other) {
        state = other;
    }

    /** Gives it up; false when it is there already, or has ended: what came of it is told. After {@link #begin} has returned. */
    boolean cancel() {
        Net.Connecting begun = connecting;
        if (begun == null || !race.becomes(this, State.CANCELLED)) {
            return false;
        }
        begun.cancel();
        return true;
    }

    /** Whoever waits for its place may end it. */
    void lend() {
        place.lent(this::cancel);
    }

    /** Nobody may any more. */
    void keep() {
        place.kept();
    }

    // On the loop

    @Override
    public void opened(Wire wire) {
        if (!race.becomes(this, State.FIRST)) {
            race.becomes(this, State.CANCELLED);
            wire.abort();
            return;
        }
        handedOn = true;
        try {
            runner.opened(wire);
        } finally {
            race.tell(this); // also when that breaks: it is waited for without limit
        }
    }

    @Override
    public void received(byte[] octets, int offset, int length) {
        if (handedOn) {
            runner.received(octets, offset, length);
        }
    }

    @Override
    public void secured(TlsFacts facts) {
        if (handedOn) {
            runner.secured(facts);
        }
    }

    @Override
    public void writable() {
        if (handedOn) {
            runner.writable();
        }
    }

    @Override
    public void closed(@Nullable WireFailure cause) {
        place.release();
        if (handedOn) {
            runner.closed(cause);
            return;
        }
        try {
            if (race.becomes(this, State.FAILED)) {
                runner.closed(cause);
            }
        } finally {
            race.tell(this);
        }
    }
}
