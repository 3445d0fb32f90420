package org.hikyaku.admin;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.hikyaku.config.SiteRules;
import org.hikyaku.mail.Recipient;
import org.hikyaku.operate.Facts;
import org.hikyaku.operate.Mark;
import org.hikyaku.operate.State;
import org.hikyaku.queue.QueueAdmin;
import org.hikyaku.spool.RecipientState;
import org.hikyaku.spool.StoredMessage;

/**
 * A message of the queue as a row of JSON (docs/operating.md). Times are those of ISO 8601 in UTC, sizes octets.
 *
 * @param state of the first recipient that is not finished
 * @param sender empty for a notice
 * @param held why it is held, empty when it is not
 * @param until when it leaves the trash or bounces, else empty
 * @param operation which marked it so, else 0
 * @param via by which door it came
 * @param delivering whether it is being delivered right now
 * @param release until when its sender has it kept, else empty
 * @param header the header of the message where it was asked for, else empty
 */
public record QueueRow(
        String id,
        String state,
        String arrived,
        long size,
        String sender,
        String held,
        String until,
        long operation,
        String via,
        String client,
        String user,
        String session,
        boolean delivering,
        String release,
        List<To> recipients,
        String header) {
    /**
     * One recipient.
     *
     * @param original what the sender wrote, when it differs; else empty
     * @param state {@code pending}, {@code delivered}, {@code failed}, {@code replaced}
     * @param due when it is tried next, empty when it is finished
     * @param error what the last attempt said
     * @param meaning why, as far as the host's words tell: {@code rate_limit}, {@code mailbox_full}... (docs/sites.md), or empty
     */
    public record To(
            String address,
            String original,
            String state,
            int attempts,
            String due,
            String status,
            String remote,
            String error,
            String meaning) {}

    static QueueRow of(QueueAdmin.Row row, SiteRules sites, String header) {
        StoredMessage message = row.message();
        List<To> to = new ArrayList<>();
        int first = 0;
        for (int i = message.states().size() - 1; i >= 0; i--) {
            first = message.states().get(i).status().isFinished() ? first : i;
            to.addFirst(
                    to(message.envelope().recipients().get(i), message.states().get(i), sites));
        }
        State state = new Facts(message, first, row.delivering(), Instant.EPOCH).state();
        var mark = Mark.parse(message.held());
        return new QueueRow(
                message.id().toString(),
                state.label(),
                message.arrival().toString(),
                message.content().size(),
                message.envelope().sender().toString(),
                Mark.describe(message.held()),
                mark.map(Mark::until).map(Instant::toString).orElse(""),
                mark.map(Mark::operation).orElse(0L),
                message.origin().kind().name().toLowerCase(Locale.ROOT),
                message.origin().client(),
                message.origin().user(),
                message.origin().session(),
                row.delivering(),
                message.envelope()
                        .wishes()
                        .release()
                        .map(release -> release.at().toString())
                        .orElse(""),
                to,
                header);
    }

    private static To to(Recipient recipient, RecipientState state, SiteRules sites) {
        boolean same = recipient.original().equals(recipient.address());
        boolean finished = state.status().isFinished();
        String reply = state.last().reply();
        return new To(
                recipient.address().toString(),
                same ? "" : recipient.original().toString(),
                state.status().name().toLowerCase(Locale.ROOT),
                state.attempts(),
                finished ? "" : state.due().toString(),
                state.last().status(),
                state.last().remote(),
                reply.isEmpty() ? state.last().text() : reply,
                recipient
                        .address()
                        .domain()
                        .filter(domain -> state.status() != RecipientState.Status.DELIVERED)
                        .flatMap(domain -> sites.classOf(domain, state.last()))
                        .map(meaning -> meaning.name().toLowerCase(Locale.ROOT))
                        .orElse(""));
    }
}
