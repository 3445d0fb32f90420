package org.hikyaku.smtp.server;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.hikyaku.config.ListenerSettings.Telling;
import org.hikyaku.mail.Address;
import org.hikyaku.policy.Question;
import org.hikyaku.policy.Verdict;
import org.hikyaku.smtp.Command;
import org.hikyaku.smtp.Replies;
import org.hikyaku.smtp.Reply;
import org.jspecify.annotations.Nullable;

/**
 * VRFY, EXPN and HELP (RFC 5321 3.5, 4.1.1.6 to 4.1.1.8): each is off, limited or on, by listener, and on for some clients.
 * A stranger learns nothing here that RCPT would not tell him.
 */
final class InquiryVerbs {
    private static final String UTF8 = " SMTPUTF8";
    /** Octets of an address that a line of a reply can hold. */
    private static final int SHOWN_MAX = 480;

    private InquiryVerbs() {}

    static @Nullable Reply checkVrfy(SessionState session, Command.Vrfy command) {
        return isOff(session.client().telling(session.rules().vrfy()));
    }

    static @Nullable Reply checkExpn(SessionState session, Command.Expn command) {
        return isOff(session.client().telling(session.rules().expn()));
    }

    static @Nullable Reply checkHelp(SessionState session, Command.Help command) {
        return isOff(session.client().telling(session.rules().help()));
    }

    private static @Nullable Reply isOff(Telling telling) {
        return telling == Telling.OFF ? Replies.NOT_IMPLEMENTED : null;
    }

    static void vrfy(SessionState session, Command.Vrfy command) {
        answer(session, "VRFY", command.text(), session.rules().vrfy());
    }

    static void expn(SessionState session, Command.Expn command) {
        answer(session, "EXPN", command.text(), session.rules().expn());
    }

    /** RFC 5321 3.5.3, 7.3: where it is limited 252 to whatever is asked; who lives here is told at RCPT. */
    private static void answer(SessionState session, String verb, String text, Telling set) {
        if (session.client().telling(set) != Telling.ON) {
            session.send(Replies.NOT_VERIFIED);
            return;
        }
        // RFC 6531 3.7.4.2: a parameter that allows for letters beyond ASCII in the reply
        boolean utf8 = text.toUpperCase(Locale.ROOT).endsWith(UTF8);
        String asked = utf8 ? text.substring(0, text.length() - UTF8.length()).strip() : text;
        session.ask(new Question.Verify(asked, verb.equals("EXPN")), verdict -> {
            Reply refusal = session.refusal(verdict);
            if (session.isClosed()) {
                return;
            }
            if (refusal == null) {
                session.send(
                        verdict instanceof Verdict.Found found ? told(found.addresses(), utf8) : Replies.NOT_VERIFIED);
            } else {
                session.refuse(verb, refusal);
            }
        });
    }

    private static Reply told(List<Address> addresses, boolean utf8) {
        if (!utf8 && addresses.stream().anyMatch(Address::isInternational)) {
            return Replies.TOLD_IN_UTF8_ONLY;
        }
        List<String> lines = new ArrayList<>();
        for (Address address : addresses) {
            String line = "<" + address + ">";
            if (line.length() <= SHOWN_MAX) {
                lines.add(line);
            }
        }
        return lines.isEmpty() ? Replies.NOT_VERIFIED : new Reply(250, "2.1.5", lines);
    }

    /** RFC 5321 4.1.1.8: whatever stands behind it. */
    static void help(SessionState session, Command.Help command) {
        boolean all = session.client().telling(session.rules().help()) == Telling.ON;
        session.send(all ? Replies.help(words(session)) : Replies.HELP);
    }

    private static List<String> words(SessionState session) {
        return Verbs.all().stream()
                .map(Verb::word)
                .filter(word -> !word.equals("FAULTY") && !word.equals("UNIMPLEMENTED"))
                .filter(word -> session.isLmtp() ? !word.matches("EHLO|HELO") : !word.equals("LHLO"))
                .filter(word -> !word.startsWith("X"))
                .toList();
    }
}
