package org.hikyaku.operate;

import java.util.Collection;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * What is known of addresses, bounded in number and in the octets of their lines: beyond that those go of which nothing was heard
 * or asked for the longest time. For one thread at a time.
 *
 * <p><i>Failure:</i> none.
 */
final class SuppressedAddresses {
    private final int most;
    private final long octetsMost;
    private final Map<String, Suppressed> all = new LinkedHashMap<>(16, 0.75f, true);
    private long octets;

    SuppressedAddresses(int most, long octetsMost) {
        this.most = most;
        this.octetsMost = octetsMost;
    }

    /** Puts it in the place of what was there, which is given back. */
    @Nullable
    Suppressed put(Suppressed one) {
        Suppressed before = all.put(one.address(), one);
        octets += octets(one) - (before == null ? 0 : octets(before));
        Iterator<Suppressed> oldest = all.values().iterator();
        while ((all.size() > most || octets > octetsMost) && oldest.hasNext()) {
            octets -= octets(oldest.next());
            oldest.remove();
        }
        return before;
    }

    /** Takes it out and gives it back. */
    @Nullable
    Suppressed remove(String address) {
        Suppressed before = all.remove(address);
        octets -= before == null ? 0 : octets(before);
        return before;
    }

    Optional<Suppressed> get(String address) {
        return Optional.ofNullable(all.get(address));
    }

    Collection<Suppressed> all() {
        return all.values();
    }

    void removeIf(Predicate<Suppressed> what) {
        all.values().removeIf(each -> {
            boolean goes = what.test(each);
            octets -= goes ? octets(each) : 0;
            return goes;
        });
    }

    int size() {
        return all.size();
    }

    /** Of a file with a line each. */
    long octets() {
        return octets;
    }

    private static long octets(Suppressed one) {
        return OperationLog.line(one.fields()).length(); // escaped: ASCII
    }
}
