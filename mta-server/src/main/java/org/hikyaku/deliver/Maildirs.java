package org.hikyaku.deliver;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.hikyaku.config.Config;
import org.hikyaku.mail.Address;
import org.hikyaku.mail.Domain;
import org.hikyaku.mime.LocalLines;
import org.hikyaku.mime.Transform;
import org.hikyaku.table.LocalDirectory.Resolution.Mailbox;
import org.hikyaku.world.Disk;
import org.hikyaku.world.World;

/**
 * The files of Maildirs, {@code root/domain/user/} with {@code new}, {@code cur} and {@code tmp}. A message is written in
 * {@code tmp}, forced, renamed into {@code new}, which is forced then ({@code tmp} is not: a name that a power cut brings back
 * there is nobody's mail); a mailbox that is not there is made, its names forced, the root's own too. Its size stands in the name ({@code ,S=}); mailboxes with a quota are filled by one task
 * at a time.
 *
 * <p><i>Failure:</i> as {@link Mailboxes}, with nothing left in {@code new}: when only the last force fails, the file is deleted
 * again. Where the disk refuses that too, the message may not count as delivered and is seen all the same: a second copy comes
 * of the next attempt, and that is told.
 */
final class Maildirs implements Mailboxes {
    private static final List<String> FOLDERS = List.of("tmp", "new", "cur");
    private static final Duration TURN_LIMIT = Duration.ofSeconds(30);
    /** Who only asks waits no longer for those who write. */
    private static final Duration QUICK = Duration.ofSeconds(1);

    private final World world;
    private final Folders folders;
    private final Turns turns;
    private final MaildirUsage usage;

    Maildirs(World world) {
        this.world = world;
        this.folders = new Folders(world);
        this.turns = new Turns(world.tasks());
        this.usage = new MaildirUsage(world);
    }

    @Override
    public Path root(Config config) {
        return config.maildirRoot();
    }

    @Override
    public List<String> fieldsOfReaders() {
        return List.of();
    }

    @Override
    public Transform form(Transform own, boolean lines) {
        return lines ? own.then(new LocalLines()) : own;
    }

    @Override
    public Stored store(Delivery delivery, Address sender, Mailbox mailbox, long quota, Outgoing message) {
        Path root = root(delivery.config());
        Path place = place(root, mailbox);
        String name = uniqueName(delivery.config().hostname());
        if (quota == 0) {
            return store(root, place, name, 0, message);
        }
        if (!turns.begin(place, TURN_LIMIT)) {
            return new Stored.Busy();
        }
        try {
            return store(root, place, name, quota, message);
        } finally {
            turns.end(place);
        }
    }

    private static Path place(Path root, Mailbox mailbox) {
        Address home = mailbox.home();
        return root.resolve(Folders.fileName(home.requireDomain().ascii())).resolve(Folders.fileName(home.local()));
    }

    @Override
    public boolean hasRoom(Mailbox mailbox, long more, long quota, Config config) throws IOException {
        Path place = place(root(config), mailbox);
        Optional<Boolean> known = usage.knowsRoom(place, more, quota);
        if (known.isPresent() || !turns.begin(place, QUICK)) {
            return known.orElse(true);
        }
        try {
            return usage.hasRoom(place, more, quota);
        } finally {
            turns.end(place);
        }
    }

    private Stored store(Path root, Path mailbox, String name, long quota, Outgoing message) {
        Path draft = mailbox.resolve("tmp").resolve(name);
        try {
            folders.prepare(root, mailbox, FOLDERS);
            if (!usage.hasRoom(mailbox, 1, quota)) {
                return new Stored.OverQuota();
            }
            long size = write(draft, message);
            if (!usage.hasRoom(mailbox, size, quota)) {
                forget(draft);
                return new Stored.OverQuota();
            }
            Stored stored = publish(mailbox, name, name + ",S=" + size);
            if (stored instanceof Stored.Yes) {
                usage.added(mailbox, size, quota);
            }
            return stored;
        } catch (SpoolReadException e) {
            forget(draft);
            return new Stored.Unreadable();
        } catch (IOException e) {
            forget(draft);
            folders.doubt(mailbox);
            return new Stored.No(String.valueOf(e.getMessage()));
        }
    }

    private Stored publish(Path mailbox, String name, String finalName) throws IOException {
        Disk disk = world.disk();
        Path target = mailbox.resolve("new").resolve(finalName);
        disk.rename(mailbox.resolve("tmp").resolve(name), target);
        try {
            disk.forceDirectory(mailbox.resolve("new"));
        } catch (IOException e) {
            folders.doubt(mailbox);
            return new Stored.No(String.valueOf(e.getMessage()), !forget(target));
        }
        return new Stored.Yes("stored as " + finalName);
    }

    private long write(Path file, Outgoing message) throws IOException {
        try (Disk.File open = world.disk().create(file)) {
            long position = 0;
            while (!message.isFinished()) {
                byte[] part = SpoolReadException.next(message);
                open.write(position, ByteBuffer.wrap(part));
                position += part.length;
            }
            open.force();
            return position;
        }
    }

    /** False when it may be there still. In tmp readers of Maildirs delete what is old. */
    private boolean forget(Path file) {
        Disk disk = world.disk();
        try {
            if (disk.exists(file)) {
                disk.delete(file);
            }
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    /** Never the same twice: time, chance, host. */
    private String uniqueName(Domain hostname) {
        Instant now = world.clock().now();
        String chance = String.format(Locale.ROOT, "%016x", world.entropy().nextLong());
        return now.getEpochSecond() + ".M" + now.getNano() / 1000 + "R" + chance + "." + hostname.ascii();
    }
}
