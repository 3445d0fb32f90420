package org.hikyaku.queue;

import org.hikyaku.mail.Site;

/**
 * An open connection that takes the next message of its site without a task in between; compared by identity. Waits from
 * {@link QueueManager#standby} until it is given one claim or is withdrawn.
 *
 * <p><i>Failure:</i> a claim that comes although it was withdrawn is its taker's to bring elsewhere: it is lent.
 */
public final class Standby {
    private final Site site;
    private final Taker taker;

    /** What takes the claim. */
    public interface Taker {
        /**
         * On whatever thread the queue moves; must not wait and not call the queue.
         *
         * @param inMemory whether reading the content waits for nothing
         */
        void take(Claim claim, boolean inMemory);

        /** Whether its loop is the caller's, so that nobody need be woken. */
        boolean isHere();
    }

    public Standby(Site site, Taker taker) {
        this.site = site;
        this.taker = taker;
    }

    Site site() {
        return site;
    }

    boolean isHere() {
        return taker.isHere();
    }

    void give(Claim claim, boolean inMemory) {
        taker.take(claim, inMemory);
    }
}
