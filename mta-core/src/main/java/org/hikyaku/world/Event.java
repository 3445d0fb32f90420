package org.hikyaku.world;

import java.util.List;
import java.util.Locale;

/**
 * THE list of log events and counters: name, level, the fields of its line. {@code Events.emit} takes the values in this
 * order. The field {@code session} is the id of a connection, {@code id} a message's spool id.
 */
public enum Event {
    SERVER_STARTING(Level.INFO, "version", "config"),
    SERVER_READY(Level.INFO, "listeners", "milliseconds"),
    SERVER_STOPPING(Level.INFO, "reason"),
    SERVER_STOPPED(Level.INFO, "open_sessions"),
    CONFIG_RELOADED(Level.INFO, "changed", "at_restart"),
    CONFIG_REJECTED(Level.ERROR, "errors"),
    TLS_ENGINE(Level.INFO, "engine", "why"),
    TLS_ENGINE_FALLBACK(Level.WARN, "engine", "why"),
    TRANSPORT_FALLBACK(Level.WARN, "transport", "why"),
    CERTIFICATE_LOADED(Level.INFO, "file", "subject", "expires"),
    CERTIFICATE_EXPIRING(Level.WARN, "file", "subject", "expires", "days"),
    CERTIFICATE_MADE(Level.WARN, "file", "subject"),
    SRS_KEYS_KEPT(Level.ERROR, "file", "why"),
    ACCEPT_FAILED(Level.ERROR, "listener", "cause"),
    TASK_DIED(Level.ERROR, "task", "cause"),

    SESSION_OPENED(Level.INFO, "session", "listener", "remote"),
    SESSION_REFUSED(Level.INFO, "listener", "remote", "why"),
    /** A proxy that is believed told whose session it is; {@code how} is PROXY or XCLIENT. */
    SESSION_PROXIED(Level.INFO, "session", "proxy", "how", "remote"),
    /** Over a Unix socket a user of this host has called. */
    SESSION_CALLED(Level.INFO, "session", "user", "uid"),
    /** A client spoke before it was greeted. */
    SESSION_EARLY(Level.INFO, "session", "remote", "refused"),
    SESSION_SECURED(Level.INFO, "session", "version", "cipher"),
    SESSION_CLOSED(Level.INFO, "session", "remote", "why", "messages", "errors"),
    SESSION_BROKEN(Level.ERROR, "session", "cause"),
    CHECK_FAILED(Level.ERROR, "session", "check", "cause"),
    COMMAND_REJECTED(Level.INFO, "session", "remote", "verb", "reply"),
    SENDER_REJECTED(Level.INFO, "session", "remote", "from", "reply"),
    RECIPIENT_REJECTED(Level.INFO, "session", "remote", "from", "to", "reply"),
    MESSAGE_REJECTED(Level.INFO, "session", "remote", "from", "reply"),
    MESSAGE_DISCARDED(Level.WARN, "id", "session", "remote", "from", "why"),
    /** ETRN: somebody had the mail of a domain of his sent. */
    QUEUE_STARTED(Level.INFO, "session", "remote", "node", "pending"),
    /** ATRN: a user fetches what was kept for him, over his own connection. */
    SESSION_TURNED(Level.INFO, "session", "remote", "user"),
    AUTH_SUCCEEDED(Level.INFO, "session", "remote", "user", "mechanism"),
    AUTH_FAILED(Level.WARN, "session", "remote", "user", "mechanism", "why"),
    AUTH_THROTTLED(Level.WARN, "session", "remote", "user", "seconds"),
    AUTH_SERVER_LOST(Level.WARN, "server", "why"),

    /** A user sends more than he may; told once an hour for each limit. */
    OUTBOUND_LIMITED(Level.WARN, "who", "limit", "most"),
    /** A user sends as he never would: his mail is held, what waits and what comes. */
    ACCOUNT_HELD(Level.WARN, "user", "why", "messages"),
    /** That he is could not be stored: it is tried again when it shows again. */
    ACCOUNT_NOT_STORED(Level.ERROR, "user", "why"),
    ACCOUNT_FROZEN(Level.WARN, "user", "by", "why", "messages", "sessions"),
    ACCOUNT_UNFROZEN(Level.INFO, "user", "by", "released"),
    /** An address of a pool is none of this host's; mail leaves from the others. */
    SOURCE_UNUSABLE(Level.WARN, "pool", "address"),
    /** How much has left today from addresses that warm up cannot be read or noted; they send nothing meanwhile. */
    SOURCES_NOT_COUNTED(Level.WARN, "why"),

    /** Nothing is sent to an address for a while. */
    ADDRESS_SUPPRESSED(Level.INFO, "address", "until", "by", "why"),
    ADDRESS_UNSUPPRESSED(Level.INFO, "address", "by"),
    SUPPRESSION_NOT_STORED(Level.WARN, "why"),
    SUPPRESSIONS_UNREADABLE(Level.WARN, "file", "why"),

    /** An address may relay for a while, by command. */
    RELAY_GRANTED(Level.INFO, "address", "seconds", "by"),
    RELAY_REVOKED(Level.INFO, "address", "by"),
    MESSAGE_QUEUED(Level.INFO, "id", "session", "from", "recipients", "size", "message_id", "priority"),
    /** What XFORWARD said of a message. */
    MESSAGE_FORWARDED(Level.INFO, "id", "name", "addr", "port", "proto", "helo", "ident", "source"),
    MESSAGE_REFUSED_STORAGE(Level.ERROR, "session", "why"),
    MESSAGE_DONE(Level.INFO, "id", "seconds"),
    MESSAGE_HELD(Level.INFO, "id", "by"),
    MESSAGE_RELEASED(Level.INFO, "id", "by"),
    MESSAGE_REMOVED(Level.WARN, "id", "by"),
    MESSAGE_TRASHED(Level.WARN, "id", "by"),
    MESSAGE_REDIRECTED(Level.WARN, "id", "from", "to", "by"),
    TRASH_EMPTIED(Level.WARN, "messages", "why"),
    OPERATION_BEGUN(Level.INFO, "operation", "by", "what"),
    OPERATION_ENDED(Level.INFO, "operation", "by", "state", "messages"),
    MESSAGE_EXPIRED(Level.WARN, "id", "to"),
    RECIPIENT_DELIVERED(Level.INFO, "id", "to", "route", "remote", "tls", "reply", "seconds"),
    RECIPIENT_DEFERRED(Level.INFO, "id", "to", "route", "remote", "status", "why", "next"),
    RECIPIENT_FAILED(Level.WARN, "id", "to", "route", "remote", "status", "why"),
    BOUNCE_QUEUED(Level.INFO, "id", "of", "to"),
    BOUNCE_DROPPED(Level.WARN, "of", "why"),
    NOTICE_QUEUED(Level.INFO, "id", "of", "to"),
    /** One host (or mailbox, or route) failed for one recipient; {@code row} names what follows from it. */
    ATTEMPT_FAILED(Level.INFO, "id", "to", "remote", "row", "why"),
    /** An address was silent for so long that another was tried beside it; who answered first is used. */
    CONNECT_RACED(Level.INFO, "id", "silent", "milliseconds", "beside"),
    TLS_RETRY_CLEAR(Level.WARN, "id", "remote", "why"),
    /** A host may be bad at something that it offers: tried without. */
    QUIRK_SUSPECTED(Level.INFO, "remote", "feature", "why"),
    /** It goes without: so it stays for a while. */
    QUIRK_LEARNT(Level.WARN, "remote", "feature", "why", "seconds"),
    QUIRK_FORGOTTEN(Level.INFO, "remote", "feature", "by"),
    /** A user has fetched his mail, or has gone. */
    FETCH_ENDED(Level.INFO, "user", "remote", "transactions", "why"),
    /** A server that keeps mail for us was asked to send it. */
    ETRN_ASKED(Level.INFO, "host", "node", "reply"),
    ETRN_FAILED(Level.WARN, "host", "node", "why"),
    QUEUE_STALLED(Level.ERROR, "id", "why"),
    QUEUE_RESUMED(Level.WARN, "outcomes"),
    MESSAGE_UNREADABLE(Level.ERROR, "id", "why"),
    ROUTE_LOOP(Level.ERROR, "domain", "why"),

    SPOOL_OPENED(Level.INFO, "directory", "messages", "segments", "milliseconds"),
    /** What recovery found, by its number in docs/spool.md. */
    SPOOL_CRASH_STATE(Level.DEBUG, "state", "where"),
    SPOOL_TAIL_CUT(Level.WARN, "segment", "offset", "why"),
    SPOOL_RECORD_DAMAGED(Level.ERROR, "segment", "offset", "why"),
    /** A file that is none of ours in a directory of ours: left alone. */
    SPOOL_FILE_FOREIGN(Level.WARN, "file"),
    /** The file of a segment is gone while we have it open; what it holds is copied elsewhere. */
    SPOOL_SEGMENT_GONE(Level.ERROR, "segment", "messages"),
    /** The postmaster is told of damage in the spool. */
    DAMAGE_NOTICE_QUEUED(Level.WARN, "id", "incidents"),
    SPOOL_CHECKPOINT(Level.DEBUG, "segment", "offset", "messages", "milliseconds"),
    SPOOL_CHECKPOINT_FAILED(Level.WARN, "directory", "why"),
    SPOOL_FORCE_FAILED(Level.ERROR, "segment", "cause"),
    SPOOL_FULL(Level.ERROR, "directory", "free"),
    SPOOL_RECOVERED(Level.INFO, "directory", "why"),
    MAILBOX_WRITE_FAILED(Level.ERROR, "user", "cause"),
    /** It lies in the mailbox, was not forced, and could not be taken back: the next attempt brings a second copy. */
    MAILBOX_COPY_LEFT(Level.WARN, "id", "to"),
    /** A file in the drop directory that is no message, or none that may go. */
    DROP_REFUSED(Level.WARN, "user", "why"),
    DROP_FAILED(Level.ERROR, "file", "why"),
    PROGRAM_FAILED(Level.WARN, "id", "to", "pipe", "why", "output"),
    /** What a crash has left of a message at the end of an mbox: cut off, or left there, since others have written behind it. */
    MBOX_MENDED(Level.WARN, "file", "octets_cut", "octets_left");

    /** How loud. */
    public enum Level {
        DEBUG,
        INFO,
        WARN,
        ERROR
    }

    private final Level level;

    @SuppressWarnings("ImmutableEnumChecker") // made by List.of
    private final List<String> fields;

    Event(Level level, String... fields) {
        this.level = level;
        this.fields = List.of(fields);
    }

    public Level level() {
        return level;
    }

    /** Names of the values, in order. */
    public List<String> fields() {
        return fields;
    }

    /** {@code session-opened}. */
    public String label() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
