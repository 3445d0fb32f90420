package org.hikyaku.listen;

import java.time.Duration;
import java.util.Optional;
import java.util.OptionalInt;
import org.hikyaku.mail.HostUser;
import org.hikyaku.mail.TlsFacts;
import org.hikyaku.world.Loop;
import org.hikyaku.world.Wire;
import org.hikyaku.world.WireFailure;
import org.hikyaku.world.WireHandler;
import org.jspecify.annotations.Nullable;

/**
 * Stands before a session over a Unix socket: finds out what the user is called whose process the kernel says has called, and hands the
 * wire on to a session of his. He is counted from the first; what comes meanwhile is held.
 *
 * <p><i>Failure:</i> nobody comes in of whom the host does not say, in time, who he is.
 */
final class HostDoor implements WireHandler {
    private static final Duration LIMIT = Duration.ofSeconds(20);
    private static final Duration LOOK = Duration.ofSeconds(1);

    private final Callers callers;
    private final Inside inside;
    private final Held early = new Held();
    private @Nullable Wire wire;
    private Loop.@Nullable Timer timer;
    private @Nullable WireHandler next;
    private OptionalInt counted = OptionalInt.empty();
    /** Set on the loop alone. */
    private volatile boolean over;

    /** What is behind the door. */
    interface Inside {
        /** Null when one more process of this user may come, who is counted from now on; else who tells him that none may. */
        @Nullable
        WireHandler tooMany(int uid);

        /**
         * Who hears the wire from now on.
         *
         * @param early octets that came meanwhile
         */
        WireHandler welcome(Wire wire, HostUser user, byte[] early);

        /**
         * Nobody came in.
         *
         * @param counted whose process it was, where that is known
         * @param why empty when he went of himself
         * @return who tells him
         */
        WireHandler turnedAway(OptionalInt counted, String why);
    }

    HostDoor(Callers callers, Inside inside) {
        this.callers = callers;
        this.inside = inside;
    }

    @Override
    public void opened(Wire opened) {
        wire = opened;
        OptionalInt uid = opened.caller();
        if (uid.isEmpty()) {
            turnAway("the kernel does not say who calls");
            return;
        }
        WireHandler refusal = inside.tooMany(uid.getAsInt());
        if (refusal != null) {
            over = true;
            handOn(refusal, opened);
            return;
        }
        counted = uid;
        callers.known(uid.getAsInt()).ifPresentOrElse(this::welcome, () -> ask(uid.getAsInt(), opened));
    }

    private void ask(int uid, Wire through) {
        through.pauseReading();
        look(uid, through, LIMIT);
        boolean asked = callers.ask(
                uid,
                () -> !over,
                user -> through.loop()
                        .execute(() -> user.ifPresentOrElse(
                                this::welcome, () -> turnAway("the list of users does not say who " + uid + " is"))));
        if (!asked) {
            turnAway("too many wait for the list of users");
        }
    }

    /** Each second whether the list is now held to hang, so that it counts for longer what it said of him. */
    private void look(int uid, Wire through, Duration left) {
        timer = through.loop().schedule(LOOK, () -> {
            Optional<HostUser> known = callers.known(uid);
            if (known.isPresent()) {
                welcome(known.get());
            } else if (left.compareTo(LOOK) > 0) {
                look(uid, through, left.minus(LOOK));
            } else {
                turnAway("the list of users does not answer");
            }
        });
    }

    private void welcome(HostUser user) {
        Wire through = wire;
        if (over || through == null) {
            return;
        }
        over = true;
        cancelTimer();
        handOn(inside.welcome(through, user, early.take()), through);
    }

    private void turnAway(String why) {
        Wire through = wire;
        if (over || through == null) {
            return;
        }
        over = true;
        cancelTimer();
        handOn(inside.turnedAway(counted, why), through);
    }

    private void handOn(WireHandler to, Wire through) {
        next = to;
        through.resumeReading();
        to.opened(through);
    }

    private void cancelTimer() {
        if (timer != null) {
            timer.cancel();
        }
    }

    @Override
    public void received(byte[] octets, int offset, int length) {
        if (next != null) {
            next.received(octets, offset, length);
        } else {
            early.add(octets, offset, offset + length);
        }
    }

    @Override
    public void secured(TlsFacts facts) {
        if (next != null) {
            next.secured(facts);
        }
    }

    @Override
    public void writable() {
        if (next != null) {
            next.writable();
        }
    }

    @Override
    public void closed(@Nullable WireFailure cause) {
        cancelTimer();
        if (next != null) {
            next.closed(cause);
        } else if (!over) {
            over = true;
            inside.turnedAway(counted, "");
        }
    }
}
