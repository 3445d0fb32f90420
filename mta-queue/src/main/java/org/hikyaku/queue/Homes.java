package org.hikyaku.queue;

import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.hikyaku.mail.DomainPattern;
import org.hikyaku.mail.Site;
import org.jspecify.annotations.Nullable;

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

    @Nullable
    Home get(Site domain) {
        return homes.get(domain.key());
    }

    /** Those with parcels that are meant, by name. One for all below a domain looks at all. */
    List<Home> with(List<DomainPattern> meant) {
        TreeMap<String, Home> out = new TreeMap<>();
        for (DomainPattern each : meant) {
            String key = Site.ofDomain(each.domain()).key();
            Home one = homes.get(key);
            if (one != null && one.parcels > 0) {
                out.put(key, one);
            }
            if (each.below()) {
                String tail = "." + each.domain();
                homes.forEach((name, home) -> {
                    if (name.endsWith(tail) && home.parcels > 0) {
                        out.put(name, home);
                    }
                });
            }
        }
        return List.copyOf(out.values());
    }

    int size() {
        return homes.size();
    }
}
