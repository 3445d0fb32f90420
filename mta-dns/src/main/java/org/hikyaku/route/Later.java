package org.hikyaku.route;

import org.hikyaku.world.Resolver.Answer;

/** THE table of what an unknown answer of the DNS means for a route: always later. */
final class Later {
    private Later() {}

    static Route of(String what, Answer.Unknown why) {
        RouteFailure failure = switch (why.cause()) {
            case SERVFAIL, REFUSED -> RouteFailure.DNS_SERVFAIL;
            case TIMEOUT -> RouteFailure.DNS_TIMEOUT;
            case BOGUS -> RouteFailure.DNS_BOGUS;
            case BROKEN -> RouteFailure.DNS_BROKEN;
        };
        return new Route.Later(failure, "the DNS does not tell " + what + ": " + why.text());
    }
}
