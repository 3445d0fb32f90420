package org.hikyaku.deliver;

import java.util.function.BooleanSupplier;
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
    private volatile @Nullable BooleanSupplier giveBack;

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

    /** When its connection said QUIT; null when it has not. */
    @Nullable
    Long leftAt() {
        ConversationRunner of = holder;
        return of == null ? null : of.leftAt();
    }

    /** Whose connection it is, if there is one. */
    @Nullable
    ConversationRunner holder() {
        return holder;
    }

    /** Whoever waits for a place may have this one, by {@code given}: true when {@link #release} follows from it. */
    void lent(BooleanSupplier given) {
        giveBack = given;
    }

    /** It is lent no more. */
    void kept() {
        giveBack = null;
    }

    /** If it was lent, and is given back by this. */
    boolean takeBack() {
        BooleanSupplier given = giveBack;
        return given != null && given.getAsBoolean();
    }

    /** The connection is closed, or never was. */
    void release() {
        places.release(this);
    }
}
