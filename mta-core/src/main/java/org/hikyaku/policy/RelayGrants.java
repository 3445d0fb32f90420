package org.hikyaku.policy;

import java.net.InetAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.hikyaku.mail.IpLiteral;

/**
 * Addresses that may relay for a while, given and taken by an operator or a program of his (POP before SMTP). Bounded, in
 * memory: a reload keeps them, a restart forgets them. Safe from anywhere; the time is given in.
 *
 * <p><i>Failure:</i> a full list takes no further address; those that are over make room.
 */
public final class RelayGrants {
    /** The longest grant. */
    public static final Duration LONGEST = Duration.ofHours(24);

    private static final int MOST = 100_000;

    private final Map<InetAddress, Long> ends = new LinkedHashMap<>();

    /** One that holds. */
    public record Grant(InetAddress address, Duration left) {}

    /** Grants, or grants anew from {@code now}; false when there is no room for one more. */
    public synchronized boolean grant(InetAddress address, Duration time, long now) {
        if (ends.size() >= MOST && !ends.containsKey(address)) {
            ends.values().removeIf(end -> end - now <= 0);
        }
        if (ends.size() >= MOST && !ends.containsKey(address)) {
            return false;
        }
        ends.put(address, now + time.toNanos());
        return true;
    }

    /** Whether there was one to revoke. */
    public synchronized boolean revoke(InetAddress address, long now) {
        Long end = ends.remove(address);
        return end != null && end - now > 0;
    }

    public synchronized boolean holds(InetAddress address, long now) {
        Long end = ends.get(address);
        return end != null && end - now > 0;
    }

    /** Those that hold, in the order in which they were first given. */
    public synchronized List<Grant> list(long now) {
        List<Grant> all = new ArrayList<>();
        ends.values().removeIf(end -> end - now <= 0);
        ends.forEach((address, end) -> all.add(new Grant(address, Duration.ofNanos(end - now))));
        return all;
    }

    @Override
    public synchronized String toString() {
        return ends.keySet().stream().map(IpLiteral::number).toList().toString();
    }
}
