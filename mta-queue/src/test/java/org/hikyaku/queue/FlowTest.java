package org.hikyaku.queue;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.hikyaku.config.Rate;
import org.junit.jupiter.api.Test;

class FlowTest {
    private static Flow flow(int connections, Rate... rates) {
        return new Flow(new SiteLimits(connections, List.of(rates)));
    }

    private static void learn(Flow flow, Lesson lesson, int times) {
        for (int i = 0; i < times; i++) {
            flow.learned(lesson, flow.window(), 0);
        }
    }

    /** RFC 1985, and operators: who says that it is there may have changed. */
    @Test
    void whoeverSaysThatHeIsThereHasNoPaceAnyMore() {
        Flow flow = flow(10);
        flow.begun(0, 0);
        flow.learned(Lesson.WORKED, 1, 10);
        flow.begun(1, 20_000);
        flow.learned(Lesson.SLOW_DOWN, 1, 20_010);
        assertThat(flow.opens()).isGreaterThan(42_000);
        flow.wakeUp();
        flow.begun(0, 20_020);
        assertThat(flow.opens()).as("the next may go at once").isLessThanOrEqualTo(20_020);
    }

    @Test
    void aWindowBeginsWithTwoIsFiveWhenSomethingWorksAndGrowsByOneWithEachSuccessUpToItsLimit() {
        Flow flow = flow(20);
        assertThat(flow.window()).isEqualTo(2);
        learn(flow, Lesson.NOTHING, 3);
        assertThat(flow.window()).isEqualTo(2);
        learn(flow, Lesson.WORKED, 1);
        assertThat(flow.window()).isEqualTo(5);
        learn(flow, Lesson.WORKED, 3);
        assertThat(flow.window()).isEqualTo(8);
        learn(flow, Lesson.WORKED, 100);
        assertThat(flow.window()).isEqualTo(20);
        assertThat(flow(1).window()).as("a limit below that").isEqualTo(1);
        Flow narrow = flow(3);
        learn(narrow, Lesson.WORKED, 9);
        assertThat(narrow.window()).isEqualTo(3);
    }

    @Test
    void whoComplainsBeforeAnythingWorkedGrowsSlowly() {
        Flow flow = flow(20);
        flow.learned(Lesson.SLOW_DOWN, 2, 0);
        assertThat(flow.window()).isEqualTo(1);
        learn(flow, Lesson.WORKED, 1);
        assertThat(flow.window()).isEqualTo(2);
        learn(flow, Lesson.WORKED, 1);
        assertThat(flow.window()).isEqualTo(2);
    }

    @Test
    void aComplaintHalvesItOnceForAllThatWasUnderWayAndItGrowsSlowlyFromThere() {
        Flow flow = flow(20);
        learn(flow, Lesson.WORKED, 100);
        for (int i = 0; i < 10; i++) {
            flow.learned(Lesson.SLOW_DOWN, 20 - i, i * 100L);
        }
        assertThat(flow.window()).isEqualTo(10);
        learn(flow, Lesson.WORKED, 10);
        assertThat(flow.window()).as("one more a round").isEqualTo(10);
        learn(flow, Lesson.WORKED, 1);
        assertThat(flow.window()).isEqualTo(11);
        flow.learned(Lesson.SLOW_DOWN, 11, Flow.SAME_TROUBLE);
        assertThat(flow.window()).as("a new complaint").isEqualTo(5);
    }

    @Test
    void whatCountsIsHowMuchWasUnderWayNotHowMuchMightHaveBeen() {
        Flow flow = flow(20);
        learn(flow, Lesson.WORKED, 100);
        flow.learned(Lesson.SLOW_DOWN, 4, 0);
        assertThat(flow.window()).isEqualTo(2);
    }

    @Test
    void whoStillComplainsAboutASingleOneIsLeftAloneLongerAndLonger() {
        Flow flow = flow(1);
        long now = 0;
        List<Long> rests = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            flow.learned(Lesson.SLOW_DOWN, 1, now);
            assertThat(flow.hasRoom(0, now)).isFalse();
            rests.add(flow.opens() - now);
            now = flow.opens();
            assertThat(flow.hasRoom(0, now)).isTrue();
        }
        assertThat(rests)
                .containsExactly(
                        5_000L, 10_000L, 20_000L, 40_000L, 80_000L, 160_000L, 320_000L, 640_000L, 900_000L, 900_000L);
        flow.learned(Lesson.WORKED, 1, now);
        flow.learned(Lesson.SLOW_DOWN, 1, now + Flow.SAME_TROUBLE);
        assertThat(flow.opens() - now - Flow.SAME_TROUBLE)
                .as("something worked between")
                .isEqualTo(5_000);
    }

    @Test
    void noStretchOfTimeEverHasMoreThanItsRate() {
        Random random = new Random(4711);
        for (int round = 0; round < 300; round++) {
            Rate rate = new Rate(1 + random.nextInt(200), Duration.ofSeconds(1 + random.nextInt(100)));
            Flow flow = flow(1000, rate, new Rate(1 + random.nextInt(50), Duration.ofSeconds(1 + random.nextInt(5))));
            List<Long> begun = new ArrayList<>();
            long now = random.nextInt(1000);
            while (begun.size() < 600) {
                if (flow.hasRoom(0, now)) {
                    flow.begun(0, now);
                    begun.add(now);
                } else {
                    assertThat(flow.opens()).isGreaterThan(now);
                    now = random.nextInt(4) == 0 ? flow.opens() + random.nextInt(30_000) : flow.opens();
                }
            }
            int n = rate.messages();
            for (int i = n; i < begun.size(); i++) {
                assertThat(begun.get(i) - begun.get(i - n))
                        .as("%s: number %d and the %dth before it", rate, i, n)
                        .isGreaterThanOrEqualTo(rate.per().toMillis());
            }
        }
    }

    @Test
    void aRateIsUsedUp() {
        Flow flow = flow(1000, new Rate(100, Duration.ofSeconds(10)));
        int begun = 0;
        for (long now = 0; now < 100_000; now++) {
            while (flow.hasRoom(0, now)) {
                flow.begun(0, now);
                begun++;
            }
        }
        assertThat(begun).isBetween(900, 1000);
    }

    @Test
    void newLimitsKeepWhatWasLearned() {
        Flow flow = flow(20);
        learn(flow, Lesson.WORKED, 100);
        flow.limits(new SiteLimits(8, List.of()));
        assertThat(flow.window()).isEqualTo(8);
        flow.limits(new SiteLimits(30, List.of()));
        assertThat(flow.window()).isEqualTo(8);
        assertThat(flow.isPlain(0)).isFalse();
        flow.learned(Lesson.SLOW_DOWN, 4, 0);
        flow.limits(new SiteLimits(40, List.of()));
        assertThat(flow.window()).as("after a complaint").isEqualTo(2);
        assertThat(flow(20).isPlain(0)).isTrue();
    }
}
