package org.hikyaku.main;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.KeyPair;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.hikyaku.config.ConfigReader;
import org.hikyaku.deliver.Etrn;
import org.hikyaku.real.NetSettings;
import org.hikyaku.real.NettyNet;
import org.hikyaku.real.RealClock;
import org.hikyaku.real.RealDisk;
import org.hikyaku.real.RealEntropy;
import org.hikyaku.real.RealTasks;
import org.hikyaku.tls.Keys;
import org.hikyaku.tls.ServerKey;
import org.hikyaku.tls.TestAuthority;
import org.hikyaku.world.Endpoint;
import org.hikyaku.world.Event;
import org.hikyaku.world.Events;
import org.hikyaku.world.Resolver;
import org.hikyaku.world.World;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** As {@link OdmrTest}, over real sockets under real TLS: one fetches from the other over a connection whose roles change. */
@Timeout(60)
class OdmrOnTheNetTest {
    private static final int MESSAGES = 3;
    private static final TestAuthority AUTHORITY = new TestAuthority();

    @TempDir
    Path directory = Path.of("");

    private final Set<Event> seen = new ConcurrentSkipListSet<>();
    private final CountDownLatch kept = new CountDownLatch(MESSAGES);
    private final CountDownLatch delivered = new CountDownLatch(MESSAGES);
    private final CountDownLatch ended = new CountDownLatch(1);
    private @Nullable NettyNet net;
    private @Nullable Assembly provider;
    private @Nullable Assembly customer;

    @AfterEach
    void close() {
        Stream.of(customer, provider).filter(Objects::nonNull).forEach(each -> each.stop());
        if (net != null) {
            net.close();
        }
    }

    private void heard(Event event, @Nullable Object[] values) {
        seen.add(event);
        switch (event) {
            case MESSAGE_QUEUED -> kept.countDown();
            case FETCH_ENDED -> ended.countDown();
            default -> {}
        }
    }

    private World world(NettyNet open, Events events) {
        Resolver resolver = (name, type) -> type == Resolver.Type.A
                ? new Resolver.Answer.Found(
                        List.of(new Resolver.Data.Ip(InetAddress.getLoopbackAddress())), Duration.ofMinutes(1), false)
                : new Resolver.Answer.NoData(false);
        return new World(
                new RealClock(), new RealDisk(), open, resolver, new RealTasks(events), new RealEntropy(), events);
    }

    private static Assembly start(World world, String settings) throws StartFailure {
        return Assembly.start(world, ConfigReader.fromText(settings), Hooks.simulated(UnaryOperator.identity()));
    }

    private static int port(Assembly assembly, String listener) {
        Endpoint bound = assembly.listeners().endpoints(listener).getFirst();
        return bound instanceof Endpoint.Tcp tcp ? tcp.address().getPort() : -1;
    }

    private String common(String name) throws IOException {
        Path home = Files.createDirectory(directory.resolve(name));
        Files.writeString(home.resolve("users"), OdmrTest.USERS);
        Files.writeString(home.resolve("password"), "pencil\n");
        Files.setPosixFilePermissions(home.resolve("password"), PosixFilePermissions.fromString("rw-------"));
        return """
                hostname = mx.%1$s.example
                data_dir = "%2$s/data"
                local { domains = [%1$s.example], postmaster = "joe@customer.example", maildir_root = "%2$s/mail" }
                auth.users = "%2$s/users"
                spool.reserve = 0B
                """.formatted(name, home);
    }

    private void startBoth() throws IOException, StartFailure {
        KeyPair pair = TestAuthority.ec();
        ServerKey key = new ServerKey(
                Path.of("/test"), pair.getPrivate(), List.of(AUTHORITY.issue(pair, "mx.provider.example")));
        Path trust = Files.writeString(directory.resolve("ca.pem"), TestAuthority.pem(AUTHORITY.root()));
        NettyNet open = new NettyNet(
                NetSettings.standard(true).withExtraTrust(trust), () -> new Keys(List.of(key), "TLSv1.2"), this::heard);
        net = open;
        Assembly keeps = start(world(open, this::heard), common("provider") + """
                relay.domains = [customer.example]
                on_demand.customers.branch {
                  domains = [customer.example], users = ["branch@provider.example"], networks = [], keep = true
                }
                listeners {
                  mx.endpoints = ["127.0.0.1:0"]
                  odmr { mode = odmr, endpoints = ["127.0.0.1:0"], auth = require }
                  submission.endpoints = [], submissions.endpoints = []
                }
                """);
        provider = keeps;
        customer = start(
                world(open, (event, values) -> {
                    if (event == Event.RECIPIENT_DELIVERED) {
                        delivered.countDown();
                    }
                }),
                common("customer") + """
                on_demand.providers.isp {
                  server {
                    host = mx.provider.example, port = %d, tls = verified
                    user = "branch@provider.example", password_file = "%s/customer/password"
                  }
                  ask = atrn, domains = [customer.example]
                }
                listeners { mx.endpoints = ["127.0.0.1:0"], submission.endpoints = [], submissions.endpoints = [] }
                """.formatted(port(keeps, "odmr"), directory));
    }

    /** One message, in one go after the greeting. */
    private static void send(int port, String text) throws IOException {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            socket.setSoTimeout(10_000);
            assertThat(socket.getInputStream().read()).isEqualTo('2');
            String body = "From: ann@elsewhere.example\r\nSubject: hi\r\n\r\n" + text + "\r\n";
            socket.getOutputStream()
                    .write(("EHLO c.example\r\nMAIL FROM:<>\r\nRCPT TO:<joe@customer.example>\r\nBDAT " + body.length()
                                    + " LAST\r\n" + body + "QUIT\r\n")
                            .getBytes(US_ASCII));
            assertThat(new String(socket.getInputStream().readAllBytes(), US_ASCII))
                    .contains("\r\n221 ");
        }
    }

    @Test
    void mailIsFetchedOverTheConnectionThatTheCustomerMade() throws Exception {
        startBoth();
        int mx = port(Objects.requireNonNull(provider), "mx");
        for (int i = 0; i < MESSAGES; i++) {
            send(mx, "x".repeat(i * 40_000).replaceAll("(.{70})", "$1\r\n") + "end");
        }
        assertThat(kept.await(10, TimeUnit.SECONDS)).isTrue();
        Assembly here = Objects.requireNonNull(customer);
        List<Etrn.Answer> answers = here.etrn()
                .ask(Objects.requireNonNull(here.config().onDemand().providers().get("isp")));
        assertThat(answers).allMatch(Etrn.Answer::taken, answers.toString());
        assertThat(delivered.await(20, TimeUnit.SECONDS)).isTrue();
        assertThat(ended.await(20, TimeUnit.SECONDS)).isTrue();
        assertThat(seen).contains(Event.SESSION_TURNED).doesNotContain(Event.TASK_DIED, Event.SESSION_BROKEN);
        try (Stream<Path> files = Files.walk(directory.resolve("customer/mail/customer.example/joe/new"))) {
            assertThat(files.filter(Files::isRegularFile)).hasSize(MESSAGES);
        }
    }
}
