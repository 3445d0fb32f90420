package org.hikyaku.town;

import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.hikyaku.mail.Content;
import org.hikyaku.mail.SpoolId;
import org.hikyaku.spool.Change;
import org.hikyaku.spool.Damage;
import org.hikyaku.spool.Draft;
import org.hikyaku.spool.Spool;
import org.hikyaku.spool.StoredMessage;
import org.hikyaku.world.Loop;
import org.jspecify.annotations.Nullable;

/** A spool with one planted bug. */
final class WeakSpool implements Spool {
    private static final Done NOBODY = new Done() {
        @Override
        public void stored() {}

        @Override
        public void failed(SpoolFailure why) {}
    };

    private final Spool inner;
    private final Plant plant;

    WeakSpool(Spool inner, Plant plant) {
        this.inner = inner;
        this.plant = plant;
    }

    @Override
    public Draft draft() {
        return plant == Plant.BODY_OCTET_LOST ? new ShortDraft(inner.draft()) : inner.draft();
    }

    @Override
    public void commit(Change change, @Nullable Loop loop, Done done) {
        boolean accepts = change.entries().stream().anyMatch(Change.Entry.Accept.class::isInstance);
        boolean settles = change.entries().stream().anyMatch(Change.Entry.Progress.class::isInstance);
        if (plant == Plant.ACK_BEFORE_FORCE && accepts && !settles) {
            inner.commit(unwrapped(change), null, NOBODY);
            tell(loop, done);
        } else if (plant == Plant.PROGRESS_FORGOTTEN && settles && !accepts) {
            tell(loop, done);
        } else if (plant == Plant.BOUNCE_FORGOTTEN && settles && accepts) {
            List<Change.Entry> kept = new ArrayList<>(change.entries());
            kept.removeIf(Change.Entry.Accept.class::isInstance);
            inner.commit(new Change(kept), loop, done);
        } else if (plant == Plant.HOLD_FORGOTTEN) {
            inner.commit(
                    new Change(change.entries().stream().map(WeakSpool::free).toList()), loop, done);
        } else {
            inner.commit(unwrapped(change), loop, done);
        }
    }

    private static Change.Entry free(Change.Entry entry) {
        return entry instanceof Change.Entry.Accept accept && accept.held().startsWith("@frozen")
                ? new Change.Entry.Accept(
                        accept.draft(),
                        accept.prepended(),
                        accept.envelope(),
                        accept.origin(),
                        accept.arrival(),
                        accept.states(),
                        "")
                : entry;
    }

    private static void tell(@Nullable Loop loop, Done done) {
        if (loop == null) {
            done.stored();
        } else {
            loop.execute(done::stored);
        }
    }

    private static Change unwrapped(Change change) {
        return new Change(change.entries().stream()
                .map(entry -> entry instanceof Change.Entry.Accept accept && accept.draft() instanceof ShortDraft draft
                        ? new Change.Entry.Accept(
                                draft.inner,
                                accept.prepended(),
                                accept.envelope(),
                                accept.origin(),
                                accept.arrival(),
                                accept.states(),
                                accept.held())
                        : entry)
                .toList());
    }

    @Override
    public Optional<StoredMessage> read(SpoolId id) throws IOException {
        return inner.read(id);
    }

    @Override
    public Optional<StoredMessage> peek(SpoolId id) throws IOException {
        return inner.peek(id);
    }

    @Override
    public List<SpoolId> ids(@Nullable SpoolId after, int most) {
        return inner.ids(after, most);
    }

    @Override
    public Content content(SpoolId id, long size) {
        return inner.content(id, size);
    }

    @Override
    public boolean hasRoom(long size) {
        return inner.hasRoom(size);
    }

    @Override
    public void onDamage(Consumer<Damage> listener) {
        inner.onDamage(listener);
    }

    @Override
    public boolean isStoring() {
        return inner.isStoring();
    }

    @Override
    public void close() {
        inner.close();
    }

    private static final class ShortDraft implements Draft {
        private static final int LONG_APPEND = 300;

        private final Draft inner;

        ShortDraft(Draft inner) {
            this.inner = inner;
        }

        @Override
        public SpoolId id() {
            return inner.id();
        }

        @Override
        public Instant opened() {
            return inner.opened();
        }

        @Override
        public long size() {
            return inner.size();
        }

        @Override
        public boolean append(byte[] octets, int offset, int length) {
            return inner.append(octets, offset, length > LONG_APPEND ? length - 1 : length);
        }

        @Override
        public void onRelief(Runnable relief) {
            inner.onRelief(relief);
        }

        @Override
        public Content content() {
            return inner.content();
        }

        @Override
        public void abort() {
            inner.abort();
        }
    }
}
