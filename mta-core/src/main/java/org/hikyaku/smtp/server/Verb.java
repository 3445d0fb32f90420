package org.hikyaku.smtp.server;

import java.util.EnumSet;
import java.util.Set;
import org.hikyaku.smtp.Command;
import org.hikyaku.smtp.Replies;
import org.hikyaku.smtp.Reply;
import org.jspecify.annotations.Nullable;

/**
 * THE table of commands: in which phases each may come, whether it may come in clear where TLS is required (RFC 3207 4)
 * and before AUTH where that is required (RFC 4954 6), how it is checked and what it does.
 *
 * <p>All may be pipelined (RFC 2920); of what is pipelined behind STARTTLS nothing is read.
 */
@SuppressWarnings("ImmutableEnumChecker") // sets never changed, functions without state
enum Verb {
    EHLO(Command.Ehlo.class, Verb.always(), true, true, (s, c) -> null, HelloVerb::ehlo),
    HELO(Command.Helo.class, Verb.always(), false, true, (s, c) -> null, HelloVerb::helo),
    STARTTLS(
            Command.StartTls.class,
            EnumSet.of(Phase.GREETED, Phase.IDLE),
            true,
            true,
            StartTlsVerb::check,
            StartTlsVerb::proceed),
    AUTH(Command.Auth.class, EnumSet.of(Phase.IDLE), true, true, AuthVerb::check, AuthVerb::proceed),
    MAIL(Command.Mail.class, EnumSet.of(Phase.IDLE), false, false, MailVerb::check, MailVerb::proceed),
    RCPT(
            Command.Rcpt.class,
            EnumSet.of(Phase.SENDER, Phase.RECIPIENTS),
            false,
            false,
            RcptVerb::check,
            RcptVerb::proceed),
    DATA(Command.Data.class, EnumSet.of(Phase.RECIPIENTS), false, false, (s, c) -> null, DataVerb::proceed),
    RSET(Command.Rset.class, Verb.always(), false, true, (s, c) -> null, SimpleVerbs::rset),
    NOOP(Command.Noop.class, Verb.always(), true, true, (s, c) -> null, SimpleVerbs::noop),
    HELP(Command.Help.class, Verb.always(), false, false, (s, c) -> null, SimpleVerbs::help),
    VRFY(Command.Vrfy.class, Verb.always(), false, false, SimpleVerbs::checkVrfy, SimpleVerbs::vrfy),
    EXPN(Command.Expn.class, Verb.always(), true, true, (s, c) -> Replies.NOT_IMPLEMENTED, (s, c) -> {}),
    UNIMPLEMENTED(
            Command.Unimplemented.class, Verb.always(), true, true, (s, c) -> Replies.NOT_IMPLEMENTED, (s, c) -> {}),
    FAULTY(Command.Faulty.class, Verb.always(), true, true, (s, c) -> c.reply(), (s, c) -> {}),
    QUIT(
            Command.Quit.class,
            EnumSet.of(Phase.REFUSED, Phase.GREETED, Phase.IDLE, Phase.SENDER, Phase.RECIPIENTS),
            true,
            true,
            (s, c) -> null,
            SimpleVerbs::quit);

    /** Null when the command may proceed, else the refusal. */
    interface Check<C extends Command> {
        @Nullable
        Reply check(SmtpSession session, C command);
    }

    /** Does it; sends the reply, now or when an answer has come. */
    interface Proceed<C extends Command> {
        void proceed(SmtpSession session, C command);
    }

    private final Set<Phase> phases;
    private final boolean inClear;
    private final boolean unauthenticated;
    private final Check<Command> check;
    private final Proceed<Command> proceed;

    <C extends Command> Verb(
            Class<C> type,
            Set<Phase> phases,
            boolean inClear,
            boolean unauthenticated,
            Check<C> check,
            Proceed<C> proceed) {
        this.phases = phases;
        this.inClear = inClear;
        this.unauthenticated = unauthenticated;
        this.check = (session, command) -> check.check(session, type.cast(command));
        this.proceed = (session, command) -> proceed.proceed(session, type.cast(command));
    }

    static Verb of(Command command) {
        return switch (command) {
            case Command.Ehlo c -> EHLO;
            case Command.Helo c -> HELO;
            case Command.Mail c -> MAIL;
            case Command.Rcpt c -> RCPT;
            case Command.Data c -> DATA;
            case Command.Rset c -> RSET;
            case Command.Noop c -> NOOP;
            case Command.Help c -> HELP;
            case Command.Vrfy c -> VRFY;
            case Command.Expn c -> EXPN;
            case Command.Quit c -> QUIT;
            case Command.StartTls c -> STARTTLS;
            case Command.Auth c -> AUTH;
            case Command.Unimplemented c -> UNIMPLEMENTED;
            case Command.Faulty c -> FAULTY;
        };
    }

    /** The rules of this table, in their order; null when {@code command} may proceed. */
    @Nullable
    Reply check(SmtpSession session, Command command) {
        if (!inClear && session.lacksRequiredTls()) {
            return Replies.TLS_REQUIRED;
        }
        if (!phases.contains(session.phase())) {
            return outOfOrder(session.phase());
        }
        if (!unauthenticated && session.lacksRequiredLogin()) {
            return Replies.AUTH_REQUIRED;
        }
        return check.check(session, command);
    }

    void proceed(SmtpSession session, Command command) {
        proceed.proceed(session, command);
    }

    /** THE 503 rule (RFC 5321 4.1.4). */
    private Reply outOfOrder(Phase phase) {
        return switch (phase) {
            case GREETED -> Replies.HELLO_FIRST;
            case IDLE -> Replies.NO_SENDER;
            case SENDER -> this == DATA ? Replies.NO_RECIPIENT : Replies.IN_TRANSACTION;
            case RECIPIENTS -> Replies.IN_TRANSACTION;
            case REFUSED -> Replies.REFUSED_SAY_QUIT;
            case CONNECTED, DATA, AUTH, CLOSED -> throw new IllegalStateException(this + " in " + phase);
        };
    }

    private static Set<Phase> always() {
        return EnumSet.of(Phase.GREETED, Phase.IDLE, Phase.SENDER, Phase.RECIPIENTS);
    }
}
