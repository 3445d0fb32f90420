package org.hikyaku.admin;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.hikyaku.mail.SpoolId;
import org.hikyaku.operate.Importer;
import org.hikyaku.operate.Operations;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Takes what {@code queue import} sends after its request. For each message the lines {@code {"envelope":...}} without the
 * recipients, {@code {"recipients":[...]}} as often as it needs, {@code {"body":true}}, {@code {"data":base64}} as often as
 * it needs, {@code {"whole":true}}; at last {@code {"end":true}}, or {@code {"broken":why}}.
 *
 * <p><i>Failure:</i> whatever ends it before {@code end} leaves the queue as it was; an envelope that makes no sense costs its own
 * message only.
 */
final class ImportDesk {
    /** More than any message of a queue has. */
    private static final int RECIPIENTS_MAX = 100_000;

    private static final JsonMapper JSON = JsonMapper.builder().build();

    private final Operations operations;
    private final Rows rows;
    private final QueueDesk.Teller teller;
    private final List<JsonNode> recipients = new ArrayList<>();
    private @Nullable JsonNode envelope;
    private boolean wanted;

    ImportDesk(Operations operations, Rows rows) {
        this.operations = operations;
        this.rows = rows;
        this.teller = new QueueDesk.Teller(rows, operations.sites(), 0, false, false);
    }

    ControlEnd take(ControlRequest request) {
        boolean dry = request.flag("dry");
        Importer.Outcome outcome;
        try (Importer importer = operations.importer(request.asker(), dry, teller)) {
            while (!line(importer)) {}
            outcome = importer.end();
        } catch (IOException e) {
            return ControlEnd.failed(e.getMessage() + left(e));
        }
        Map<String, Object> row = new LinkedHashMap<>();
        row.put("command", "import");
        row.put("dry_run", dry);
        row.put("taken", outcome.taken());
        row.put("skipped", outcome.skipped());
        row.put("refused", outcome.refused());
        row.put("released", outcome.released());
        row.put("waiting", outcome.waiting());
        rows.row(row);
        return outcome.refused() == 0 ? ControlEnd.done() : ControlEnd.failed();
    }

    /** What the queue has of it now. */
    private static String left(IOException e) {
        return e.getSuppressed().length > 0
                ? "; " + e.getSuppressed()[0].getMessage()
                : e instanceof Importer.Unfinished ? "; import again to finish" : "; nothing was taken";
    }

    /** The next line; true when it was the last. */
    private boolean line(Importer importer) throws IOException {
        JsonNode line;
        try {
            line = JSON.readTree(rows.line());
        } catch (JacksonException | IllegalArgumentException e) {
            throw new IOException("a line that is no JSON");
        }
        if (line.has("data")) {
            if (wanted) {
                importer.data(octets(line.get("data")));
            }
        } else if (line.has("envelope")) {
            envelope = line.get("envelope");
            recipients.clear();
        } else if (line.has("recipients")) {
            line.get("recipients").forEach(recipients::add);
            if (recipients.size() > RECIPIENTS_MAX) {
                throw new IOException("a message of more than " + RECIPIENTS_MAX + " recipients");
            }
        } else if (line.has("body")) {
            wanted = begin(importer);
        } else if (line.has("whole")) {
            if (wanted) {
                importer.whole();
            }
            wanted = false;
        } else if (line.has("broken")) {
            throw new IOException(line.get("broken").asString());
        } else {
            return line.has("end");
        }
        return false;
    }

    private boolean begin(Importer importer) throws IOException {
        JsonNode from = envelope;
        if (from == null) {
            throw new IOException("a message without an envelope");
        }
        Optional<SpoolId> id = SpoolId.parse(from.path("id").asString());
        try {
            return importer.message(ExportedEnvelope.read(from, recipients));
        } catch (ExportedEnvelope.Unfit e) {
            importer.refuse(
                    id.orElseThrow(() -> new IOException(String.valueOf(e.getMessage()))),
                    String.valueOf(e.getMessage()));
            return false;
        }
    }

    private static byte[] octets(JsonNode data) throws IOException {
        try {
            return Base64.getDecoder().decode(data.asString());
        } catch (IllegalArgumentException e) {
            throw new IOException("a line that is no base64", e);
        }
    }
}
