package org.hikyaku.operate;

import java.util.List;
import org.hikyaku.mail.SpoolId;

/** Which messages a command is for. */
public sealed interface Choice {
    /** Those, the ones in the trash too. */
    record Ids(List<SpoolId> ids) implements Choice {
        public Ids {
            ids = List.copyOf(ids);
        }
    }

    record By(Query query) implements Choice {}

    /** Those that a {@link Verb.Take} of that number holds. */
    record Taken(long operation) implements Choice {}
}
