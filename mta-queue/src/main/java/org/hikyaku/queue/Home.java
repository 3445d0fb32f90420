package org.hikyaku.queue;

import org.hikyaku.mail.Site;
import org.jspecify.annotations.Nullable;

/** A domain as the scheduler knows it, shared by all its parcels. */
final class Home {
    /** The site the domain is by itself. */
    final Site site;
    /** The site that serves it, once a deliverer has found out. */
    @Nullable
    Site served;
    /** How many parcels are of it. */
    int parcels;

    Home(Site site) {
        this.site = site;
    }

    /** Where its parcels wait. */
    Site lane() {
        Site known = served;
        return known == null ? site : known;
    }
}
