package org.hikyaku.spool;

import java.io.IOException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.hikyaku.mail.SpoolId;
import org.hikyaku.world.Event;
import org.hikyaku.world.World;

/**
 * Compares the body files with the index, at opening: deletes those that no message speaks of, marks messages whose file is
 * missing (docs/spool.md, crash states 12 to 14).
 *
 * <p><i>Failure:</i> a missing body is damage and costs its message; a directory that cannot be read stops the opening.
 */
final class BodyCheck {
    private static final int ROWS_AT_ONCE = 1_000;

    private final World world;
    private final Path bodies;
    private final Index index;
    private final Segments segments;
    private final DamageLog damages;

    BodyCheck(World world, Path bodies, Index index, Segments segments, DamageLog damages) {
        this.world = world;
        this.bodies = bodies;
        this.index = index;
        this.segments = segments;
        this.damages = damages;
    }

    void run() throws IOException {
        Set<String> there = there();
        List<Index.Row> rows = index.rows(null, ROWS_AT_ONCE);
        while (!rows.isEmpty()) {
            rows.forEach(row -> check(row, there));
            rows = index.rows(rows.getLast().id(), ROWS_AT_ONCE);
        }
    }

    private Set<String> there() throws IOException {
        HashSet<String> there = new HashSet<>();
        for (String name : world.disk().list(bodies)) {
            Optional<SpoolId> id = SpoolId.parse(name);
            if (id.isPresent()) {
                IndexEntry entry = index.get(id.get().value());
                if (entry == null || !entry.isInFile()) {
                    world.events().emit(Event.SPOOL_CRASH_STATE, 12, name);
                    world.disk().delete(bodies.resolve(name));
                } else {
                    there.add(name);
                }
            }
        }
        return there;
    }

    private void check(Index.Row row, Set<String> there) {
        IndexEntry entry = row.entry();
        SpoolId id = new SpoolId(row.id());
        if (entry.isInFile() && !entry.isDamaged() && !there.contains(id.toString())) {
            index.put(row.id(), entry.damaged());
            Segment segment = segments.get(Segment.numberOf(entry.home));
            damages.add(new Damage(
                    segment == null ? "" : Segment.slotName(segment.slot),
                    Segment.offsetOf(entry.home),
                    Optional.of(id),
                    "the body file of " + id + " is missing"));
        }
    }
}
