package org.hikyaku.deliver;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import org.hikyaku.route.Hop;
import org.hikyaku.sim.SimWorld;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What came as binary, at hosts of all kinds (RFC 3030 3; RFC 6152 3). */
class BinaryMailTest {
    private static final String ONE = "198.51.100.1";
    private static final String TWO = "198.51.100.2";
    private static final String HEADER = "MIME-Version: 1.0\r\nContent-Type: image/png\r\nContent-Transfer-Encoding: ";
    private static final String OCTETS = "\u0089PNG\n.\n\r\n.\r\nMAIL FROM:<evil@x.example>\r\n\0";
    private static final String BINARY = HEADER + "binary\r\n\r\n" + OCTETS;
    private static final String SIGNED =
            "MIME-Version: 1.0\r\nContent-Type: multipart/signed; boundary=s\r\n\r\n--s\r\n"
                    + "Content-Transfer-Encoding: binary\r\n\r\na\nb\r\n--s--\r\n";

    private final SimWorld sim = new SimWorld(7);
    private final SmtpAgent agent = new SmtpAgent(sim.world(), new Connections());
    private final FakeMx one = Errand.mx(sim, ONE);
    private final FakeMx two = Errand.mx(sim, TWO);

    @AfterEach
    void close() {
        sim.close();
    }

    private List<String> deliver(String message, String... hosts) {
        Hop[] hops = List.of(hosts).stream()
                .map(host -> Errand.hop(host, Hop.Security.OPPORTUNISTIC))
                .toArray(Hop[]::new);
        return Errand.words(Errand.deliver(
                sim, agent, Errand.delivery(Errand.binary(message, "b@y.example"), Errand.CONFIG, hops)));
    }

    private String mail() {
        return one.commands().stream()
                .filter(line -> line.startsWith("MAIL"))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void aHostThatTakesBinaryGetsEveryOctet() {
        one.offer = List.of("PIPELINING", "CHUNKING", "BINARYMIME", "SIZE");
        assertThat(deliver(BINARY, ONE)).containsExactly("delivered");
        assertThat(mail()).isEqualTo("MAIL FROM:<a@x.example> SIZE=" + BINARY.length() + " BODY=BINARYMIME");
        assertThat(one.mails.getFirst().text()).isEqualTo(BINARY);
        assertThat(one.commands()).contains("BDAT " + BINARY.length() + " LAST");
    }

    @Test
    void aHostThatTakesNoneGetsItEncodedAndWhole() {
        List<List<String>> offers = List.of(
                List.of("8BITMIME"),
                List.of("PIPELINING"),
                List.of("8BITMIME", "CHUNKING"),
                List.of("CHUNKING", "SIZE"),
                List.of("8BITMIME", "BINARYMIME"));
        for (List<String> offer : offers) {
            one.mails.clear();
            one.offer = offer;
            assertThat(deliver(BINARY, ONE)).as("%s", offer).containsExactly("delivered");
            String encoded = Base64.getMimeEncoder(76, new byte[] {'\r', '\n'})
                    .encodeToString(OCTETS.getBytes(StandardCharsets.ISO_8859_1));
            assertThat(one.mails).hasSize(1);
            assertThat(one.mails.getFirst().text()).isEqualTo(HEADER + "base64\r\n\r\n" + encoded + "\r\n");
            assertThat(one.commands()).noneMatch(line -> line.contains("BINARYMIME"));
            assertThat(one.commands().stream().anyMatch("DATA"::equals)).isEqualTo(!offer.contains("CHUNKING"));
            sim.runFor(Errand.CONFIG.delivery().connectionIdle().plusSeconds(1));
            one.sessions.clear();
        }
    }

    @Test
    void aLongPartIsEncodedThroughAllItsChunks() {
        String octets = OCTETS.repeat(4000);
        one.offer = List.of("PIPELINING", "CHUNKING", "8BITMIME", "SIZE");
        assertThat(deliver(HEADER + "binary\r\n\r\n" + octets, ONE)).containsExactly("delivered");
        String text = one.mails.getFirst().text();
        assertThat(mail()).contains(" SIZE=" + text.length());
        byte[] decoded = Base64.getMimeDecoder().decode(text.substring(text.indexOf("\r\n\r\n")));
        assertThat(new String(decoded, StandardCharsets.ISO_8859_1)).isEqualTo(octets);
        assertThat(one.commands()).filteredOn(line -> line.startsWith("BDAT")).hasSizeGreaterThan(2);
    }

    @Test
    void aSignatureIsNotBrokenItGoesBackOrToAHostThatTakesIt() { // RFC 1847 2.1; RFC 3463 X.6.3
        one.offer = List.of("8BITMIME", "CHUNKING");
        two.offer = List.of("CHUNKING", "BINARYMIME");
        assertThat(deliver(SIGNED, ONE)).containsExactly("failed 5.6.3");
        assertThat(one.commands()).noneMatch(line -> line.startsWith("MAIL"));
        assertThat(deliver(SIGNED, ONE, TWO)).containsExactly("delivered");
        assertThat(two.mails.getFirst().text()).isEqualTo(SIGNED);
    }

    @Test
    void whatOnlySaysThatItIsBinaryIsMendedByItsLabel() {
        one.offer = List.of("8BITMIME");
        assertThat(deliver(HEADER + "binary\r\n\r\n\u00e9t\u00e9\r\n", ONE)).containsExactly("delivered");
        assertThat(one.mails.getFirst().text()).isEqualTo(HEADER + "8bit\r\n\r\n\u00e9t\u00e9\r\n");
        assertThat(mail()).endsWith("BODY=8BITMIME");
    }
}
