package org.hikyaku.queue;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import org.hikyaku.mail.Content;
import org.hikyaku.mail.SpoolId;
import org.hikyaku.spool.Change;
import org.hikyaku.spool.Draft;
import org.hikyaku.spool.Spool;
import org.hikyaku.spool.StoredMessage;
import org.hikyaku.world.Loop;
import org.hikyaku.world.World;
import org.jspecify.annotations.Nullable;

/** A spool that some changes reach late, as those do that wait for a large body to be forced. */
final class LateSpool implements Spool {
    private final World world;
    private final Spool inner;
    private final Predicate<Change.Entry> which;
    private final Duration late;

    LateSpool(World world, Spool inner, Predicate<Change.Entry> which, Duration late) {
        this.world = world;
        this.inner = inner;
        this.which = which;
        this.late = late;
    }

    @Override
    public Draft draft() {
        return inner.draft();
    }

    @Override
    public void commit(Change change, @Nullable Loop loop, Done done) {
        if (change.entries().stream().anyMatch(which)) {
            world.tasks().start("a large body", () -> {
                world.tasks().sleep(late);
                inner.commit(change, loop, done);
            });
        } else {
            inner.commit(change, loop, done);
        }
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
    public void close() {
        inner.close();
    }
}
