package org.hikyaku.queue;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import org.junit.jupiter.api.Test;

class LearnedPaceTest {
    /** A receiver that takes so many in any stretch of this length and refuses the rest; what came of 500 messages. */
    private static final class Receiver {
        private final int most;
        private final long per;
        private final Deque<Long> taken = new ArrayDeque<>();
        private int refused;

        Receiver(int most, long per) {
            this.most = most;
            this.per = per;
        }

        boolean takes(long now) {
            while (!taken.isEmpty() && taken.getFirst() <= now - per) {
                taken.removeFirst();
            }
            boolean takes = taken.size() < most;
            if (takes) {
                taken.addLast(now);
            } else {
                refused++;
            }
            return takes;
        }
    }

    /** Sends them as the window allows, each 50 ms under way; answers how long it took. */
    private static long send(Receiver receiver, int messages) {
        Flow flow = new Flow(new SiteLimits(10, List.of()));
        Deque<Long> under = new ArrayDeque<>();
        int left = messages;
        for (long now = 0; ; now++) {
            while (!under.isEmpty() && under.getFirst() <= now) {
                under.removeFirst();
                boolean took = receiver.takes(now);
                flow.learned(took ? Lesson.WORKED : Lesson.SLOW_DOWN, under.size() + 1, now);
                left -= took ? 1 : 0;
                if (left == 0) {
                    return now;
                }
            }
            while (under.size() < left && flow.hasRoom(under.size(), now)) {
                flow.begun(under.size(), now);
                under.addLast(now + 50);
            }
        }
    }

    @Test
    void aRateOfTheReceiverIsFoundAndLittleIsRefused() {
        for (int[] rate : new int[][] {{60, 60_000}, {10, 1_000}, {300, 60_000}, {1, 2_000}, {1000, 3_600_000}}) {
            Receiver receiver = new Receiver(rate[0], rate[1]);
            int messages = Math.max(500, 5 * rate[0]);
            long time = send(receiver, messages);
            long best = Math.max(1, (long) rate[1] * (messages - rate[0]) / rate[0]);
            String what =
                    rate[0] + " in " + rate[1] + " ms: " + time + " ms for " + best + ", refused " + receiver.refused;
            assertThat(receiver.refused).as(what).isLessThan(messages / 10);
            assertThat((double) time / best).as(what).isLessThan(2.0);
        }
    }

    @Test
    void timeWithoutMailSaysNothingOfASite() {
        LearnedPace pace = new LearnedPace();
        pace.begun(0, 0, Long.MIN_VALUE);
        pace.worked(10);
        long later = 3_600_000;
        for (int i = 0; i < 100; i++) {
            pace.begun(0, later + i * 40L, Long.MIN_VALUE);
            pace.worked(later + i * 40L + 20);
        }
        pace.complained(later + 4_000, Long.MIN_VALUE);
        pace.begun(0, later + 4_000, Long.MIN_VALUE);
        assertThat(pace.opens() - later - 4_000).isBetween(40L, 50L);
    }

    @Test
    void aLittleMailAllDaySaysNothingOfWhatASiteBears() {
        LearnedPace pace = new LearnedPace();
        long now = 0;
        for (; now < 36_000_000; now += 50_000) {
            pace.begun(0, now, Long.MIN_VALUE);
            pace.worked(now + 100);
        }
        for (int i = 0; i < 100; i++) {
            pace.begun(i % 5, now + i * 50L, Long.MIN_VALUE);
            pace.worked(now + i * 50L + 200);
        }
        now += 5_000;
        pace.complained(now, Long.MIN_VALUE);
        pace.begun(0, now, Long.MIN_VALUE);
        assertThat(pace.opens() - now).isBetween(40L, 100L);
    }

    @Test
    void aSiteThatTookNothingForHoursIsNotTakenForASlowOne() {
        LearnedPace pace = new LearnedPace();
        pace.begun(0, 0, Long.MIN_VALUE);
        long now = 0;
        while (now < 3 * 3_600_000) {
            pace.complained(now, now + 900_000);
            now += 900_000;
            pace.begun(0, now, now);
        }
        for (int i = 0; i < 3; i++) {
            pace.worked(now + i);
        }
        pace.complained(now + 10, now + 5_010);
        pace.begun(0, now + 5_010, now + 5_010);
        assertThat(pace.opens() - now - 5_010).as("at the most").isLessThanOrEqualTo(30_000);
        pace.forget();
        assertThat(pace.isNone()).isTrue();
    }

    /** Twenty seconds each: there is mail all the time, though nothing is heard for longer than an idle site is believed to have some. */
    @Test
    void timeInWhichSomethingIsUnderWayCountsHoweverLongItTakes() {
        LearnedPace pace = new LearnedPace();
        pace.begun(0, 0, Long.MIN_VALUE);
        for (long i = 1; i <= 5; i++) {
            pace.begun(1, i * 20_000 - 1, Long.MIN_VALUE);
            pace.worked(i * 20_000);
        }
        pace.complained(100_000, Long.MIN_VALUE);
        pace.begun(0, 100_000, Long.MIN_VALUE);
        assertThat(pace.opens() - 100_000).isBetween(21_900L, 22_100L);
    }

    @Test
    void whatTakesLongIsNoPauseAfterIt() {
        LearnedPace pace = new LearnedPace();
        for (long i = 0; i < 5; i++) {
            pace.begun(0, i * 21_000, Long.MIN_VALUE);
            pace.worked(i * 21_000 + 20_000);
        }
        pace.begun(0, 105_000, Long.MIN_VALUE);
        pace.complained(105_100, Long.MIN_VALUE);
        pace.begun(0, 106_000, Long.MIN_VALUE);
        assertThat(pace.opens() - 106_000).isBetween(23_000L, 23_300L);
    }

    @Test
    void aFirstGuessIsMadeFasterAfterThreeMessages() {
        LearnedPace pace = new LearnedPace();
        pace.begun(0, 0, Long.MIN_VALUE);
        for (long i = 1; i <= 5; i++) {
            pace.begun(1, i * 20_000 - 1, Long.MIN_VALUE);
            pace.worked(i * 20_000);
        }
        pace.complained(100_000, Long.MIN_VALUE);
        long three = 100_000 + 3 * 22_000;
        pace.worked(three - 1_000);
        pace.begun(1, three - 1_000, Long.MIN_VALUE);
        assertThat(pace.opens() - three + 1_000).isBetween(21_900L, 22_100L);
        pace.worked(three + 1_000);
        pace.begun(1, three + 1_000, Long.MIN_VALUE);
        assertThat(pace.opens() - three - 1_000).isLessThan(15_000);
    }

    @Test
    void aPaceIsForgottenWithTheTime() {
        LearnedPace pace = new LearnedPace();
        pace.begun(0, 0, Long.MIN_VALUE);
        pace.worked(10);
        pace.complained(60_000, Long.MIN_VALUE);
        assertThat(pace.isNone()).isFalse();
        pace.begun(0, 100_000_000, Long.MIN_VALUE);
        pace.worked(100_000_000);
        assertThat(pace.isNone()).isTrue();
    }
}
