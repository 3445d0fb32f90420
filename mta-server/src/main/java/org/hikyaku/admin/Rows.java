package org.hikyaku.admin;

import org.jspecify.annotations.Nullable;

/** The client of a request, as its handler sees it; for the handler's task. Any call throws when the client has gone. */
public interface Rows {
    /** Sends a row: a record or map that becomes JSON. Waits while the client is slow. */
    void row(Object row);

    /** Says how far it is; to be called often, sent seldom. */
    void progress(long looked, long done);

    /** The next line that the client sends after its request, without its end; null when it says no more. Waits. */
    byte @Nullable [] line();
}
