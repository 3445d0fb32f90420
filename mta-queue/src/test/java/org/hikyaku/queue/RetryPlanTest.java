package org.hikyaku.queue;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class RetryPlanTest {
    private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");
    private final RetryPlan plan = new RetryPlan(
            List.of(5, 10, 20, 40, 80, 160, 240).stream()
                    .map(Duration::ofMinutes)
                    .toList(),
            0.1,
            Duration.ofHours(4),
            Duration.ofDays(5),
            Duration.ofDays(2));

    private static final Optional<Duration> NEVER = Optional.empty();

    @Test
    void waitsGrowThenStay() {
        List<Long> minutes = new ArrayList<>();
        for (int attempts = 1; attempts <= 9; attempts++) {
            minutes.add(Duration.between(
                            START, plan.next(attempts, NEVER, START.minusSeconds(20_000), true, false, START, 0.5))
                    .toMinutes());
        }
        assertThat(minutes).containsExactly(5L, 10L, 20L, 40L, 80L, 160L, 240L, 240L, 240L);
    }

    @Test
    void jitterLengthensAndShortensByItsPart() {
        assertThat(plan.next(1, NEVER, START, false, false, START, 0)).isEqualTo(START.plusSeconds(270));
        assertThat(plan.next(1, NEVER, START, false, false, START, 1)).isEqualTo(START.plusSeconds(330));
    }

    /** A greylist opens after a fixed time: who comes earlier comes in vain. */
    @Test
    void whoAsksForATimeGetsNoLessUntilHeHasAskedTooOften() {
        Optional<Duration> asked = Optional.of(Duration.ofMinutes(6));
        for (int attempts = 1; attempts <= 10; attempts++) {
            assertThat(plan.next(attempts, asked, START, true, false, START, 0)).isEqualTo(START.plusSeconds(360));
            assertThat(plan.next(attempts, asked, START, true, false, START, 1)).isEqualTo(START.plusSeconds(396));
        }
        assertThat(plan.next(11, asked, START, true, false, START, 0.5)).isEqualTo(START.plusSeconds(14_400));
        Optional<Duration> far = Optional.of(Duration.ofHours(30));
        assertThat(plan.next(1, far, START, false, false, START, 0))
                .as("the notice is not passed over")
                .isEqualTo(START.plus(Duration.ofHours(4)));
    }

    /** RFC 5321 4.5.4.1. */
    @Test
    void oneAttemptIsAtTheMomentOfNoticeAndOneAtTheEnd() {
        Instant now = START;
        List<Instant> tries = new ArrayList<>();
        boolean noticed = false;
        for (int attempts = 1; !plan.isExpired(START, false, now); attempts++) {
            noticed |= plan.isNoticeDue(START, noticed, now);
            now = plan.next(attempts, NEVER, START, noticed, false, now, 0.5);
            tries.add(now);
        }
        assertThat(tries).contains(START.plus(Duration.ofHours(4)), START.plus(Duration.ofDays(5)));
        assertThat(tries.getLast()).isEqualTo(START.plus(Duration.ofDays(5)));
        assertThat(tries).hasSizeBetween(30, 45);
    }

    @Test
    void noticesOfOursAreGivenUpEarlier() {
        assertThat(plan.isExpired(START, true, START.plus(Duration.ofDays(2)))).isTrue();
        assertThat(plan.isExpired(START, false, START.plus(Duration.ofDays(2)))).isFalse();
    }

    @Test
    void whatFellDueWhileDownIsSpread() {
        assertThat(plan.afterStart(START, 3, START.plusSeconds(9000), 0.5)).isEqualTo(Duration.ofSeconds(150));
        assertThat(plan.afterStart(START, 0, START.plusSeconds(9000), 0.5)).isEqualTo(Duration.ZERO);
        assertThat(plan.afterStart(START.plusSeconds(1), 3, START, 0.5)).isEqualTo(Duration.ofSeconds(1));
    }

    @Test
    void aStoredTimeFurtherAheadThanAnyWaitWasWrittenByAWrongClock() {
        Instant yearAhead = START.plus(Duration.ofDays(365));
        assertThat(plan.afterStart(yearAhead, 3, START, 0.5)).isEqualTo(Duration.ofSeconds(150));
        assertThat(plan.afterStart(START.plus(plan.longest()), 3, START, 0.5)).isEqualTo(plan.longest());
    }
}
