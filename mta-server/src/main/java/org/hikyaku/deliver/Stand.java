package org.hikyaku.deliver;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import org.hikyaku.world.Tasks;
import org.jspecify.annotations.Nullable;

/**
 * The places of one site that are taken, and who waits for one. The monitor of its {@link Places} guards it.
 *
 * <p><i>Failure:</i> none.
 */
final class Stand {
    private final Set<Place> taken = new LinkedHashSet<>();
    private final List<Waiter> waiting = new ArrayList<>();

    /** Who waits. */
    static final class Waiter {
        private final Place place;
        private final int most;
        private final Predicate<ConversationRunner> fits;
        private final Tasks.Promise<Boolean> called;
        private @Nullable Given given;
        private boolean first;

        /**
         * @param most so many may be taken with {@code place}
         * @param fits which connections will do as well
         */
        Waiter(Place place, int most, Predicate<ConversationRunner> fits, Tasks.Promise<Boolean> called) {
            this.place = place;
            this.most = most;
            this.fits = fits;
            this.called = called;
        }

        Tasks.Promise<Boolean> called() {
            return called;
        }

        /** Null while he waits. */
        @Nullable
        Given given() {
            return given;
        }
    }

    /** False when there is no room, or somebody waits for it. */
    boolean take(Place place, int most) {
        return waiting.isEmpty() && taken.size() < most && taken.add(place);
    }

    /**
     * As {@link #take}, else he waits; false when as many do as may be taken.
     *
     * @param first he does so before all others, however many they are
     */
    boolean take(Waiter waiter, boolean first) {
        if (take(waiter.place, waiter.most)) {
            waiter.given = new Given.Free(waiter.place);
            return true;
        }
        if (first) {
            return takeFirst(waiter);
        }
        return waiting.size() < waiter.most && waiting.add(waiter);
    }

    /** Behind those alone who do so too. */
    private boolean takeFirst(Waiter waiter) {
        int at = 0;
        while (at < waiting.size() && waiting.get(at).first) {
            at++;
        }
        waiter.first = true;
        if (at == 0 && taken.size() < waiter.most) { // he may have more than those who wait
            taken.add(waiter.place);
            waiter.given = new Given.Free(waiter.place);
        } else {
            waiting.add(at, waiter);
        }
        return true;
    }

    boolean release(Place place) {
        return taken.remove(place);
    }

    /** He waits no more. */
    void leave(Waiter waiter) {
        waiting.remove(waiter);
    }

    /** Gives what room there is to who waits, in their order; whom it was given to. */
    List<Waiter> admit() {
        List<Waiter> served = new ArrayList<>();
        while (!waiting.isEmpty() && taken.size() < waiting.getFirst().most) {
            Waiter next = waiting.removeFirst();
            taken.add(next.place);
            next.given = new Given.Free(next.place);
            served.add(next);
        }
        return served;
    }

    /** Gives {@code runner} to the first whom it fits; null when there is none. */
    @Nullable
    Waiter give(ConversationRunner runner) {
        for (Waiter each : waiting) {
            if (each.fits.test(runner)) {
                waiting.remove(each);
                each.given = new Given.Rested(runner);
                return each;
            }
        }
        return null;
    }

    /** Whether somebody waits whom it fits. */
    boolean fits(ConversationRunner runner) {
        return waiting.stream().anyMatch(each -> each.fits.test(runner));
    }

    /** Whether more wait before the first whom {@code runner} fits than have said QUIT: then it is to do so as well. */
    boolean isWantedBefore(ConversationRunner runner) {
        int before = 0;
        for (Waiter each : waiting) {
            if (each.fits.test(runner)) {
                break;
            }
            before++;
        }
        return before > 0 && before > leaving();
    }

    /** Whether fewer have said QUIT than wait. */
    boolean isWanted() {
        return waiting.size() > leaving();
    }

    private int leaving() {
        return (int) taken.stream().filter(each -> each.leftAt() != null).count();
    }

    List<Place> taken() {
        return List.copyOf(taken);
    }

    boolean isEmpty() {
        return taken.isEmpty() && waiting.isEmpty();
    }
}
