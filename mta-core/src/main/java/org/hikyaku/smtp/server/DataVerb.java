package org.hikyaku.smtp.server;

import java.nio.charset.StandardCharsets;
import java.util.Objects;
import org.hikyaku.config.Config;
import org.hikyaku.mail.Envelope;
import org.hikyaku.mail.HeaderFacts;
import org.hikyaku.policy.Question;
import org.hikyaku.smtp.Command;
import org.hikyaku.smtp.Replies;
import org.hikyaku.smtp.Reply;
import org.jspecify.annotations.Nullable;

/**
 * DATA (RFC 5321 4.1.1.4): draft, 354, message, verdict, store; 250 only once it is stored (6.1: with it the
 * responsibility is ours).
 */
final class DataVerb {
    private DataVerb() {}

    /** RFC 3030 3: what is binary comes by BDAT only. */
    static @Nullable Reply check(SessionState session, Command.Data command) {
        return session.transaction().wishes.binary() ? Replies.BINARY_NEEDS_BDAT : null;
    }

    static void proceed(SessionState session, Command.Data command) {
        session.openDraft(draft -> {
            session.transaction().id = draft.id();
            session.transaction().opened = draft.opened();
            session.send(Replies.SEND_DATA);
            session.receive(end -> ended(session, end));
        });
    }

    /** The message has come whole, by DATA or by BDAT. */
    static void ended(SessionState session, Input.DataEnd end) {
        Reply fault = fault(session.config().limits(), end.facts());
        if (fault != null) {
            reject(session, fault);
            return;
        }
        HeaderFacts headers = end.facts().headers();
        Reply unwanted = SolicitFeature.refusal(session, headers.asks().solicitation());
        if (unwanted != null) {
            reject(session, unwanted);
            return;
        }
        SolicitFeature.fromHeader(session.transaction(), headers.asks());
        PriorityFeature.fromHeader(session, headers.asks());
        RequireTlsFeature.fromHeader(session.transaction(), headers.asks());
        Envelope envelope = session.transaction().envelope(end.facts().eightBit(), headers);
        session.ask(new Question.Message(envelope, headers, Objects.requireNonNull(end.content())), verdict -> {
            Reply refusal = session.refusal(verdict);
            if (session.isClosed()) {
                return;
            }
            if (refusal != null) {
                reject(session, refusal);
            } else if (!session.transaction().discard.isEmpty()) {
                discard(session);
            } else {
                store(session, envelope, headers);
            }
        });
    }

    /** What no message may be. A look at the header of a message with an earlier fault would be one at half of it. */
    private static @Nullable Reply fault(Config.Limits limits, Input.DataFacts facts) {
        Reply fault = fault(limits, facts.tooBig(), facts.bareLineEnd(), facts.lineTooLong());
        if (fault != null) {
            return fault;
        }
        if (facts.headers().tooBig()) {
            return Replies.headersTooBig(limits.headersSizeMax());
        }
        return facts.headers().receivedCount() > limits.hopsMax() ? Replies.TOO_MANY_HOPS : null; // RFC 5321 6.3
    }

    /** What no part of a message may be. */
    static @Nullable Reply fault(Config.Limits limits, boolean tooBig, boolean bareLineEnd, boolean lineTooLong) {
        if (bareLineEnd) {
            return Replies.BARE_LINE_END; // RFC 5321 2.3.8
        }
        if (tooBig) {
            return Replies.tooBig(limits.messageSizeMax()); // RFC 1870 6.3
        }
        return lineTooLong ? Replies.bodyLineTooLong(limits.bodyLineMax()) : null;
    }

    private static void store(SessionState session, Envelope envelope, HeaderFacts headers) {
        Transaction transaction = session.transaction();
        String prepended = TraceHeader.prepended(session, transaction, headers);
        var commit = new Action.Commit(
                prepended.getBytes(StandardCharsets.UTF_8),
                envelope,
                transaction.hold,
                TraceHeader.messageId(session, transaction, headers));
        session.commit(commit, answer -> {
            if (answer instanceof Input.NotStored failed) {
                Reply reply = failed.ofMessage()
                        ? Replies.EXPANDS_TOO_FAR
                        : failed.full() ? Replies.DISK_FULL : Replies.NOT_STORED;
                session.tell(new Note.MessageRejected(envelope.sender().toString(), reply.text()));
                session.conclude(reply);
                session.stored(false);
            } else {
                session.conclude(Replies.queued(transaction.requireId()));
                session.stored(true);
            }
        });
    }

    private static void discard(SessionState session) {
        Transaction transaction = session.transaction();
        session.tell(
                new Note.MessageDiscarded(transaction.requireId(), transaction.sender.toString(), transaction.discard));
        session.conclude(Replies.queued(transaction.requireId()));
        session.forgetTransaction();
    }

    private static void reject(SessionState session, Reply reply) {
        session.tell(new Note.MessageRejected(session.transaction().sender.toString(), reply.text()));
        session.conclude(reply);
        session.forgetTransaction();
    }
}
