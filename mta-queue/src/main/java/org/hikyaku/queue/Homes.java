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
    /** Parts of domains. */
    private int apart;

    /** Counts one parcel more of {@code home}'s domain, and gives the one object of it. */
    Home take(Home home) {
        Home known = homes.computeIfAbsent(home.site.key(), key -> {
            apart += home.site.isApart() ? 1 : 0;
            return home;
        });
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
            remove(key);
            return;
        }
        idle.put(key, home);
        if (idle.size() > KNOWN_MAX) {
            remove(idle.pollFirstEntry().getKey());
        }
    }

    private void remove(String key) {
        Home gone = homes.remove(key);
        apart -= gone != null && gone.site.isApart() ? 1 : 0;
    }

    @Nullable
    Home get(Site domain) {
        return homes.get(domain.key());
    }

    /** Those with parcels that are meant, by name. One for all below a domain looks at all. */
    List<Home> with(List<DomainPattern> meant) {
        TreeMap<String, Home> out = new TreeMap<>();
        for (DomainPattern each : meant) {
            Site domain = Site.ofDomain(each.domain());
            Home one = homes.get(domain.key());
            if (one != null && one.parcels > 0) {
                out.put(domain.key(), one);
            }
            if (each.below() || apart > 0) {
                String tail = "." + each.domain();
                homes.forEach((name, home) -> {
                    boolean below = each.below() && home.site.domainKey().endsWith(tail);
                    if ((below || home.site.isPartOf(domain)) && home.parcels > 0) {
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
