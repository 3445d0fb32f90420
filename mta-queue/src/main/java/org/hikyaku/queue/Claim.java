package org.hikyaku.queue;

import java.util.List;
import org.hikyaku.mail.Recipient;
import org.hikyaku.mail.Site;
import org.hikyaku.spool.StoredMessage;

/**
 * One message's recipients of one domain, lent to one deliverer, who gives it back by {@code QueueManager.settle}
 * with an outcome for each.
 *
 * @param site where they are counted: the domain's own, or the one that {@code QueueManager.siteKnown} told
 * @param places the recipients' places in the envelope, ascending
 */
public record Claim(StoredMessage message, Site site, List<Integer> places) {
    public Claim {
        places = List.copyOf(places);
    }

    /** The recipients, in the order of {@link #places}. */
    public List<Recipient> recipients() {
        return places.stream().map(message.envelope().recipients()::get).toList();
    }
}
