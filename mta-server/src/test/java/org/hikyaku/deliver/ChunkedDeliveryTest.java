package org.hikyaku.deliver;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.hikyaku.route.Hop;
import org.hikyaku.route.Hop.Security;
import org.hikyaku.sim.SimWorld;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A message in chunks where the host offers CHUNKING (RFC 3030). */
class ChunkedDeliveryTest {
    private static final String ONE = "198.51.100.1";
    private static final String TWO = "198.51.100.2";
    private static final List<Hop> FIRST = List.of(Errand.hop(ONE, Security.OPPORTUNISTIC));
    private static final List<Hop> BOTH =
            List.of(Errand.hop(ONE, Security.OPPORTUNISTIC), Errand.hop(TWO, Security.OPPORTUNISTIC));
    private static final String LONG = "Subject: long\r\n\r\n" + (".".repeat(70) + "\r\n").repeat(3000);

    private final SimWorld sim = new SimWorld(7);
    private final SmtpAgent agent = new SmtpAgent(sim.world(), new Connections());
    private final FakeMx one = Errand.mx(sim, ONE);
    private final FakeMx two = Errand.mx(sim, TWO);

    @AfterEach
    void close() {
        sim.close();
    }

    private List<String> deliver(String recipient) {
        return Errand.words(Errand.deliver(sim, agent, Errand.delivery(FIRST, recipient)));
    }

    private List<String> deliverLong(List<Hop> hops) {
        Delivery delivery = Errand.delivery(
                Errand.message(Errand.content(LONG), false, false, "b@y.example"),
                Errand.CONFIG,
                hops.toArray(new Hop[0]));
        return Errand.words(Errand.deliver(sim, agent, delivery));
    }

    @Test
    void whereChunkingIsOfferedTheMessageGoesByBdatAsItIs() { // RFC 3030 2
        one.offer = List.of("PIPELINING", "CHUNKING");
        assertThat(deliver("b@y.example")).containsExactly("delivered");
        assertThat(one.mails.getFirst().text()).isEqualTo(Errand.TEXT);
        assertThat(one.commands())
                .contains("BDAT " + Errand.TEXT.length() + " LAST")
                .doesNotContain("DATA");
    }

    @Test
    void aLongMessageGoesInSeveralChunks() {
        for (List<String> offer : List.of(List.of("CHUNKING"), List.of("CHUNKING", "PIPELINING"))) {
            one.mails.clear();
            one.offer = offer;
            assertThat(deliverLong(FIRST)).containsExactly("delivered");
            assertThat(one.mails.getFirst().text()).isEqualTo(LONG);
            assertThat(one.commands())
                    .filteredOn(line -> line.startsWith("BDAT"))
                    .hasSizeGreaterThan(3);
            sim.runFor(Errand.CONFIG.delivery().connectionIdle().plusSeconds(1));
        }
    }

    @Test
    void aChunkThatIsRefusedEndsTheMessageAndTheConnectionGoesOn() { // RFC 3030 2
        one.offer = List.of("PIPELINING", "CHUNKING");
        one.script = (session, line) ->
                line.equals("chunk") || (line.equals(".") && one.mails.isEmpty() && session.data.length() > 1000)
                        ? "552 5.3.4 too big"
                        : null;
        assertThat(deliverLong(FIRST)).containsExactly("failed 5.3.4");
        assertThat(one.mails).isEmpty();
        assertThat(deliver("c@y.example")).containsExactly("delivered");
        assertThat(one.sessions).hasSize(1);
        assertThat(one.commands()).contains("RSET");
    }

    @Test
    void aConnectionLostBeforeTheLastChunkIsTriedElsewhere() {
        one.offer = List.of("PIPELINING", "CHUNKING");
        one.script = (session, line) -> line.equals("chunk") || line.equals("DATA") ? FakeMx.RESET : null;
        assertThat(deliverLong(BOTH)).containsExactly("delivered");
        assertThat(two.mails).hasSize(1);
    }
}
