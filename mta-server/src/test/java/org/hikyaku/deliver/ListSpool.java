package org.hikyaku.deliver;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.hikyaku.mail.Content;
import org.hikyaku.mail.SpoolId;
import org.hikyaku.spool.Change;
import org.hikyaku.spool.Draft;
import org.hikyaku.spool.RecipientState;
import org.hikyaku.spool.Spool;
import org.hikyaku.spool.StoredMessage;
import org.hikyaku.world.Loop;
import org.jspecify.annotations.Nullable;

/** Messages in memory, for deliveries only: takes no new ones. */
final class ListSpool implements Spool {
    final Map<SpoolId, StoredMessage> messages = new TreeMap<>();
    /** {@code id place status lastStatus}, one for each stored state. */
    final List<String> states = new ArrayList<>();
    /** Whether no hold is stored. */
    boolean holdsFail;

    @Override
    public void commit(Change change, @Nullable Loop loop, Done done) {
        for (Change.Entry entry : change.entries()) {
            if (entry instanceof Change.Entry.Progress progress) {
                new TreeMap<>(progress.states()).forEach((place, state) -> note(progress.id(), place, state));
            } else if (entry instanceof Change.Entry.Hold hold) {
                if (holdsFail) {
                    done.failed(new SpoolFailure(false, "no room"));
                    return;
                }
                hold(hold);
            }
        }
        if (loop == null) {
            done.stored();
        } else {
            loop.execute(done::stored);
        }
    }

    private void hold(Change.Entry.Hold hold) {
        StoredMessage was = messages.get(hold.id());
        if (was != null && !(hold.yields() && !was.held().isEmpty())) {
            put(was, was.states(), hold.why());
        }
    }

    private void put(StoredMessage was, List<RecipientState> states, String held) {
        messages.put(
                was.id(),
                new StoredMessage(was.id(), was.arrival(), was.envelope(), was.origin(), states, held, was.content()));
    }

    private void note(SpoolId id, int place, RecipientState state) {
        String last = state.last().status();
        states.add(id.value() + "/" + place + " " + state.status() + (last.isEmpty() ? "" : " " + last));
        StoredMessage was = messages.get(id);
        if (was != null) {
            List<RecipientState> all = new ArrayList<>(was.states());
            all.set(place, state);
            put(was, all, was.held());
        }
    }

    @Override
    public Optional<StoredMessage> read(SpoolId id) {
        return Optional.ofNullable(messages.get(id));
    }

    @Override
    public Optional<StoredMessage> peek(SpoolId id) {
        return read(id);
    }

    @Override
    public List<SpoolId> ids(@Nullable SpoolId after, int most) {
        return messages.keySet().stream().limit(most).toList();
    }

    @Override
    public Draft draft() {
        throw new UnsupportedOperationException("no new messages here");
    }

    @Override
    public Content content(SpoolId id, long size) {
        throw new UnsupportedOperationException("no new messages here");
    }

    @Override
    public boolean hasRoom(long size) {
        return true;
    }

    @Override
    public void close() {}
}
