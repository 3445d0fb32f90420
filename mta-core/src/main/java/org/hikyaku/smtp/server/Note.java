package org.hikyaku.smtp.server;

import java.util.Map;
import org.hikyaku.mail.SpoolId;

/** What a session tells the log; addresses and replies in the form to be shown. */
public sealed interface Note {
    record Secured(String version, String cipher) implements Note {}

    /** A proxy said for whom it speaks. */
    record Proxied(String proxy, String remote) implements Note {}

    /** What was said of where a message is from, attribute by attribute; empty: not known. */
    record Forwarded(SpoolId id, Map<String, String> attributes) implements Note {}

    /** It spoke before it was greeted. */
    record SpokeEarly(boolean refused) implements Note {}

    /** Somebody had a queue started. */
    record QueueStarted(String node, int pending) implements Note {}

    /** The connection is given to our client: a user fetches his mail. */
    record Turned(String user) implements Note {}

    record CommandRejected(String verb, String reply) implements Note {}

    record SenderRejected(String from, String reply) implements Note {}

    record RecipientRejected(String from, String to, String reply) implements Note {}

    record MessageRejected(String from, String reply) implements Note {}

    record MessageDiscarded(SpoolId id, String from, String why) implements Note {}

    record AuthSucceeded(String user, String mechanism) implements Note {}

    record AuthFailed(String user, String mechanism, String why) implements Note {}
}
