package org.hikyaku.spool;

import java.nio.file.Path;
import org.hikyaku.world.World;

/** What the writing of the journal works with, the same for all its hands. */
record JournalParts(
        World world,
        Path directory,
        long segmentSize,
        Index index,
        Segments segments,
        MessageReader reader,
        RecentMessages recent,
        SpoolIds ids,
        BodyWriters writers,
        DamageLog damages) {}
