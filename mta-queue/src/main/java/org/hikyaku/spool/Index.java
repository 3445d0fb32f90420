package org.hikyaku.spool;

import java.util.ArrayList;
import java.util.List;
import org.hikyaku.mail.SpoolId;
import org.jspecify.annotations.Nullable;

/**
 * Where the unfinished messages lie, in order of id: sorted chunks of rows without an object each, so that a message costs
 * some 50 octets of heap and a list begins anywhere at once. Safe from any task; the monitor is held for a row or a page.
 *
 * <p>Only the committer (before it, recovery) changes it. {@link #freeze} is the whole index at a moment, at the cost of a copy
 * of the list of chunks: a chunk that is changed while it is frozen is copied first.
 *
 * <p><i>Failure:</i> none of its own.
 */
final class Index {
    private final ArrayList<IndexChunk> chunks = new ArrayList<>();
    private int size;
    /** Chunks made before this one belong to {@link #frozen}, too. */
    private int generation;

    private boolean frozen;

    /** A message and its entry. */
    record Row(long id, IndexEntry entry) {}

    synchronized int size() {
        return size;
    }

    synchronized @Nullable IndexEntry get(long id) {
        int at = chunkOf(id);
        if (at < 0) {
            return null;
        }
        IndexChunk chunk = chunks.get(at);
        int row = chunk.find(id);
        return row < 0 ? null : chunk.entry(row);
    }

    /** Returns what was there. */
    synchronized @Nullable IndexEntry put(long id, IndexEntry entry) {
        int at = Math.max(0, chunkOf(id));
        if (chunks.isEmpty()) {
            chunks.add(new IndexChunk(generation));
        }
        IndexChunk chunk = own(at);
        int row = chunk.find(id);
        if (row >= 0) {
            IndexEntry old = chunk.entry(row);
            chunk.set(row, entry);
            return old;
        }
        size++;
        row = ~row;
        if (!chunk.isFull()) {
            chunk.insert(row, id, entry);
        } else if (row == IndexChunk.ROWS && at == chunks.size() - 1) {
            IndexChunk last = new IndexChunk(generation);
            last.insert(0, id, entry);
            chunks.add(last);
        } else {
            IndexChunk behind = chunk.split(generation);
            chunks.add(at + 1, behind);
            IndexChunk half = row <= chunk.count() ? chunk : behind;
            half.insert(half == chunk ? row : row - chunk.count(), id, entry);
        }
        return null;
    }

    /** Returns what was there. */
    synchronized @Nullable IndexEntry remove(long id) {
        int at = chunkOf(id);
        int row = at < 0 ? -1 : chunks.get(at).find(id);
        if (row < 0) {
            return null;
        }
        IndexChunk chunk = own(at);
        IndexEntry old = chunk.entry(row);
        chunk.remove(row);
        size--;
        if (chunk.count() == 0) {
            chunks.remove(at);
        } else if (chunk.count() <= IndexChunk.ROWS / 2) {
            if (!join(at)) {
                join(at - 1);
            }
        }
        return old;
    }

    /** Makes one chunk of {@code at} and the next when they fit well. */
    private boolean join(int at) {
        if (at < 0 || at + 1 >= chunks.size()) {
            return false;
        }
        int rows = chunks.get(at).count() + chunks.get(at + 1).count();
        if (rows > IndexChunk.ROWS / 8 * 7) {
            return false;
        }
        own(at).append(chunks.remove(at + 1));
        return true;
    }

    /** The ids behind {@code after} (null: all) in order, at most {@code most}. */
    synchronized List<SpoolId> ids(@Nullable SpoolId after, int most) {
        ArrayList<SpoolId> ids = new ArrayList<>(Math.min(most, size));
        walk(after == null ? null : after.value(), most, (chunk, row) -> ids.add(new SpoolId(chunk.id(row))));
        return ids;
    }

    /** As {@link #ids}, with what is known of each. */
    synchronized List<Row> rows(@Nullable Long after, int most) {
        ArrayList<Row> rows = new ArrayList<>(Math.min(most, size));
        walk(after, most, (chunk, row) -> rows.add(new Row(chunk.id(row), chunk.entry(row))));
        return rows;
    }

    private interface Visit {
        void row(IndexChunk chunk, int row);
    }

    private void walk(@Nullable Long after, int most, Visit visit) {
        int at = after == null ? 0 : Math.max(0, chunkOf(after));
        int rest = most;
        for (int i = at; i < chunks.size() && rest > 0; i++) {
            IndexChunk chunk = chunks.get(i);
            int row = 0;
            if (after != null && i == at) {
                int found = chunk.find(after);
                row = found >= 0 ? found + 1 : ~found;
            }
            for (; row < chunk.count() && rest > 0; row++, rest--) {
                visit.row(chunk, row);
            }
        }
    }

    /** The index as it is now, until {@link #thaw}; one at a time. */
    synchronized List<IndexChunk> freeze() {
        generation++;
        frozen = true;
        return List.copyOf(chunks);
    }

    /** What {@link #freeze} gave is no longer looked at. */
    synchronized void thaw() {
        frozen = false;
    }

    /** Takes the rows of another index, which is not used again, in place of its own. */
    synchronized void become(Index other) {
        chunks.clear();
        synchronized (other) {
            chunks.addAll(other.chunks);
            size = other.size;
        }
    }

    synchronized void clear() {
        chunks.clear();
        size = 0;
    }

    /** The chunk, to be changed. */
    private IndexChunk own(int at) {
        IndexChunk chunk = chunks.get(at);
        if (frozen && chunk.generation() < generation) {
            chunk = chunk.copy(generation);
            chunks.set(at, chunk);
        }
        return chunk;
    }

    /** The last chunk that begins at {@code id} or before; -1 when all begin behind it. */
    private int chunkOf(long id) {
        int low = 0;
        int high = chunks.size() - 1;
        while (low <= high) {
            int middle = (low + high) >>> 1;
            if (Long.compareUnsigned(chunks.get(middle).id(0), id) <= 0) {
                low = middle + 1;
            } else {
                high = middle - 1;
            }
        }
        return high;
    }
}
