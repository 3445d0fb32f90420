package org.hikyaku.listen;

import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalInt;
import org.hikyaku.mail.HostUser;
import org.hikyaku.mail.TlsFacts;
import org.hikyaku.world.Loop;
import org.hikyaku.world.Wire;
import org.hikyaku.world.WireFailure;
import org.hikyaku.world.WireHandler;
import org.hikyaku.world.World;
import org.jspecify.annotations.Nullable;

/**
 * Stands before a session over a Unix socket: finds out, on a task as the host's list of users may be elsewhere, what the user is
 * called whose process the kernel says has called, and hands the wire on to a session of his. What comes meanwhile is held.
 *
 * <p><i>Failure:</i> nobody comes in of whom the host does not say, in time, who he is.
 */
final class HostDoor implements WireHandler {
    private static final Duration LIMIT = Duration.ofSeconds(20);

    private final World world;
    private final Inside inside;
    private final Held early = new Held();
    private @Nullable Wire wire;
    private Loop.@Nullable Timer timer;
    private @Nullable WireHandler next;
    private boolean over;

    /** What is behind the door. */
    interface Inside {
        /**
         * Who hears the wire from now on.
         *
         * @param early octets that came meanwhile
         */
        WireHandler welcome(Wire wire, HostUser user, byte[] early);

        /** Nobody came in; who is told so; {@code why} is empty when he went of himself. */
        WireHandler turnedAway(String why);
    }

    HostDoor(World world, Inside inside) {
        this.world = world;
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
        opened.pauseReading();
        timer = opened.loop().schedule(LIMIT, () -> turnAway("the list of users does not answer"));
        world.tasks().start("caller", () -> {
            Optional<HostUser> user = look(uid.getAsInt());
            opened.loop()
                    .execute(() -> user.ifPresentOrElse(
                            this::welcome,
                            () -> turnAway("the list of users does not say who " + uid.getAsInt() + " is")));
        });
    }

    private Optional<HostUser> look(int uid) {
        try {
            return Optional.of(new HostUser(world.net().userName(uid), uid));
        } catch (IOException e) {
            return Optional.empty(); // and so not let in
        }
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
        handOn(inside.turnedAway(why), through);
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
            inside.turnedAway("");
        }
    }
}
