package org.hikyaku.deliver;

import java.time.Duration;
import java.util.OptionalLong;
import org.hikyaku.smtp.client.SmtpConversation;
import org.hikyaku.world.Clock;
import org.hikyaku.world.Loop;
import org.hikyaku.world.Wire;
import org.jspecify.annotations.Nullable;

/**
 * When a conversation is to be looked at: at its machine's deadline or at one of its runner's own, whichever comes first, with one
 * timer. On the conversation's loop only.
 *
 * <p><i>Failure:</i> a deadline that moves away leaves the timer where it is: it rings too early, and is set again.
 */
final class Alarm {
    private final Clock clock;
    private final SmtpConversation conversation;
    private final Runnable ring;
    /** While resting or in a handshake from the first octet: a deadline beside the machine's. */
    private OptionalLong own = OptionalLong.empty();

    private Loop.@Nullable Timer timer;
    private long timerAt;

    Alarm(Clock clock, SmtpConversation conversation, Runnable ring) {
        this.clock = clock;
        this.conversation = conversation;
        this.ring = ring;
    }

    void own(Duration limit) {
        own = OptionalLong.of(clock.nanos() + limit.toNanos());
    }

    void noOwn() {
        own = OptionalLong.empty();
    }

    boolean isOwnOver(long now) {
        return own.isPresent() && now - own.getAsLong() >= 0;
    }

    /** Sets the timer; {@code open} is null when there is nothing to look at any more. */
    void set(@Nullable Wire open) {
        long now = clock.nanos();
        OptionalLong machine = conversation.deadline();
        if (open == null || (machine.isEmpty() && own.isEmpty())) {
            return;
        }
        long left = Math.min(
                machine.isPresent() ? machine.getAsLong() - now : Long.MAX_VALUE,
                own.isPresent() ? own.getAsLong() - now : Long.MAX_VALUE);
        if (timer != null && timerAt - (now + left) <= 0) {
            return; // rings before: then it is set again
        }
        cancel();
        timerAt = now + left;
        timer = open.loop().schedule(Duration.ofNanos(Math.max(0, left)), ring);
    }

    /** The timer has rung. */
    void rang() {
        timer = null;
    }

    void cancel() {
        if (timer != null) {
            timer.cancel();
            timer = null;
        }
    }
}
