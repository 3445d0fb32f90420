package org.hikyaku.listen;

import org.hikyaku.smtp.server.Note;
import org.hikyaku.world.Event;
import org.hikyaku.world.Events;
import org.jspecify.annotations.Nullable;

/** The notes of one session as events. */
record SessionLog(Events events, String session, String remote) {
    void emit(Event event, @Nullable Object... values) {
        events.emit(event, values);
    }

    void tell(Note note) {
        switch (note) {
            case Note.Secured n -> emit(Event.SESSION_SECURED, session, n.version(), n.cipher());
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
}
