package org.hikyaku.queue;

import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;
import org.hikyaku.mail.Site;

/**
 * The open connections that wait for what comes for their sites. One of the loop that asks is preferred, as nothing has to be
 * handed over then; among the others the one that waits last is taken first, so that what is not needed ends by idleness.
 *
 * <p><i>Failure:</i> taking where none waits is a bug of the caller and throws.
 */
final class Standbys {
    /** Connections of a site that are asked whether they are near. */
    private static final int LOOKS = 16;

    /** By the site's key. */
    private final Map<String, ArrayDeque<Standby>> waiting = new HashMap<>();

    void add(Standby standby) {
        waiting.computeIfAbsent(standby.site().key(), key -> new ArrayDeque<>()).addLast(standby);
    }

    /** Nothing, if it does not wait. */
    void remove(Standby standby) {
        ArrayDeque<Standby> of = waiting.get(standby.site().key());
        if (of != null && of.removeLastOccurrence(standby) && of.isEmpty()) {
            waiting.remove(standby.site().key());
        }
    }

    boolean hasOne(Site site) {
        return waiting.containsKey(site.key());
    }

    Standby take(Site site) {
        Standby standby = nearest(waiting.getOrDefault(site.key(), new ArrayDeque<>()));
        remove(standby);
        return standby;
    }

    private static Standby nearest(ArrayDeque<Standby> waiting) {
        int looks = LOOKS;
        for (Iterator<Standby> each = waiting.descendingIterator(); looks > 0 && each.hasNext(); looks--) {
            Standby standby = each.next();
            if (standby.isHere()) {
                return standby;
            }
        }
        return waiting.getLast();
    }
}
