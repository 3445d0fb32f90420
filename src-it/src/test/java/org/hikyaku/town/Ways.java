package org.hikyaku.town;

import java.net.InetAddress;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.hikyaku.mail.IpLiteral;
import org.hikyaku.world.Endpoint;
import org.jspecify.annotations.Nullable;

/**
 * Which way each letter may come by the rules of {@link TownProgram}, and from which address: docs/routes.md. What arrives
 * otherwise, or sooner than it was released, or too often from an address that warms up, is wrong.
 */
final class Ways {
    static final InetAddress OURS = InetAddress.ofLiteral("192.0.2.1");
    /** Addresses that warm up, and how many messages they may begin on their first days; then any number. */
    static final Map<InetAddress, Warm> POOL = pool();

    /** The smart host of what is signed, before the rules change and after. */
    static final String SIGNED_FIRST = "signed-first.example";

    static final String SIGNED_THEN = "signed-then.example";
    /** It takes what d1 is too slow for. */
    static final String FALLBACK = "fallback.example";

    static final int LARGE = 18_000;
    /** An attempt that has begun under other rules, or before midnight, may take so long. */
    private static final Duration UNDER_WAY = Duration.ofHours(1);

    private final Ledger ledger;
    private final Map<Integer, Letter> letters = new LinkedHashMap<>();
    private final Set<Integer> seenToBeHeld = new LinkedHashSet<>();
    private final Map<InetAddress, Map<LocalDate, Integer>> begun = new LinkedHashMap<>();
    private boolean changing;
    private @Nullable Instant changed;

    /** @param perDay from its first day on */
    record Warm(LocalDate since, List<Integer> perDay) {
        int on(LocalDate day) {
            long nth = ChronoUnit.DAYS.between(since, day);
            return nth < 0 ? 0 : nth >= perDay.size() ? Integer.MAX_VALUE : perDay.get((int) nth);
        }
    }

    Ways(Ledger ledger) {
        this.ledger = ledger;
    }

    private static Map<InetAddress, Warm> pool() {
        Map<InetAddress, Warm> pool = new LinkedHashMap<>();
        pool.put(InetAddress.ofLiteral("192.0.2.2"), new Warm(LocalDate.parse("2026-01-01"), List.of(1, 1, 3)));
        pool.put(InetAddress.ofLiteral("192.0.2.3"), new Warm(LocalDate.parse("2026-01-02"), List.of(2, 2)));
        return pool;
    }

    void written(Letter letter) {
        letters.put(letter.number(), letter);
    }

    /** A rule has held it, which is the first that can be known of it. */
    void held(int letter) {
        seenToBeHeld.add(letter);
    }

    /** Other rules are about to be in force. */
    void changing() {
        changing = true;
    }

    /** They are. */
    void changed(Instant now) {
        changed = now;
    }

    /** A transaction at {@code remote}. */
    void begins(Endpoint from, Instant now) {
        InetAddress source = address(from);
        Warm warm = POOL.get(source);
        if (warm == null) {
            return;
        }
        Map<LocalDate, Integer> days = begun.computeIfAbsent(source, s -> new LinkedHashMap<>());
        LocalDate today = LocalDate.ofInstant(now, ZoneOffset.UTC);
        LocalDate before = LocalDate.ofInstant(now.minus(UNDER_WAY), ZoneOffset.UTC);
        LocalDate day = days.getOrDefault(before, 0) < warm.on(before) ? before : today;
        if (days.merge(day, 1, Integer::sum) > warm.on(day)) {
            ledger.wrong(days.get(day) + " messages from " + IpLiteral.number(source) + " on " + day
                    + ", which may begin " + warm.on(day));
        }
    }

    /** Whether the connection is from an address of the pool: what goes from there counts for itself. */
    static boolean isOfPool(Endpoint from) {
        return POOL.containsKey(address(from));
    }

    private static InetAddress address(Endpoint from) {
        return from instanceof Endpoint.Tcp tcp ? tcp.address().getAddress() : OURS;
    }

    /** A notice of ours: no rule is for it. */
    void notice(Endpoint from) {
        if (!address(from).equals(OURS)) {
            ledger.wrong("a notice from " + from);
        }
    }

    /** A letter has come to {@code host}. */
    void arrived(String host, Endpoint from, int number, List<String> recipients, Instant now) {
        Letter letter = letters.get(number);
        if (letter == null) {
            ledger.wrong("letter " + number + " was never written");
            return;
        }
        for (String recipient : recipients) {
            arrived(host, from, letter, recipient, now);
        }
    }

    /** Whether a rule names the host that it goes to, whatever the DNS says of its recipients. */
    static boolean isSigned(Letter letter) {
        return letter.kind() == Letter.Kind.SIGNED && letter.sender().toString().startsWith("writer@");
    }

    private void arrived(String host, Endpoint from, Letter letter, String recipient, Instant now) {
        String domain = recipient.substring(recipient.indexOf('@') + 1);
        boolean ruled =
                !domain.matches("(gate|sealed|keyless|kept)\\.example"); // they are in delivery.routes, or fetched
        String sender = letter.sender().toString();
        boolean signed = ruled && isSigned(letter);
        boolean pooled = ruled && !signed && sender.matches("writer@d[78]\\.example");
        Set<String> hosts = ruled ? hosts(domain, signed, pooled, now) : Set.of(host);
        if (!hosts.contains(host)) {
            ledger.wrong("letter " + letter.number() + " to " + recipient + " came to " + host + ", not to " + hosts);
        }
        if (isOfPool(from) != pooled) {
            ledger.wrong("letter " + letter.number() + " from " + sender + " to " + recipient + " came from " + from);
        }
        boolean large = ruled && sender.equals("writer@d9.example") && letter.size() > LARGE;
        boolean holds = domain.equals("ruled.example") || large;
        if (holds && ledger.crashes() == 0 && !seenToBeHeld.contains(letter.number())) {
            ledger.wrong("letter " + letter.number() + " to " + recipient + " came, and no rule has held it");
        }
    }

    private Set<String> hosts(String domain, boolean signed, boolean pooled, Instant now) {
        Set<String> hosts = new LinkedHashSet<>();
        if (signed) {
            boolean first = changed == null || now.isBefore(changed.plus(UNDER_WAY));
            if (first) {
                hosts.add(SIGNED_FIRST);
            }
            if (changing) {
                hosts.add(SIGNED_THEN);
            }
            return hosts;
        }
        hosts.add(domain.equals("ruled.example") ? "mx.d4.example" : "mx." + domain);
        if (domain.equals("d1.example") && !pooled) {
            hosts.add(FALLBACK);
        }
        return hosts;
    }
}
