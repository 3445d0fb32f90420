package org.hikyaku.queue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.hikyaku.mail.Site;
import org.hikyaku.mail.SpoolId;
import org.junit.jupiter.api.Test;

class SchedulerTest {
    private final Scheduler scheduler = new Scheduler(10, 3);
    private long lastId;

    private Parcel parcel(String site, long due) {
        Parcel parcel = new Parcel(new SpoolId(++lastId), new int[] {0}, new Site(site), due, true);
        scheduler.add(parcel, 0);
        return parcel;
    }

    private Parcel take(long now) {
        return Objects.requireNonNull(scheduler.next(now));
    }

    private void giveBack(Parcel parcel) {
        scheduler.left(parcel, 0);
        scheduler.settled(parcel);
    }

    private List<String> takeAll(long now) {
        List<String> sites = new ArrayList<>();
        for (Parcel p = scheduler.next(now); p != null; p = scheduler.next(now)) {
            sites.add(p.domain.key());
        }
        return sites;
    }

    @Test
    void sitesTakeTurns() {
        for (int i = 0; i < 100; i++) {
            parcel("dead", 0);
        }
        parcel("b", 0);
        parcel("c", 0);
        parcel("b", 0);
        assertThat(takeAll(0)).containsExactly("dead", "b", "c", "dead", "b", "dead");
    }

    @Test
    void aHundredForADeadSiteDoNotDelayAnother() {
        for (int i = 0; i < 100; i++) {
            parcel("dead", 0);
        }
        assertThat(takeAll(0)).containsExactly("dead", "dead", "dead");
        Parcel live = parcel("live", 0);
        assertThat(scheduler.next(0)).isSameAs(live);
    }

    @Test
    void windowsHoldForOneSiteAndForAll() {
        for (int i = 0; i < 50; i++) {
            parcel("s" + i % 5, 0);
        }
        assertThat(takeAll(0)).containsExactly("s0", "s1", "s2", "s3", "s4", "s0", "s1", "s2", "s3", "s4");
    }

    @Test
    void roomIsTakenAsSoonAsItIsGivenBack() {
        List<Parcel> out = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            parcel("a", 0);
        }
        for (int i = 0; i < 3; i++) {
            out.add(take(0));
        }
        assertThat(scheduler.next(0)).isNull();
        scheduler.left(out.getFirst(), 0);
        assertThat(scheduler.next(0)).isNotNull();
        assertThat(scheduler.out()).isEqualTo(4);
        scheduler.settled(out.getFirst());
        assertThat(scheduler.out()).isEqualTo(3);
        assertThat(scheduler.waiting()).isEqualTo(1);
    }

    @Test
    void nothingGoesBeforeItsTimeAndTheEarliestGoesFirst() {
        parcel("a", 100);
        parcel("a", 50);
        parcel("b", 70);
        assertThat(scheduler.next(49)).isNull();
        assertThat(scheduler.wakes()).isEqualTo(50);
        assertThat(take(60).due).isEqualTo(50);
        assertThat(scheduler.next(60)).isNull();
        assertThat(scheduler.wakes()).isEqualTo(70);
        assertThat(takeAll(100)).containsExactly("b", "a");
        assertThat(scheduler.wakes()).isEqualTo(Long.MAX_VALUE);
    }

    @Test
    void whatWaitsMovesWhenTheSiteIsKnownAndLaterOnesGoThereAtOnce() {
        Site mx = new Site("mx:one");
        List<Parcel> out = new ArrayList<>();
        for (String domain : List.of("d1", "d2", "d3", "d4")) {
            parcel(domain, 0);
            parcel(domain, 0);
        }
        for (int i = 0; i < 4; i++) {
            out.add(take(0));
        }
        assertThat(scheduler.siteKnown(out.get(0), mx, 0)).isTrue();
        assertThat(scheduler.siteKnown(out.get(1), mx, 0)).isTrue();
        assertThat(scheduler.siteKnown(out.get(2), mx, 0)).isTrue();
        assertThat(scheduler.siteKnown(out.get(3), mx, 0))
                .as("a fourth has no room")
                .isFalse();
        assertThat(scheduler.next(0))
                .as("all of them wait for one site, which is full")
                .isNull();
        assertThat(scheduler.out()).isEqualTo(3);
        assertThat(scheduler.waiting()).isEqualTo(5);
        parcel("d1", 0);
        assertThat(scheduler.next(0)).isNull();
        out.subList(0, 3).forEach(this::giveBack);
        assertThat(takeAll(0)).hasSize(3);
        assertThat(scheduler.sites()).isEqualTo(1);
    }

    @Test
    void anOpenConnectionGetsMoreOfItsSiteUnlessOthersWaitForTheRoom() {
        Site a = new Site("a");
        for (int i = 0; i < 20; i++) {
            parcel("a", 0);
        }
        Parcel first = take(0);
        giveBack(first);
        assertThat(scheduler.nextOf(a, 0)).isNotNull();
        assertThat(scheduler.nextOf(new Site("b"), 0)).isNull();
        for (int i = 0; i < 8; i++) {
            parcel("x" + i, 0);
            scheduler.next(0);
        }
        while (scheduler.out() < 9) {
            assertThat(scheduler.next(0)).isNotNull();
        }
        parcel("other", 0);
        assertThat(scheduler.nextOf(a, 0)).isNull();
        assertThat(take(0)).isNotNull();
    }

    @Test
    void aQuietSiteIsLeftAlone() {
        parcel("a", 0);
        scheduler.quiet(new Site("a"), 500, 0);
        assertThat(scheduler.next(499)).isNull();
        assertThat(scheduler.wakes()).isEqualTo(500);
        assertThat(scheduler.next(500)).isNotNull();
    }

    @Test
    void removedOnesNeverGo() {
        Parcel parcel = parcel("a", 0);
        scheduler.remove(parcel, 0);
        assertThat(scheduler.next(0)).isNull();
        assertThat(scheduler.sites()).isZero();
        assertThatThrownBy(() -> scheduler.remove(parcel, 0)).isInstanceOf(NullPointerException.class);
    }

    @Test
    void givingBackTwiceIsABug() {
        parcel("a", 0);
        Parcel parcel = take(0);
        giveBack(parcel);
        assertThatThrownBy(() -> scheduler.left(parcel, 0)).isInstanceOf(RuntimeException.class);
        assertThatThrownBy(() -> scheduler.settled(parcel)).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void widerWindowsCountAtOnce() {
        for (int i = 0; i < 20; i++) {
            parcel("a", 0);
        }
        assertThat(takeAll(0)).hasSize(3);
        scheduler.windows(10, 8, 0);
        assertThat(takeAll(0)).hasSize(5);
        scheduler.windows(4, 8, 0);
        assertThat(takeAll(0)).isEmpty();
    }

    @Test
    void emptySitesAreForgotten() {
        for (int i = 0; i < 1000; i++) {
            parcel("site" + i, i);
        }
        for (int i = 0; i < 1000; i++) {
            giveBack(take(i));
        }
        assertThat(scheduler.sites()).isZero();
        assertThat(scheduler.out()).isZero();
    }
}
