package org.hikyaku.spool;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.hikyaku.world.World;

/** The {@link BodyWriter}s: several, so that one large body being forced does not hold up another. */
record BodyWriters(List<BodyWriter> writers) {
    /** Forces at once are merged by the file system. */
    private static final int COUNT = 8;

    static BodyWriters start(World world, Path bodies, DraftMemory memory) {
        return new BodyWriters(IntStream.range(0, COUNT)
                .mapToObj(i -> new BodyWriter(world, bodies, memory, "spool body writer " + i))
                .toList());
    }

    /** The one in charge of {@code id}. */
    BodyWriter of(long id) {
        long mixed =
                id ^ (id >>> 16); // the clock's milliseconds with the number in one: either alone often stands still
        return writers.get((int) Long.remainderUnsigned(mixed, COUNT));
    }

    void delete(long id) {
        of(id).delete(id);
    }

    void close(Duration limit) {
        writers.forEach(writer -> writer.close(limit));
    }
}
