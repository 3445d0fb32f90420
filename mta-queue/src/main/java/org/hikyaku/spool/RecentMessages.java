package org.hikyaku.spool;

import java.util.Iterator;
import java.util.LinkedHashMap;
import org.jspecify.annotations.Nullable;

/** Messages just stored and still in memory, so that a delivery at once reads nothing back. Bounded in octets. */
final class RecentMessages {
    private final long bound;
    private final LinkedHashMap<Long, Recent> messages = new LinkedHashMap<>();
    private long octets;

    RecentMessages(long bound) {
        this.bound = bound;
    }

    /** @param entry the message is this as long as the index says so */
    private record Recent(IndexEntry entry, StoredMessage message, long octets) {}

    synchronized void put(long id, IndexEntry entry, StoredMessage message, long size) {
        if (size > bound / 4) {
            return;
        }
        messages.put(id, new Recent(entry, message, size));
        octets += size;
        Iterator<Recent> oldest = messages.values().iterator();
        while (octets > bound && oldest.hasNext()) {
            octets -= oldest.next().octets();
            oldest.remove();
        }
    }

    synchronized void remove(long id) {
        Recent recent = messages.remove(id);
        if (recent != null) {
            octets -= recent.octets();
        }
    }

    synchronized @Nullable StoredMessage get(long id, IndexEntry entry) {
        Recent recent = messages.get(id);
        return recent != null && recent.entry().equals(entry) ? recent.message() : null;
    }
}
