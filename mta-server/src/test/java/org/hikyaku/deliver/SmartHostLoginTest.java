package org.hikyaku.deliver;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.hikyaku.route.Hop;
import org.hikyaku.route.Hop.Security;
import org.hikyaku.sim.SimCertificate;
import org.hikyaku.sim.SimWorld;
import org.hikyaku.world.Disk;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** How we log in to a smart host, by TLS from the first octet (RFC 8314 3.3). */
class SmartHostLoginTest {
    private static final String ADDRESS = "198.51.100.7";
    private static final Path SECRET = Path.of("/etc/secret");

    private final SimWorld sim = new SimWorld(7);
    private final Connections connections = new Connections();
    private final SmtpAgent agent = new SmtpAgent(sim.world(), connections);

    @AfterEach
    void close() {
        sim.close();
    }

    private FakeMx smart(String offer) {
        var host = sim.remote("smart", ADDRESS);
        host.certificate(new SimCertificate(List.of(new byte[] {1}), Set.of("mx.example")));
        FakeMx smart = new FakeMx(host, Errand.tcp(ADDRESS));
        smart.implicitTls = true;
        smart.offer = List.of(offer);
        return smart;
    }

    private List<String> deliver(Hop.Login login) {
        return Errand.words(Errand.deliver(sim, agent, Errand.delivery(List.of(hop(login)), "b@y.example")));
    }

    private static Hop hop(Hop.Login login) {
        return new Hop("mx.example", Errand.tcp(ADDRESS), Hop.Protocol.SMTP, Security.IMPLICIT, Optional.of(login));
    }

    private void secret(String text) {
        sim.run(world -> {
            world.disk().makeDirectories(Path.of("/etc"));
            if (world.disk().exists(SECRET)) {
                world.disk().delete(SECRET);
            }
            try (Disk.File file = world.disk().create(SECRET)) {
                file.write(0, ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8)));
            }
        });
    }

    @Test
    void thePasswordIsSaidUnderTlsAndWithoutOneTheMailWaits() {
        FakeMx smart = smart("AUTH PLAIN");
        secret("secret\n");
        assertThat(deliver(new Hop.Login("user", SECRET, true))).containsExactly("delivered TLSv1.3");
        assertThat(smart.commands()).contains("AUTH PLAIN AHVzZXIAc2VjcmV0");
        assertThat(deliver(new Hop.Login("user", Path.of("/etc/none"), true))).containsExactly("retry 4.3.5");
    }

    @Test
    void withoutACertificateThatWasShownNoExternalIsTried() {
        FakeMx smart = smart("AUTH EXTERNAL PLAIN");
        Hop.Login login = Hop.Login.withCertificate("user");
        assertThat(hop(login).showsCertificate()).isTrue();
        assertThat(deliver(login)).containsExactly("retry 4.7.4");
        assertThat(smart.commands()).noneMatch(line -> line.startsWith("AUTH"));
    }

    @Test
    void aTokenIsReadAtEachLogin() {
        FakeMx smart = smart("AUTH PLAIN XOAUTH2");
        secret("first\n");
        Hop.Login login = Hop.Login.withToken("user", SECRET);
        assertThat(deliver(login)).containsExactly("delivered TLSv1.3");
        String said = "user=user\u0001auth=Bearer first\u0001\u0001";
        assertThat(smart.commands())
                .contains("AUTH XOAUTH2 " + Base64.getEncoder().encodeToString(said.getBytes(StandardCharsets.UTF_8)));
        connections.close();
        secret("two words\n");
        assertThat(deliver(login)).containsExactly("retry 4.3.5");
    }
}
