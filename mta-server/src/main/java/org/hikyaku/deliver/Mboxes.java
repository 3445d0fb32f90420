package org.hikyaku.deliver;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.hikyaku.config.Config;
import org.hikyaku.mail.Address;
import org.hikyaku.mime.LocalLines;
import org.hikyaku.mime.MboxLines;
import org.hikyaku.mime.Transform;
import org.hikyaku.table.LocalDirectory.Resolution.Mailbox;
import org.hikyaku.world.Disk;
import org.hikyaku.world.Event;
import org.hikyaku.world.World;

/**
 * Mailboxes that are one file each, {@code root/domain/user}, in the form mboxrd. A message is appended under both locks
 * ({@link MboxLock}), beneath a {@link MboxNote}: a failed write is cut off again at once, and what a crash has left before the next
 * message is appended. Files that are there keep owner and mode.
 *
 * <p><i>Failure:</i> as {@link Mailboxes}.
 */
final class Mboxes implements Mailboxes {
    private static final Duration TURN_LIMIT = Duration.ofSeconds(30);
    private static final DateTimeFormatter DATE = DateTimeFormatter.ofPattern("EEE MMM ppd HH:mm:ss yyyy", Locale.US);
    /** Programs that read the mbox keep their state in these; Content-Length would tell them where a message ends. */
    private static final List<String> OF_READERS =
            List.of("Content-Length", "Lines", "Status", "X-Status", "X-Keywords", "X-UID", "X-IMAP", "X-IMAPbase");

    private final World world;
    private final Folders folders;
    private final Turns turns;

    Mboxes(World world) {
        this.world = world;
        this.folders = new Folders(world);
        this.turns = new Turns(world.tasks());
    }

    @Override
    public Path root(Config config) {
        return config.mboxRoot();
    }

    @Override
    public List<String> fieldsOfReaders() {
        return OF_READERS;
    }

    @Override
    public Transform form(Transform own, boolean lines) {
        return (lines ? own.then(new LocalLines()) : own).then(new MboxLines());
    }

    private Path place(Mailbox mailbox, Config config) {
        return root(config)
                .resolve(domain(mailbox))
                .resolve(fileName(mailbox.home().local()));
    }

    private static Path domain(Mailbox mailbox) {
        return Path.of(Folders.fileName(mailbox.home().requireDomain().ascii()));
    }

    @Override
    public boolean hasRoom(Mailbox mailbox, long more, long quota, Config config) throws IOException {
        return world.disk().facts(place(mailbox, config)).size() + more <= quota;
    }

    @Override
    public Stored store(Delivery delivery, Address sender, Mailbox mailbox, long quota, Outgoing message) {
        Config config = delivery.config();
        Path domain = domain(mailbox);
        Path mbox = place(mailbox, config);
        if (!turns.begin(mbox, TURN_LIMIT)) {
            return new Stored.Busy();
        }
        try {
            folders.prepare(root(config), root(config).resolve(domain), List.of());
            Path notes = config.mboxNotes().resolve(domain);
            folders.prepare(config.mboxNotes(), notes, List.of());
            MboxNote note = new MboxNote(
                    world.disk(), notes.resolve(fileName(mailbox.home().local())));
            Append append = new Append(mbox, note, firstLine(sender), quota, message);
            return new MboxLock(world, config.hostname().ascii() + " " + config.dataDir())
                    .run(mbox, append::to)
                    .orElseGet(Stored.Busy::new);
        } catch (IOException e) {
            folders.doubt(root(config).resolve(domain));
            return new Stored.No(String.valueOf(e.getMessage()));
        } finally {
            turns.end(mbox);
        }
    }

    /** No mailbox has the name of another one's lock. */
    static String fileName(String local) {
        String name = Folders.fileName(local);
        return name.endsWith(".lock") ? name.substring(0, name.length() - ".lock".length()) + "%2Elock" : name;
    }

    /** RFC 4155: the sender and when, in UTC. */
    private byte[] firstLine(Address sender) {
        String who = sender.isNull() ? "MAILER-DAEMON" : sender.toString().replaceAll("\\s", "-");
        String line = "From " + who + " " + DATE.format(world.clock().now().atOffset(ZoneOffset.UTC)) + "\n";
        return line.getBytes(StandardCharsets.UTF_8);
    }

    /** One message being appended. */
    private final class Append {
        private final Path mbox;
        private final MboxNote note;
        private final byte[] firstLine;
        private final long quota;
        private final Outgoing message;

        Append(Path mbox, MboxNote note, byte[] firstLine, long quota, Outgoing message) {
            this.mbox = mbox;
            this.note = note;
            this.firstLine = firstLine;
            this.quota = quota;
            this.message = message;
        }

        Stored to(Disk.File file) throws IOException {
            MboxTail tail = new MboxTail(file);
            mend(file, tail);
            long before = file.size();
            if (quota > 0 && before >= quota) {
                return new Stored.OverQuota();
            }
            byte[] gap = tail.gap(before);
            byte[] first;
            try {
                first = SpoolReadException.next(message);
            } catch (SpoolReadException e) {
                return new Stored.Unreadable();
            }
            note.begin(new MboxNote.Begun(before, tail.mark(before), MboxNote.head(gap, firstLine, first)));
            Stored stored = new Stored.No("");
            try {
                stored = append(file, before, gap, first);
                return stored;
            } finally {
                if (!(stored instanceof Stored.Yes)) {
                    takeBack(file, before);
                }
            }
        }

        private Stored append(Disk.File file, long before, byte[] gap, byte[] first) throws IOException {
            file.write(before, ByteBuffer.wrap(gap), ByteBuffer.wrap(firstLine), ByteBuffer.wrap(first));
            long end = before + gap.length + firstLine.length + first.length;
            while (!message.isFinished()) {
                byte[] part;
                try {
                    part = SpoolReadException.next(message);
                } catch (SpoolReadException e) {
                    return new Stored.Unreadable();
                }
                file.write(end, ByteBuffer.wrap(part));
                end += part.length;
            }
            if (quota > 0 && end > quota) {
                return new Stored.OverQuota();
            }
            file.force();
            note.strikeOut();
            return new Stored.Yes("appended at " + before);
        }

        private void takeBack(Disk.File file, long before) {
            try {
                file.setSize(before);
                file.force();
                note.strikeOut();
            } catch (IOException e) {
                return; // the note stands: it is done before the next message
            }
        }

        /** Cuts off what a crash has left of a message that was not delivered. */
        private void mend(Disk.File file, MboxTail tail) throws IOException {
            Optional<MboxNote.Begun> begun = note.read();
            if (begun.isPresent()) {
                long size = file.size();
                long before = begun.get().before();
                boolean ours = tail.isOurs(begun.get());
                if (ours) {
                    file.setSize(before);
                    file.force();
                }
                note.strikeOut();
                world.events().emit(Event.MBOX_MENDED, mbox, ours ? size - before : 0, ours ? 0 : size - before);
            }
        }
    }
}
