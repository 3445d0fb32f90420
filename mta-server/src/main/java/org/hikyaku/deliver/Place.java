package org.hikyaku.deliver;

import org.hikyaku.mail.Site;
import org.jspecify.annotations.Nullable;

/**
 * One of the connections that a site may have, from the attempt to make it until it is closed.
 *
 * <p><i>Failure:</i> none.
 */
final class Place {
    private final Places places;
    private final Site site;
    private volatile @Nullable ConversationRunner holder;
    /** Guarded by the places' monitor. */
    private @Nullable Runnable giveBack;

    Place(Places places, Site site) {
        this.places = places;
        this.site = site;
    }

    Site site() {
        return site;
    }

    /** Whose connection it is. */
    void heldBy(ConversationRunner runner) {
        holder = runner;
    }

    @Nullable
    ConversationRunner holder() {
        return holder;
    }

    /** Whoever waits for a place may have this one, by {@code giveBack}, from whose end {@link #release} follows. */
    void lent(Runnable giveBack) {
        places.lend(this, giveBack);
    }

    /** For {@link Places}, under its monitor. */
    @Nullable
    Runnable takeBack(@Nullable Runnable other) {
        Runnable before = giveBack;
        giveBack = other;
        return before;
    }

    /** The connection is closed, or never was. */
    void release() {
        places.release(this);
    }
}
