package org.hikyaku.policy;

import java.time.Duration;
import java.util.Arrays;
import java.util.Collection;
import java.util.EnumMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.hikyaku.config.OutboundSettings;

/**
 * What users and domains have sent within the last hour (to five minutes), docs/abuse.md. Bounded, in memory: a restart
 * forgets it. Safe from anywhere; the time, of the clock that never goes back, is given in.
 *
 * <p><i>Failure:</i> none. When there are too many to be counted, those are forgotten who sent nothing for the longest time.
 */
public final class OutboundCounts {
    private static final int ROWS_MAX = 20_000;
    /** Of all rows together. */
    private static final int DOMAINS_MAX = 400_000;

    private static final int DOMAINS_OF_ONE_MAX = 100_000;

    private static final long STRETCH = Duration.ofMinutes(5).toNanos();
    /** Stretches that count: the one that runs, and those of the hour before it. */
    private static final int STRETCHES = 13;

    private final Map<String, Row> rows = new LinkedHashMap<>(16, 0.75f, true);
    private int domains;

    /** What there is too much of. */
    public enum Limit {
        MESSAGES,
        RECIPIENTS,
        DOMAINS
    }

    /** Who is counted, under which limits: a user of SMTP, a user of this host, or a domain. */
    public record Bound(Kind kind, String name, OutboundSettings.Quota quota) {
        String key() {
            return keyOf(kind, name);
        }

        /** Of a domain nothing is counted that is not limited: so what a class of senders lifts shuts nobody else out. */
        boolean counts(int most) {
            return kind != Kind.DOMAIN || most > 0;
        }
    }

    /** The kinds of names that are counted. */
    public enum Kind {
        USER,
        LOCAL,
        DOMAIN
    }

    /** What is too much, and whether it is told for the first time within the hour. */
    public record Over(Bound bound, Limit limit, int most, boolean first) {}

    private enum What {
        MESSAGES,
        RECIPIENTS,
        /** Recipients refused by one of our checks. */
        REJECTED,
        /** Recipients refused by receivers for good. */
        REFUSED,
        /** Recipients whose receivers took it. */
        DELIVERED,
        REFUSALS,
        TOLD
    }

    /** One who sends. */
    private static final class Row {
        private final EnumMap<What, int[]> counts = new EnumMap<>(What.class);
        /** By name: the last stretch in which something went there; those least recently so first. */
        private final LinkedHashMap<String, Long> domains = new LinkedHashMap<>(8, 0.75f, true);

        private long stretch;

        Row(long stretch) {
            this.stretch = stretch;
            for (What each : What.values()) {
                counts.put(each, new int[STRETCHES]);
            }
        }

        private int[] of(What what) {
            return Objects.requireNonNull(counts.get(what));
        }

        /** Forgets what is older than an hour; returns how many domains that are. */
        int age(long now) {
            long gone = Math.min(now - stretch, STRETCHES);
            for (long i = 0; i < gone; i++) {
                int slot = (int) Math.floorMod(stretch + 1 + i, (long) STRETCHES);
                for (int[] each : counts.values()) {
                    each[slot] = 0;
                }
            }
            stretch = now;
            int before = domains.size();
            Iterator<Long> oldest = domains.values().iterator();
            while (oldest.hasNext() && oldest.next() <= now - STRETCHES) {
                oldest.remove();
            }
            return before - domains.size();
        }

        int sum(What what) {
            return Arrays.stream(of(what)).sum();
        }

        void add(What what, int count) {
            of(what)[(int) Math.floorMod(stretch, (long) STRETCHES)] += count;
        }
    }

    /** Whether one more message is too much; counts nothing of it. */
    public synchronized Optional<Over> wouldBegin(List<Bound> bounds, long now) {
        return over(bounds, 1, List.of(), 0, now);
    }

    /** Counts a message, unless that is too much. */
    public synchronized Optional<Over> message(List<Bound> bounds, long now) {
        return counted(bounds, 1, List.of(), 0, now);
    }

    /** Counts a recipient, unless that is too much. */
    public synchronized Optional<Over> recipient(List<Bound> bounds, String domain, long now) {
        return counted(bounds, 0, List.of(domain), 1, now);
    }

    /** Whether a whole message is too much; counts nothing of it. */
    public synchronized Optional<Over> wouldSend(
            List<Bound> bounds, int recipients, Collection<String> toDomains, long now) {
        return over(bounds, 1, toDomains, recipients, now);
    }

    /** Counts a whole message that has been stored. */
    public synchronized void sent(List<Bound> bounds, int recipients, Collection<String> toDomains, long now) {
        count(bounds, 1, toDomains, recipients, now);
    }

    /** Whether a message of so many recipients and domains is too much of itself, so that waiting does not help. */
    public static boolean isTooMuchEver(List<Bound> bounds, int recipients, int domains) {
        return bounds.stream()
                .map(Bound::quota)
                .anyMatch(
                        most -> isOver(most.recipientsPerHour(), recipients) || isOver(most.domainsPerHour(), domains));
    }

    private static boolean isOver(int most, long would) {
        return most > 0 && would > most;
    }

    private Optional<Over> counted(List<Bound> bounds, int messages, Collection<String> to, int recipients, long now) {
        Optional<Over> over = over(bounds, messages, to, recipients, now);
        if (over.isEmpty()) {
            count(bounds, messages, to, recipients, now);
        }
        return over;
    }

    private void count(List<Bound> bounds, int messages, Collection<String> to, int recipients, long now) {
        for (Bound bound : bounds) {
            Row row = row(bound.key(), now);
            row.add(What.MESSAGES, bound.counts(bound.quota().messagesPerHour()) ? messages : 0);
            row.add(What.RECIPIENTS, bound.counts(bound.quota().recipientsPerHour()) ? recipients : 0);
            if (bound.counts(bound.quota().domainsPerHour())) {
                remember(row, to);
            }
        }
        shrink();
    }

    private void remember(Row row, Collection<String> to) {
        for (String domain : to) {
            if (row.domains.size() >= DOMAINS_OF_ONE_MAX && !row.domains.containsKey(domain)) {
                break; // only where he may have any number
            }
            domains += row.domains.put(domain, row.stretch) == null ? 1 : 0;
        }
    }

    private Optional<Over> over(List<Bound> bounds, int messages, Collection<String> to, int recipients, long now) {
        for (Bound bound : bounds) {
            Row row = row(bound.key(), now);
            OutboundSettings.Quota most = bound.quota();
            Set<String> fresh = new LinkedHashSet<>(to);
            fresh.removeAll(row.domains.keySet());
            if (messages > 0 && isOver(most.messagesPerHour(), (long) row.sum(What.MESSAGES) + messages)) {
                return over(bound, row, Limit.MESSAGES, most.messagesPerHour());
            }
            if (recipients > 0 && isOver(most.recipientsPerHour(), (long) row.sum(What.RECIPIENTS) + recipients)) {
                return over(bound, row, Limit.RECIPIENTS, most.recipientsPerHour());
            }
            if (!fresh.isEmpty() && isOver(most.domainsPerHour(), (long) row.domains.size() + fresh.size())) {
                return over(bound, row, Limit.DOMAINS, most.domainsPerHour());
            }
        }
        return Optional.empty();
    }

    private static Optional<Over> over(Bound bound, Row row, Limit limit, int most) {
        boolean first = row.sum(What.TOLD) == 0;
        row.add(What.REFUSALS, 1);
        row.add(What.TOLD, first ? 1 : 0);
        return Optional.of(new Over(bound, limit, most, first));
    }

    /** A recipient was refused by one of our checks. */
    public synchronized void rejected(Kind kind, String name, long now) {
        one(kind, name, What.REJECTED, now);
    }

    /** A recipient was refused by his receiver for good. */
    public synchronized void refused(Kind kind, String name, long now) {
        one(kind, name, What.REFUSED, now);
    }

    /** A recipient's receiver took the message. */
    public synchronized void delivered(Kind kind, String name, long now) {
        one(kind, name, What.DELIVERED, now);
    }

    private void one(Kind kind, String name, What what, long now) {
        row(keyOf(kind, name), now).add(what, 1);
        shrink();
    }

    /** What is unusual about one who sends, in words; empty for what is as ever. */
    public synchronized Optional<String> anomaly(Kind kind, String name, OutboundSettings.Anomaly bounds, long now) {
        Row row = rows.get(keyOf(kind, name));
        if (row == null) {
            return Optional.empty();
        }
        domains -= row.age(now / STRETCH);
        Optional<String> many = many(row, What.REJECTED, What.RECIPIENTS, "by us", bounds)
                .or(() -> many(row, What.REFUSED, What.DELIVERED, "by receivers", bounds));
        if (many.isPresent()) {
            return many;
        }
        if (bounds.domains() > 0 && row.domains.size() >= bounds.domains()) {
            return Optional.of("mail to " + row.domains.size() + " domains in an hour");
        }
        int refusals = row.sum(What.REFUSALS);
        return bounds.refusals() > 0 && refusals >= bounds.refusals()
                ? Optional.of(refusals + " times told in an hour that he sends too much")
                : Optional.empty();
    }

    /** Whether many were refused, and these are a good part of all of whom the same was asked within the same hour. */
    private static Optional<String> many(Row row, What no, What yes, String whose, OutboundSettings.Anomaly bounds) {
        int refused = row.sum(no);
        int all = row.sum(yes) + refused;
        boolean many = bounds.rejectedRecipients() > 0
                && refused >= bounds.rejectedRecipients()
                && refused >= bounds.rejectedShare() * all;
        return many
                ? Optional.of(refused + " recipients refused " + whose + " of " + all + " in an hour")
                : Optional.empty();
    }

    /** Whether a user, of SMTP or of this host, has sent something within the last hour, or it became known then what came of it. */
    public synchronized boolean isActive(String user, long now) {
        for (Kind kind : Kind.values()) {
            Row row = kind == Kind.DOMAIN ? null : rows.get(keyOf(kind, user));
            if (row != null && now / STRETCH - row.stretch < STRETCHES) {
                return true;
            }
        }
        return false;
    }

    /** Begins anew with a user. */
    public synchronized void forget(String name) {
        for (Kind kind : Kind.values()) {
            Row row = kind == Kind.DOMAIN ? null : rows.remove(keyOf(kind, name));
            domains -= row == null ? 0 : row.domains.size();
        }
    }

    /** Who is counted. */
    public synchronized int rows() {
        return rows.size();
    }

    /** The domains that are remembered, of all together. */
    public synchronized int domains() {
        return domains;
    }

    private static String keyOf(Kind kind, String name) {
        return kind + " " + name.toLowerCase(Locale.ROOT);
    }

    private Row row(String key, long now) {
        Row row = rows.computeIfAbsent(key, k -> new Row(now / STRETCH));
        domains -= row.age(now / STRETCH);
        return row;
    }

    private void shrink() {
        Iterator<Row> oldest = rows.values().iterator();
        while ((rows.size() > ROWS_MAX || domains > DOMAINS_MAX) && oldest.hasNext()) {
            domains -= oldest.next().domains.size();
            oldest.remove();
        }
    }
}
