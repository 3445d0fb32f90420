package org.hikyaku.main;

import java.io.IOException;
import java.io.InputStream;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.hikyaku.admin.ControlRequest;
import org.hikyaku.mail.SpoolId;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * Reads an archive of {@code queue export} and says it to the server, a piece at a time.
 *
 * <p><i>Failure:</i> an archive that is not whole, or none, ends with a line {@code broken} that names the entry, so that the
 * server takes nothing.
 */
final class QueueImport {
    private static final int PIECE = 24 * 1024;
    private static final int JSON_MAX = 16 << 20;
    private static final int RECIPIENTS = 100;
    /** In UTF-8 it fits a line of the control protocol. */
    private static final int LINE_MAX = ControlRequest.LINE_MAX / 3;

    private static final JsonMapper JSON = JsonMapper.builder().build();

    private final TarReader tar;
    private final Consumer<String> out;
    private final MessageDigest digest = QueueExport.sha256();
    private String at = "";
    private long messages;

    private QueueImport(InputStream in, Consumer<String> out) {
        this.tar = new TarReader(in);
        this.out = out;
    }

    static void speak(InputStream in, Consumer<String> out) {
        QueueImport reading = new QueueImport(in, out);
        try {
            while (reading.entry()) {}
            reading.say("end", true);
        } catch (IOException e) {
            out.accept(JSON.writeValueAsString(Map.of("broken", String.valueOf(e.getMessage()))));
        }
    }

    private void say(String what, Object value) throws IOException {
        String line = JSON.writeValueAsString(Map.of(what, value));
        if (line.length() > LINE_MAX) {
            throw new IOException(at + ": a field is too long");
        }
        out.accept(line);
    }

    /** A message, or the last entry: then false. */
    private boolean entry() throws IOException {
        TarReader.Entry entry = tar.next()
                .orElseThrow(() -> new IOException("no end.json: the archive broke off, or is none of queue export"));
        if (entry.name().equals("end.json")) {
            String sum = HexFormat.of().formatHex(digest.digest());
            JsonNode end = json(entry);
            if (!end.path("messages").isIntegralNumber() || end.path("messages").asLong() != messages) {
                throw new IOException("end.json: it tells of another number of messages than the " + messages
                        + " that are in the archive");
            }
            if (end.has("sha256") && !end.get("sha256").asString("").equalsIgnoreCase(sum)) {
                throw new IOException("end.json: the archive is damaged, its checksum is another");
            }
            if (tar.next().isPresent()) {
                throw new IOException("end.json: something follows behind it");
            }
            return false;
        }
        String id = entry.name().endsWith(".json")
                ? entry.name().substring(0, entry.name().length() - ".json".length())
                : "";
        if (SpoolId.parse(id).isEmpty()) {
            throw new IOException(TarReader.shown(entry.name()) + ": not a file that queue export writes");
        }
        message(id, json(entry));
        messages++;
        return true;
    }

    private void message(String id, JsonNode envelope) throws IOException {
        @Nullable JsonNode recipients = envelope.get("recipients");
        if (!id.equals(envelope.path("id").asString("")) || recipients == null || !recipients.isArray()) {
            throw new IOException(id + ".json: not the envelope of the message " + id);
        }
        at = id + ".json";
        TarReader.Entry body = tar.next()
                .filter(entry -> entry.name().equals(id + ".eml"))
                .orElseThrow(() -> new IOException(id + ".json: " + id + ".eml does not follow"));
        if (!envelope.path("size").isIntegralNumber() || envelope.path("size").asLong() != body.size()) {
            throw new IOException(id + ".eml: its size is not that of the envelope");
        }
        ((ObjectNode) envelope).remove("recipients");
        say("envelope", envelope);
        List<JsonNode> some = new ArrayList<>();
        for (JsonNode each : recipients) {
            some.add(each);
            if (some.size() == RECIPIENTS) {
                say("recipients", some);
                some.clear();
            }
        }
        say("recipients", some);
        say("body", true);
        for (byte[] piece = read(); piece.length > 0; piece = read()) {
            say("data", Base64.getEncoder().encodeToString(piece));
        }
        say("whole", true);
    }

    private byte[] read() throws IOException {
        byte[] piece = tar.read(PIECE);
        digest.update(piece);
        return piece;
    }

    /** The whole of a small file. */
    private JsonNode json(TarReader.Entry entry) throws IOException {
        if (entry.size() > JSON_MAX) {
            throw new IOException(entry.name() + ": larger than any envelope");
        }
        byte[] all = new byte[0];
        int length = 0;
        for (byte[] piece = read(); piece.length > 0; piece = read()) {
            if (length + piece.length > all.length) {
                all = Arrays.copyOf(all, Math.max(2 * all.length, length + piece.length));
            }
            System.arraycopy(piece, 0, all, length, piece.length);
            length += piece.length;
        }
        try {
            JsonNode node = JSON.readTree(all, 0, length);
            if (node.isObject()) {
                return node;
            }
        } catch (JacksonException e) {
            throw new IOException(entry.name() + ": not JSON", e);
        }
        throw new IOException(entry.name() + ": not a JSON object");
    }
}
