package org.hikyaku.deliver;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.hikyaku.route.Hop;
import org.hikyaku.route.Hop.Protocol;
import org.hikyaku.route.Hop.Security;
import org.hikyaku.sim.SimWorld;
import org.hikyaku.world.Endpoint;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Nested;

/** The contract by SMTP, by LMTP over TCP, and by LMTP over a Unix socket. */
class SmtpAgentContractTest {
    private static DeliveryAgentContract.Place place(
            SimWorld sim, Supplier<FakeMx> make, Endpoint endpoint, Protocol protocol) {
        List<FakeMx> all = new ArrayList<>(List.of(begin(make, protocol)));
        SmtpAgent agent = new SmtpAgent(sim.world(), new Connections());
        List<Hop> hops = List.of(new Hop("mx.example", endpoint, protocol, Security.NONE, Optional.empty()));
        return new DeliveryAgentContract.Place() {
            @Override
            public DeliveryAgent agent() {
                return agent;
            }

            @Override
            public DeliveryAgent restarted() {
                if (endpoint instanceof Endpoint.Unix) { // it has died with the host
                    all.add(begin(make, protocol));
                }
                return new SmtpAgent(sim.world(), new Connections());
            }

            @Override
            public List<Hop> hops() {
                return hops;
            }

            @Override
            public List<String> bodies(String recipient) {
                return all.stream()
                        .flatMap(mx -> mx.mails.stream())
                        .filter(mail -> mail.recipients().contains("<" + recipient + ">"))
                        .map(mail ->
                                mail.text().replaceFirst("(?s)^.*?\r\n\r\n", "").replace("\r\n", "\n"))
                        .toList();
            }
        };
    }

    private static FakeMx begin(Supplier<FakeMx> make, Protocol protocol) {
        FakeMx mx = make.get();
        mx.lmtp = protocol == Protocol.LMTP;
        mx.script = (session, line) -> unknown(line);
        return mx;
    }

    private static @Nullable String unknown(String line) {
        return line.startsWith("RCPT TO:<nobody") ? "550 5.1.1 no such user" : null;
    }

    @Nested
    class BySmtp implements DeliveryAgentContract {
        @Override
        public Place place(SimWorld sim) {
            Endpoint endpoint = Errand.tcp("198.51.100.1");
            return SmtpAgentContractTest.place(sim, () -> Errand.mx(sim, "198.51.100.1"), endpoint, Protocol.SMTP);
        }
    }

    @Nested
    class ByLmtp implements DeliveryAgentContract {
        @Override
        public Place place(SimWorld sim) {
            Endpoint endpoint = Errand.tcp("198.51.100.1");
            return SmtpAgentContractTest.place(sim, () -> Errand.mx(sim, "198.51.100.1"), endpoint, Protocol.LMTP);
        }
    }

    @Nested
    class ByLmtpOnAUnixSocket implements DeliveryAgentContract {
        @Override
        public Place place(SimWorld sim) {
            Endpoint socket = new Endpoint.Unix(Path.of("/run/lmtp"));
            return SmtpAgentContractTest.place(sim, () -> new FakeMx(sim.host(), socket), socket, Protocol.LMTP);
        }
    }
}
