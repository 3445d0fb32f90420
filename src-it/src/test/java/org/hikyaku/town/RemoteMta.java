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
    private final Seen usual = new Seen();
    private final Seen pooled = new Seen();

    /** What comes from a pool of addresses is a site of its own. */
    private static final class Seen {
        int open;
        /** The client has read that it is to come back later. */
        @Nullable
        Instant restsSince;
    }

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
    private void look(String what, Seen seen) {
        if (ledger.crashes() > 0 || isShared) {
            return;
        }
        Instant now = world.clock().now();
        if (seen.open > CONNECTIONS_MAX) {
            ledger.wrong(seen.open + " connections at " + name);
        }
        Instant rests = seen.restsSince;
        if (rests != null && now.isAfter(rests.plus(UNDER_WAY)) && now.isBefore(rests.plus(REST))) {
            ledger.wrong(what + " at " + name + " at " + now + ", which rests since " + rests);
        }
    }

    private Seen seen(Endpoint from) {
        return Ways.isOfPool(from) ? pooled : usual;
    }

    void came(Endpoint from) {
        Seen seen = seen(from);
        seen.open++;
        look("a connection", seen);
    }

    void left(Endpoint from) {
        seen(from).open--;
    }

    /** The client has read that it is to come back later. */
    void rests(Endpoint from) {
        seen(from).restsSince = world.clock().now();
    }

    /** The client's operator has ended all rests (docs/sites.md). */
    void hurried() {
        usual.restsSince = null;
        pooled.restsSince = null;
    }

    void begins(Endpoint from) {
        judges.ways.begins(from, world.clock().now());
        look("MAIL", seen(from));
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
            ledger.trash().left(number, now);
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
