package org.hikyaku.spool;

import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.hikyaku.config.SpoolSettings;
import org.hikyaku.mail.Address;
import org.hikyaku.mail.Content;
import org.hikyaku.mail.Envelope;
import org.hikyaku.mail.SpoolId;
import org.hikyaku.world.Event;
import org.hikyaku.world.Loop;
import org.hikyaku.world.Tasks;
import org.hikyaku.world.World;
import org.jspecify.annotations.Nullable;

/**
 * The spool as a journal of checksummed segments with group commit; docs/spool.md is its format and its crash states.
 *
 * <p><i>Failure:</i> a failed force fails the changes of its batch and no others; a full disk refuses intake and goes on with
 * deliveries; damage costs the message it hit. A directory in use by another process, or of a newer format, is refused.
 */
public final class JournalSpool implements Spool {
    private static final Duration CLOSE_LIMIT = Duration.ofHours(1);
    private static final int RECENT_PART = 4;

    private final World world;
    private final Index index;
    private final Segments segments;
    private final SegmentMaker maker;
    private final MessageReader reader;
    private final RecentMessages recent;
    private final SpoolIds ids;
    private final DamageLog damages;
    private final DraftMemory memory;
    private final BodyWriters writers;
    private final Committer committer;
    private final Tasks.Task task;
    private final Closeable lock;
    private volatile int inlineMax;
    private final long firstId;
    private volatile @Nullable Visits visits;
    private volatile Tasks.@Nullable Task late;

    private JournalSpool(Opening opening, SpoolSettings settings, long draftMemory) {
        this.world = opening.world;
        this.index = opening.index;
        this.segments = opening.segments;
        this.maker = opening.maker;
        this.reader = opening.reader;
        this.lock = opening.lock;
        this.inlineMax = settings.inlineMax();
        this.recent = new RecentMessages(draftMemory / RECENT_PART);
        this.firstId = opening.recovery.idBound();
        this.ids = new SpoolIds(firstId);
        this.damages = opening.damages;
        this.memory = opening.memory;
        this.writers = opening.writers;
        this.committer = new Committer(
                new JournalParts(
                        world,
                        opening.directory,
                        opening.segmentSize,
                        index,
                        segments,
                        reader,
                        recent,
                        ids,
                        writers,
                        damages),
                settings.reserve(),
                settings.backgroundRate(),
                opening.recovery.nextBatch());
        committer.arrivals().marksWait(settings.marksWait());
        committer.recovered(opening.recovery.octets(), opening.recovery.frames());
        committer.begin();
        this.task = world.tasks().startDedicated("spool committer", committer::run);
    }

    /**
     * Opens the spool in {@code directory}, made when missing. Next, {@link #recover} tells what is in it.
     *
     * @param draftMemory octets of memory that all open drafts may take; a quarter of it more keeps recent messages
     */
    public static JournalSpool open(World world, Path directory, SpoolSettings settings, long draftMemory)
            throws IOException {
        long began = world.clock().nanos();
        Opening opening = new Opening(world, directory, settings, draftMemory);
        try {
            opening.recover();
            JournalSpool spool = new JournalSpool(opening, settings, draftMemory);
            world.events()
                    .emit(
                            Event.SPOOL_OPENED,
                            directory,
                            spool.index.size(),
                            spool.segments.count(),
                            (world.clock().nanos() - began) / 1_000_000);
            return spool;
        } catch (IOException e) {
            opening.giveUp(e);
            throw e;
        }
    }

    /**
     * Has {@code visitor} told of every unfinished message of former runs, once each, in order of id, from now on and while
     * new ones are taken (docs/spool.md, Visits). Returns at once; the visitor is called by the committer, so it must not
     * block.
     *
     * @return ends when all are told
     */
    public Tasks.Task recover(RecoveryVisitor visitor) {
        Visits started = new Visits(world, index, reader, firstId, visitor, new Visits.Outside() {
            @Override
            public Content content(long id) throws IOException {
                return JournalSpool.this.content(id);
            }

            @Override
            public void damaged(long id, IndexEntry entry, IOException why) {
                tellDamaged(id, entry, why);
            }

            @Override
            public void ring() {
                committer.arrivals().ring();
            }
        });
        visits = started;
        committer.visits(started);
        Tasks.Task visiting = world.tasks().start("spool visits", started::run);
        late = visiting;
        return visiting;
    }

    @Override
    public int unvisited() {
        Visits now = visits;
        return now == null ? 0 : now.left();
    }

    @Override
    public Draft draft() {
        Instant now = world.clock().now();
        long id = ids.next(now);
        return new SpoolDraft(new SpoolId(id), now, inlineMax, memory, writers.of(id));
    }

    @Override
    public void commit(Change change, @Nullable Loop loop, Done done) {
        String refused = null;
        ArrayList<SpoolDraft> large = new ArrayList<>(0);
        for (Change.Entry entry : change.entries()) {
            if (entry instanceof Change.Entry.Accept accept) {
                if (!(accept.draft() instanceof SpoolDraft draft) || !draft.close()) {
                    refused = "the draft was aborted or committed before";
                } else if (draft.isSpilled()) {
                    large.add(draft);
                }
            }
        }
        Waiting item = new Waiting(change, loop, done, new AtomicInteger(large.size()), refused);
        if (!committer.arrivals().add(item)) {
            large.forEach(draft -> writers.delete(draft.id().value()));
            Notices notices = new Notices(world.events());
            notices.failed(item, new SpoolFailure(false, "the spool is closed"));
            notices.post();
            return;
        }
        for (SpoolDraft draft : large) {
            writers.of(draft.id().value()).finish(draft, () -> {
                item.files().decrementAndGet();
                committer.arrivals().ring();
            });
        }
    }

    @Override
    public Optional<StoredMessage> read(SpoolId id) throws IOException {
        return get(id.value(), entry -> {
            StoredMessage known = recent.get(id.value(), entry);
            return known != null ? known : fromDisk(id, entry);
        });
    }

    private StoredMessage fromDisk(SpoolId id, IndexEntry entry) throws IOException {
        StoredMessage message = reader.read(id.value(), entry);
        damages.wasRead(id);
        return watched(entry, message);
    }

    @Override
    public Optional<StoredMessage> recent(SpoolId id) {
        IndexEntry entry = index.get(id.value());
        return entry == null ? Optional.empty() : Optional.ofNullable(recent.get(id.value(), entry));
    }

    /** A body in a file is verified as it is read: what is found then is told, too. */
    private StoredMessage watched(IndexEntry entry, StoredMessage message) {
        if (!entry.isInFile()) {
            return message;
        }
        long id = message.id().value();
        Content content = new WatchedContent(message.content(), why -> {
            if (index.get(id) != null) { // else it was finished meanwhile, and its file deleted
                tellDamaged(id, entry, why);
            }
        });
        return new StoredMessage(
                message.id(),
                message.arrival(),
                message.envelope(),
                message.origin(),
                message.states(),
                message.held(),
                content);
    }

    @Override
    public Optional<StoredMessage> peek(SpoolId id) throws IOException {
        try {
            return get(id.value(), entry -> peek(id.value(), entry));
        } catch (Damaged e) {
            return Optional.of(unreadable(id, e));
        }
    }

    /** Stands for a message of which nothing can be read but its id, so that it can be seen and removed. */
    static StoredMessage unreadable(SpoolId id, Damaged why) {
        return new StoredMessage(
                id,
                SpoolIds.time(id.value()),
                new Envelope(Address.NULL, List.of(), false, false),
                Origin.unknown(),
                List.of(),
                "damaged: " + why.getMessage(),
                MessageReader.later(0, () -> {
                    throw why;
                }));
    }

    @Override
    public Content content(SpoolId id, long size) {
        return MessageReader.later(size, () -> content(id.value()));
    }

    private StoredMessage peek(long id, IndexEntry entry) throws IOException {
        return reader.peek(id, entry, () -> content(id));
    }

    private Content content(long id) throws IOException {
        return read(new SpoolId(id))
                .map(StoredMessage::content)
                .orElseThrow(() -> new IOException("message " + new SpoolId(id) + " is finished"));
    }

    private interface Look {
        StoredMessage at(IndexEntry entry) throws IOException;
    }

    /** Looks again when the message was moved meanwhile, and once more when it seems damaged. */
    private Optional<StoredMessage> get(long id, Look look) throws IOException {
        IndexEntry entry = index.get(id);
        boolean again = false;
        while (entry != null) {
            try {
                return Optional.of(look.at(entry));
            } catch (IOException e) {
                IndexEntry now = index.get(id);
                if (entry.equals(now) && (again || !(e instanceof Damaged))) {
                    tellDamaged(id, entry, e);
                    throw e;
                }
                again = entry.equals(now);
                entry = now;
            }
        }
        return Optional.empty();
    }

    private void tellDamaged(long id, IndexEntry entry, IOException why) {
        Segment segment = segments.get(Segment.numberOf(entry.home));
        Damage damage = new Damage(
                segment == null ? "" : Segment.slotName(segment.slot),
                Segment.offsetOf(entry.home),
                Optional.of(new SpoolId(id)),
                String.valueOf(why.getMessage()));
        if (why instanceof Damaged) {
            damages.add(damage);
        } else {
            damages.unread(new SpoolId(id), damage);
        }
    }

    @Override
    public void onDamage(Consumer<Damage> listener) {
        damages.listen(listener);
    }

    @Override
    public List<SpoolId> ids(@Nullable SpoolId after, int most) {
        return index.ids(after, most);
    }

    /** How many messages are unfinished. */
    public int size() {
        return index.size();
    }

    /** Takes over what may change while it runs. */
    public void reload(SpoolSettings settings) {
        inlineMax = settings.inlineMax();
        committer.reserve(settings.reserve());
        committer.arrivals().marksWait(settings.marksWait());
        committer.rate(settings.backgroundRate());
    }

    @Override
    public boolean hasRoom(long size) {
        return committer.hasRoom(size + memory.used(), size > inlineMax);
    }

    @Override
    public boolean isStoring() {
        return committer.isStoring();
    }

    @Override
    public void close() {
        Tasks.Task visiting = late;
        if (visiting != null) {
            visiting.cancel();
            visiting.join(CLOSE_LIMIT);
        }
        committer.arrivals().close();
        task.join(CLOSE_LIMIT);
        writers.close(CLOSE_LIMIT);
        try {
            maker.close(CLOSE_LIMIT);
            segments.close();
            lock.close();
        } catch (IOException e) {
            // all that was stored is forced; the process ends or opens anew, which finds out
        }
    }
}
