package org.hikyaku.operate;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.hikyaku.mail.Address;
import org.hikyaku.queue.Intake;
import org.hikyaku.spool.Origin;
import org.hikyaku.world.Disk;
import org.hikyaku.world.World;

/**
 * The frozen senders, in memory and in the file {@code frozen}, one a line: an address, {@code @domain}, or the name of a
 * user. Safe from any task or loop; {@link #set} waits.
 *
 * <p><i>Failure:</i> the file is replaced as a whole by a forced one, so it is as before or as after; what cannot be written is
 * not in force. A file that cannot be read stops the start: mail that should wait must not go.
 */
final class Freezes implements Intake.Gate {
    private static final int FILE_MAX = 4 << 20;
    private static final int COUNT_MAX = 10_000;

    private final World world;
    private final Path directory;
    private volatile List<String> frozen;

    private Freezes(World world, Path directory, List<String> frozen) {
        this.world = world;
        this.directory = directory;
        this.frozen = frozen;
    }

    static Freezes load(World world, Path directory) throws IOException {
        Path file = directory.resolve("frozen");
        if (!world.disk().exists(file)) {
            return new Freezes(world, directory, List.of());
        }
        String text = new String(world.disk().readAll(file, FILE_MAX), StandardCharsets.UTF_8);
        return new Freezes(
                world,
                directory,
                text.lines().map(String::strip).filter(l -> !l.isEmpty()).toList());
    }

    List<String> all() {
        return frozen;
    }

    /** As it is kept and compared. */
    static String key(String sender) {
        return sender.strip().toLowerCase(Locale.ROOT);
    }

    static boolean matches(Collection<String> keys, Address sender, Origin origin) {
        String address = key(sender.toString());
        String user = key(origin.user());
        String domain = sender.domain().map(d -> "@" + d.ascii()).orElse("@");
        return keys.stream()
                .anyMatch(k -> (!address.isEmpty() && k.equals(address))
                        || (!user.isEmpty() && k.equals(user))
                        || k.equals(domain));
    }

    boolean isFrozen(Address sender, Origin origin) {
        List<String> now = frozen;
        return !now.isEmpty() && matches(now, sender, origin);
    }

    @Override
    public String hold(Address sender, Origin origin) {
        return isFrozen(sender, origin)
                ? Mark.of(Mark.Kind.FROZEN, 0, "operator").held()
                : "";
    }

    /** Freezes or thaws senders, from the moment it returns on; one caller at a time. */
    void set(Collection<String> senders, boolean freeze) throws IOException {
        TreeSet<String> next = new TreeSet<>(frozen);
        List<String> keys = senders.stream().map(Freezes::key).toList();
        if (freeze) {
            next.addAll(keys);
        } else {
            keys.forEach(next::remove);
        }
        if (next.size() > COUNT_MAX) {
            throw new IOException("more than " + COUNT_MAX + " frozen senders");
        }
        if (next.equals(new TreeSet<>(frozen))) {
            return;
        }
        write(next);
        frozen = new ArrayList<>(next);
    }

    private void write(Collection<String> next) throws IOException {
        Disk disk = world.disk();
        OperationLog.makeDirectory(disk, directory);
        Path fresh = directory.resolve("frozen.new");
        if (disk.exists(fresh)) {
            disk.delete(fresh); // of a crash
        }
        byte[] octets =
                next.stream().map(s -> s + "\n").collect(Collectors.joining()).getBytes(StandardCharsets.UTF_8);
        try (Disk.File file = disk.create(fresh)) {
            file.write(0, ByteBuffer.wrap(octets));
            file.force();
        }
        disk.rename(fresh, directory.resolve("frozen"));
        disk.forceDirectory(directory);
    }
}
