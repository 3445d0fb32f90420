package org.hikyaku.deliver;

import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.hikyaku.config.DeliverySettings;
import org.hikyaku.config.DeliverySettings.PeerFeature;
import org.hikyaku.mail.Domain;
import org.hikyaku.mail.IpLiteral;
import org.hikyaku.route.Hop;
import org.hikyaku.smtp.Extension;
import org.hikyaku.world.Endpoint;
import org.hikyaku.world.Event;
import org.hikyaku.world.World;

/**
 * What hosts offer and cannot do: what the operator said, and what was noticed, by the host's address and port, for a time.
 * A host is suspected when it breaks over something, and believed to be bad at it when it then takes mail without: at once when it
 * said so itself, at the second time when the connection was merely lost, for that has many causes.
 *
 * <p>In memory only: after a restart one lost connection teaches the same again.
 *
 * <p><i>Failure:</i> none; when there are too many rows the oldest is forgotten.
 */
public final class Quirks {
    private static final int ROWS_MAX = 1_000;
    /** A lost connection is one, a host's own word is enough. */
    private static final int ENOUGH = 2;

    private final World world;
    /** Its own monitor. */
    private final Map<Key, Row> rows = new LinkedHashMap<>();

    private volatile boolean some;

    /** What is known of a host's feature. */
    public enum State {
        /** It broke over it; mail goes without. */
        SUSPECTED,
        /** Once; mail goes with it, the next time counts. */
        WATCHED,
        /** Mail goes without it. */
        LEARNT
    }

    /** One line of the list. */
    public record Quirk(String address, String host, PeerFeature feature, State state, String why, Duration left) {}

    private record Key(String address, PeerFeature feature) {}

    private record Row(String host, State state, int signs, String why, long until) {
        Row become(State other) {
            return new Row(host, other, signs, why, until);
        }
    }

    public Quirks(World world) {
        this.world = world;
    }

    /** What is not to be used at {@code hop}. */
    Set<PeerFeature> avoided(Hop hop, DeliverySettings.Quirks settings) {
        if (!some && settings.avoid().isEmpty()) {
            return Set.of();
        }
        EnumSet<PeerFeature> out = EnumSet.noneOf(PeerFeature.class);
        settings.avoid().forEach((name, features) -> {
            if (names(name, hop)) {
                out.addAll(features);
            }
        });
        long now = world.clock().nanos();
        synchronized (rows) {
            for (PeerFeature feature : some ? PeerFeature.values() : new PeerFeature[0]) {
                Row row = rows.get(new Key(address(hop), feature));
                if (row != null && row.state != State.WATCHED && row.until - now > 0) {
                    out.add(feature);
                }
            }
        }
        return out;
    }

    /** The EHLO keywords among them; the word of TLS is not one of those, for what is demanded is demanded. */
    static Set<Extension> extensions(Set<PeerFeature> features) {
        EnumSet<Extension> out = EnumSet.noneOf(Extension.class);
        for (PeerFeature feature : features) {
            if (feature != PeerFeature.EHLO && feature != PeerFeature.STARTTLS) {
                out.add(Extension.valueOf(feature.name()));
            }
        }
        return out;
    }

    /** Whether a connection with this offer may go on being used. */
    boolean suits(ConversationRunner runner, DeliverySettings.Quirks settings) {
        Set<PeerFeature> avoided = avoided(runner.hop(), settings);
        return avoided.isEmpty() || extensions(avoided).stream().noneMatch(runner.offer()::has);
    }

    /** It broke over it. {@code sure}: by its own word. */
    void suspect(Hop hop, PeerFeature feature, boolean sure, String why, DeliverySettings.Quirks settings) {
        Duration time = time(feature, settings);
        if (time.isZero()) {
            return;
        }
        long now = world.clock().nanos();
        Key key = new Key(address(hop), feature);
        synchronized (rows) {
            sweep(now);
            Row before = rows.remove(key);
            int signs = (before == null ? 0 : before.signs) + (sure ? ENOUGH : 1);
            rows.put(key, new Row(hop.host(), State.SUSPECTED, signs, why, now + time.toNanos()));
            if (rows.size() > ROWS_MAX) {
                rows.remove(rows.keySet().iterator().next());
            }
            some = true;
        }
        world.events().emit(Event.QUIRK_SUSPECTED, HopAttempt.remote(hop), label(feature), why);
    }

    /** It took mail, or said hello, without: what was suspected may be true. */
    void wentWithout(Hop hop, PeerFeature feature, DeliverySettings.Quirks settings) {
        long now = world.clock().nanos();
        long until = now + time(feature, settings).toNanos();
        Key key = new Key(address(hop), feature);
        Row learnt = null;
        synchronized (rows) {
            Row row = rows.get(key);
            if (row != null && row.state == State.SUSPECTED && row.signs >= ENOUGH) {
                learnt = new Row(row.host, State.LEARNT, row.signs, row.why, until);
                rows.put(key, learnt);
            } else if (row != null && row.state == State.SUSPECTED) {
                rows.put(key, row.become(State.WATCHED));
            }
        }
        if (learnt != null) {
            long seconds = time(feature, settings).toSeconds();
            world.events().emit(Event.QUIRK_LEARNT, HopAttempt.remote(hop), label(feature), learnt.why, seconds);
        }
    }

    /** It broke without it too: so that was not the cause. */
    void brokeWithout(Hop hop, PeerFeature feature) {
        Key key = new Key(address(hop), feature);
        synchronized (rows) {
            Row row = rows.get(key);
            if (row != null && row.state == State.SUSPECTED) {
                rows.remove(key);
                some = !rows.isEmpty();
            }
        }
    }

    /** What was noticed and is not over, oldest first. */
    public List<Quirk> list() {
        long now = world.clock().nanos();
        List<Quirk> out = new ArrayList<>();
        synchronized (rows) {
            sweep(now);
            rows.forEach((key, row) -> out.add(new Quirk(
                    key.address,
                    row.host,
                    key.feature,
                    row.state,
                    row.why,
                    Duration.ofNanos(Math.max(0, row.until - now)))));
        }
        return out;
    }

    /** Forgets what was noticed of a host, by its name, its address or its address and port; how many rows. */
    public int forget(String host, String by) {
        List<Key> gone = new ArrayList<>();
        synchronized (rows) {
            rows.forEach((key, row) -> {
                String bare = key.address.replaceFirst(":[0-9]+$", "");
                if (host.equalsIgnoreCase(row.host)
                        || host.equalsIgnoreCase(key.address)
                        || host.equalsIgnoreCase(bare)
                        || ("[" + host + "]").equalsIgnoreCase(bare)) {
                    gone.add(key);
                }
            });
            gone.forEach(rows::remove);
            some = !rows.isEmpty();
        }
        gone.forEach(key -> world.events().emit(Event.QUIRK_FORGOTTEN, key.address, label(key.feature), by));
        return gone.size();
    }

    /** {@code mt-priority}. */
    public static String label(PeerFeature feature) {
        return feature == PeerFeature.EHLO
                ? "EHLO"
                : Extension.valueOf(feature.name()).keyword();
    }

    private void sweep(long now) {
        rows.values().removeIf(row -> row.until - now <= 0);
        some = !rows.isEmpty();
    }

    private static Duration time(PeerFeature feature, DeliverySettings.Quirks settings) {
        boolean clear = feature == PeerFeature.STARTTLS || feature == PeerFeature.EHLO;
        return clear ? settings.rememberClearFor() : settings.rememberFor();
    }

    private static String address(Hop hop) {
        return hop.endpoint().toString();
    }

    /** Whether the operator's name means this host. */
    private static boolean names(String name, Hop hop) {
        Optional<Domain> host = Domain.parse(hop.host());
        if (name.startsWith(".")) {
            return Domain.parse(name.substring(1))
                    .filter(above -> host.filter(
                                    h -> h.equals(above) || h.ascii().endsWith("." + above.ascii()))
                            .isPresent())
                    .isPresent();
        }
        boolean address = hop.endpoint() instanceof Endpoint.Tcp tcp
                && IpLiteral.parseAddress(name)
                        .filter(tcp.address().getAddress()::equals)
                        .isPresent();
        return address || (host.isPresent() && Domain.parse(name).equals(host));
    }
}
