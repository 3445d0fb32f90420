package org.hikyaku.queue;

import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;

/** The domains: those with parcels, and of the others the {@link #KNOWN_MAX} last used whose sites are known. */
final class Homes {
    static final int KNOWN_MAX = 10_000;

    private final Map<String, Home> homes = new HashMap<>();
    /** Without parcels, the one longest without first. */
    private final LinkedHashMap<String, Home> idle = new LinkedHashMap<>();

    /** Counts one parcel more of {@code home}'s domain, and gives the one object of it. */
    Home take(Home home) {
        Home known = homes.computeIfAbsent(home.site.key(), key -> home);
        if (known.parcels++ == 0) {
            idle.remove(known.site.key());
        }
        return known;
    }

    /** One parcel less. */
    void release(Home home) {
        if (--home.parcels > 0) {
            return;
        }
        String key = home.site.key();
        if (home.served == null) {
            homes.remove(key);
            return;
        }
        idle.put(key, home);
        if (idle.size() > KNOWN_MAX) {
            homes.remove(idle.pollFirstEntry().getKey());
        }
    }

    int size() {
        return homes.size();
    }
}
