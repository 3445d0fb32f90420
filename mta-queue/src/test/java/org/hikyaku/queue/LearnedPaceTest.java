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
                flow.begun(now);
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
            assertThat(receiver.refused).as(what).isLessThan(messages / 4);
            assertThat((double) time / best).as(what).isLessThan(2.5);
        }
    }

    @Test
    void timeWithoutMailSaysNothingOfASite() {
        LearnedPace pace = new LearnedPace();
        pace.begun(0, Long.MIN_VALUE);
        pace.worked(10);
        long later = 3_600_000;
        for (int i = 0; i < 100; i++) {
            pace.begun(later + i * 40L, Long.MIN_VALUE);
            pace.worked(later + i * 40L + 20);
        }
        pace.complained(later + 4_000, Long.MIN_VALUE);
        pace.begun(later + 4_000, Long.MIN_VALUE);
        assertThat(pace.opens() - later - 4_000).isBetween(40L, 50L);
    }

    @Test
    void aPaceIsForgottenWithTheTime() {
        LearnedPace pace = new LearnedPace();
        pace.begun(0, Long.MIN_VALUE);
        pace.worked(10);
        pace.complained(60_000, Long.MIN_VALUE);
        assertThat(pace.isNone()).isFalse();
        pace.begun(100_000_000, Long.MIN_VALUE);
        pace.worked(100_000_000);
        assertThat(pace.isNone()).isTrue();
    }
}
