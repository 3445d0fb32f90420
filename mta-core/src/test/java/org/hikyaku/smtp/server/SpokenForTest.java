package org.hikyaku.smtp.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.util.List;
import java.util.Map;
import org.hikyaku.config.ConfigReader;
import org.hikyaku.mail.TlsFacts;
import org.junit.jupiter.api.Test;

/** What is left of a proxy's connection when it speaks for somebody. */
class SpokenForTest {
    private static final String CONFIG = "hostname=mx.example.org\nlocal.domains=[example.org]\n"
            + "local.postmaster=\"a@example.org\"\nauth.users=/etc/users";

    @Test
    void theCertificateOfAProxyLogsNobodyInForWhomItSpeaks() {
        Client client = new Client(
                "s1",
                ConfigReader.fromText(CONFIG),
                "submission",
                InetAddress.ofLiteral("192.0.2.1"),
                new NoMechanisms());
        client.secured(new TlsFacts("TLSv1.3", "X", List.of(new byte[] {1}), true, new byte[] {2}, new byte[32]));

        client.announced(Map.of("ADDR", "203.0.113.5"));

        assertThat(client.tls()).hasValueSatisfying(tls -> {
            assertThat(tls.version()).isEqualTo("TLSv1.3");
            assertThat(tls.verified()).isFalse();
            assertThat(tls.peerChain()).isEmpty();
            assertThat(tls.ownCertificate()).isEmpty();
            assertThat(tls.exporter()).isEmpty();
        });
    }
}
