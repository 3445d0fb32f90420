package org.hikyaku.smtp.client;

import org.hikyaku.smtp.Reply;

/** What a transaction did for one recipient. */
public sealed interface Fate {
    /** The host has answered for him. */
    record Taken(Reply reply) implements Fate {}

    /** Not. */
    record Refused(Trouble why) implements Fate {}
}
