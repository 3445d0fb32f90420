package org.hikyaku.listen;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.util.Arrays;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.hikyaku.config.Config;
import org.hikyaku.mail.IpLiteral;
import org.hikyaku.smtp.Replies;
import org.hikyaku.smtp.Reply;
import org.jspecify.annotations.Nullable;

/** Counts open connections: in all, and by address (IPv6 by /64, which is one customer's). Safe from all loops. */
final class Crowd {
    private final AtomicInteger all = new AtomicInteger();
    private final ConcurrentHashMap<InetAddress, Integer> byAddress = new ConcurrentHashMap<>();
    private final ConcurrentHashMap<Integer, Integer> byUser = new ConcurrentHashMap<>();

    /** Null when one more from {@code remote} may come, who is then counted; else the refusal. */
    @Nullable
    Reply enter(InetAddress remote, Config.Limits limits) {
        return isFull(limits) ? Replies.TOO_MANY_SESSIONS : name(remote, limits);
    }

    /** Counts one more of whom it is not yet known where he is: whether he is too many. Else {@link #name} or {@link #leave} follows. */
    boolean isFull(Config.Limits limits) {
        boolean full = all.incrementAndGet() > limits.sessionsMax();
        if (full) {
            all.decrementAndGet();
        }
        return full;
    }

    /** As {@link #enter}, for one who is counted in all already, and is not any more when he is refused. */
    @Nullable
    Reply name(InetAddress remote, Config.Limits limits) {
        boolean exempt = limits.exemptNetworks().stream().anyMatch(net -> net.contains(remote));
        int now = byAddress.merge(key(remote), 1, Integer::sum);
        if (!exempt && now > limits.sessionsPerAddressMax()) {
            leave(remote);
            return Replies.TOO_MANY_FROM_YOU;
        }
        return null;
    }

    /** As {@link #name}, by user of this host: {@code sessions_per_address_max} of each. */
    @Nullable
    Reply name(int uid, Config.Limits limits) {
        if (byUser.merge(uid, 1, Integer::sum) > limits.sessionsPerAddressMax()) {
            leave(uid);
            return Replies.TOO_MANY_FROM_YOU;
        }
        return null;
    }

    void leave(int uid) {
        leave();
        byUser.computeIfPresent(uid, (user, count) -> count == 1 ? null : count - 1);
    }

    /** One went of whom it was never known where he is. */
    void leave() {
        all.decrementAndGet();
    }

    void leave(InetAddress remote) {
        leave();
        byAddress.computeIfPresent(key(remote), (address, count) -> count == 1 ? null : count - 1);
    }

    int count() {
        return all.get();
    }

    private static InetAddress key(InetAddress remote) {
        if (!(remote instanceof Inet6Address)) {
            return remote;
        }
        byte[] octets = remote.getAddress();
        Arrays.fill(octets, 8, 16, (byte) 0);
        return IpLiteral.ofBytes(octets);
    }
}
