package org.hikyaku.spool;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.CRC32C;
import org.hikyaku.mail.SpoolId;
import org.jspecify.annotations.Nullable;

/**
 * Turns a change into one frame and the index entries that it makes true. What the change says of a message that is
 * finished says nothing.
 *
 * <p><i>Failure:</i> an {@link IllegalArgumentException} for a change that contradicts itself, an {@link IOException} when what it
 * builds on cannot be read; neither leaves a trace.
 */
final class ChangeEncoder {
    private final Index index;
    private final Batch batch;
    private final MessageReader reader;
    private final FrameBuilder frame = new FrameBuilder();
    private final LinkedHashMap<Long, IndexEntry> touched = new LinkedHashMap<>();
    private final ArrayList<Long> accepted = new ArrayList<>();
    private final ArrayList<Long> ended = new ArrayList<>();
    private final ArrayList<Long> copySources = new ArrayList<>();
    private final ArrayList<Long> files = new ArrayList<>();
    private long location;

    ChangeEncoder(Index index, Batch batch, MessageReader reader) {
        this.index = index;
        this.batch = batch;
        this.reader = reader;
    }

    /** Thrown when what the change builds on is still in the batch: write that first. */
    static final class MustFlush extends Exception {
        private static final long serialVersionUID = 1;

        MustFlush() {
            super("flush first", null, false, false);
        }
    }

    FrameBuilder frame() {
        return frame;
    }

    /** Begins a frame that would lie at {@code at}. */
    void begin(long at) {
        location = at;
        frame.clear();
        touched.clear();
        accepted.clear();
        ended.clear();
        copySources.clear();
        files.clear();
    }

    void encode(Change change) throws IOException, MustFlush {
        for (Change.Entry entry : change.entries()) {
            switch (entry) {
                case Change.Entry.Accept accept -> accept(accept);
                case Change.Entry.Progress(SpoolId id, Map<Integer, RecipientState> states) ->
                    progress(id.value(), states);
                case Change.Entry.Hold hold -> hold(hold.id().value(), hold.why(), hold.yields());
                case Change.Entry.Redirect redirect -> redirect(redirect);
                case Change.Entry.Remove(SpoolId id, String ignored) -> {
                    IndexEntry entryNow = find(id.value());
                    if (entryNow != null) {
                        gone(id.value(), entryNow);
                    }
                }
            }
        }
    }

    /** Gives the frame and all it means to the batch. */
    void commit() {
        for (long id : accepted) {
            IndexEntry entry = touched.get(id);
            if (entry != null && !entry.isGone()) {
                touched.put(id, entry.withSpan(frame.span(id)));
            }
        }
        batch.add(frame, touched);
        batch.ends(ended, files);
        copySources.forEach(batch::copies);
    }

    private void accept(Change.Entry.Accept accept) {
        if (accept.states().size() != accept.envelope().recipients().size()) {
            throw new IllegalArgumentException("states and recipients differ in number");
        }
        if (!(accept.draft() instanceof SpoolDraft draft)) {
            throw new IllegalArgumentException("a draft of another spool");
        }
        long id = draft.id().value();
        if (accept.states().stream().allMatch(state -> state.status().isFinished())) {
            if (draft.isSpilled()) {
                files.add(id);
            }
            return;
        }
        SpoolRecord.Meta meta = new SpoolRecord.Meta(
                accept.arrival(), accept.origin(), accept.envelope(), accept.states(), accept.held());
        byte[] prepended = accept.prepended();
        ArrayList<ByteBuffer> inline = new ArrayList<>();
        inline.add(ByteBuffer.wrap(prepended));
        boolean inFile = draft.isSpilled();
        int crc;
        if (inFile) {
            CRC32C alone = new CRC32C();
            alone.update(prepended);
            crc = (int) alone.getValue();
        } else {
            inline.addAll(draft.parts());
            crc = draft.checksumWith(prepended);
        }
        int inlineLength = (int) Octets.sizeOf(inline);
        int cost = frame.message(id, meta, prepended.length, inFile, draft.size(), crc, inline, inlineLength);
        accepted.add(id);
        touched.put(id, IndexEntry.of(meta, location, 0, cost, inFile));
    }

    private void progress(long id, Map<Integer, RecipientState> states) throws MustFlush {
        IndexEntry entry = find(id);
        if (entry == null || states.isEmpty()) {
            return;
        }
        if (states.keySet().stream().anyMatch(place -> place < 0 || place >= entry.recipients)) {
            throw new IllegalArgumentException("a state of no recipient");
        }
        boolean all = states.size() == entry.recipients && entry.isChainOfStatesOnly();
        IndexEntry next = entry.with(states, all, location);
        if (next.isFinished()) {
            gone(id, entry);
        } else if (all || !entry.isChainLong() || touched.containsKey(id) || !restate(id, entry, states)) {
            frame.states(id, states, all);
            touched.put(id, next);
        }
    }

    /** Says the message anew instead of making its chain longer; false when it cannot be read now. */
    private boolean restate(long id, IndexEntry entry, Map<Integer, RecipientState> states) throws MustFlush {
        if (batch.staged(id) != null) {
            throw new MustFlush();
        }
        try {
            SpoolRecord.States news = new SpoolRecord.States(id, false, "", false, states);
            restate(id, entry, reader.meta(id, entry).with(news));
            return true;
        } catch (IOException e) {
            return false; // the longer chain says the same; whoever reads the message is told of the damage
        }
    }

    private void restate(long id, IndexEntry entry, SpoolRecord.Meta now) {
        frame.restated(id, now);
        touched.put(id, entry.restated(now, location));
    }

    private void hold(long id, String why, boolean yields) {
        IndexEntry entry = find(id);
        if (entry != null && !(yields && entry.isHeld())) {
            frame.hold(id, why);
            touched.put(id, entry.held(!why.isEmpty(), location));
        }
    }

    private void redirect(Change.Entry.Redirect redirect) throws IOException, MustFlush {
        long id = redirect.id().value();
        IndexEntry entry = find(id);
        if (entry == null) {
            return;
        }
        boolean wrong = redirect.replaced().stream().anyMatch(place -> place < 0 || place >= entry.recipients);
        if (wrong || touched.containsKey(id)) {
            throw new IllegalArgumentException("a redirect of no recipient, or of a message just changed");
        }
        if (batch.staged(id) != null) {
            throw new MustFlush();
        }
        SpoolRecord.Meta now = reader.meta(id, entry).redirected(redirect.replaced(), redirect.added(), redirect.due());
        if (now.states().stream().allMatch(state -> state.status().isFinished())) {
            gone(id, entry);
        } else {
            restate(id, entry, now);
        }
    }

    private void gone(long id, IndexEntry entry) {
        long home = Segment.numberOf(entry.home);
        frame.gone(id, home, entry.isInFile());
        touched.put(id, IndexEntry.GONE);
        ended.add(home);
        if (entry.isInFile()) {
            files.add(id);
        }
    }

    /** The message as it will be when all before this is stored; null when it is finished. */
    private @Nullable IndexEntry find(long id) {
        IndexEntry entry = touched.get(id);
        if (entry == null) {
            entry = batch.staged(id);
        }
        if (entry == null) {
            entry = index.get(id);
        }
        return entry == null || entry.isGone() ? null : entry;
    }

    // ---- compaction

    /** As the frame now composed leaves the message; null when it says nothing of it. */
    @Nullable
    IndexEntry touchedNow(long id) {
        return touched.get(id);
    }

    /** Copies a message that lies in a segment to be freed, in its present state. */
    void copy(long id, IndexEntry entry) throws IOException {
        SpoolRecord.Meta now = reader.meta(id, entry);
        MessageReader.Inline inline = reader.inline(id, entry);
        SpoolRecord.Message message = inline.message();
        int cost = frame.message(
                id,
                now,
                message.prepended(),
                message.inFile(),
                message.bodySize(),
                message.bodyCrc(),
                List.of(inline.octets()),
                message.inline());
        accepted.add(id);
        IndexEntry copied = IndexEntry.of(now, location, 0, cost, entry.isInFile());
        touched.put(id, entry.isDamaged() ? copied.damaged() : copied);
        copySources.add(Segment.numberOf(entry.home));
    }

    void copyStates(long id, IndexEntry entry) throws IOException {
        restate(id, entry, reader.meta(id, entry));
    }

    void copyGone(SpoolRecord.Gone gone) {
        frame.gone(gone.id(), gone.home(), gone.inFile());
        ended.add(gone.home());
    }

    void ids(long bound) {
        frame.ids(bound);
        batch.bounds(bound);
    }
}
