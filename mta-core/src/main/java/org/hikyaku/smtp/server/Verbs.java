package org.hikyaku.smtp.server;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.hikyaku.smtp.Command;
import org.hikyaku.smtp.Replies;

/**
 * THE table of commands: those of RFC 5321 here, those of an extension in its {@link Feature}. For each in which phases it may
 * come, whether in clear where TLS is required, whether before AUTH where that is required, how it is checked, what it does.
 */
final class Verbs {
    private static final Set<Phase> ALWAYS = Verb.always();

    private static final List<Verb<?>> CORE = List.of(
            new Verb<>(
                    "EHLO", Command.Ehlo.class, ALWAYS, true, true, (s, c) -> HelloVerb.checkSmtp(s), HelloVerb::ehlo),
            new Verb<>(
                    "HELO", Command.Helo.class, ALWAYS, false, true, (s, c) -> HelloVerb.checkSmtp(s), HelloVerb::helo),
            new Verb<>(
                    "LHLO", Command.Lhlo.class, ALWAYS, true, true, (s, c) -> HelloVerb.checkLmtp(s), HelloVerb::lhlo),
            new Verb<>(
                    "MAIL",
                    Command.Mail.class,
                    EnumSet.of(Phase.IDLE),
                    false,
                    false,
                    MailVerb::check,
                    MailVerb::proceed),
            new Verb<>(
                    "RCPT",
                    Command.Rcpt.class,
                    EnumSet.of(Phase.SENDER, Phase.RECIPIENTS),
                    false,
                    false,
                    RcptVerb::check,
                    RcptVerb::proceed),
            new Verb<>(
                    "DATA",
                    Command.Data.class,
                    EnumSet.of(Phase.RECIPIENTS),
                    false,
                    false,
                    DataVerb::check,
                    DataVerb::proceed),
            new Verb<>("RSET", Command.Rset.class, ALWAYS, false, true, (s, c) -> null, SimpleVerbs::rset),
            new Verb<>("NOOP", Command.Noop.class, ALWAYS, true, true, (s, c) -> null, SimpleVerbs::noop),
            new Verb<>("HELP", Command.Help.class, ALWAYS, false, false, InquiryVerbs::checkHelp, InquiryVerbs::help),
            new Verb<>("VRFY", Command.Vrfy.class, ALWAYS, false, false, InquiryVerbs::checkVrfy, InquiryVerbs::vrfy),
            new Verb<>("EXPN", Command.Expn.class, ALWAYS, false, false, InquiryVerbs::checkExpn, InquiryVerbs::expn),
            new Verb<>(
                    "UNIMPLEMENTED",
                    Command.Unimplemented.class,
                    ALWAYS,
                    true,
                    true,
                    (s, c) -> Replies.NOT_IMPLEMENTED,
                    (s, c) -> {}),
            new Verb<>("FAULTY", Command.Faulty.class, ALWAYS, true, true, (s, c) -> c.reply(), (s, c) -> {}),
            new Verb<>(
                    "QUIT",
                    Command.Quit.class,
                    EnumSet.of(Phase.REFUSED, Phase.GREETED, Phase.IDLE, Phase.SENDER, Phase.RECIPIENTS, Phase.CHUNKS),
                    true,
                    true,
                    (s, c) -> null,
                    SimpleVerbs::quit));

    private static final Map<Class<?>, Verb<?>> OF_COMMAND = ofCommand();

    private Verbs() {}

    static Verb<?> of(Command command) {
        return Objects.requireNonNull(OF_COMMAND.get(command.getClass()), "no verb");
    }

    static List<Verb<?>> all() {
        List<Verb<?>> all = new ArrayList<>(CORE);
        Features.ALL.forEach(feature -> all.addAll(feature.verbs()));
        return all;
    }

    private static Map<Class<?>, Verb<?>> ofCommand() {
        Map<Class<?>, Verb<?>> table = new HashMap<>();
        for (Verb<?> verb : all()) {
            if (table.put(verb.type(), verb) != null) {
                throw new IllegalStateException(verb.word() + " is declared twice");
            }
        }
        return Map.copyOf(table);
    }
}
