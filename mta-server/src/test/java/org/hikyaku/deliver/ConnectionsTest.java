package org.hikyaku.deliver;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.hikyaku.config.Config;
import org.hikyaku.mail.Site;
import org.hikyaku.route.Hop;
import org.hikyaku.route.Hop.Security;
import org.hikyaku.sim.SimWorld;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Connections that wait for the next message, to many hosts. */
class ConnectionsTest {
    private final SimWorld sim = new SimWorld(6);
    private final List<String> words = new ArrayList<>();

    @AfterEach
    void close() {
        sim.close();
    }

    private static List<String> addresses(int hosts) {
        List<String> all = new ArrayList<>();
        for (int i = 0; i < hosts; i++) {
            all.add("198.51." + (100 + i / 200) + "." + (1 + i % 200));
        }
        return all;
    }

    /** One message to each, one after the other. */
    private void deliver(SmtpAgent agent, List<String> addresses) {
        Config config = Errand.config("delivery.connection_idle = 5m\nsites.any.connections = 1000\n");
        sim.run(world -> {
            for (String address : addresses) {
                words.addAll(Errand.words(agent.deliver(Errand.delivery(
                        Errand.message(Errand.content(Errand.TEXT), false, false, "b@y.example"),
                        config,
                        Errand.hop(address, Security.NONE)))));
            }
        });
    }

    @Test
    void eachOfManyHostsGetsAllOverOneConnection() {
        Connections connections = new Connections();
        SmtpAgent agent = new SmtpAgent(sim.world(), connections);
        List<String> addresses = addresses(200);
        List<FakeMx> hosts =
                addresses.stream().map(each -> Errand.mx(sim, each)).toList();
        for (int i = 0; i < 3; i++) {
            deliver(agent, addresses);
        }
        assertThat(words).hasSize(600).containsOnly("delivered");
        assertThat(hosts).allSatisfy(each -> assertThat(each.sessions).hasSize(1));
        assertThat(connections.idle()).isEqualTo(200);
    }

    @Test
    void ofTooManyTheOneThatHasWaitedLongestIsEnded() {
        Connections connections = new Connections(10);
        SmtpAgent agent = new SmtpAgent(sim.world(), connections);
        List<String> addresses = addresses(11);
        List<FakeMx> hosts =
                addresses.stream().map(each -> Errand.mx(sim, each)).toList();
        deliver(agent, addresses.subList(0, 10));
        deliver(agent, addresses.subList(0, 1)); // the second waits longest now
        deliver(agent, addresses.subList(10, 11));
        sim.runFor(Duration.ofSeconds(10));
        assertThat(words).hasSize(12).containsOnly("delivered");
        assertThat(connections.idle()).isEqualTo(10);
        assertThat(hosts.stream().map(each -> each.open)).containsExactly(1, 0, 1, 1, 1, 1, 1, 1, 1, 1, 1);
    }

    /** He finds it neither at the offer, which is before he waits, nor at rest, which is after he has looked. */
    @Test
    void whoBeginsToWaitBetweenOfferAndRestHasItAllTheSame() {
        Connections connections = new Connections();
        SmtpAgent agent = new SmtpAgent(sim.world(), connections);
        List<String> address = addresses(1);
        Errand.mx(sim, address.getFirst());
        deliver(agent, address);
        Hop hop = Errand.hop(address.getFirst(), Security.NONE);
        Site site = Errand.delivery(List.of(), "b@y.example").site();
        List<String> asked = new ArrayList<>();
        connections.onGiveBack(new Connections.Needs() {
            @Override
            public boolean offer(ConversationRunner runner, Site of) {
                asked.add("offer");
                return asked.contains("needs");
            }

            @Override
            public boolean needs(ConversationRunner runner, Site of) {
                asked.add("needs");
                assertThat(connections.idle()).isEqualTo(1);
                return true;
            }
        });
        ConversationRunner runner = connections.borrow(hop, site).orElseThrow();
        connections.giveBack(runner, site, 100, Duration.ofMinutes(1));
        assertThat(asked).containsExactly("offer", "needs", "offer");
        assertThat(connections.idle()).isZero();
    }
}
