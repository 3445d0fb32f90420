package org.hikyaku.deliver;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.hikyaku.route.Hop;
import org.hikyaku.route.Hop.Security;
import org.hikyaku.sim.SimFaults;
import org.hikyaku.sim.SimWorld;
import org.junit.jupiter.api.Test;

/** Many deliveries at once while the network does its worst. */
class SmtpAgentStormTest {
    private static final String BODY = "Subject: long\r\n\r\n" + ("." + "x".repeat(700) + "\r\n").repeat(150);

    @Test
    void whatIsDeliveredHasArrivedWholeAndNothingArrivesShortOrHangs() {
        int delivered = 0;
        int delayed = 0;
        for (long seed = 0; seed < 60; seed++) {
            try (SimWorld sim = new SimWorld(seed, SimFaults.hostile())) {
                FakeMx one = Errand.mx(sim, "198.51.100.1");
                FakeMx two = Errand.mx(sim, "198.51.100.2");
                one.offer = List.of("PIPELINING", "STARTTLS");
                List<Hop> hops = List.of(
                        Errand.hop("198.51.100.1", Security.OPPORTUNISTIC),
                        Errand.hop("198.51.100.2", Security.OPPORTUNISTIC));
                List<String> words = new ArrayList<>();
                storm(sim, hops, words);
                assertThat(words).as("seed " + seed).hasSize(20).allMatch(w -> w.matches("delivered.*|retry 4\\..*"));
                List<FakeMx.Mail> mails = new ArrayList<>(one.mails);
                mails.addAll(two.mails);
                assertThat(mails).allMatch(mail -> mail.text().equals(BODY));
                long good =
                        words.stream().filter(w -> w.startsWith("delivered")).count();
                assertThat(mails.size()).as("seed " + seed).isGreaterThanOrEqualTo((int) good / 2);
                delivered += (int) good;
                delayed += 20 - (int) good;
            }
        }
        assertThat(delivered).isGreaterThan(600);
        assertThat(delayed).isPositive();
    }

    private static void storm(SimWorld sim, List<Hop> hops, List<String> words) {
        SmtpAgent agent = new SmtpAgent(sim.world(), new Connections());
        sim.run(world -> {
            for (int i = 0; i < 10; i++) {
                world.tasks().start("delivery", () -> {
                    Delivery delivery = Errand.delivery(
                            Errand.message(Errand.content(BODY), false, false, "b@y.example", "c@y.example"),
                            Errand.CONFIG,
                            hops.toArray(new Hop[0]));
                    words.addAll(Errand.words(agent.deliver(delivery)));
                });
            }
        });
        sim.runFor(Duration.ofHours(3));
    }
}
