package org.hikyaku.smtp.server;

import java.util.EnumSet;
import org.hikyaku.smtp.Command;
import org.hikyaku.smtp.Extension;
import org.hikyaku.smtp.Replies;
import org.hikyaku.smtp.Reply;
import org.jspecify.annotations.Nullable;

/**
 * CHUNKING (RFC 3030 2): BDAT brings the message in parts of known size, each answered once it has come; with the last goes
 * all that follows the end of DATA.
 *
 * <p><i>Failure:</i> the octets of a BDAT are read before it is refused, whatever the reason, for they are no commands. With
 * it the transaction is over: a message of which a part was refused is never stored. BDATs of the same message sent
 * behind it get the same answer, and only the first counts as an error of the client's. In LMTP the last is answered once for
 * each recipient that was taken, so not at all where none was (RFC 2033 4.3), and counts. A BDAT that does not say how many octets follow ends
 * the session.
 */
final class ChunkingFeature {
    static final Feature DECLARED = Feature.of(Extension.CHUNKING)
            .with(new Verb<>(
                    "BDAT",
                    Command.Bdat.class,
                    EnumSet.of(Phase.RECIPIENTS, Phase.CHUNKS),
                    false,
                    false,
                    ChunkingFeature::check,
                    ChunkingFeature::proceed,
                    ChunkingFeature::refuse));

    private ChunkingFeature() {}

    private static @Nullable Reply check(SessionState session, Command.Bdat command) {
        return command.octets() == Command.Bdat.UNREADABLE ? Replies.BDAT_SYNTAX : null;
    }

    private static void proceed(SessionState session, Command.Bdat command) {
        if (session.phase() == Phase.CHUNKS) {
            receive(session, command);
            return;
        }
        session.openDraft(draft -> {
            session.transaction().id = draft.id();
            session.transaction().opened = draft.opened();
            receive(session, command);
        });
    }

    private static void receive(SessionState session, Command.Bdat command) {
        session.receive(command, end -> {
            if (end instanceof Input.DataEnd whole) {
                DataVerb.ended(session, whole);
            } else {
                ended(session, command, (Input.ChunkEnd) end);
            }
        });
    }

    private static void ended(SessionState session, Command.Bdat command, Input.ChunkEnd end) {
        Reply fault = DataVerb.fault(session.config().limits(), end.tooBig(), end.bareLineEnd(), end.lineTooLong());
        if (fault == null) {
            session.phase(Phase.CHUNKS);
            session.send(Replies.chunk(command.octets()));
        } else {
            session.tell(new Note.MessageRejected(session.transaction().sender.toString(), fault.text()));
            int recipients = session.recipients();
            session.forgetTransaction();
            session.chunkFailure(new SessionState.ChunkFailure(fault, recipients));
            session.fault(fault);
        }
    }

    /** RFC 3030 2: the octets are accepted and discarded before the failure is told, those of BDATs in the pipeline, too. */
    private static void refuse(SessionState session, Command.Bdat command, Reply reply) {
        if (command.octets() == Command.Bdat.UNREADABLE) {
            session.tell(new Note.CommandRejected("BDAT", Replies.BDAT_SYNTAX.text()));
            session.end(Replies.BDAT_SYNTAX, "a BDAT without a size");
            return;
        }
        SessionState.ChunkFailure before = session.chunkFailure();
        SessionState.ChunkFailure failure =
                before == null ? new SessionState.ChunkFailure(reply, session.recipients()) : before;
        session.forgetTransaction();
        session.skip(command.octets(), () -> {
            // behind the last part of what failed a BDAT is out of order on its own account
            session.chunkFailure(command.last() ? null : failure);
            answer(session, command, failure, before == null);
        });
    }

    private static void answer(
            SessionState session, Command.Bdat command, SessionState.ChunkFailure failure, boolean first) {
        if (first) {
            session.tell(new Note.CommandRejected("BDAT", failure.reply().text()));
        }
        if (session.isLmtp() && command.last()) {
            session.conclude(failure.reply(), failure.recipients());
        } else if (first) {
            session.fault(failure.reply());
        } else {
            session.send(failure.reply());
        }
    }
}
