package org.hikyaku.deliver;

import java.util.Optional;
import org.hikyaku.mail.Diagnosis;
import org.hikyaku.route.Route;
import org.hikyaku.route.RouteFailure;
import org.hikyaku.smtp.Reply;
import org.hikyaku.smtp.client.Trouble;
import org.hikyaku.smtp.client.Trouble.Stage;

/**
 * THE table of failures: what each means for the recipient, for the other hosts of his route and for the site, with the
 * enhanced code (RFC 3463, RFC 5248) where the host gave none.
 *
 * <p>Two rules stand over it. What a host says for good of a recipient or a message is final (RFC 5321 4.2.1). What
 * happens to a host before that is no judgement on the mail: the next host is tried, and with none left the mail waits;
 * only when each host gave a reason to fail does it fail.
 *
 * <p><i>Failure:</i> none; everything has a row.
 */
public enum FailurePolicy {
    // The route: what the DNS says outright is for good, what it cannot say now never is.
    NO_SUCH_DOMAIN(Then.FAIL, Hosts.NONE_LEFT, Site.AS_BEFORE, "5.1.2"),
    NO_ADDRESS(Then.FAIL, Hosts.NONE_LEFT, Site.AS_BEFORE, "5.4.4"),
    MX_WITHOUT_ADDRESS(Then.FAIL, Hosts.NONE_LEFT, Site.AS_BEFORE, "5.4.4"),
    /** RFC 7505 4.2. */
    NULL_MX(Then.FAIL, Hosts.NONE_LEFT, Site.AS_BEFORE, "5.1.10"),
    /** RFC 5321 5.1: an operator's slip at one end or the other; told at once, for it does not heal by waiting. */
    ROUTE_LOOPS(Then.FAIL, Hosts.NONE_LEFT, Site.AS_BEFORE, "5.4.6"),
    DNS_SERVFAIL(Then.RETRY, Hosts.NONE_LEFT, Site.AS_BEFORE, "4.4.3"),
    DNS_TIMEOUT(Then.RETRY, Hosts.NONE_LEFT, Site.AS_BEFORE, "4.4.3"),
    DNS_BOGUS(Then.RETRY, Hosts.NONE_LEFT, Site.AS_BEFORE, "4.7.5"),
    DNS_BROKEN(Then.RETRY, Hosts.NONE_LEFT, Site.AS_BEFORE, "4.4.3"),
    /** The operator named a host that is not to be found, or an agent that does not exist. */
    ROUTE_UNUSABLE(Then.RETRY, Hosts.NONE_LEFT, Site.AS_BEFORE, "4.3.5"),
    /** The addresses that it is to leave from are warming up (docs/routes.md). */
    SOURCES_REST(Then.RETRY, Hosts.NONE_LEFT, Site.AS_BEFORE, "4.4.5"),
    /** An internal error. */
    AGENT_BROKEN(Then.RETRY, Hosts.NONE_LEFT, Site.AS_BEFORE, "4.3.0"),

    /** A rule of the operator's says so (docs/routes.md). */
    RULE_REFUSES(Then.FAIL, Hosts.NONE_LEFT, Site.AS_BEFORE, "5.7.1"),
    RULE_HOLDS(Then.RETRY, Hosts.NONE_LEFT, Site.AS_BEFORE, "4.7.0"),
    /** It is on the list of those who are not there (docs/notices.md): no server is asked again. */
    SUPPRESSED(Then.FAIL, Hosts.NONE_LEFT, Site.AS_BEFORE, "5.1.1"),

    /** It is kept until the customer fetches it (RFC 2645), and he is not here now. */
    AWAITS_PICKUP(Then.RETRY, Hosts.NONE_LEFT, Site.AS_BEFORE, "4.4.1"),

    // The connection.
    CONNECT_REFUSED(Then.RETRY, Hosts.NEXT, Site.RESTS, "4.4.1"),
    CONNECT_TIMEOUT(Then.RETRY, Hosts.NEXT, Site.RESTS, "4.4.1"),
    CONNECT_FAILED(Then.RETRY, Hosts.NEXT, Site.RESTS, "4.4.1"),

    /** It could not be used a while ago, and is not tried again yet ({@link HostMemory}). */
    HOST_PASSED_BY(Then.RETRY, Hosts.NEXT, Site.AS_BEFORE, "4.4.1"),
    /** It said that nothing is to come for a while ({@link HostMemory}). */
    SITE_SUSPENDED(Then.RETRY, Hosts.NONE_LEFT, Site.AS_BEFORE, "4.4.1"),

    /** All connections that its site may have were in use, and none became free in time ({@link Places}). */
    SITE_FULL(Then.RETRY, Hosts.NONE_LEFT, Site.AS_BEFORE, "4.4.5"),

    // The session, before any mail.
    /** 421 at any time: the host goes, not the mail (RFC 5321 3.8). */
    HOST_SHUTS_DOWN(Then.RETRY, Hosts.NEXT, Site.RESTS, "4.3.2"),
    GREETING_4XX(Then.RETRY, Hosts.NEXT, Site.RESTS, "4.3.2"),
    /** Said of us or of the hour, seldom of the mail: others of its hosts may take it. */
    GREETING_5XX(Then.RETRY, Hosts.NEXT, Site.RESTS, "4.3.2"),
    /** 521: a host that never takes mail (RFC 7504 3). */
    GREETING_521(Then.FAIL, Hosts.NEXT, Site.AS_BEFORE, "5.3.2"),
    HELLO_4XX(Then.RETRY, Hosts.NEXT, Site.AS_BEFORE, "4.5.0"),
    HELLO_5XX(Then.RETRY, Hosts.NEXT, Site.AS_BEFORE, "4.5.0"),
    SESSION_LOST(Then.RETRY, Hosts.NEXT, Site.RESTS, "4.4.2"),
    SESSION_TIMEOUT(Then.RETRY, Hosts.NEXT, Site.RESTS, "4.4.2"),
    /** It does not speak SMTP, or answers what was not asked. */
    GARBAGE(Then.RETRY, Hosts.NEXT, Site.AS_BEFORE, "4.5.0"),
    TLS_FAILED(Then.RETRY, Hosts.NEXT, Site.AS_BEFORE, "4.7.5"),
    TLS_NOT_OFFERED(Then.RETRY, Hosts.NEXT, Site.AS_BEFORE, "4.7.4"),
    TLS_REFUSED(Then.RETRY, Hosts.NEXT, Site.AS_BEFORE, "4.7.4"),
    /** A wrong password at the smart host: the operator's to mend while the mail waits (RFC 4954 6). */
    AUTH_REFUSED(Then.RETRY, Hosts.NEXT, Site.RESTS, "4.7.8"),
    AUTH_IMPOSSIBLE(Then.RETRY, Hosts.NEXT, Site.RESTS, "4.7.4"),
    AUTH_DOUBTED(Then.RETRY, Hosts.NEXT, Site.RESTS, "4.7.8"),
    PASSWORD_UNREADABLE(Then.RETRY, Hosts.NEXT, Site.RESTS, "4.3.5"),

    // The transaction.
    MAIL_4XX(Then.RETRY, Hosts.NEXT, Site.AS_BEFORE, "4.0.0"),
    MAIL_5XX(Then.FAIL, Hosts.NONE_LEFT, Site.AS_BEFORE, "5.0.0"),
    RECIPIENT_4XX(Then.RETRY, Hosts.NEXT, Site.AS_BEFORE, "4.0.0"),
    RECIPIENT_5XX(Then.FAIL, Hosts.NONE_LEFT, Site.AS_BEFORE, "5.0.0"),
    /** 452, and 552 as old servers say it: another transaction for him (RFC 5321 4.5.3.1.10). */
    TOO_MANY_RECIPIENTS(Then.RETRY, Hosts.NEXT, Site.AS_BEFORE, "4.5.3"),
    DATA_4XX(Then.RETRY, Hosts.NEXT, Site.AS_BEFORE, "4.0.0"),
    DATA_5XX(Then.FAIL, Hosts.NONE_LEFT, Site.AS_BEFORE, "5.0.0"),
    MESSAGE_4XX(Then.RETRY, Hosts.NEXT, Site.AS_BEFORE, "4.0.0"),
    MESSAGE_5XX(Then.FAIL, Hosts.NONE_LEFT, Site.AS_BEFORE, "5.0.0"),
    TRANSACTION_LOST(Then.RETRY, Hosts.NEXT, Site.SLOWS, "4.4.2"),
    TRANSACTION_TIMEOUT(Then.RETRY, Hosts.NEXT, Site.SLOWS, "4.4.2"),
    /** The host may have the message (RFC 1047): no other host is tried now, a second copy may come of the next attempt. */
    LOST_AFTER_DOT(Then.RETRY, Hosts.NONE_LEFT, Site.SLOWS, "4.4.2"),
    TIMEOUT_AFTER_DOT(Then.RETRY, Hosts.NONE_LEFT, Site.SLOWS, "4.4.2"),

    // The message.
    /** RFC 1870 6.3. */
    TOO_LARGE(Then.FAIL, Hosts.NEXT, Site.AS_BEFORE, "5.3.4"),
    /** It needs 8BITMIME and must not be converted (RFC 6152 3). */
    CANNOT_CONVERT(Then.FAIL, Hosts.NEXT, Site.AS_BEFORE, "5.6.3"),
    /** RFC 6531 3.2. */
    NEEDS_SMTPUTF8(Then.FAIL, Hosts.NEXT, Site.AS_BEFORE, "5.6.7"),
    /** RFC 2852 4.1.3: its time is over, and it is not wanted later. */
    TOO_LATE(Then.FAIL, Hosts.NONE_LEFT, Site.AS_BEFORE, "5.4.7"),
    /** RFC 2852 4.1.4.1; 7: no other host is looked for. */
    NEEDS_DELIVERBY(Then.FAIL, Hosts.NONE_LEFT, Site.AS_BEFORE, "5.3.3"),
    /** RFC 8689 4.2.1: the way to the host does not prove who it is. */
    UNPROVED_HOST(Then.FAIL, Hosts.NEXT, Site.AS_BEFORE, "5.7.10"),
    /** RFC 8689 4.2.1: the host does not promise to ask for TLS in its turn. */
    NEEDS_REQUIRETLS(Then.FAIL, Hosts.NEXT, Site.AS_BEFORE, "5.7.30"),
    CONTENT_UNREADABLE(Then.RETRY, Hosts.NONE_LEFT, Site.AS_BEFORE, "4.3.0"),

    // Mailboxes here.
    MAILBOX_UNKNOWN(Then.FAIL, Hosts.NONE_LEFT, Site.AS_BEFORE, "5.1.1"),
    /** Others keep it locked. */
    MAILBOX_BUSY(Then.RETRY, Hosts.NONE_LEFT, Site.AS_BEFORE, "4.2.0"),
    OVER_QUOTA(Then.RETRY, Hosts.NONE_LEFT, Site.AS_BEFORE, "4.2.2"),
    OVER_QUOTA_REFUSED(Then.FAIL, Hosts.NONE_LEFT, Site.AS_BEFORE, "5.2.2"),
    /** The disk is. */
    MAILBOX_FULL(Then.RETRY, Hosts.NONE_LEFT, Site.AS_BEFORE, "4.3.1"),
    MAILBOX_UNWRITABLE(Then.RETRY, Hosts.NONE_LEFT, Site.AS_BEFORE, "4.3.0"),

    // Programs here: ExitCode.
    /** It died, took too long, or ended with a code that says nothing for good. */
    PROGRAM_FAILED(Then.RETRY, Hosts.NONE_LEFT, Site.AS_BEFORE, "4.3.0"),
    /** The operator's to mend. */
    PROGRAM_UNUSABLE(Then.RETRY, Hosts.NONE_LEFT, Site.AS_BEFORE, "4.3.5"),
    PROGRAM_REFUSES_CONTENT(Then.FAIL, Hosts.NONE_LEFT, Site.AS_BEFORE, "5.6.0"),
    PROGRAM_UNAVAILABLE(Then.FAIL, Hosts.NONE_LEFT, Site.AS_BEFORE, "5.3.0"),
    PROGRAM_REFUSES(Then.FAIL, Hosts.NONE_LEFT, Site.AS_BEFORE, "5.7.1");

    /** What becomes of the recipient if no other host does better. */
    public enum Then {
        RETRY,
        FAIL
    }

    /** Whether the next host of the route is tried for him now. */
    public enum Hosts {
        NEXT,
        NONE_LEFT
    }

    /** What follows for the site's other mail. */
    public enum Site {
        AS_BEFORE,
        /** Less at once. */
        SLOWS,
        /** The host is passed by for a while. */
        RESTS
    }

    private final Then then;
    private final Hosts hosts;
    private final Site site;
    private final String status;

    FailurePolicy(Then then, Hosts hosts, Site site, String status) {
        this.then = then;
        this.hosts = hosts;
        this.site = site;
        this.status = status;
    }

    public Then then() {
        return then;
    }

    public Hosts hosts() {
        return hosts;
    }

    public Site site() {
        return site;
    }

    /** Whether the host could not be used at all, so that it has said nothing of the mail: others may do for it. */
    boolean isBeforeMail() {
        return switch (this) {
            case CONNECT_REFUSED,
                    CONNECT_TIMEOUT,
                    CONNECT_FAILED,
                    HOST_PASSED_BY,
                    HOST_SHUTS_DOWN,
                    GREETING_4XX,
                    GREETING_5XX,
                    HELLO_4XX,
                    HELLO_5XX,
                    SESSION_LOST,
                    SESSION_TIMEOUT,
                    GARBAGE,
                    TLS_FAILED,
                    TLS_NOT_OFFERED,
                    TLS_REFUSED,
                    AUTH_REFUSED,
                    AUTH_IMPOSSIBLE,
                    AUTH_DOUBTED,
                    PASSWORD_UNREADABLE -> true;
            default -> false;
        };
    }

    /** The enhanced code where nobody gave one. */
    public String status() {
        return status;
    }

    /** The row of a missing route. What the route gives as passing (a host the operator named) never fails. */
    public static FailurePolicy of(Route.Never never) {
        return of(never.why());
    }

    /** The row of a route that is not known now. */
    public static FailurePolicy of(Route.Later later) {
        FailurePolicy row = of(later.why());
        return row.then == Then.FAIL ? ROUTE_UNUSABLE : row;
    }

    private static FailurePolicy of(RouteFailure why) {
        return switch (why) {
            case NO_SUCH_DOMAIN -> NO_SUCH_DOMAIN;
            case NO_ADDRESS -> NO_ADDRESS;
            case NULL_MX -> NULL_MX;
            case MX_IS_US, MX_LOOPS -> ROUTE_LOOPS;
            case MX_WITHOUT_ADDRESS -> MX_WITHOUT_ADDRESS;
            case DNS_SERVFAIL -> DNS_SERVFAIL;
            case DNS_TIMEOUT -> DNS_TIMEOUT;
            case DNS_BOGUS -> DNS_BOGUS;
            case DNS_BROKEN -> DNS_BROKEN;
            case MESSAGE_UNREADABLE -> CONTENT_UNREADABLE;
            case NO_SOURCE -> ROUTE_UNUSABLE;
            case SOURCES_REST -> SOURCES_REST;
        };
    }

    /** The row of what went wrong with a host. */
    public static FailurePolicy of(Trouble trouble) {
        Stage stage = trouble.stage();
        return switch (trouble.kind()) {
            case REPLY -> ofReply(stage, trouble.reply().orElseThrow());
            case SHUTTING_DOWN -> HOST_SHUTS_DOWN;
            case NO_ROOM -> SITE_FULL;
            case REFUSED -> CONNECT_REFUSED;
            case UNREACHABLE -> CONNECT_FAILED;
            case TIMEOUT ->
                switch (stage) {
                    case CONNECT -> CONNECT_TIMEOUT;
                    case GREETING, HELLO, STARTTLS, AUTH, IDLE -> SESSION_TIMEOUT;
                    case MAIL, RECIPIENT, DATA, BODY -> TRANSACTION_TIMEOUT;
                    case END_OF_DATA -> TIMEOUT_AFTER_DOT;
                };
            case LOST ->
                switch (stage) {
                    case CONNECT -> CONNECT_FAILED;
                    case GREETING, HELLO, STARTTLS, AUTH, IDLE -> SESSION_LOST;
                    case MAIL, RECIPIENT, DATA, BODY -> TRANSACTION_LOST;
                    case END_OF_DATA -> LOST_AFTER_DOT;
                };
            case GARBAGE -> stage == Stage.END_OF_DATA ? LOST_AFTER_DOT : GARBAGE;
            case TLS_FAILED -> stage == Stage.END_OF_DATA ? LOST_AFTER_DOT : TLS_FAILED;
            case TLS_NOT_OFFERED -> TLS_NOT_OFFERED;
            case AUTH_WITHOUT_TLS, AUTH_NO_MECHANISM -> AUTH_IMPOSSIBLE;
            case AUTH_DOUBTED -> AUTH_DOUBTED;
            case AUTH_PASSWORD_UNREADABLE -> PASSWORD_UNREADABLE;
            case TOO_LARGE -> TOO_LARGE;
            case NEEDS_8BITMIME, NEEDS_BINARYMIME -> CANNOT_CONVERT;
            case NEEDS_SMTPUTF8 -> NEEDS_SMTPUTF8;
        };
    }

    private static FailurePolicy ofReply(Stage stage, Reply reply) {
        boolean permanent = reply.isPermanent();
        return switch (stage) {
            case CONNECT, GREETING -> reply.code() == 521 ? GREETING_521 : permanent ? GREETING_5XX : GREETING_4XX;
            case HELLO, IDLE -> reply.code() == 521 ? GREETING_521 : permanent ? HELLO_5XX : HELLO_4XX;
            case STARTTLS -> TLS_REFUSED;
            case AUTH -> AUTH_REFUSED;
            case MAIL -> permanent ? MAIL_5XX : MAIL_4XX;
            case RECIPIENT -> saysTooMany(reply) ? TOO_MANY_RECIPIENTS : permanent ? RECIPIENT_5XX : RECIPIENT_4XX;
            case DATA -> permanent ? DATA_5XX : DATA_4XX;
            case BODY, END_OF_DATA -> permanent ? MESSAGE_5XX : MESSAGE_4XX;
        };
    }

    /** RFC 5321 4.5.3.1.10; with another enhanced code 452 and 552 speak of the mailbox (RFC 3463 3.3). */
    private static boolean saysTooMany(Reply reply) {
        boolean code = reply.code() == 452 || reply.code() == 552;
        return code && (reply.enhanced().isEmpty() || reply.enhanced().endsWith(".5.3"));
    }

    /** In the words of a bounce: the host's own code if it gave one, of the class that this row makes of it. */
    public Diagnosis diagnosis(Trouble trouble, String remote) {
        String code = trouble.reply().map(this::statusOf).orElse(status);
        String reply = trouble.reply().map(Reply::text).orElse("");
        return new Diagnosis(code, trouble.sentence(), remote, reply);
    }

    /** For what did not come from a host. */
    public Diagnosis diagnosis(String text) {
        return Diagnosis.ours(status, text);
    }

    private String statusOf(Reply reply) {
        Optional<String> derived = switch (reply.code()) {
            case 450 -> Optional.of("4.2.0");
            case 452 -> Optional.of("4.3.1");
            case 530, 535 -> Optional.of("5.7.0");
            case 552 -> Optional.of("5.3.4");
            case 521, 556 -> Optional.of("5.3.2"); // RFC 7504
            default -> Optional.empty();
        };
        String code = reply.enhanced().isEmpty() ? derived.orElse(status) : reply.enhanced();
        return (then == Then.FAIL ? "5" : "4") + code.substring(1);
    }
}
