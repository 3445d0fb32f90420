package org.hikyaku.smtp.server;

import java.util.function.Consumer;
import org.hikyaku.config.ListenerSettings.EarlyTalkers;

/**
 * Whether the client speaks when it has to wait: for the greeting (RFC 5321 3.1), or for the reply to the last command of a
 * group (RFC 2920 3.1). A machine of one session.
 */
final class EarlyTalker {
    private final EarlyTalkers rule;
    private final Consumer<Note> tell;
    /** It spoke while it had to wait. */
    private boolean early;

    private boolean told;
    /** More octets came together with the command. */
    private boolean followed;
    /** The command that is being answered is the last of its group. */
    private boolean groupEnds;

    EarlyTalker(EarlyTalkers rule, Consumer<Note> tell) {
        this.rule = rule;
        this.tell = tell;
    }

    /** Octets came before the greeting; those of a TLS handshake are expected. */
    void spokeBeforeGreeting(boolean handshake) {
        early |= !handshake;
    }

    /**
     * Octets came.
     *
     * @param oursToSpeak we owe a reply
     */
    void spoke(boolean oursToSpeak) {
        early |= groupEnds && oursToSpeak;
    }

    /** Behind the command that comes next more octets are there already. */
    void followed() {
        followed = true;
    }

    /** A command is being answered, and with it what has come behind it. */
    void begins(boolean endsGroup) {
        groupEnds = endsGroup;
        early = endsGroup && followed;
        followed = false;
    }

    /** A line of a login is no command. */
    void dialogGoesOn() {
        followed = false;
    }

    /** Whether it is sent away for that. Told once a session. */
    boolean isRefused() {
        boolean was = early && rule != EarlyTalkers.IGNORE;
        early = false;
        boolean refused = was && rule == EarlyTalkers.REFUSE;
        if (was && (refused || !told)) {
            told = true;
            tell.accept(new Note.SpokeEarly(refused));
        }
        return refused;
    }
}
