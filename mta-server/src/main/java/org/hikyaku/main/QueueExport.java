package org.hikyaku.main;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * Writes the rows of an export as a tar archive: {@code ID.json} and {@code ID.eml} for each message.
 *
 * <p><i>Failure:</i> an archive that breaks off has no {@code end.json}; one to a file has its name only when it is whole and forced, not
 * where another file has got that name meanwhile.
 */
final class QueueExport implements AutoCloseable {
    private static final int BUFFER = 1 << 16;
    /** It holds whole letters. */
    private static final FileAttribute<Set<PosixFilePermission>> OURS_ALONE =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));

    private final @Nullable Path target;
    private final @Nullable Path part;
    private final @Nullable FileChannel file;
    private final TarWriter tar;
    private final OutputStream out;
    private final MessageDigest digest = sha256();
    private long size;
    private long written;
    private long messages;

    private QueueExport(@Nullable Path target, @Nullable Path part, @Nullable FileChannel file, OutputStream raw) {
        this.target = target;
        this.part = part;
        this.file = file;
        this.out = new BufferedOutputStream(raw, BUFFER);
        this.tar = new TarWriter(out);
    }

    /** To a file that must not be there yet, or, for {@code -}, to standard output. */
    static QueueExport to(String name) throws IOException {
        if (name.equals("-")) {
            return new QueueExport(null, null, null, System.out);
        }
        Path target = Path.of(name).toAbsolutePath();
        requireNone(target);
        Path part = target.resolveSibling(target.getFileName() + ".part");
        Files.deleteIfExists(part);
        FileChannel file =
                FileChannel.open(part, Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE), OURS_ALONE);
        return new QueueExport(target, part, file, Channels.newOutputStream(file));
    }

    /** Over the octets of all files before the last, so that a reader knows that they are right. */
    static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e); // every Java has it
        }
    }

    /** A row of the answer; false when it is none of an export. */
    boolean row(JsonNode row) {
        try {
            if (row.has("envelope")) {
                begin(row.get("envelope"));
            } else if (row.has("data")) {
                byte[] octets = Base64.getDecoder().decode(row.get("data").asString());
                write(octets);
                written += octets.length;
            } else if (row.has("whole")) {
                tar.endFile(size);
                messages++;
            } else {
                return false;
            }
            return true;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void begin(JsonNode envelope) throws IOException {
        if (written != size) {
            throw new IOException("a message broke off: the archive is of no use");
        }
        String id = envelope.path("id").asString();
        long seconds = Instant.parse(envelope.path("arrived").asString()).getEpochSecond();
        plain(id + ".json", envelope.toString() + "\n", seconds);
        size = envelope.path("size").asLong();
        written = 0;
        tar.beginFile(id + ".eml", size, seconds);
    }

    private void plain(String name, String text, long seconds) throws IOException {
        byte[] octets = text.getBytes(StandardCharsets.UTF_8);
        tar.beginFile(name, octets.length, seconds);
        write(octets);
        tar.endFile(octets.length);
    }

    private void write(byte[] octets) throws IOException {
        digest.update(octets);
        tar.write(octets);
    }

    /** Ends the archive and makes it last; how many messages are in it. */
    long end() throws IOException {
        if (written != size) {
            throw new IOException("a message broke off: the archive is of no use");
        }
        String sum = HexFormat.of().formatHex(digest.digest());
        plain("end.json", "{\"messages\":" + messages + ",\"sha256\":\"" + sum + "\"}\n", 0);
        tar.end();
        if (file != null && part != null && target != null) {
            file.force(true);
            requireNone(target); // an export takes long, and a move replaces what is there
            Files.move(part, target, StandardCopyOption.ATOMIC_MOVE);
            try (FileChannel directory = FileChannel.open(Objects.requireNonNull(target.getParent()))) {
                directory.force(true);
            }
        }
        return messages;
    }

    private static void requireNone(Path target) throws IOException {
        if (Files.exists(target, LinkOption.NOFOLLOW_LINKS)) {
            throw new IOException(target + " is there already");
        }
    }

    @Override
    public void close() throws IOException {
        if (file != null && part != null) {
            file.close();
            Files.deleteIfExists(part);
        }
    }
}
