package org.hikyaku.scenario;

import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.function.Supplier;

/**
 * What was handed in and what of it has arrived, and when. Message n is for {@code un} at the site n modulo the number of sites.
 * One thread writes, others may read the counts.
 */
final class Arrivals {
    private final List<Place> places;
    private final Supplier<Instant> now;
    private final long[] arrived;
    private final int deliverable;
    private Instant begun = Instant.EPOCH;
    private volatile int count;

    Arrivals(List<Place> places, int messages, Supplier<Instant> now) {
        this.places = places;
        this.now = now;
        this.arrived = new long[messages];
        Arrays.fill(arrived, -1);
        int reachable = 0;
        for (int number = 0; number < messages; number++) {
            reachable += places.get(number % places.size()).kind() == Kind.DEAD ? 0 : 1;
        }
        this.deliverable = reachable;
    }

    int messages() {
        return arrived.length;
    }

    String recipient(int number) {
        return "u" + number + "@" + places.get(number % places.size()).domain();
    }

    /** From here on time counts. */
    void begin() {
        begun = now.get();
    }

    /** A message for this recipient was taken for the first time; one for nobody of ours is none (a notice of delay). */
    @SuppressWarnings("NonAtomicVolatileUpdate") // one thread writes
    void taken(String recipient) {
        String box = recipient.substring(0, recipient.indexOf('@'));
        if (!box.matches("u[0-9]{1,9}")) {
            return;
        }
        int number = Integer.parseInt(box.substring(1));
        arrived[number] = Duration.between(begun, now.get()).toMillis();
        count++;
    }

    int count() {
        return count;
    }

    /** Messages for sites that take any. */
    int deliverable() {
        return deliverable;
    }

    boolean isWhole() {
        return count == deliverable;
    }

    /** Milliseconds from the beginning for each message; -1: it did not arrive. */
    long[] times() {
        return arrived.clone();
    }
}
