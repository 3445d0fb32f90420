package org.hikyaku.deliver;

import java.util.Optional;
import java.util.function.BiFunction;
import org.hikyaku.config.Config;
import org.hikyaku.mail.Diagnosis;
import org.hikyaku.mail.Domain;
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
        for (Hop hop : delivery.hops().stream().limit(HOSTS_MAX).toList()) {
            if (outcomes.open().isEmpty()) {
                return outcomes;
            }
            Optional<String> trouble = begun == null ? memory.passedBy(hop) : Optional.empty();
            if (trouble.isPresent()) {
                passBy(delivery, HopAttempt.remote(hop), FailurePolicy.HOST_PASSED_BY, trouble.get(), outcomes);
                continue;
            }
            Doubts doubts = new Doubts(quirks, hop, delivery.config().delivery().quirks());
            Way way = new HostWay(world, connections, delivery, hop, doubts, begins);
            HopAttempt attempt = new HopAttempt(world, way, delivery, hop, letter, outcomes);
            if (begun != null) {
                attempt.goOn(begun);
                begun = null;
            }
            try {
                attempt.run();
            } finally {
                remember(delivery, hop, attempt);
            }
            outcomes.suspension()
                    .ifPresent(rest -> memory.suspend(delivery.site(), domain(delivery), rest.time(), rest.why()));
        }
        return outcomes;
    }

    private void remember(Delivery delivery, Hop hop, HopAttempt attempt) {
        attempt.unusable()
                .ifPresent(why -> memory.unusable(
                        hop,
                        domain(delivery),
                        why.sentence(),
                        why.stage() == Stage.AUTH,
                        isSilence(why) && delivery.route().equals("mx")));
        if (attempt.isUsed()) {
            memory.usable(hop);
        } else if (attempt.unusable().isEmpty()) {
            memory.untold(hop);
        }
    }

    /** Of all its recipients; ours for the bare postmaster. */
    private static Domain domain(Delivery delivery) {
        return delivery.recipients()
                .getFirst()
                .address()
                .domain()
                .orElse(delivery.config().hostname());
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
