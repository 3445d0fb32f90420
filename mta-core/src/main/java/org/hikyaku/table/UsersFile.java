package org.hikyaku.table;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.hikyaku.sasl.PasswordHash;
import org.hikyaku.sasl.PasswordHash.ScramHash;
import org.hikyaku.sasl.Scram;
import org.hikyaku.sasl.ScramDigest;
import org.hikyaku.sasl.ScramKeys;
import org.hikyaku.world.Disk;
import org.hikyaku.world.Entropy;

/**
 * Changes the users file, for {@code hikyaku user}. Comments, other users' lines and all fields after the password stay as
 * they are. A change is whole or not there at all, also after a power loss: the new file is written beside the old one
 * (mode 0640), forced, renamed over it, and the directory forced. Two changes at once wait for each other.
 *
 * <p><i>Failure:</i> what the file does not allow is a text for the caller; a disk that fails is an {@link IOException} and
 * leaves the old file.
 */
public final class UsersFile {
    private static final int SALT_OCTETS = 16;
    private static final int PASSWORD_MAX = 255;

    private final Disk disk;
    private final Path file;

    public UsersFile(Disk disk, Path file) {
        this.disk = disk;
        this.file = file;
    }

    /** SCRAM-SHA-256 keys of a password with a fresh salt; empty when it is empty, too long, or has control characters. */
    public static Optional<PasswordHash> hash(String password, Entropy entropy) {
        byte[] salt = new byte[SALT_OCTETS];
        entropy.fill(salt);
        byte[] octets = password.getBytes(StandardCharsets.UTF_8);
        return octets.length > PASSWORD_MAX
                ? Optional.empty()
                : Scram.keys(octets, salt, Scram.ITERATIONS).map(ScramHash::new);
    }

    /** SCRAM-SHA-1 keys of a password that {@link #hash} has taken, with a fresh salt, for programs that know no better. */
    public static ScramKeys sha1Keys(String password, Entropy entropy) {
        byte[] salt = new byte[SALT_OCTETS];
        entropy.fill(salt);
        return Scram.keys(ScramDigest.SHA_1, password.getBytes(StandardCharsets.UTF_8), salt, Scram.ITERATIONS)
                .orElseThrow();
    }

    /** The file as it is. */
    public Users.Loaded load() {
        return Users.load(disk, file);
    }

    /** Adds a user; makes the file when there is none. Empty when done, else why not. */
    public Optional<String> add(String user, PasswordHash password) throws IOException {
        return add(user, password, Optional.empty());
    }

    /** The same with further keys of the password. */
    public Optional<String> add(String user, PasswordHash password, Optional<ScramKeys> sha1) throws IOException {
        Optional<String> name = Users.name(user);
        if (name.isEmpty()) {
            return Optional.of(user + " is no user name; write user@domain");
        }
        return change(lines -> lines.stream().anyMatch(line -> isOf(line, name.get()))
                ? Optional.of(name.get() + " is in " + file + " already; hikyaku user passwd changes his password")
                : added(lines, name.get() + ":" + password.text() + fields("", sha1)));
    }

    /** Changes a user's password. Empty when done, else why not. */
    public Optional<String> changePassword(String user, PasswordHash password) throws IOException {
        return changePassword(user, password, Optional.empty());
    }

    /** The same with further keys of the password; those of the old one go in any case. */
    public Optional<String> changePassword(String user, PasswordHash password, Optional<ScramKeys> sha1)
            throws IOException {
        return rewrite(user, line -> {
            String[] fields = line.split(":", 3);
            return Optional.of(
                    fields[0] + ":" + password.text() + fields(fields.length > 2 ? ":" + fields[2] : "", sha1));
        });
    }

    /** The fields behind the password, each with the colon before it: uid, gid, gecos, home, shell, and Dovecot's extra ones. */
    private static String fields(String before, Optional<ScramKeys> sha1) {
        List<String> fields = new ArrayList<>(List.of(before.split(":", 7))); // the first is empty
        boolean had = fields.size() == 7;
        List<String> extra = new ArrayList<>(had ? List.of(fields.removeLast().split(" ", -1)) : List.of());
        extra.removeIf(word -> word.startsWith(Users.EXTRA));
        sha1.ifPresent(keys -> extra.add(Users.EXTRA + ScramHash.parameters(keys)));
        if (!had && extra.isEmpty()) {
            return before;
        }
        while (fields.size() < 6) {
            fields.add("");
        }
        fields.add(String.join(" ", extra).strip());
        return String.join(":", fields);
    }

    /** Takes a user out. Empty when done, else why not. */
    public Optional<String> remove(String user) throws IOException {
        return rewrite(user, line -> Optional.empty());
    }

    private Optional<String> rewrite(String user, Function<String, Optional<String>> edit) throws IOException {
        String name = Users.name(user).orElse(user);
        return change(lines -> {
            List<String> before = List.copyOf(lines);
            lines.clear();
            for (String line : before) {
                (isOf(line, name) ? edit.apply(line) : Optional.of(line)).ifPresent(lines::add);
            }
            return lines.equals(before) ? Optional.of(name + " is not in " + file) : Optional.empty();
        });
    }

    private static Optional<String> added(List<String> lines, String line) {
        lines.add(line);
        return Optional.empty();
    }

    private static boolean isOf(String line, String name) {
        return Users.isEntry(line) && Users.name(line.split(":", 2)[0]).equals(Optional.of(name));
    }

    private Optional<String> change(Edit edit) throws IOException {
        Path directory = file.toAbsolutePath().getParent();
        if (directory == null) {
            throw new IOException(file + " is no file");
        }
        Closeable lock = disk.lock(directory.resolve("." + file.getFileName() + ".lock"));
        try {
            List<String> problems = new ArrayList<>();
            List<String> lines =
                    disk.exists(file) ? new ArrayList<>(TextFile.lines(disk, file, problems)) : new ArrayList<>();
            Optional<String> refused = problems.isEmpty() ? edit.apply(lines) : Optional.of(problems.getFirst());
            if (refused.isEmpty()) {
                write(directory, lines);
            }
            return refused;
        } finally {
            lock.close();
        }
    }

    private void write(Path directory, List<String> lines) throws IOException {
        Path fresh = directory.resolve("." + file.getFileName() + ".new");
        if (disk.exists(fresh)) {
            disk.delete(fresh); // left by one who was killed
        }
        String text = lines.isEmpty() ? "" : String.join("\n", lines) + "\n";
        try (Disk.File out = disk.create(fresh)) {
            out.write(0, ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8)));
            out.force();
        }
        disk.rename(fresh, file);
        disk.forceDirectory(directory);
    }

    /** Changes the lines, or says why not. */
    private interface Edit {
        Optional<String> apply(List<String> lines);
    }
}
