package org.hikyaku.deliver;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.hikyaku.mail.Domain;
import org.hikyaku.mail.Site;
import org.hikyaku.route.Hop;
import org.hikyaku.sim.SimWorld;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class HostMemoryTest {
    private static final Domain DOMAIN = Domain.of("y.example");

    private final SimWorld sim = new SimWorld(1);
    private final HostMemory memory = new HostMemory(sim.world().clock());
    private final Hop host = Errand.hop("198.51.100.1", Hop.Security.NONE);

    @AfterEach
    void close() {
        sim.close();
    }

    @Test
    void whoIsSilentIsPassedByLongerAndLongerUntilItAnswers() {
        List<Long> minutes = new ArrayList<>();
        assertThat(memory.passedBy(host)).isEmpty();
        for (int i = 0; i < 7; i++) {
            memory.unusable(host, DOMAIN, "silent", false, true);
            long waited = 0;
            while (memory.passedBy(host).isPresent()) {
                sim.runFor(Duration.ofMinutes(1));
                waited++;
            }
            minutes.add(waited);
        }
        assertThat(minutes).containsExactly(1L, 2L, 4L, 8L, 16L, 30L, 30L);
        memory.usable(host);
        memory.unusable(host, DOMAIN, "silent", false, true);
        sim.runFor(HostMemory.FIRST);
        assertThat(memory.passedBy(host)).as("it begins anew").isEmpty();
    }

    @Test
    void oneTriesWhenTheTimeIsOverAndTheOthersStillPassBy() {
        memory.unusable(host, DOMAIN, "silent", false, true);
        assertThat(memory.passedBy(host)).contains("silent");
        sim.runFor(HostMemory.FIRST);
        assertThat(memory.passedBy(host)).isEmpty();
        assertThat(memory.passedBy(host)).contains("silent");
        memory.usable(host);
        assertThat(memory.passedBy(host)).isEmpty();
    }

    @Test
    void aTrialThatNeverEndsIsFollowedByAnother() {
        memory.unusable(host, DOMAIN, "silent", false, true);
        sim.runFor(HostMemory.FIRST);
        assertThat(memory.passedBy(host)).isEmpty();
        sim.runFor(Duration.ofMinutes(10));
        assertThat(memory.passedBy(host)).isEmpty();
    }

    private Hop as(String user) {
        Hop.Login login = new Hop.Login(user, Path.of("/secret"), false);
        return new Hop(host.host(), host.endpoint(), host.protocol(), Hop.Security.VERIFIED, Optional.of(login));
    }

    /** docs/routes.md: a login that does not work shuts out nobody else. */
    @Test
    void whoIsPassedByForHisLoginTriesNothingAndKeepsNobodyFromTrying() {
        memory.unusable(as("bob"), DOMAIN, "421", false, false);
        sim.runFor(Duration.ofSeconds(5));
        memory.unusable(as("anna"), DOMAIN, "535", true, false);
        sim.runFor(Duration.ofSeconds(56));
        assertThat(memory.passedBy(as("anna"))).contains("535");
        assertThat(memory.passedBy(as("bob"))).isEmpty();
        assertThat(memory.passedBy(as("carl"))).as("bob tries").contains("421");
    }

    @Test
    void whatATrialTellsOfOneDoorEndsItAtTheOther() {
        memory.unusable(as("anna"), DOMAIN, "421", false, false);
        memory.unusable(as("anna"), DOMAIN, "535", true, false);
        sim.runFor(HostMemory.FIRST);
        assertThat(memory.passedBy(as("anna"))).isEmpty();
        memory.unusable(as("anna"), DOMAIN, "535", true, false);
        assertThat(memory.passedBy(as("bob")))
                .as("the host itself may be tried")
                .isEmpty();
    }

    @Test
    void aTrialThatTellsNothingOfTheHostIsFollowedByAnother() {
        memory.unusable(host, DOMAIN, "silent", false, true);
        memory.untold(host);
        assertThat(memory.passedBy(host)).as("it was no trial").isPresent();
        sim.runFor(HostMemory.FIRST);
        assertThat(memory.passedBy(host)).isEmpty();
        memory.untold(host);
        assertThat(memory.passedBy(host)).isEmpty();
        assertThat(memory.passedBy(host)).as("by one").isPresent();
    }

    @Test
    void attemptsOfTheSameTimeCountAsOne() {
        for (int i = 0; i < 5; i++) {
            memory.unusable(host, DOMAIN, "silent", false, true);
        }
        sim.runFor(HostMemory.FIRST);
        assertThat(memory.passedBy(host)).isEmpty();
    }

    @Test
    void whatAnswersBadlyIsTriedEachMinute() {
        for (int i = 0; i < 5; i++) {
            assertThat(memory.passedBy(host)).isEmpty();
            memory.unusable(host, DOMAIN, "421", false, false);
            sim.runFor(HostMemory.FIRST);
        }
        assertThat(memory.passedBy(host)).isEmpty();
    }

    @Test
    void aSuspendedSiteIsOneUntilItsTimeIsOver() {
        Site site = new Site("site:one");
        memory.suspend(site, DOMAIN, Duration.ofHours(4), "[TS03] later");
        assertThat(memory.suspended(site)).contains("[TS03] later");
        assertThat(memory.suspended(new Site("site:other"))).isEmpty();
        sim.runFor(Duration.ofHours(4));
        assertThat(memory.suspended(site)).isEmpty();
    }

    @Test
    void whoWantsMailTriedNowIsBelieved() {
        memory.unusable(host, DOMAIN, "silent", false, true);
        memory.suspend(new Site("a"), DOMAIN, Duration.ofHours(1), "later");
        memory.forget(Domain.of("other.example")::equals);
        assertThat(memory.passedBy(host)).as("he knows nothing of this one").isPresent();
        memory.forget(DOMAIN::equals);
        assertThat(memory.passedBy(host)).isEmpty();
        assertThat(memory.suspended(new Site("a"))).isEmpty();
    }

    @Test
    void itIsBounded() {
        for (int i = 0; i < HostMemory.KNOWN_MAX + 1; i++) {
            memory.unusable(
                    Errand.hop("10." + (i >> 16) + "." + (i >> 8 & 255) + "." + (i & 255), Hop.Security.NONE),
                    DOMAIN,
                    "x",
                    false,
                    true);
        }
        assertThat(memory.passedBy(Errand.hop("10.0.0.0", Hop.Security.NONE))).isEmpty();
        assertThat(memory.passedBy(Errand.hop("10.0.0.1", Hop.Security.NONE))).isPresent();
    }
}
