package org.hikyaku.admin;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.hikyaku.mail.Content;
import org.hikyaku.mail.SpoolId;
import org.hikyaku.operate.Choice;
import org.hikyaku.operate.Mark;
import org.hikyaku.operate.Operations;
import org.hikyaku.operate.Watcher;
import org.hikyaku.queue.QueueAdmin;
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
                if (Mark.isImported(row.message().held())) {
                    left(row.message().id(), "its import is not finished");
                    return;
                }
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
        rows.row(Map.of("envelope", ExportedEnvelope.write(message)));
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
}
