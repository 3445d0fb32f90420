package org.hikyaku.smtp.server;

import org.hikyaku.config.Config;
import org.hikyaku.smtp.Reply;

/**
 * What one session has had, and whether that was too much (RFC 5321 7.8): commands, errors, failed logins, messages. A client
 * is counted an error only for what was refused for good: a 4xx is no fault of his.
 *
 * <p><i>Failure:</i> none; what is too much ends the session, which is its own to say.
 */
final class SessionCounts {
    private final Config config;
    private int commands;
    private int errors;
    private int loginFailures;
    private int messages;

    SessionCounts(Config config) {
        this.config = config;
    }

    /** Before a command: as many errors as there may be were made already. */
    boolean areErrorsTooMany() {
        return errors >= config.limits().errorsPerSessionMax();
    }

    /** Counts a command; true when it is one too many. */
    boolean isCommandTooMany() {
        return ++commands > config.limits().commandsPerSessionMax();
    }

    /** Before a message: as many as there may be have come already. */
    boolean areMessagesTooMany() {
        return messages >= config.limits().messagesPerSessionMax();
    }

    /** Counts a failed login; true when it was one too many. */
    boolean isLoginFailureTooMany() {
        return ++loginFailures >= config.auth().failuresPerSessionMax();
    }

    void refused(Reply reply) {
        errors += reply.isPermanent() ? 1 : 0;
    }

    void stored() {
        messages++;
    }

    int errors() {
        return errors;
    }

    int messages() {
        return messages;
    }
}
