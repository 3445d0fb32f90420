package org.hikyaku.deliver;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.hikyaku.config.Config;
import org.hikyaku.config.DeliverySettings;
import org.hikyaku.config.DeliverySettings.PeerFeature;
import org.hikyaku.route.Hop;
import org.hikyaku.route.Hop.Security;
import org.hikyaku.sim.SimCertificate;
import org.hikyaku.sim.SimHost;
import org.hikyaku.sim.SimWorld;
import org.hikyaku.smtp.Extension;
import org.hikyaku.world.Event;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Hosts that offer what they cannot do. */
class QuirksTest {
    private static final String ADDRESS = "198.51.100.1";
    private static final Hop HOP = Errand.hop(ADDRESS, Security.OPPORTUNISTIC);

    private final SimWorld sim = new SimWorld(7);
    private final Quirks quirks = new Quirks(sim.world());
    private final SmtpAgent agent = new SmtpAgent(sim.world(), new Connections(), quirks);
    private final SimHost host = sim.remote("mx", ADDRESS);
    private final FakeMx mx = new FakeMx(host, Errand.tcp(ADDRESS));

    @AfterEach
    void close() {
        sim.close();
    }

    private String deliver(Config config, Hop hop) {
        Delivery delivery =
                Errand.delivery(Errand.message(Errand.content(Errand.TEXT), false, false, "b@y.example"), config, hop);
        String word = Errand.words(Errand.deliver(sim, agent, delivery)).getFirst();
        sim.runFor(Duration.ofSeconds(3)); // the connection goes
        return word;
    }

    private String deliver() {
        return deliver(Errand.CONFIG, HOP);
    }

    private List<Quirks.State> states() {
        return quirks.list().stream().map(Quirks.Quirk::state).toList();
    }

    /** Lines of one flight: MAIL and RCPT came before MAIL was answered. */
    private void hangUpOnPipelining() {
        mx.offer = List.of("PIPELINING");
        mx.script = (session, line) -> line.startsWith("RCPT") && agentOffers() ? FakeMx.RESET : null;
    }

    private boolean agentOffers() {
        return !quirks.avoided(HOP, Errand.CONFIG.delivery().quirks()).contains(PeerFeature.PIPELINING);
    }

    @Test
    void aHostThatHangsUpOnPipelinedCommandsGetsThemOneByOneAtOnce() {
        hangUpOnPipelining();
        assertThat(deliver()).isEqualTo("delivered");
        assertThat(mx.sessions).hasSize(2);
        assertThat(states()).containsExactly(Quirks.State.WATCHED);
    }

    @Test
    void theSecondTimeItIsRememberedForItsTime() {
        hangUpOnPipelining();
        deliver();
        deliver();
        assertThat(states()).containsExactly(Quirks.State.LEARNT);
        assertThat(sim.events().count(Event.QUIRK_LEARNT)).isOne();
        int before = mx.sessions.size();
        assertThat(deliver()).isEqualTo("delivered");
        assertThat(mx.sessions).hasSize(before + 1);
        sim.runFor(Errand.CONFIG.delivery().quirks().rememberFor());
        assertThat(quirks.list()).isEmpty();
        assertThat(deliver()).isEqualTo("delivered");
        assertThat(mx.sessions).as("tried again with it").hasSize(before + 3);
    }

    @Test
    void aConnectionThatIsLostWithoutPipeliningTooSaysNothingOfIt() {
        mx.offer = List.of("PIPELINING");
        mx.script = (session, line) -> line.startsWith("RCPT") ? FakeMx.RESET : null;
        assertThat(deliver()).isEqualTo("retry 4.4.2");
        assertThat(mx.sessions).hasSize(2);
        assertThat(quirks.list()).isEmpty();
    }

    @Test
    void aHostThatKnowsNoBdatThoughItOffersItGetsDataAtOnceAndFromThenOn() {
        mx.offer = List.of("PIPELINING", "CHUNKING");
        mx.script = (session, line) -> line.equals(".") && !session.commands.contains("DATA") ? "500 5.5.1 what" : null;
        assertThat(deliver()).isEqualTo("delivered");
        assertThat(mx.sessions).hasSize(2);
        assertThat(states()).containsExactly(Quirks.State.LEARNT);
        assertThat(deliver()).isEqualTo("delivered");
        assertThat(mx.sessions).hasSize(3);
        assertThat(mx.mails).hasSize(2);
    }

    @Test
    void afterTheLastChunkNothingIsSentAgainUntilTheNextAttempt() { // RFC 1047: it may have the message
        mx.offer = List.of("CHUNKING");
        mx.script = (session, line) -> line.equals(".") && !session.commands.contains("DATA") ? FakeMx.RESET : null;
        assertThat(deliver()).isEqualTo("retry 4.4.2");
        assertThat(mx.sessions).hasSize(1);
        assertThat(states()).containsExactly(Quirks.State.SUSPECTED);
        assertThat(deliver()).isEqualTo("delivered");
        assertThat(mx.sessions.getLast().commands).contains("DATA");
    }

    @Test
    void aBrokenHandshakeIsRememberedWhereTlsIsOpportunistic() {
        mx.offer = List.of("STARTTLS");
        mx.script = (session, line) -> line.equals("STARTTLS") ? FakeMx.RESET : null;
        deliver();
        assertThat(deliver()).isEqualTo("delivered");
        assertThat(states()).containsExactly(Quirks.State.LEARNT);
        int before = mx.sessions.size();
        assertThat(deliver()).isEqualTo("delivered");
        assertThat(mx.sessions).hasSize(before + 1);
        assertThat(mx.sessions.getLast().commands).doesNotContain("STARTTLS");
        sim.runFor(Duration.ofHours(1));
        assertThat(quirks.list()).as("not for long").isEmpty();
    }

    @ParameterizedTest
    @EnumSource(names = {"VERIFIED", "IMPLICIT"})
    void tlsThatIsDemandedIsDemandedWhateverIsKnown(Security security) {
        Hop demanding = new Hop("mx.example", Errand.tcp(ADDRESS), Hop.Protocol.SMTP, security, Optional.empty());
        Config avoiding = Errand.config("delivery.quirks.avoid = { \"mx.example\" = [starttls, ehlo] }\n");
        DeliverySettings.Quirks settings = avoiding.delivery().quirks();
        quirks.suspect(demanding, PeerFeature.STARTTLS, true, "a test", settings);
        quirks.wentWithout(demanding, PeerFeature.STARTTLS, settings);
        quirks.suspect(demanding, PeerFeature.EHLO, true, "a test", settings);
        quirks.wentWithout(demanding, PeerFeature.EHLO, settings);
        assertThat(states()).containsOnly(Quirks.State.LEARNT);
        host.certificate(new SimCertificate(List.of(new byte[] {1}), Set.of("mx.example")));
        mx.implicitTls = security == Security.IMPLICIT;
        mx.offer = mx.implicitTls ? List.of() : List.of("STARTTLS");
        assertThat(deliver(avoiding, demanding)).startsWith("delivered TLS");
        mx.offer = List.of();
        mx.implicitTls = false;
        assertThat(deliver(avoiding, demanding)).startsWith("retry");
        assertThat(mx.mails).hasSize(1);
    }

    @Test
    void aHostThatHangsUpOnEhloHearsHeloAtOnceWhenItDidItTwice() {
        mx.script = (session, line) -> line.startsWith("EHLO") ? FakeMx.CLOSE : null;
        deliver();
        deliver();
        assertThat(states()).containsExactly(Quirks.State.LEARNT);
        int before = mx.sessions.size();
        assertThat(deliver()).isEqualTo("delivered");
        assertThat(mx.sessions).hasSize(before + 1);
        assertThat(mx.sessions.getLast().commands).contains("HELO me.example").noneMatch(c -> c.startsWith("EHLO"));
    }

    @Test
    void theOperatorSaysWhatIsNeverUsed() {
        mx.offer = List.of("PIPELINING", "CHUNKING", "SIZE 1000", "STARTTLS");
        for (String name : List.of("mx.example", ".example", ADDRESS)) {
            Config config =
                    Errand.config("delivery.quirks.avoid = { \"" + name + "\" = [chunking, size, starttls] }\n");
            assertThat(deliver(config, HOP)).as(name).isEqualTo("delivered");
            assertThat(mx.sessions.getLast().commands)
                    .contains("DATA")
                    .doesNotContain("STARTTLS")
                    .noneMatch(c -> c.contains("SIZE"));
        }
        Config other =
                Errand.config("delivery.quirks.avoid = { \"mx.example.com\" = [chunking], \".y\" = [chunking] }\n");
        assertThat(deliver(other, HOP)).startsWith("delivered");
        assertThat(mx.sessions.getLast().commands).doesNotContain("DATA");
    }

    @Test
    void nothingIsRememberedWhereTheOperatorWantsNothingRemembered() {
        hangUpOnPipelining();
        mx.script = (session, line) -> line.startsWith("RCPT") && mx.sessions.size() % 2 == 1 ? FakeMx.RESET : null;
        Config config = Errand.config("delivery.quirks.remember_for = 0s\n");
        for (int i = 0; i < 3; i++) {
            assertThat(deliver(config, HOP)).isEqualTo("delivered");
        }
        assertThat(quirks.list()).isEmpty();
        assertThat(mx.sessions).hasSize(6);
    }

    @Test
    void anIdleConnectionThatOffersWhatIsAvoidedIsNotUsed() {
        mx.offer = List.of("CHUNKING");
        Delivery delivery = Errand.delivery(
                Errand.message(Errand.content(Errand.TEXT), false, false, "b@y.example"), Errand.CONFIG, HOP);
        Errand.deliver(sim, agent, delivery);
        quirks.suspect(
                HOP,
                PeerFeature.CHUNKING,
                true,
                "a test",
                Errand.CONFIG.delivery().quirks());
        assertThat(Errand.words(Errand.deliver(sim, agent, delivery))).containsExactly("delivered");
        assertThat(mx.sessions).hasSize(2);
        assertThat(mx.sessions.getLast().commands).contains("DATA");
    }

    @Test
    void aHostIsForgottenByNameAndByAddress() {
        DeliverySettings.Quirks settings = Errand.CONFIG.delivery().quirks();
        for (String host : List.of("MX.example", ADDRESS, "[" + ADDRESS + "]:25")) {
            quirks.suspect(HOP, PeerFeature.CHUNKING, true, "a test", settings);
            assertThat(quirks.forget("other.example", "me")).isZero();
            assertThat(quirks.forget(host, "me")).as(host).isOne();
            assertThat(quirks.list()).isEmpty();
        }
    }

    @Test
    void thereIsALimit() {
        DeliverySettings.Quirks settings = Errand.CONFIG.delivery().quirks();
        for (int i = 0; i < 3_000; i++) {
            Hop hop = Errand.hop("10.0." + i / 250 + "." + i % 250, Security.OPPORTUNISTIC);
            quirks.suspect(hop, PeerFeature.CHUNKING, true, "a test", settings);
        }
        assertThat(quirks.list().size()).isEqualTo(1_000);
        assertThat(quirks.list().getLast().address()).contains("10.0.11.249");
    }

    @Test
    void everyFeatureIsAnExtensionOrEhlo() {
        for (PeerFeature feature : PeerFeature.values()) {
            assertThat(Quirks.label(feature)).isNotEmpty();
        }
        assertThat(Quirks.extensions(EnumSet.allOf(PeerFeature.class)))
                .doesNotContain(Extension.STARTTLS, Extension.AUTH, Extension.REQUIRETLS);
    }
}
