package org.hikyaku.main;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Base64;
import java.util.Objects;
import org.hikyaku.sim.SimFaults;
import org.hikyaku.world.Event;
import org.junit.jupiter.api.Test;

/** What goes over a connection whose roles change (RFC 2645). */
class OdmrWireTest {
    private static final String LOGIN =
            "AUTH PLAIN " + Base64.getEncoder().encodeToString("\0branch@provider.example\0pencil".getBytes(US_ASCII));

    private static Script customer() {
        return Script.secured().on("250 ", LOGIN);
    }

    /** Mail that must stay under TLS (RFC 8689). */
    private static void bringRequiringTls(OdmrTest.Pair pair) {
        String body = "From: ann@elsewhere.example\r\nSubject: hi\r\n\r\nhi\r\n";
        pair.sim.run(pair.sim.host(), world -> {
            Script sender = Script.secured()
                    .on("250 ", "MAIL FROM:<ann@elsewhere.example> REQUIRETLS")
                    .on("250 ", "RCPT TO:<joe@customer.example>")
                    .on("250 ", "BDAT " + body.length() + " LAST\r\n" + body + "QUIT")
                    .connect(world, "192.0.2.1", 25);
            world.tasks().sleep(Duration.ofSeconds(2));
            assertThat(sender.heard()).last().asString().startsWith("221");
        });
    }

    @Test
    void wordsThatCameWithTheCommandAreTheNewServersFirst() {
        try (OdmrTest.Pair pair = new OdmrTest.Pair(7, SimFaults.none(), "")) {
            pair.bring("joe@customer.example", 1);
            pair.sim.run(pair.away, world -> {
                Script raw = customer()
                        .on("235 ", "ATRN\r\n220 raw.example ESMTP")
                        .on("EHLO mx.provider.example", "250 raw.example")
                        .connect(world, "192.0.2.1", 366);
                world.tasks().sleep(Duration.ofSeconds(10));
                assertThat(raw.heard()).anyMatch(line -> line.startsWith("MAIL FROM:<>"));
            });
        }
    }

    @Test
    void mailThatMustStayUnderTlsGoesToItsOwnerWhoHasProvedWhoHeIs() {
        try (OdmrTest.Pair pair = new OdmrTest.Pair(8, SimFaults.none(), "")) {
            bringRequiringTls(pair);
            pair.sim.runFor(Duration.ofMinutes(5));
            assertThat(pair.kept()).isOne();
            pair.fetch();
            pair.sim.runFor(Duration.ofMinutes(1));
            assertThat(pair.delivered()).isOne();
            assertThat(pair.kept()).isZero();
            assertThat(pair.sim.events().count(Event.RECIPIENT_FAILED)).isZero();
        }
    }

    @Test
    void aCustomersBrokenConnectionTeachesNothingOfHosts() {
        try (OdmrTest.Pair pair = new OdmrTest.Pair(9, SimFaults.none(), "")) {
            pair.bring("joe@customer.example", 1);
            pair.sim.run(pair.away, world -> {
                Script raw = customer()
                        .on("235 ", "ATRN")
                        .on("250 ", "220 raw.example ESMTP")
                        .on("EHLO ", "250-raw.example\r\n250-CHUNKING\r\n250 PIPELINING")
                        .on("MAIL ", "250 taken")
                        .on("RCPT ", "what is no reply")
                        .connect(world, "192.0.2.1", 366);
                world.tasks().sleep(Duration.ofSeconds(10));
                assertThat(raw.heard()).anyMatch(line -> line.startsWith("MAIL FROM:<>"));
            });
            assertThat(Objects.requireNonNull(pair.provider).quirks().list()).isEmpty();
            assertThat(pair.kept()).isOne();
        }
    }
}
