package org.hikyaku.queue;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.hikyaku.mail.SpoolId;

/**
 * Settlements with bad news that wait for others of their message, to be told in one notice. Bounded; safe from anywhere.
 *
 * <p>Nothing of what waits here is stored: after a crash its recipients are tried again, and fail again.
 */
final class NoticeWindow {
    private static final int SETTLEMENTS_MAX = 5_000;
    /** Recipients of one message, told then without waiting on: a notice is to be of a size that mail servers take. */
    private static final int TOGETHER_MAX = 1_000;

    private final Map<SpoolId, List<Settlement>> waiting = new LinkedHashMap<>();
    private int count;

    /** What is to be done. */
    enum Kept {
        /** There is no room: it is to be stored at once. */
        NOT,
        /** It is the first of its message: a timer is to be set. */
        FIRST,
        MORE,
        /** There are enough for a notice. */
        ENOUGH
    }

    synchronized Kept keep(SpoolId id, Settlement settlement) {
        if (count >= SETTLEMENTS_MAX) {
            return Kept.NOT;
        }
        count++;
        List<Settlement> all = waiting.computeIfAbsent(id, key -> new ArrayList<>(2));
        all.add(settlement);
        int recipients =
                all.stream().mapToInt(each -> each.claim().recipients().size()).sum();
        return recipients >= TOGETHER_MAX ? Kept.ENOUGH : all.size() == 1 ? Kept.FIRST : Kept.MORE;
    }

    /** How many wait of a message. */
    synchronized int size(SpoolId id) {
        List<Settlement> all = waiting.get(id);
        return all == null ? 0 : all.size();
    }

    /** Those of a message, which wait no more. */
    synchronized List<Settlement> take(SpoolId id) {
        List<Settlement> all = waiting.remove(id);
        count -= all == null ? 0 : all.size();
        return all == null ? List.of() : all;
    }

    synchronized List<SpoolId> messages() {
        return List.copyOf(waiting.keySet());
    }
}
