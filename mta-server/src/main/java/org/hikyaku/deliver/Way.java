package org.hikyaku.deliver;

import java.util.List;
import java.util.Optional;
import org.hikyaku.smtp.client.Fate;
import org.jspecify.annotations.Nullable;

/** How an attempt comes to a connection with its host: by connecting to it, or by one that the host itself has made. */
interface Way {
    /** One that was used before and may have died meanwhile. */
    Optional<ConversationRunner> idle();

    /** A fresh one, or one that somebody else needs no more, ready for a transaction; null when there is none. May wait. */
    @Nullable
    ConversationRunner open();

    /** Whether what {@link #open} gave last may have died meanwhile: it was made by somebody else. */
    boolean isSecondHand();

    /** Who could not be used when it opened last: when it gave null, somebody. */
    List<Fallen> fallen();

    /**
     * After a transaction on {@code runner}.
     *
     * @return whether to begin it again, on another connection
     */
    boolean wantsAgain(ConversationRunner runner, List<Fate> fates);

    /** Whether the host has proved to be the right one in another way than {@link Hop#security} demands. */
    boolean isProved();

    /** Whether one more transaction may begin by it now, which counts it; {@link #notBegun} follows when it does not. */
    boolean mayBegin();

    /** The one that was counted last. */
    void notBegun();

    /** The attempt needs it no more. */
    void giveBack(ConversationRunner runner);
}
