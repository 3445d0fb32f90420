package org.hikyaku.route;

import java.util.List;
import org.hikyaku.mail.Site;

/** Where a recipient's mail goes next; found anew at every attempt. */
public sealed interface Route {
    /**
     * These hosts, tried in order.
     *
     * @param name {@code mx}, {@code smarthost}, {@code route}, {@code lmtp}: for log and trace
     */
    record Hops(String name, Site site, List<Hop> hops) implements Route {
        public Hops {
            hops = List.copyOf(hops);
        }
    }

    /** An agent on this host. */
    record Agent(String name, Site site) implements Route {}

    /** A rule of the operator's lets it go nowhere; {@code reply} is what its sender reads. */
    record Refused(String reply) implements Route {}

    /** A rule of the operator's has him look at it first. */
    record Held(String why) implements Route {}

    /** There is no way and will be none. */
    record Never(RouteFailure why, String text) implements Route {}

    /** No way is known now. */
    record Later(RouteFailure why, String text) implements Route {}
}
