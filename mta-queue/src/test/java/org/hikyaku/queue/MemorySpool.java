package org.hikyaku.queue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.hikyaku.mail.Content;
import org.hikyaku.mail.Envelope;
import org.hikyaku.mail.Recipient;
import org.hikyaku.mail.SpoolId;
import org.hikyaku.spool.Change;
import org.hikyaku.spool.Draft;
import org.hikyaku.spool.Origin;
import org.hikyaku.spool.RecipientState;
import org.hikyaku.spool.Spool;
import org.hikyaku.spool.StoredMessage;
import org.hikyaku.world.Loop;
import org.hikyaku.world.World;
import org.jspecify.annotations.Nullable;

/** A spool that keeps its {@link Store} through crashes and takes or refuses changes as told. */
final class MemorySpool implements Spool {
    /** What lasts. */
    static final class Store {
        final TreeMap<SpoolId, StoredMessage> messages = new TreeMap<>();
        final Map<SpoolId, byte[]> bodies = new LinkedHashMap<>();
        final List<Change> changes = new ArrayList<>();
        long lastId;
        int refuse;
        int reads;
        int peeks;
        boolean unreadable;
        /** Not even the envelopes can be read. */
        boolean unlisted;

        /** Runs once, when an envelope has been read and is not yet told. */
        Runnable afterPeek = () -> {};

        boolean full;
        /** It can be read, and takes nothing. */
        boolean frozen;
    }

    private final World world;
    private final Store store;

    MemorySpool(World world, Store store) {
        this.world = world;
        this.store = store;
    }

    @Override
    public Draft draft() {
        return new MemoryDraft(new SpoolId(++store.lastId), world.clock().now());
    }

    @Override
    public boolean isStoring() {
        return !store.frozen;
    }

    @Override
    public void commit(Change change, @Nullable Loop loop, Done done) {
        Runnable told = () -> {
            if (store.refuse > 0) {
                store.refuse--;
                done.failed(new SpoolFailure(true, "full"));
            } else {
                store.changes.add(change);
                change.entries().forEach(this::apply);
                done.stored();
            }
        };
        if (loop != null) {
            loop.execute(told);
        } else {
            world.tasks().start("committer", () -> {
                world.tasks().sleep(Duration.ofMillis(1));
                told.run();
            });
        }
    }

    private void apply(Change.Entry entry) {
        switch (entry) {
            case Change.Entry.Accept a -> {
                byte[] body = ((MemoryDraft) a.draft()).bytes(a.prepended());
                store.bodies.put(a.draft().id(), body);
                put(a.draft().id(), a.arrival(), a.envelope(), a.origin(), a.states(), a.held());
            }
            case Change.Entry.Progress p -> {
                StoredMessage m = store.messages.get(p.id());
                if (m != null) {
                    List<RecipientState> states = new ArrayList<>(m.states());
                    p.states().forEach(states::set);
                    put(m.id(), m.arrival(), m.envelope(), m.origin(), states, m.held());
                }
            }
            case Change.Entry.Hold h -> {
                StoredMessage m = store.messages.get(h.id());
                if (m != null && !(h.yields() && !m.held().isEmpty())) {
                    put(m.id(), m.arrival(), m.envelope(), m.origin(), m.states(), h.why());
                }
            }
            case Change.Entry.Remove r -> store.messages.remove(r.id());
            case Change.Entry.Redirect r -> redirect(r);
        }
    }

    private void redirect(Change.Entry.Redirect r) {
        StoredMessage m = store.messages.get(r.id());
        if (m != null) {
            List<Recipient> to = new ArrayList<>(m.envelope().recipients());
            to.addAll(r.added());
            List<RecipientState> states = new ArrayList<>(m.states());
            r.replaced()
                    .forEach(place -> states.set(
                            place,
                            new RecipientState(
                                    RecipientState.Status.REPLACED,
                                    0,
                                    r.due(),
                                    states.get(place).last(),
                                    false)));
            r.added().forEach(each -> states.add(RecipientState.fresh(r.due())));
            Envelope wider = m.envelope().withRecipients(to);
            put(m.id(), m.arrival(), wider, m.origin(), states, m.held());
        }
    }

    private void put(
            SpoolId id, Instant arrival, Envelope envelope, Origin origin, List<RecipientState> states, String held) {
        if (states.stream().allMatch(s -> s.status().isFinished())) {
            store.messages.remove(id);
        } else {
            store.messages.put(
                    id, new StoredMessage(id, arrival, envelope, origin, states, held, content(id, body(id).length)));
        }
    }

    private byte[] body(SpoolId id) {
        return store.bodies.getOrDefault(id, new byte[0]);
    }

    @Override
    public Optional<StoredMessage> read(SpoolId id) throws IOException {
        store.reads++;
        if (store.unreadable) {
            throw new IOException("damaged");
        }
        return peek(id);
    }

    @Override
    public Optional<StoredMessage> peek(SpoolId id) throws IOException {
        store.peeks++;
        if (store.unlisted) {
            throw new IOException("a bad sector");
        }
        Optional<StoredMessage> read = Optional.ofNullable(store.messages.get(id));
        Runnable meanwhile = store.afterPeek;
        store.afterPeek = () -> {};
        meanwhile.run();
        return read;
    }

    @Override
    public List<SpoolId> ids(@Nullable SpoolId after, int most) {
        return (after == null ? store.messages : store.messages.tailMap(after, false))
                .keySet().stream().limit(most).toList();
    }

    @Override
    public Content content(SpoolId id, long size) {
        return contentOf(body(id));
    }

    @Override
    public boolean hasRoom(long size) {
        return !store.full;
    }

    @Override
    public void close() {}

    private static Content contentOf(byte[] octets) {
        return new Content() {
            @Override
            public long size() {
                return octets.length;
            }

            @Override
            public int read(ByteBuffer target, long position) {
                int count = Math.min(target.remaining(), octets.length - (int) position);
                target.put(octets, (int) position, count);
                return count;
            }
        };
    }

    private static final class MemoryDraft implements Draft {
        private final SpoolId id;
        private final Instant opened;
        private final ByteArrayOutputStream octets = new ByteArrayOutputStream();

        MemoryDraft(SpoolId id, Instant opened) {
            this.id = id;
            this.opened = opened;
        }

        byte[] bytes(byte[] prepended) {
            ByteArrayOutputStream all = new ByteArrayOutputStream();
            all.writeBytes(prepended);
            all.writeBytes(octets.toByteArray());
            return all.toByteArray();
        }

        @Override
        public SpoolId id() {
            return id;
        }

        @Override
        public Instant opened() {
            return opened;
        }

        @Override
        public long size() {
            return octets.size();
        }

        @Override
        public boolean append(byte[] source, int offset, int length) {
            octets.write(source, offset, length);
            return true;
        }

        @Override
        public void onRelief(Runnable relief) {
            relief.run();
        }

        @Override
        public Content content() {
            return contentOf(octets.toByteArray());
        }

        @Override
        public void abort() {}
    }
}
