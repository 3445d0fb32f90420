package org.hikyaku.town;

import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.hikyaku.sim.SimCertificate;
import org.hikyaku.sim.SimHost;
import org.hikyaku.world.Endpoint;
import org.hikyaku.world.Wire;
import org.hikyaku.world.WireHandler;
import org.hikyaku.world.World;
import org.jspecify.annotations.Nullable;

/**
 * A destination: an SMTP server of one {@link Temper} at a time. Its {@link RemoteSession}s write what they take into the
 * {@link Ledger}; here is whether it is treated as docs/sites.md promises: never more connections than allowed, none while it
 * rests.
 */
final class RemoteMta {
    /** TownProgram gives no other number. */
    private static final int CONNECTIONS_MAX = 10;
    /** What was on its way when the rest began may still come; the rest is 10 minutes long. */
    private static final Duration UNDER_WAY = Duration.ofMinutes(2);

    private static final Duration REST = Duration.ofMinutes(9);

    private final String name;
    private final SimHost host;
    private final World world;
    private final Judges judges;
    private final Ledger ledger;
    private final boolean isShared;
    private final Set<String> seenBefore = new HashSet<>();
    private Temper temper = Temper.FAIR;
    /** The client has read that it is to come back later. */
    private @Nullable Instant restsSince;

    private int open;

    /** Who hears what happens here. */
    record Judges(Ledger ledger, Ways ways, Freezes freezes) {}

    /** @param isShared it stands behind more than one site */
    RemoteMta(String name, SimHost host, Judges judges, boolean isShared) {
        this.name = name;
        this.isShared = isShared;
        this.host = host;
        this.world = host.world();
        this.judges = judges;
        this.ledger = judges.ledger;
    }

    /** For sessions from now on. */
    void become(Temper other) {
        temper = other;
        host.certificate(new SimCertificate(
                List.of(), other == Temper.GATE_WRONG_NAME ? Set.of("other.example") : Set.of(name)));
    }

    WireHandler session(Wire wire) {
        return new RemoteSession(this, wire, temper, world.entropy().below(9));
    }

    /** A crash forgets what was learned, and leaves connections for a while that nobody has any more. */
    private void look(String what) {
        if (ledger.crashes() > 0 || isShared) {
            return;
        }
        Instant now = world.clock().now();
        if (open > CONNECTIONS_MAX) {
            ledger.wrong(open + " connections at " + name);
        }
        if (restsSince != null && now.isAfter(restsSince.plus(UNDER_WAY)) && now.isBefore(restsSince.plus(REST))) {
            ledger.wrong(what + " at " + name + " at " + now + ", which rests since " + restsSince);
        }
    }

    /** A connection; what comes from a pool of addresses is a site of its own. */
    void came(Endpoint from) {
        if (!Ways.isOfPool(from)) {
            open++;
            look("a connection");
        }
    }

    void left(Endpoint from) {
        open -= Ways.isOfPool(from) ? 0 : 1;
    }

    /** The client has read that it is to come back later. */
    void rests(Endpoint from) {
        if (!Ways.isOfPool(from)) {
            restsSince = world.clock().now();
        }
    }

    void begins(Endpoint from) {
        if (Ways.isOfPool(from)) {
            judges.ways.begins(from, world.clock().now());
        } else {
            look("MAIL");
        }
    }

    /** A whole message is taken. */
    void takes(Endpoint from, String text, List<String> recipients) {
        if (Letter.isReport(text)) {
            judges.ways.notice(from);
            return;
        }
        Letter.numberIn(text).ifPresent(number -> {
            Instant now = world.clock().now();
            judges.ways.arrived(name, from, number, recipients, now);
            judges.freezes.left(number, now);
        });
    }

    /** Whether this is the first try of a sender for a recipient. */
    boolean isNew(String sender, String recipient) {
        return seenBefore.add(sender + " " + recipient);
    }

    String name() {
        return name;
    }

    Ledger ledger() {
        return ledger;
    }
}
