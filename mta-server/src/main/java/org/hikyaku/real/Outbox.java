package org.hikyaku.real;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What a wire is still to send: small writes are gathered, so that many replies cost one system call.
 *
 * <p><i>Failure:</i> what the channel could not take is told to {@code taken} with its cause.
 */
@SuppressWarnings("FutureReturnValueIgnored") // each write is listened to
final class Outbox {
    private static final int CHUNK = 64 * 1024;
    private static final int SMALLEST = 256;

    private final Channel channel;
    private final Consumer<@Nullable Throwable> taken;
    private @Nullable ByteBuf gathering;
    private long unsent;

    /** Calls {@code taken} each time the kernel has taken something, or, with the cause, will not. */
    Outbox(Channel channel, Consumer<@Nullable Throwable> taken) {
        this.channel = channel;
        this.taken = taken;
    }

    /** Octets written and not yet taken by the kernel. */
    long unsent() {
        return unsent;
    }

    /**
     * Copies the octets.
     *
     * @param holdBack during a handshake nothing may leave: it is all gathered until the next {@link #send}
     */
    void write(byte[] octets, int offset, int length, boolean holdBack) {
        unsent += length;
        int done = 0;
        while (done < length) {
            ByteBuf into = gathering;
            if (into == null) {
                int size = Math.clamp(length - done, SMALLEST, CHUNK);
                into = channel.alloc().ioBuffer(size, Integer.MAX_VALUE);
                gathering = into;
            }
            int part = holdBack ? length - done : Math.min(CHUNK - into.readableBytes(), length - done);
            if (part > 0) {
                into.writeBytes(octets, offset + done, part);
                done += part;
            }
            if (!holdBack && into.readableBytes() >= CHUNK) {
                ship();
            }
        }
    }

    /** Gives all to the kernel that it will take. */
    void send() {
        ship();
        channel.flush();
    }

    /** Forgets what was gathered; the channel is gone. */
    void drop() {
        if (gathering != null) {
            gathering.release();
            gathering = null;
        }
    }

    private void ship() {
        ByteBuf full = gathering;
        if (full == null) {
            return;
        }
        gathering = null;
        int octets = full.readableBytes();
        channel.write(full).addListener(done -> {
            unsent -= octets;
            taken.accept(done.cause());
        });
    }
}
