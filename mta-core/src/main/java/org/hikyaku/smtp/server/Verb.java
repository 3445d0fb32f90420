package org.hikyaku.smtp.server;

import java.util.EnumSet;
import java.util.Set;
import org.hikyaku.smtp.Command;
import org.hikyaku.smtp.Replies;
import org.hikyaku.smtp.Reply;
import org.jspecify.annotations.Nullable;

/**
 * A command's rules, and what it does. All may be pipelined (RFC 2920); of what is pipelined behind STARTTLS nothing is
 * read.
 *
 * @param word in the log
 * @param type of the command that was read
 * @param phases in which it may come
 * @param inClear whether it may come in clear where TLS is required (RFC 3207 4)
 * @param unauthenticated whether it may come before AUTH where that is required (RFC 4954 6)
 * @param refuse how a refusal is given
 */
record Verb<C extends Command>(
        String word,
        Class<C> type,
        Set<Phase> phases,
        boolean inClear,
        boolean unauthenticated,
        Check<C> check,
        Proceed<C> proceed,
        Refuse<C> refuse) {
    /** Where mail is fetched there are these only (RFC 2645 5.1, 5.2). */
    private static final Set<String> OF_ODMR =
            Set.of("EHLO", "STARTTLS", "AUTH", "ATRN", "QUIT", "NOOP", "RSET", "HELP", "FAULTY", "UNIMPLEMENTED");

    Verb {
        phases = Set.copyOf(phases);
    }

    /** One whose refusal is its reply and nothing else. */
    Verb(
            String word,
            Class<C> type,
            Set<Phase> phases,
            boolean inClear,
            boolean unauthenticated,
            Check<C> check,
            Proceed<C> proceed) {
        this(
                word,
                type,
                phases,
                inClear,
                unauthenticated,
                check,
                proceed,
                (session, command, reply) ->
                        session.refuse(command instanceof Command.Faulty faulty ? faulty.word() : word, reply));
    }

    /** Null when the command may proceed, else the refusal. */
    interface Check<C extends Command> {
        @Nullable
        Reply check(SessionState session, C command);
    }

    /** Does it; sends the reply, now or when an answer has come. */
    interface Proceed<C extends Command> {
        void proceed(SessionState session, C command);
    }

    /** Says no, when the rules have said so. */
    interface Refuse<C extends Command> {
        void refuse(SessionState session, C command, Reply reply);
    }

    /** Everywhere between the greeting and the end, but in a message or a dialog. */
    static Set<Phase> always() {
        return EnumSet.of(Phase.GREETED, Phase.IDLE, Phase.SENDER, Phase.RECIPIENTS, Phase.CHUNKS);
    }

    /** The rules, in their order; null when {@code command} may proceed. */
    @Nullable
    Reply check(SessionState session, Command command) {
        if (session.isOdmr() && !OF_ODMR.contains(word)) {
            return Replies.NOT_IMPLEMENTED; // RFC 2645 5.4
        }
        if (!inClear && session.client().lacksRequiredTls()) {
            return Replies.TLS_REQUIRED;
        }
        if (!phases.contains(session.phase())) {
            return outOfOrder(session.phase());
        }
        if (!unauthenticated && session.client().lacksRequiredLogin()) {
            return Replies.AUTH_REQUIRED;
        }
        return check.check(session, type.cast(command));
    }

    void proceed(SessionState session, Command command) {
        proceed.proceed(session, type.cast(command));
    }

    void refuse(SessionState session, Command command, Reply reply) {
        refuse.refuse(session, type.cast(command), reply);
    }

    /** THE 503 rule (RFC 5321 4.1.4). */
    private Reply outOfOrder(Phase phase) {
        return switch (phase) {
            case GREETED -> Replies.HELLO_FIRST;
            case IDLE -> Replies.NO_SENDER;
            case SENDER -> phases.contains(Phase.RECIPIENTS) ? Replies.NO_RECIPIENT : Replies.IN_TRANSACTION;
            case RECIPIENTS -> Replies.IN_TRANSACTION;
            case CHUNKS -> Replies.IN_CHUNKS;
            case REFUSED -> Replies.REFUSED_SAY_QUIT;
            case CONNECTED, DATA, AUTH, CLOSED -> throw new IllegalStateException(word + " in " + phase);
        };
    }
}
