package org.hikyaku.deliver;

/** What somebody gets who wants a connection to a host of a site. */
sealed interface Given {
    /** Room to make one. */
    record Free(Place place) implements Given {}

    /** One to his host that came to rest while he waited; it has a place. */
    record Rested(ConversationRunner runner) implements Given {}
}
