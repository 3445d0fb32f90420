package org.hikyaku.spool;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Up to {@link #ROWS} messages in order of id, in one array. A message with more to it than a row holds (a META, a chain of
 * several STATES, many recipients) has an {@link IndexEntry} beside. Guarded by {@link Index}.
 *
 * <p><i>Failure:</i> none of its own.
 */
final class IndexChunk {
    static final int ROWS = 256;

    /** Numbers of a row: id, home, STATES or 0, span and cost, {@link IndexEntry#packed}. */
    static final int WIDTH = 5;

    private final int generation;
    private long[] rows = new long[ROWS * WIDTH];
    private @Nullable IndexEntry @Nullable [] odd;
    private int count;

    IndexChunk(int generation) {
        this.generation = generation;
    }

    int generation() {
        return generation;
    }

    int count() {
        return count;
    }

    boolean isFull() {
        return count == ROWS;
    }

    long id(int row) {
        return rows[row * WIDTH];
    }

    IndexEntry entry(int row) {
        IndexEntry beside = odd == null ? null : odd[row];
        if (beside != null) {
            return beside;
        }
        int at = row * WIDTH;
        long sizes = rows[at + 3];
        return IndexEntry.unpacked(rows[at + 1], rows[at + 2], (int) (sizes >>> 32), (int) sizes, rows[at + 4]);
    }

    /** The row of {@code id}, or ~ the row that it would be. */
    int find(long id) {
        int low = 0;
        int high = count - 1;
        while (low <= high) {
            int middle = (low + high) >>> 1;
            int order = Long.compareUnsigned(rows[middle * WIDTH], id);
            if (order == 0) {
                return middle;
            }
            if (order < 0) {
                low = middle + 1;
            } else {
                high = middle - 1;
            }
        }
        return ~low;
    }

    void set(int row, IndexEntry entry) {
        int at = row * WIDTH;
        boolean fits = entry.fitsRow();
        rows[at + 1] = entry.home;
        rows[at + 2] = fits && entry.states.length > 0 ? entry.states[0] : 0;
        rows[at + 3] = (long) entry.span << 32 | (entry.cost & 0xffffffffL);
        rows[at + 4] = fits ? entry.packed() : 0;
        beside(row, fits ? null : entry);
    }

    private void beside(int row, @Nullable IndexEntry entry) {
        @Nullable IndexEntry @Nullable [] now = odd;
        if (now == null && entry != null) {
            now = new @Nullable IndexEntry[ROWS];
            odd = now;
        }
        if (now != null) {
            now[row] = entry;
        }
    }

    void insert(int row, long id, IndexEntry entry) {
        System.arraycopy(rows, row * WIDTH, rows, (row + 1) * WIDTH, (count - row) * WIDTH);
        if (odd != null) {
            System.arraycopy(odd, row, odd, row + 1, count - row);
        }
        count++;
        rows[row * WIDTH] = id;
        set(row, entry);
    }

    void remove(int row) {
        count--;
        System.arraycopy(rows, (row + 1) * WIDTH, rows, row * WIDTH, (count - row) * WIDTH);
        if (odd != null) {
            System.arraycopy(odd, row + 1, odd, row, count - row);
            odd[count] = null;
        }
    }

    /** Moves the second half into a chunk of its own. */
    IndexChunk split(int newGeneration) {
        int half = count / 2;
        IndexChunk behind = new IndexChunk(newGeneration);
        behind.append(this, half);
        count = half;
        if (odd != null) {
            Arrays.fill(odd, half, ROWS, null);
        }
        return behind;
    }

    void append(IndexChunk next) {
        append(next, 0);
    }

    private void append(IndexChunk other, int from) {
        int more = other.count - from;
        System.arraycopy(other.rows, from * WIDTH, rows, count * WIDTH, more * WIDTH);
        if (other.odd != null) {
            for (int i = 0; i < more; i++) {
                beside(count + i, other.odd[from + i]);
            }
        }
        count += more;
    }

    IndexChunk copy(int newGeneration) {
        IndexChunk copy = new IndexChunk(newGeneration);
        copy.rows = rows.clone();
        copy.odd = odd == null ? null : odd.clone();
        copy.count = count;
        return copy;
    }
}
