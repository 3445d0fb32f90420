package org.hikyaku.deliver;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.BiFunction;
import org.hikyaku.config.Config;
import org.hikyaku.config.DeliverySettings;
import org.hikyaku.mail.Diagnosis;
import org.hikyaku.mail.Site;
import org.hikyaku.route.Hop;
import org.hikyaku.smtp.client.Trouble;
import org.hikyaku.smtp.client.Trouble.Stage;
import org.hikyaku.world.Event;
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
    private final HostMemory memory;
    private final Places places;
    private volatile BiFunction<Hop, Config, Optional<Runnable>> begins = (hop, settings) -> Optional.of(() -> {});

    public SmtpAgent(World world, Connections connections) {
        this(world, connections, new Quirks(world));
    }

    /** @param quirks shared with who shows them */
    public SmtpAgent(World world, Connections connections, Quirks quirks) {
        this.world = world;
        this.connections = connections;
        this.quirks = quirks;
        this.memory = new HostMemory(world.clock());
        this.places = new Places(world, connections::end);
        connections.onGiveBack(places);
    }

    /** Is asked before each transaction, from now on: what takes it back, or empty when it must not begin. */
    void onBegin(BiFunction<Hop, Config, Optional<Runnable>> asked) {
        begins = asked;
    }

    /** What it knows of hosts. */
    Quirks quirks() {
        return quirks;
    }

    /** What it remembers of hosts that could not be used. */
    HostMemory memory() {
        return memory;
    }

    /** Whom nothing goes to now, the one longest known first. */
    public List<PassedBy> passedBy() {
        return memory.all();
    }

    /** How many connections there are to {@code site}, those included that come or go. */
    public int connections(Site site) {
        return places.taken(site);
    }

    Places places() {
        return places;
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
        Optional<String> suspension = begun == null ? memory.suspended(delivery.site()) : Optional.empty();
        if (suspension.isPresent()) {
            passBy(delivery, "", FailurePolicy.SITE_SUSPENDED, suspension.get(), outcomes);
            return outcomes;
        }
        List<Hop> left = new ArrayList<>(memory.inOrder(delivery.hops()));
        List<Hop> givenUp = new ArrayList<>();
        for (int tried = 0;
                tried < HOSTS_MAX && !left.isEmpty() && !outcomes.open().isEmpty();
                tried++) {
            Hop hop = begun == null ? left.getFirst() : begun.runner().hop();
            Optional<String> trouble = begun == null ? memory.passedBy(hop) : Optional.empty();
            if (trouble.isPresent()) {
                passBy(delivery, HopAttempt.remote(hop), FailurePolicy.HOST_PASSED_BY, trouble.get(), outcomes);
                left.remove(hop);
                continue;
            }
            HostWay way = way(delivery, hop, givenUp.contains(hop) ? List.of() : left);
            HopAttempt attempt = new HopAttempt(world, way, delivery, hop, letter, outcomes);
            if (begun != null) {
                attempt.goOn(begun);
                way.counted(begun.notBegun());
                begun = null;
            }
            try {
                attempt.run();
            } finally {
                remember(delivery, way, attempt);
            }
            givenUp.addAll(way.givenUp());
            attempt.unusable().forEach(each -> left.remove(each.hop()));
            left.removeIf(each -> each.serves(attempt.hop()));
            outcomes.suspension()
                    .ifPresent(rest -> memory.suspend(delivery.site(), delivery.domain(), rest.time(), rest.why()));
        }
        return outcomes;
    }

    /** @param left who has not been tried yet, or not for long enough */
    private HostWay way(Delivery delivery, Hop hop, List<Hop> left) {
        List<Hop> hops = new ArrayList<>(List.of(hop));
        left.stream()
                .filter(other -> isAsGood(other, hop) && hops.stream().noneMatch(each -> isSame(each, other)))
                .forEach(hops::add);
        return new HostWay(world, connections, memory, places, delivery, hops, new HostWay.Makers() {
            @Override
            public ConnectionMaker of(Hop to, Places.Room room) {
                Doubts doubts =
                        new Doubts(quirks, to, delivery.config().delivery().quirks());
                DeliverySettings.ClientTimeouts timeouts = delivery.sites().timeouts(delivery.site());
                String purpose = delivery.message().id().toString();
                return new ConnectionMaker(world, delivery.config(), timeouts, purpose, to, doubts, room);
            }

            @Override
            public Optional<Runnable> begins(Hop to) {
                return begins.apply(to, delivery.config());
            }
        });
    }

    /** RFC 5321 5.1: addresses of one host, and hosts of equal preference, have no order but ours. */
    private static boolean isAsGood(Hop other, Hop hop) {
        return other.preference() == hop.preference()
                && other.security() == hop.security()
                && other.protocol() == hop.protocol()
                && other.named() == hop.named();
    }

    /** Two names of one address. */
    private static boolean isSame(Hop one, Hop other) {
        return one.endpoint().equals(other.endpoint());
    }

    private void remember(Delivery delivery, HostWay way, HopAttempt attempt) {
        List<Hop> untold = new ArrayList<>(way.entered());
        for (Fallen each : attempt.unusable()) {
            boolean longer = isSilence(each.why()) && delivery.route().equals("mx");
            boolean login = each.why().stage() == Stage.AUTH;
            memory.unusable(each.hop(), delivery.domain(), each.why().sentence(), login, longer);
            untold.remove(each.hop());
        }
        attempt.used().ifPresent(hop -> {
            memory.usable(hop);
            untold.removeIf(hop::serves);
        });
        untold.forEach(memory::untold);
    }

    private static boolean isSilence(Trouble trouble) {
        boolean early = trouble.stage() == Stage.CONNECT || trouble.stage() == Stage.GREETING;
        return early
                && switch (trouble.kind()) {
                    case REFUSED, UNREACHABLE, TIMEOUT, LOST -> true;
                    default -> false;
                };
    }

    /** It was bad a while ago: nothing is tried, each message has its next time as after any failure. */
    private void passBy(Delivery delivery, String remote, FailurePolicy row, String why, Outcomes outcomes) {
        Diagnosis diagnosis = new Diagnosis(row.status(), why + " (not tried again yet)", remote, "");
        for (int place : outcomes.open()) {
            world.events()
                    .emit(
                            Event.ATTEMPT_FAILED,
                            delivery.message().id(),
                            delivery.recipients().get(place).address(),
                            remote,
                            row.name(),
                            diagnosis.text());
            outcomes.failed(place, row, diagnosis);
        }
    }
}
