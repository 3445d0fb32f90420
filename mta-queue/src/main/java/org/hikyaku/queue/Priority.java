package org.hikyaku.queue;

import org.hikyaku.mail.Envelope;

/**
 * How much a message is worth against others that wait: weights, never absolute, so that nothing starves (docs/queue.md).
 */
enum Priority {
    HIGH(1),
    USUAL(4),
    LOW(16);

    /** What a turn costs: the lower, the more turns. */
    final int cost;

    Priority(int cost) {
        this.cost = cost;
    }

    static Priority of(Envelope envelope) {
        return envelope.priority() > 0 ? HIGH : envelope.priority() < 0 ? LOW : USUAL;
    }
}
