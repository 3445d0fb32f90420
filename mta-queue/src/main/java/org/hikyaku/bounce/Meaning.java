package org.hikyaku.bounce;

import java.util.List;
import java.util.Optional;

/**
 * THE table of what the class of a reply (docs/sites.md) is called towards the person who wrote the message.
 *
 * @param name as {@code SiteRule.ReplyClass}, in small letters
 * @param status whose row of {@link Advice} fits; empty for none
 */
record Meaning(String name, String words, String status) {
    private static final List<Meaning> TABLE = List.of(
            new Meaning("rate_limit", "too much mail at once for the receiving side", ""),
            new Meaning("greylist", "the receiving side wants mail of new senders to be tried again", ""),
            new Meaning("blocked", "our server or its address is on a list of the receiving side", "5.7.1"),
            new Meaning("spam", "the message was taken for junk", "5.7.1"),
            new Meaning("policy", "a rule of the receiving side forbids it", "5.7.1"),
            new Meaning("authentication", "the receiving side wants proof of who sent it (SPF, DKIM, DMARC)", "5.7.1"),
            new Meaning("mailbox_full", "the mailbox is full", "5.2.2"),
            new Meaning("unknown_user", "there is no such mailbox", "5.1.1"),
            new Meaning("inactive_user", "the mailbox is switched off", "5.2.1"),
            new Meaning("relay_denied", "that server does not take mail for this address", "5.7.1"),
            new Meaning("too_large", "the message is too large", "5.3.4"),
            new Meaning("busy", "the receiving side has a trouble of its own", ""));

    /** In words; empty for a class that says nothing. */
    static Optional<String> of(String name) {
        return find(name).map(row -> row.words + " (" + row.name + ").");
    }

    /** A status of the same sense, if there is one. */
    static Optional<String> status(String name) {
        return find(name).map(Meaning::status).filter(status -> !status.isEmpty());
    }

    private static Optional<Meaning> find(String name) {
        return TABLE.stream().filter(row -> row.name.equals(name)).findFirst();
    }
}
