package org.hikyaku.deliver;

import org.hikyaku.route.Hop;
import org.hikyaku.world.World;
import org.jspecify.annotations.Nullable;

/**
 * Delivers by SMTP or LMTP: the hosts of the route in order, several recipients in one transaction, over an idle
 * connection where there is one.
 *
 * <p><i>Failure:</i> as {@link FailurePolicy} says: a host that fails hands its open recipients to the next; the last
 * word of the last host stands.
 */
public final class SmtpAgent implements DeliveryAgent {
    /** More hosts of one route are not tried in one attempt. */
    private static final int HOSTS_MAX = 20;

    private final World world;
    private final Connections connections;
    private final Quirks quirks;

    public SmtpAgent(World world, Connections connections) {
        this(world, connections, new Quirks(world));
    }

    /** @param quirks shared with who shows them */
    public SmtpAgent(World world, Connections connections, Quirks quirks) {
        this.world = world;
        this.connections = connections;
        this.quirks = quirks;
    }

    /** What it knows of hosts. */
    Quirks quirks() {
        return quirks;
    }

    /** Where its connections wait. */
    Connections connections() {
        return connections;
    }

    @Override
    public Outcomes deliver(Delivery delivery) {
        return deliver(delivery, null);
    }

    /** @param before what was done already with the first of the hosts */
    Outcomes deliver(Delivery delivery, @Nullable Begun before) {
        Begun begun = before;
        Outcomes outcomes = new Outcomes(delivery.recipients().size(), delivery.route());
        Letter letter = new Letter(delivery.message());
        boolean allRest = !delivery.hops().isEmpty();
        for (Hop hop : delivery.hops().stream().limit(HOSTS_MAX).toList()) {
            if (outcomes.open().isEmpty()) {
                return outcomes;
            }
            Doubts doubts = new Doubts(quirks, hop, delivery.config().delivery().quirks());
            Way way = new HostWay(world, connections, delivery, hop, doubts);
            HopAttempt attempt = new HopAttempt(world, way, doubts, delivery, hop, letter, outcomes);
            if (begun != null) {
                attempt.goOn(begun);
                begun = null;
            }
            allRest &= attempt.run();
        }
        if (allRest) {
            outcomes.siteRests();
        }
        return outcomes;
    }
}
