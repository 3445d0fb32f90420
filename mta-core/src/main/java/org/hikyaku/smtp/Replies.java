package org.hikyaku.smtp;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.hikyaku.mail.Address;
import org.hikyaku.mail.SpoolId;

/**
 * THE table of the replies this server sends: code (RFC 5321 4.2 and the extensions), enhanced code (RFC 2034, 3463,
 * 5248), text. The text tells the sender's administrator what to do, and nothing of our inside. Greeting, EHLO and 3xx
 * carry no enhanced code (RFC 2034 3, 4).
 */
public final class Replies {
    // ---- 2xx and 3xx
    public static final Reply BYE = new Reply(221, "2.0.0", "Bye");
    public static final Reply READY_FOR_TLS = new Reply(220, "2.0.0", "Ready to start TLS");
    public static final Reply HELP = new Reply(
            214,
            "2.0.0",
            List.of(
                    "This is a mail server speaking RFC 5321.",
                    "If mail of yours is refused, write to postmaster here."));
    public static final Reply FORWARD_OK = new Reply(250, "2.0.0", "Noted");
    public static final Reply AUTHENTICATED = new Reply(235, "2.7.0", "Authentication succeeded");
    public static final Reply RESET = new Reply(250, "2.0.0", "Transaction forgotten");
    public static final Reply NOOP = new Reply(250, "2.0.0", "Still here");
    public static final Reply SENDER_OK = new Reply(250, "2.1.0", "Sender taken");
    public static final Reply RECIPIENT_OK = new Reply(250, "2.1.5", "Recipient taken");
    /** RFC 5321 3.5.3. */
    public static final Reply NOT_VERIFIED = new Reply(252, "2.0.0", "Not verified here; send the message and see");

    /** RFC 6531 3.7.4.2. */
    public static final Reply TOLD_IN_UTF8_ONLY =
            new Reply(252, "2.6.8", "The answer is beyond ASCII; ask again with SMTPUTF8 behind it");

    public static final Reply SEND_DATA = new Reply(354, "", "Send the message, end with CRLF.CRLF");

    // ---- 4xx: not now
    public static final Reply SHUTTING_DOWN = new Reply(421, "4.3.2", "Service stopping, come back in a minute");
    public static final Reply TOO_MANY_SESSIONS =
            new Reply(421, "4.7.0", "Too many connections at once, come back later");
    public static final Reply TOO_MANY_FROM_YOU =
            new Reply(421, "4.7.0", "Too many connections from your address, close some and come back");
    public static final Reply CALLER_UNKNOWN =
            new Reply(421, "4.7.0", "This host does not say which user you are, so nothing is taken from you");
    public static final Reply TOO_MANY_ERRORS = new Reply(421, "4.7.0", "Too many errors in this session");
    public static final Reply TOO_MANY_COMMANDS =
            new Reply(421, "4.7.0", "Too many commands in this session, open another");
    public static final Reply TOO_MANY_MESSAGES =
            new Reply(421, "4.7.0", "Enough messages in this session, open another");
    public static final Reply TOO_MANY_LOGIN_FAILURES =
            new Reply(421, "4.7.0", "Too many failed logins, come back later");
    public static final Reply TIMED_OUT = new Reply(421, "4.4.2", "Waited too long for you");
    public static final Reply SESSION_TOO_LONG = new Reply(421, "4.4.2", "Session open for too long, open another");
    public static final Reply BROKEN = new Reply(421, "4.3.0", "Something broke here, come back later");
    public static final Reply CHECK_BROKEN = new Reply(451, "4.3.0", "A rule could not be decided, try again later");
    public static final Reply BUSY = new Reply(451, "4.3.2", "Too busy to decide, try again later");
    public static final Reply NOT_STORED =
            new Reply(451, "4.3.0", "The message could not be stored, send it again later");
    public static final Reply EXPANDS_TOO_FAR =
            new Reply(550, "5.5.3", "The lists it is for lead to too many recipients, send it to fewer of them");
    public static final Reply DIRECTORY_UNKNOWN =
            new Reply(451, "4.4.3", "Cannot look up this address now, try again later");
    public static final Reply USERS_UNKNOWN =
            new Reply(451, "4.3.0", "Cannot look up who is here now, try again later");
    public static final Reply DISK_FULL = new Reply(452, "4.3.1", "No room for your message now, send it again later");
    public static final Reply TOO_MANY_RECIPIENTS =
            new Reply(452, "4.5.3", "Enough recipients; send the message to the others in a transaction of its own");
    // docs/abuse.md
    public static final Reply TOO_MANY_SENT =
            new Reply(450, "4.7.1", "You have sent as many messages as you may in an hour; send this one later");
    public static final Reply TOO_MANY_SENT_TO =
            new Reply(450, "4.7.1", "You have sent to as many recipients as you may in an hour; try this one later");
    public static final Reply TOO_MANY_DOMAINS =
            new Reply(450, "4.7.1", "You have sent to as many domains as you may in an hour; try this one later");
    public static final Reply DOMAIN_SENDS_TOO_MUCH =
            new Reply(450, "4.7.1", "Your domain has sent as much as it may in an hour; try again later");
    public static final Reply ACCOUNT_CLOSED =
            new Reply(421, "4.7.0", "Your account is closed for now; ask the postmaster here");
    public static final Reply LOGIN_UNAVAILABLE = new Reply(454, "4.7.0", "Cannot check logins now, try again later");
    public static final Reply TLS_UNAVAILABLE = new Reply(454, "4.7.0", "TLS not available now");

    // ---- 500 to 504: the protocol
    public static final Reply LINE_TOO_LONG = new Reply(500, "5.5.2", "Command line too long");
    /** RFC 4954 4: only of lines of AUTH. */
    public static final Reply AUTH_LINE_TOO_LONG = new Reply(500, "5.5.6", "Authentication line too long");

    /** RFC 5321 4.1.2: 501 for octets that no command may hold. */
    public static final Reply BROKEN_LINE =
            new Reply(501, "5.5.2", "A bare CR, bare LF or NUL in a command; lines end with CRLF");

    public static final Reply NOT_UTF8 = new Reply(501, "5.5.2", "Octets in a command that are not UTF-8");
    public static final Reply UNKNOWN_COMMAND = new Reply(500, "5.5.2", "Unknown command");
    public static final Reply HELLO_WITHOUT_NAME = new Reply(501, "5.5.4", "Say your host's name after EHLO or HELO");
    public static final Reply MAIL_SYNTAX =
            new Reply(501, "5.5.4", "Write MAIL FROM:<address> and parameters, no space around the colon");
    public static final Reply RCPT_SYNTAX =
            new Reply(501, "5.5.4", "Write RCPT TO:<address>, no space around the colon");
    public static final Reply SENDER_SYNTAX =
            new Reply(501, "5.1.7", "Not an address; a sender is <local@domain> or <>");
    public static final Reply RECIPIENT_SYNTAX =
            new Reply(501, "5.1.3", "Not an address; a recipient is <local@domain>");
    public static final Reply AUTH_SYNTAX = new Reply(501, "5.5.4", "Write AUTH mechanism, then at most one response");
    /** And the end, for what follows cannot be told from commands. */
    public static final Reply BDAT_SYNTAX =
            new Reply(501, "5.5.4", "Write BDAT and a size, and LAST behind it for the last; closing");

    public static final Reply NOT_BASE64 = new Reply(501, "5.5.2", "Not base64");
    public static final Reply AUTH_CANCELLED = new Reply(501, "5.7.0", "Authentication cancelled");
    public static final Reply AUTH_MALFORMED = new Reply(501, "5.5.2", "Not a response this mechanism knows");
    public static final Reply NO_ARGUMENT_WANTED = new Reply(501, "5.5.4", "This command takes no argument");
    public static final Reply ARGUMENT_WANTED = new Reply(501, "5.5.4", "This command wants an argument");
    public static final Reply BAD_PARAMETER_VALUE = new Reply(501, "5.5.4", "A parameter's value makes no sense");
    public static final Reply PARAMETER_TWICE = new Reply(501, "5.5.4", "A parameter was given twice");
    /** RFC 4865 4.2 (9). */
    public static final Reply HELD_TWICE = new Reply(501, "5.5.4", "Say HOLDFOR or HOLDUNTIL, not both");
    /** RFC 4865 6 (4), (5). */
    public static final Reply HOLD_QUOTA = new Reply(
            552,
            "5.7.16",
            "Too much of your mail is kept for later already; wait until some of it is sent, or send this now");

    public static final Reply VERP_NEEDS_SENDER =
            new Reply(501, "5.5.4", "XVERP needs a sender's address to put the recipient's into");
    /** RFC 4865 5.2.2. */
    public static final Reply HELD_TOO_LATE =
            new Reply(501, "5.5.4", "The message would be released after the time by which it is to be delivered");
    /** XCLIENT and XFORWARD. */
    public static final Reply BAD_ATTRIBUTES =
            new Reply(501, "5.5.4", "Write NAME=value, each once, of those that EHLO lists, in xtext");

    /** RFC 2033 4.1. */
    public static final Reply LHLO_WANTED = new Reply(500, "5.5.1", "LMTP is spoken here: say LHLO");

    public static final Reply ETRN_SYNTAX =
            new Reply(501, "5.5.4", "Syntax: ETRN host.example, ETRN @domain.example or ETRN #queue");
    /** RFC 1985 5.1. */
    public static final Reply QUEUE_NOT_YOURS =
            new Reply(459, "4.7.1", "Not allowed: it is not among the domains that are yours to ask for here");

    public static final Reply ATRN_SYNTAX =
            new Reply(501, "5.5.4", "Syntax: ATRN, or ATRN one.example,two.example without spaces");
    // RFC 2645 5.2.1, 7
    public static final Reply TURNING = new Reply(250, "2.0.0", "OK now reversing the connection");
    public static final Reply MAIL_NOT_YOURS =
            new Reply(450, "4.7.1", "ATRN request refused: not all of these domains are yours to fetch");
    public static final Reply FETCHING_ALREADY =
            new Reply(450, "4.7.0", "ATRN request refused: your mail is being fetched by another connection");
    public static final Reply CANNOT_TURN = new Reply(451, "4.3.0", "Unable to process ATRN now; come again later");
    public static final Reply NO_MAIL = new Reply(453, "4.0.0", "You have no mail");

    public static final Reply QUEUE_STANDS = new Reply(458, "4.3.0", "Unable to start the queue now; come again later");
    public static final Reply NOT_IMPLEMENTED = new Reply(502, "5.5.1", "Command not offered here");
    public static final Reply HELLO_FIRST = new Reply(503, "5.5.1", "Say EHLO first, or LHLO where LMTP is spoken");
    public static final Reply IN_TRANSACTION = new Reply(503, "5.5.1", "Not within a transaction; end it or say RSET");
    public static final Reply NO_SENDER = new Reply(503, "5.5.1", "Say MAIL first");
    public static final Reply NO_RECIPIENT =
            new Reply(503, "5.5.1", "No recipient was taken, so there is nobody to send to");
    public static final Reply REFUSED_SAY_QUIT = new Reply(503, "5.5.1", "Nothing is taken from you; say QUIT");
    /** RFC 3030 2: DATA and BDAT are not mixed, and nothing else stands between two BDATs of a message. */
    public static final Reply IN_CHUNKS =
            new Reply(503, "5.5.1", "Not between the chunks of a message; send the next BDAT or say RSET");

    public static final Reply BINARY_NEEDS_BDAT =
            new Reply(503, "5.5.1", "A message with BODY=BINARYMIME comes by BDAT; say RSET first");

    public static final Reply ALREADY_SECURED = new Reply(503, "5.5.1", "TLS is up already");
    public static final Reply ALREADY_AUTHENTICATED = new Reply(503, "5.5.1", "You are authenticated already");
    public static final Reply UNKNOWN_MECHANISM =
            new Reply(504, "5.5.4", "Mechanism not offered here; see the EHLO answer");

    // ---- 530 to 538: who are you
    /** RFC 3207 4. */
    public static final Reply TLS_REQUIRED = new Reply(530, "5.7.0", "Must issue a STARTTLS command first");
    /** RFC 4954 6. */
    public static final Reply AUTH_REQUIRED = new Reply(530, "5.7.0", "Authentication required");

    /** X.7.13 of the registry of RFC 5248: no other password would help. */
    public static final Reply ACCOUNT_DISABLED =
            new Reply(525, "5.7.13", "Your account is closed for now; ask the postmaster here");

    public static final Reply WRONG_CREDENTIALS = new Reply(535, "5.7.8", "Wrong user name or password");
    public static final Reply AUTH_NEEDS_TLS = new Reply(538, "5.7.11", "Start TLS before you authenticate");

    // ---- 550 to 555: the message, its sender, its recipients
    /** RFC 7504 3. */
    public static final Reply NO_MAIL_HERE = new Reply(521, "5.3.2", "This host never takes mail");

    /** RFC 5321 3.1: the client waits for the greeting. */
    public static final Reply SPOKE_EARLY = new Reply(554, "5.5.1", "You spoke before you were greeted");

    /** RFC 2920 3.1. */
    public static final Reply SENT_AHEAD =
            new Reply(554, "5.5.0", "You sent on without waiting for a reply that must be waited for");

    public static final Reply BARE_LINE_END =
            new Reply(550, "5.5.2", "Message with a bare CR or LF; each line must end with CRLF");
    public static final Reply RELAYING_DENIED =
            new Reply(550, "5.7.1", "Relaying denied: not a domain of ours, and you are not authenticated");
    /** RFC 6409 4.2, as the two that follow. */
    public static final Reply SENDER_NOT_IN_FULL = new Reply(
            554, "5.1.8", "Write the sender's domain in full: one label alone means something else elsewhere");

    public static final Reply RECIPIENT_NOT_IN_FULL = new Reply(
            554, "5.1.2", "Write the recipient's domain in full: one label alone means something else elsewhere");
    public static final Reply HEADER_NOT_IN_FULL =
            new Reply(554, "5.6.0", "An address in the header has a domain of one label: write domains in full");
    /** RFC 7505 4.1. */
    public static final Reply DOMAIN_TAKES_NO_MAIL =
            new Reply(556, "5.1.10", "The recipient's domain takes no mail (null MX)");

    public static final Reply NO_PROXY_OF_OURS = new Reply(550, "5.7.1", "You may not speak for others here");
    /** RFC 5321 3.5.1. */
    public static final Reply NO_LIST = new Reply(550, "5.1.3", "That is a user, not a list");

    public static final Reply NO_SUCH_USER = new Reply(550, "5.1.1", "No such mailbox here");
    /** docs/notices.md. */
    public static final Reply SUPPRESSED = new Reply(
            550,
            "5.1.1",
            "Nobody has this address: its server has said so several times, or the postmaster here; if that has changed, ask him");

    public static final Reply NOT_YOUR_ADDRESS =
            new Reply(553, "5.7.1", "Not an address that you may send as; use your own in envelope and From:");
    public static final Reply FROM_MISSING = new Reply(550, "5.6.0", "The message has no From: that can be read");
    public static final Reply INTERNATIONAL_SENDER =
            new Reply(553, "5.6.7", "A sender beyond ASCII needs the SMTPUTF8 parameter of MAIL");
    public static final Reply INTERNATIONAL_RECIPIENT =
            new Reply(553, "5.6.7", "A recipient beyond ASCII needs the SMTPUTF8 parameter of MAIL");
    public static final Reply TOO_MANY_HOPS =
            new Reply(554, "5.4.6", "Too many Received fields: this message goes round in a loop");
    public static final Reply UNKNOWN_PARAMETER = new Reply(555, "5.5.4", "A parameter that this server does not know");

    private Replies() {}

    /** RFC 5321 4.2: the first word is our name; the protocol by custom of 4.2's note on greetings. */
    public static Reply greeting(String hostname, String protocol) {
        return new Reply(220, "", hostname + " " + protocol + " Hikyaku");
    }

    public static Reply help(List<String> words) {
        List<String> lines = new ArrayList<>(HELP.lines());
        lines.add("Commands: " + String.join(" ", words));
        return new Reply(214, "2.0.0", lines);
    }

    /** RFC 3030 2: to a BDAT that is not the last. */
    public static Reply chunk(long octets) {
        return new Reply(250, "2.0.0", octets + " octets taken, send the next");
    }

    public static Reply hello(String hostname) {
        return new Reply(250, "", hostname);
    }

    /** RFC 5321 4.1.1.1. */
    public static Reply ehlo(String hostname, List<String> extensions) {
        List<String> lines = new ArrayList<>(extensions.size() + 1);
        lines.add(hostname);
        lines.addAll(extensions);
        return new Reply(250, "", lines);
    }

    /** RFC 4954 4: nothing but base64. */
    public static Reply challenge(String base64) {
        return new Reply(334, "", base64);
    }

    public static Reply queued(SpoolId id) {
        return new Reply(250, "2.0.0", "Message taken as " + id);
    }

    /** RFC 6710 4.1: the text begins with the new priority. */
    public static Reply priorityLowered(int priority) {
        return new Reply(250, "2.3.6", priority + " is the priority of this message: you may not ask for more here");
    }

    /** RFC 3865 2.4: the classes that met. */
    public static Reply solicited(List<String> classes) {
        String all = String.join(",", classes);
        String told = all.length() <= 400 ? all : all.substring(0, 400);
        return new Reply(550, "5.7.1", "SOLICIT=" + told + " Mail of this class is not wanted here");
    }

    /** RFC 4865 4.2 (7), (8). */
    public static Reply holdTooLong(Duration longest) {
        return new Reply(
                501,
                "5.5.4",
                "Write HOLDFOR=seconds or HOLDUNTIL=time in UTC, at most " + longest.toSeconds() + " seconds ahead");
    }

    /** RFC 1870 6: to MAIL, and after the end of data. */
    public static Reply tooBig(long limit) {
        return new Reply(552, "5.3.4", "Message too big: at most " + limit + " octets are taken here");
    }

    public static Reply bodyLineTooLong(int limit) {
        return new Reply(554, "5.6.0", "A line of the message is over " + limit + " octets");
    }

    public static Reply headersTooBig(int limit) {
        return new Reply(552, "5.3.4", "The header of the message is over " + limit + " octets");
    }

    /** RFC 7505 4.2. */
    public static final Reply SENDER_TAKES_NO_MAIL =
            new Reply(550, "5.7.27", "The sender's domain takes no mail (null MX): nobody could answer it");

    /** RFC 5321 4.2.3, RFC 3463 3.3. */
    public static final Reply MAILBOX_FULL_NOW = new Reply(452, "4.2.2", "Mailbox full, try again later");

    public static final Reply MAILBOX_FULL = new Reply(552, "5.2.2", "Mailbox full");

    /** The text names the address as the sender wrote it; ASCII only (RFC 6531 3.7.4.2). */
    public static Reply noSuchUser(Address address) {
        String text = address.toString();
        boolean plain = text.length() <= 256 && text.chars().allMatch(c -> c >= ' ' && c < 0x7f);
        return plain ? new Reply(550, "5.1.1", "No such mailbox here: " + text) : NO_SUCH_USER;
    }

    /**
     * RFC 1985 5.1: 251 for none, 253 for so many; 250 and 252 while not all of the queue is known yet.
     *
     * @param node as it was asked for
     */
    public static Reply queueStarted(String node, int pending, boolean all) {
        if (pending == 0) {
            return all
                    ? new Reply(251, "2.0.0", "OK, no messages waiting for node " + node)
                    : new Reply(250, "2.0.0", "OK, queuing for node " + node + " started");
        }
        return all
                ? new Reply(253, "2.0.0", "OK, " + pending + " pending messages for node " + node + " started")
                : new Reply(252, "2.0.0", "OK, pending messages for node " + node + " started");
    }
}
