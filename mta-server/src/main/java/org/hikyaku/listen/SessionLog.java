package org.hikyaku.listen;

import java.net.InetAddress;
import java.util.Map;
import java.util.function.Supplier;
import org.hikyaku.mail.IpLiteral;
import org.hikyaku.mail.SpoolId;
import org.hikyaku.smtp.server.Note;
import org.hikyaku.world.Event;
import org.hikyaku.world.Events;
import org.jspecify.annotations.Nullable;

/**
 * The notes of one session as events.
 *
 * @param client where the client is, as far as is known now
 */
record SessionLog(Events events, String session, Supplier<InetAddress> client) {
    void emit(Event event, @Nullable Object... values) {
        events.emit(event, values);
    }

    void tell(Note note) {
        String remote = IpLiteral.number(client.get());
        switch (note) {
            case Note.Secured n -> emit(Event.SESSION_SECURED, session, n.version(), n.cipher());
            case Note.Proxied n -> emit(Event.SESSION_PROXIED, session, n.proxy(), "XCLIENT", n.remote());
            case Note.Forwarded n -> forwarded(n.id(), n.attributes());
            case Note.SpokeEarly n -> emit(Event.SESSION_EARLY, session, remote, n.refused());
            case Note.QueueStarted n -> emit(Event.QUEUE_STARTED, session, remote, n.node(), n.pending());
            case Note.Turned n -> emit(Event.SESSION_TURNED, session, remote, n.user());
            case Note.CommandRejected n -> emit(Event.COMMAND_REJECTED, session, remote, n.verb(), n.reply());
            case Note.SenderRejected n -> emit(Event.SENDER_REJECTED, session, remote, n.from(), n.reply());
            case Note.RecipientRejected n ->
                emit(Event.RECIPIENT_REJECTED, session, remote, n.from(), n.to(), n.reply());
            case Note.MessageRejected n -> emit(Event.MESSAGE_REJECTED, session, remote, n.from(), n.reply());
            case Note.MessageDiscarded n -> emit(Event.MESSAGE_DISCARDED, n.id(), session, remote, n.from(), n.why());
            case Note.AuthSucceeded n -> emit(Event.AUTH_SUCCEEDED, session, remote, n.user(), n.mechanism());
            case Note.AuthFailed n -> emit(Event.AUTH_FAILED, session, remote, n.user(), n.mechanism(), n.why());
        }
    }

    private void forwarded(SpoolId id, Map<String, String> said) {
        emit(
                Event.MESSAGE_FORWARDED,
                id,
                said.get("NAME"),
                said.get("ADDR"),
                said.get("PORT"),
                said.get("PROTO"),
                said.get("HELO"),
                said.get("IDENT"),
                said.get("SOURCE"));
    }
}
