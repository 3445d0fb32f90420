package org.hikyaku.queue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import org.hikyaku.config.Rate;
import org.hikyaku.mail.Site;
import org.junit.jupiter.api.Test;

class SchedulerTest {
    private final Scheduler scheduler = new Scheduler(10, most(3));
    private final Map<Long, String> names = new HashMap<>();
    private long lastId;

    private static Function<Site, SiteLimits> most(int connections, Rate... rates) {
        return site -> new SiteLimits(connections, List.of(rates));
    }

    private Parcel parcel(String site, long due) {
        return parcel(site, "ann", Priority.USUAL, true, due);
    }

    private Parcel parcel(String site, String sender, Priority priority, boolean first, long due) {
        Sender from = new Sender(sender.hashCode() * 0x9E3779B1 + priority.cost, priority);
        Parcel parcel = new Parcel(++lastId, from, new Home(new Site(site)), new int[] {0}, due, first);
        scheduler.admit(parcel);
        scheduler.add(parcel, 0);
        return parcel;
    }

    private Parcel take(long now) {
        return Objects.requireNonNull(scheduler.next(now));
    }

    private void giveBack(Parcel parcel) {
        scheduler.left(parcel, Lesson.WORKED, 0);
        scheduler.settled(parcel);
        scheduler.dismiss(parcel);
    }

    /** Something has been delivered to them: they are no longer only probed. */
    private void known(String... sites) {
        for (String site : sites) {
            parcel(site, 0);
            giveBack(take(0));
        }
    }

    private List<String> takeAll(long now) {
        List<String> sites = new ArrayList<>();
        for (Parcel p = scheduler.next(now); p != null; p = scheduler.next(now)) {
            sites.add(p.home.site.key());
        }
        return sites;
    }

    @Test
    void sitesTakeTurns() {
        known("dead", "b", "c");
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
        known("dead");
        for (int i = 0; i < 100; i++) {
            parcel("dead", 0);
        }
        assertThat(takeAll(0)).containsExactly("dead", "dead", "dead");
        Parcel live = parcel("live", 0);
        assertThat(scheduler.next(0)).isSameAs(live);
    }

    @Test
    void ofASiteThatIsNotKnownLittleIsOut() {
        for (int i = 0; i < 100; i++) {
            parcel("new", 0);
        }
        assertThat(takeAll(0)).hasSize(Flow.PROBES);
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
        known("a");
        List<Parcel> out = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            parcel("a", 0);
        }
        for (int i = 0; i < 3; i++) {
            out.add(take(0));
        }
        assertThat(scheduler.next(0)).isNull();
        scheduler.left(out.getFirst(), Lesson.WORKED, 0);
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
        known("mx:one");
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

    /** A site complains about a single delivery until {@code now}: it rests half a minute from then. */
    private void complains(Parcel about, long now) {
        scheduler.left(about, Lesson.SLOW_DOWN, now);
        scheduler.settled(about);
        scheduler.dismiss(about);
    }

    @Test
    void aSiteThatStillComplainsAboutOneRestsAndWhatWasLearnedOutlastsItsEmptiness() {
        parcel("a", 0);
        complains(take(0), 0);
        parcel("a", 0);
        complains(take(Flow.SAME_TROUBLE), Flow.SAME_TROUBLE);
        assertThat(scheduler.sites()).isZero();
        parcel("a", 0);
        parcel("a", 0);
        long end = Flow.SAME_TROUBLE + 2 * Flow.REST_FIRST;
        assertThat(scheduler.next(end - 1)).isNull();
        assertThat(scheduler.wakes()).isEqualTo(end);
        Parcel one = take(end);
        assertThat(scheduler.next(end)).as("one at a time").isNull();
        scheduler.left(one, Lesson.WORKED, end);
        assertThat(scheduler.next(end)).isNotNull();
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
        assertThatThrownBy(() -> scheduler.left(parcel, Lesson.WORKED, 0)).isInstanceOf(RuntimeException.class);
        assertThatThrownBy(() -> scheduler.settled(parcel)).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void widerWindowsCountAtOnce() {
        known("a");
        for (int i = 0; i < 20; i++) {
            parcel("a", 0);
        }
        assertThat(takeAll(0)).hasSize(3);
        scheduler.limits(10, most(5), 0);
        assertThat(takeAll(0)).hasSize(2);
        scheduler.limits(4, most(8), 0);
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

    // Senders

    private List<String> sendersOf(int count, long now) {
        List<String> ids = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            Parcel parcel = take(now);
            ids.add(names.getOrDefault(parcel.id, "?"));
            giveBack(parcel);
        }
        return ids;
    }

    private void from(String sender, Priority priority, boolean first) {
        names.put(parcel("site", sender, priority, first, 0).id, sender);
    }

    @Test
    void aHundredThousandOfOneSenderDoNotDelayTheSingleOneOfAnother() {
        for (int i = 0; i < 100_000; i++) {
            from("bulk", Priority.USUAL, true);
        }
        sendersOf(50, 0);
        from("ann", Priority.USUAL, true);
        assertThat(sendersOf(3, 0)).contains("ann");
        for (int i = 0; i < 50; i++) {
            from("joe", Priority.USUAL, true);
        }
        assertThat(Collections.frequency(sendersOf(100, 0), "joe")).isBetween(48, 50);
    }

    @Test
    void aThousandSendersWithMuchAreServedAlike() {
        for (int i = 0; i < 20_000; i++) {
            from("s" + i % 100, Priority.USUAL, true);
        }
        List<String> served = sendersOf(5_000, 0);
        for (int i = 0; i < 100; i++) {
            assertThat(Collections.frequency(served, "s" + i)).isBetween(48, 52);
        }
    }

    @Test
    void priorityIsAWeightAndNothingStarves() {
        for (int i = 0; i < 2_000; i++) {
            from("low", Priority.LOW, true);
            from("usual", Priority.USUAL, true);
            from("high", Priority.HIGH, true);
        }
        List<String> served = sendersOf(2_100, 0);
        assertThat(Collections.frequency(served, "high")).isBetween(1_580, 1_620);
        assertThat(Collections.frequency(served, "usual")).isBetween(390, 410);
        assertThat(Collections.frequency(served, "low")).isBetween(95, 105);
    }

    @Test
    void whatIsUrgentGoesBeforeOtherSitesThatWaitedLonger() {
        for (int i = 0; i < 500; i++) {
            parcel("s" + i, 0);
        }
        parcel("bulk", "list", Priority.LOW, true, 0);
        Parcel urgent = parcel("urgent", "ann", Priority.HIGH, true, 0);
        assertThat(take(0)).isSameAs(urgent);
        List<String> rest = new ArrayList<>();
        giveBack(urgent);
        for (Parcel p = scheduler.next(0); p != null; p = scheduler.next(0)) {
            rest.add(p.home.site.key());
            giveBack(p);
        }
        assertThat(rest).hasSize(501).endsWith("bulk");
    }

    // First attempts and later ones

    @Test
    void whatWasTriedBeforeLeavesAQuarterOfTheWindowToWhatWasNot() {
        for (int i = 0; i < 100; i++) {
            parcel("old" + i, "ann", Priority.USUAL, false, 0);
        }
        assertThat(takeAll(0)).as("10 less a quarter").hasSize(8);
        parcel("new1", 0);
        parcel("new2", 0);
        parcel("new3", 0);
        assertThat(takeAll(0)).containsExactly("new1", "new2");
    }

    @Test
    void oneTurnOfFourIsForWhatWasTriedBefore() {
        for (int i = 0; i < 100; i++) {
            parcel("new" + i, 0);
            parcel("old" + i, "ann", Priority.USUAL, false, 0);
        }
        int old = 0;
        for (int i = 0; i < 80; i++) {
            Parcel parcel = take(0);
            old += parcel.first ? 0 : 1;
            giveBack(parcel);
        }
        assertThat(old).isEqualTo(20);
    }

    @Test
    void inASiteThatIsAlwaysFullNeitherStarves() {
        Scheduler narrow = new Scheduler(10, most(1));
        int old = 0;
        for (int i = 0; i < 400; i++) {
            Sender from = new Sender(7, Priority.USUAL);
            Parcel parcel = new Parcel(++lastId, from, new Home(new Site("a")), new int[] {0}, 0, i % 2 == 0);
            narrow.admit(parcel);
            narrow.add(parcel, 0);
        }
        for (int i = 0; i < 100; i++) {
            Parcel parcel = Objects.requireNonNull(narrow.next(0));
            assertThat(narrow.next(0)).isNull();
            old += parcel.first ? 0 : 1;
            narrow.left(parcel, Lesson.WORKED, 0);
            narrow.settled(parcel);
        }
        assertThat(old).isEqualTo(25);
    }

    @Test
    void aDomainOfASiteThatRestsIsTakenBack() {
        Site mx = new Site("mx:busy");
        long now = 0;
        for (int i = 0; i < 2; i++) {
            Parcel one = parcel("d1", 0);
            assertThat(take(now)).isSameAs(one);
            assertThat(scheduler.siteKnown(one, mx, now)).isTrue();
            complains(one, now);
            now += Flow.SAME_TROUBLE;
        }
        Parcel late = parcel("d3", 0);
        assertThat(take(now)).isSameAs(late);
        assertThat(scheduler.siteKnown(late, mx, now)).isFalse();
        assertThat(scheduler.out()).isZero();
        long end = Flow.SAME_TROUBLE + 2 * Flow.REST_FIRST;
        assertThat(scheduler.next(end - 1)).isNull();
        assertThat(take(end)).isSameAs(late);
        assertThat(late.site()).isEqualTo(mx);
    }

    // Rates

    @Test
    void aRateHoldsBackWhatTheWindowWouldLetGoAndTimeAloneGivesIt() {
        Scheduler paced = new Scheduler(10, most(10, new Rate(10, Duration.ofSeconds(10))));
        for (int i = 0; i < 30; i++) {
            Parcel parcel = new Parcel(
                    ++lastId, new Sender(7, Priority.USUAL), new Home(new Site("a")), new int[] {0}, 0, true);
            paced.admit(parcel);
            paced.add(parcel, 0);
        }
        List<Long> begun = new ArrayList<>();
        for (long now = 0; begun.size() < 30; now = Math.max(now, paced.wakes())) {
            for (Parcel p = paced.next(now); p != null; p = paced.next(now)) {
                begun.add(now);
                paced.left(p, Lesson.WORKED, now);
                paced.settled(p);
            }
        }
        assertThat(begun).startsWith(0L, 1_000L, 2_000L).last().isEqualTo(29_000L);
    }

    // A million

    @Test
    void aHundredThousandThatMoveOrFallDueAtOnceMoveInSmallSteps() {
        Site mx = new Site("mx:one");
        known("mx:one");
        for (int i = 0; i < 100_000; i++) {
            parcel("d", i % 2 == 0 ? 0 : 50);
        }
        Parcel first = take(0);
        assertThat(scheduler.siteKnown(first, mx, 0)).isTrue();
        parcel("live", 0);
        assertThat(takeAll(0)).as("one call moves a bounded number").isEmpty();
        assertThat(scheduler.wakes()).as("and asks for another").isLessThanOrEqualTo(0);
        List<String> sites = new ArrayList<>();
        for (int call = 0; call < 1_000; call++) {
            sites.addAll(takeAll(100));
        }
        assertThat(sites).containsExactlyInAnyOrder("live", "d", "d");
        assertThat(scheduler.longest(1).getFirst()).isEqualTo(Map.entry(mx, 99_997));
        assertThat(scheduler.waiting()).isEqualTo(99_997);
    }

    @Test
    void domainsAreForgottenBeyondABound() {
        for (int i = 0; i < Homes.KNOWN_MAX + 1_000; i++) {
            parcel("d" + i, 0);
            Parcel parcel = take(0);
            scheduler.siteKnown(parcel, new Site("mx:one"), 0);
            giveBack(parcel);
        }
        assertThat(scheduler.domains()).isEqualTo(Homes.KNOWN_MAX);
        assertThat(scheduler.sites()).isZero();
    }

    @Test
    void withTheWindowFullTimeAloneGivesNothing() {
        for (int i = 0; i < 5; i++) {
            for (int n = 0; n < 3; n++) {
                parcel("s" + i, n);
            }
        }
        assertThat(takeAll(0)).hasSize(5);
        assertThat(takeAll(1)).hasSize(5);
        assertThat(scheduler.wakes()).isEqualTo(Long.MAX_VALUE);
    }
}
