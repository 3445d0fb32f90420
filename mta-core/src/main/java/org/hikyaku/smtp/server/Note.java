package org.hikyaku.smtp.server;

import org.hikyaku.mail.SpoolId;

/** What a session tells the log; addresses and replies in the form to be shown. */
public sealed interface Note {
    record Secured(String version, String cipher) implements Note {}

    record CommandRejected(String verb, String reply) implements Note {}

    record SenderRejected(String from, String reply) implements Note {}

    record RecipientRejected(String from, String to, String reply) implements Note {}

    record MessageRejected(String from, String reply) implements Note {}

    record MessageDiscarded(SpoolId id, String from, String why) implements Note {}

    record AuthSucceeded(String user, String mechanism) implements Note {}

    record AuthFailed(String user, String mechanism, String why) implements Note {}
}
