package org.hikyaku.admin;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.hikyaku.mail.Content;
import org.hikyaku.mail.Recipient;
import org.hikyaku.mail.SpoolId;
import org.hikyaku.operate.Choice;
import org.hikyaku.operate.Mark;
import org.hikyaku.operate.Operations;
import org.hikyaku.operate.Watcher;
import org.hikyaku.queue.QueueAdmin;
import org.hikyaku.spool.RecipientState;
import org.hikyaku.spool.StoredMessage;

/**
 * Copies of messages for another host: for each a row with its envelope and state, then rows with its octets
 * (docs/queue-export.md).
 *
 * <p><i>Failure:</i> a message whose body cannot be read to the end is a row with {@code left}, and what came of it does not count.
 */
final class ExportDesk {
    private static final int PIECE = 24 * 1024;

    private final Operations operations;

    ExportDesk(Operations operations) {
        this.operations = operations;
    }

    ControlEnd export(Choice choice, Rows rows) {
        long[] lefts = new long[1];
        operations.list(choice, new Watcher() {
            @Override
            public void match(QueueAdmin.Row row, List<Integer> places) {
                try {
                    message(row.message(), rows);
                } catch (IOException e) {
                    left(row.message().id(), "cannot be read: " + e.getMessage());
                }
            }

            @Override
            public void left(SpoolId id, String why) {
                lefts[0]++;
                rows.row(Map.of("id", id.toString(), "left", why));
            }

            @Override
            public void progress(long looked, long done) {
                rows.progress(looked, done);
            }
        });
        return lefts[0] == 0 ? ControlEnd.done() : ControlEnd.failed();
    }

    /** The body is read once before anything is sent, so that a damaged one does not spoil the archive. */
    private static void message(StoredMessage message, Rows rows) throws IOException {
        Content content = message.content();
        ByteBuffer look = ByteBuffer.allocate(PIECE);
        for (long at = 0; at < content.size(); ) {
            int count = content.read(look.clear(), at);
            if (count <= 0) {
                throw new IOException("it ends before its end");
            }
            at += count;
        }
        rows.row(Map.of("envelope", envelope(message)));
        ByteBuffer piece = ByteBuffer.allocate(PIECE);
        for (long at = 0; at < content.size(); ) {
            int count = content.read(piece.clear(), at);
            if (count <= 0) {
                throw new IOException("it ends before its end");
            }
            rows.row(Map.of("data", Base64.getEncoder().encodeToString(Arrays.copyOf(piece.array(), count))));
            at += count;
        }
        rows.row(Map.of("whole", message.id().toString()));
    }

    private static Map<String, Object> envelope(StoredMessage message) {
        Map<String, Object> out = new LinkedHashMap<>();
        out.put("format", "hikyaku-queue-1");
        out.put("id", message.id().toString());
        out.put("arrived", message.arrival().toString());
        out.put("size", message.content().size());
        out.put("sender", message.envelope().sender().toString());
        out.put("held", Mark.describe(message.held()));
        out.put("needs_8bit", message.envelope().needs8Bit());
        out.put("needs_utf8", message.envelope().needsUtf8());
        out.put("via", message.origin().kind().name().toLowerCase(Locale.ROOT));
        out.put("client", message.origin().client());
        out.put("user", message.origin().user());
        out.put("session", message.origin().session());
        List<Map<String, Object>> recipients = new ArrayList<>();
        for (int i = 0; i < message.states().size(); i++) {
            recipients.add(recipient(
                    message.envelope().recipients().get(i), message.states().get(i)));
        }
        out.put("recipients", recipients);
        return out;
    }

    private static Map<String, Object> recipient(Recipient to, RecipientState state) {
        Map<String, Object> out = new LinkedHashMap<>();
        out.put("address", to.address().toString());
        out.put("original", to.original().toString());
        out.put("state", state.status().name().toLowerCase(Locale.ROOT));
        out.put("attempts", state.attempts());
        out.put("due", state.due().toString());
        out.put("noticed", state.noticed());
        out.put("status", state.last().status());
        out.put("text", state.last().text());
        out.put("remote", state.last().remote());
        out.put("reply", state.last().reply());
        return out;
    }
}
