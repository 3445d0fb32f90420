package org.hikyaku.listen;

import java.time.Duration;
import org.hikyaku.config.ListenerSettings;
import org.hikyaku.smtp.server.SmtpSession;
import org.hikyaku.world.Clock;
import org.hikyaku.world.Loop;
import org.jspecify.annotations.Nullable;

/**
 * The one timer of a session's patience: never further away than the shortest limit, so that it need not be moved at each
 * command. On the session's loop only.
 *
 * <p><i>Failure:</i> a timer that rings early finds nothing due, and is set again.
 */
final class SessionTimer {
    private final Clock clock;
    private final Loop loop;
    private final SmtpSession session;
    private Loop.@Nullable Timer timer;

    SessionTimer(Clock clock, Loop loop, SmtpSession session) {
        this.clock = clock;
        this.loop = loop;
        this.session = session;
    }

    /** Rings when the session's time may be over; then it is to be set again. */
    void set(Runnable ring) {
        ListenerSettings.Timeouts limits = session.facts().rules().timeouts();
        long most = Math.min(limits.command().toNanos(), limits.data().toNanos());
        long left = session.deadline() == Long.MAX_VALUE ? most : session.deadline() - clock.nanos();
        timer = loop.schedule(Duration.ofNanos(Math.max(1, Math.min(most, left))), ring);
    }

    /** Whether the client has let its time pass. */
    boolean isDue() {
        return session.deadline() != Long.MAX_VALUE && session.deadline() - clock.nanos() <= 0;
    }

    void cancel() {
        if (timer != null) {
            timer.cancel();
        }
    }
}
