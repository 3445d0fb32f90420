package org.hikyaku.queue;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.hikyaku.mail.DomainPattern;
import org.hikyaku.mail.Site;
import org.junit.jupiter.api.Test;

/** What is shown of a site is what decides in it. */
class SiteStateTest {
    private static final Site DOMAIN = new Site("domain:a.example");
    private static final Site HOSTS = new Site("mx:mx.a.example");
    private final Scheduler scheduler = new Scheduler(10, site -> new SiteLimits(3, List.of()));
    private long lastId;

    private Parcel parcel(Site site, long due) {
        Sender from = new Sender(7, Priority.USUAL);
        Parcel parcel = new Parcel(++lastId, from, new Home(site), new int[] {0}, due, true);
        scheduler.admit(parcel);
        scheduler.add(parcel, 0);
        return parcel;
    }

    private SiteState only(long now) {
        List<SiteState> all = scheduler.longestNow(10, now);
        assertThat(all).hasSize(1);
        return all.getFirst();
    }

    @Test
    void whatIsDueLaterAndUnderWayIsCounted() {
        parcel(DOMAIN, 0);
        parcel(DOMAIN, 0);
        parcel(DOMAIN, 0);
        parcel(DOMAIN, 90_000);
        Objects.requireNonNull(scheduler.next(0));
        Objects.requireNonNull(scheduler.next(0));
        assertThat(scheduler.next(0)).as("the window is full").isNull();
        assertThat(only(0))
                .isEqualTo(new SiteState(
                        DOMAIN,
                        Optional.empty(),
                        1,
                        1,
                        2,
                        Flow.PROBES,
                        3,
                        Duration.ZERO,
                        Duration.ZERO,
                        Optional.of(Duration.ofSeconds(90))));
    }

    @Test
    void aSiteThatRestsIsShutUntilItOpens() {
        parcel(DOMAIN, 0);
        parcel(DOMAIN, 0);
        Parcel out = Objects.requireNonNull(scheduler.next(0));
        scheduler.left(out, Lesson.SLOW_DOWN, 1_000);
        scheduler.settled(out);
        scheduler.dismiss(out);
        SiteState shown = only(3_000);
        assertThat(shown.shut()).isEqualTo(Duration.ofMillis(1_000 + Flow.REST_FIRST - 3_000));
        assertThat(scheduler.next(3_000)).isNull();
        assertThat(scheduler.next(3_000 + shown.shut().toMillis())).isNotNull();
    }

    /** The long ones first, and none is overlooked for being short. */
    @Test
    void howeverManySitesThereAreThoseWithTheMostWaitingAreShown() {
        for (int i = 0; i < 300; i++) {
            for (int n = 0; n <= i % 3; n++) {
                parcel(new Site("domain:d" + i + ".example"), 60_000);
            }
        }
        Site longest = new Site("domain:z.example");
        for (int n = 0; n < 70; n++) {
            parcel(longest, 60_000);
        }
        List<SiteState> shown = scheduler.longestNow(50, 0);
        assertThat(shown.getFirst().site()).isEqualTo(longest);
        assertThat(shown).hasSize(50).extracting(SiteState::later).isSortedAccordingTo((a, b) -> b - a);
        assertThat(shown.subList(1, 50)).allMatch(site -> site.later() == 3);
        assertThat(scheduler.longestNow(1_000, 0)).hasSize(301);
    }

    @Test
    void aDomainLeadsToTheSiteThatServesIt() {
        parcel(DOMAIN, 0);
        parcel(DOMAIN, 60_000);
        assertThat(scheduler.siteKnown(Objects.requireNonNull(scheduler.next(0)), HOSTS, 0))
                .isTrue();
        List<SiteState> shown = scheduler.sitesNow(
                List.of(), List.of(DomainPattern.parse("a.example").orElseThrow()), 0);
        assertThat(shown).extracting(SiteState::site).containsExactly(DOMAIN, HOSTS);
        assertThat(shown.getFirst().servedBy()).contains(HOSTS);
        assertThat(shown.getLast().out()).isEqualTo(1);
        assertThat(scheduler.sitesNow(List.of(HOSTS, new Site("mx:other")), List.of(), 0))
                .extracting(SiteState::site)
                .containsExactly(HOSTS);
    }
}
