package org.hikyaku.main;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.hikyaku.admin.ControlRequest;
import org.hikyaku.config.Config;
import org.hikyaku.config.ConfigReader;
import org.hikyaku.mail.TlsFacts;
import org.hikyaku.sim.SimCertificate;
import org.hikyaku.sim.SimFaults;
import org.hikyaku.sim.SimHost;
import org.hikyaku.sim.SimWorld;
import org.hikyaku.spool.StoredMessage;
import org.hikyaku.world.Disk;
import org.hikyaku.world.Endpoint;
import org.hikyaku.world.TlsNeed;
import org.hikyaku.world.Wire;
import org.hikyaku.world.WireFailure;
import org.hikyaku.world.WireHandler;
import org.hikyaku.world.World;
import org.jspecify.annotations.Nullable;

/** A whole server with one user, who may send little, and a drop directory; and what surrounds it. */
final class OutboundBed implements AutoCloseable {
    static final String EVE = "joe@customer.example";
    private static final Config CONFIG = ConfigReader.fromText("""
            hostname = mx.customer.example
            data_dir = /data
            local { domains = [customer.example], postmaster = "joe@customer.example" }
            auth.users = /data/users
            spool.reserve = 1MiB
            outbound {
              user { messages_per_hour = 4, recipients_per_hour = 100 }
              local.messages_per_hour = 2
              anomaly { rejected_recipients = 5, rejected_share = 0.5 }
            }
            sendmail.drop_directory = /drop
            relay.domains = [relay.example]
            delivery.routes { ".inner.example" { host = "198.51.100.1", port = 25, tls = none } }
            listeners {
              mx.endpoints = [], submission.endpoints = []
              submissions.endpoints = ["192.0.2.1:465"]
            }
            """);

    private final SimWorld sim;
    private @Nullable Assembly server;

    OutboundBed(long seed) throws IOException {
        sim = new SimWorld(seed, SimFaults.none());
        sim.host().certificate(new SimCertificate(List.of(new byte[] {1}), Set.of("mx.customer.example")));
        sim.zones().mx("relay.example", 10, "mx.b.example");
        sim.zones().mx("b.example", 10, "mx.b.example").address("mx.b.example", "198.51.100.1"); // and nobody there
        sim.disk().makeDirectories(Path.of("/drop"));
        sim.disk().settle();
        sim.run(world -> {
            world.disk().makeDirectories(Path.of("/data"));
            try (Disk.File file = world.disk().create(Path.of("/data/users"))) {
                file.write(
                        0,
                        ByteBuffer.wrap(OdmrTest.USERS
                                .lines()
                                .filter(line -> line.startsWith(EVE))
                                .findFirst()
                                .orElseThrow()
                                .concat("\n")
                                .getBytes(US_ASCII)));
                file.force();
            }
            world.disk().forceDirectory(Path.of("/data"));
            world.disk().forceDirectory(Path.of("/"));
            start(world);
        });
    }

    SimWorld sim() {
        return sim;
    }

    Assembly server() {
        return Objects.requireNonNull(server);
    }

    @Override
    public void close() {
        sim.close();
    }

    /** Again, after a crash. */
    void start(World world) throws IOException {
        try {
            server = Assembly.start(world, CONFIG, Hooks.simulated(UnaryOperator.identity()));
        } catch (StartFailure e) {
            throw new AssertionError(String.join("; ", e.problems()), e);
        }
    }

    /** Says lines, each when the one before was answered, and notes what it hears. */
    static final class Client implements WireHandler {
        private final List<String> lines;
        final List<String> heard = new ArrayList<>();
        boolean closed;
        private String rest = "";
        private int next;
        private @Nullable Wire wire;

        Client(String... lines) {
            this.lines = List.of(lines);
        }

        @Override
        public void opened(Wire opened) {
            wire = opened;
            opened.startTls(new TlsNeed.Client("mx.customer.example", Optional.empty()));
        }

        @Override
        public void received(byte[] octets, int offset, int length) {
            rest += new String(octets, offset, length, US_ASCII);
            for (int end = rest.indexOf("\r\n"); end >= 0; end = rest.indexOf("\r\n")) {
                String line = rest.substring(0, end);
                rest = rest.substring(end + 2);
                if (line.length() > 3 && line.charAt(3) == '-') {
                    continue;
                }
                heard.add(line);
                if (next < lines.size()) {
                    byte[] say = (lines.get(next++) + "\r\n").getBytes(US_ASCII);
                    Wire open = Objects.requireNonNull(wire);
                    open.write(say, 0, say.length);
                    open.flush();
                }
            }
        }

        @Override
        public void secured(TlsFacts facts) {}

        @Override
        public void closed(@Nullable WireFailure cause) {
            closed = true;
        }

        String last() {
            return heard.getLast();
        }
    }

    static final String AUTH =
            "AUTH PLAIN " + Base64.getEncoder().encodeToString(("\0" + EVE + "\0pencil").getBytes(US_ASCII));

    Client connect(String... lines) {
        Client client = new Client(lines);
        sim.run(sim.host(), world -> {
            world.net()
                    .connect(
                            new Endpoint.Tcp(InetAddress.ofLiteral("192.0.2.1"), 465),
                            Optional.empty(),
                            Duration.ofSeconds(10),
                            client);
            world.tasks().sleep(Duration.ofSeconds(20));
        });
        return client;
    }

    static String[] message(String... recipients) {
        List<String> lines = new ArrayList<>(List.of("EHLO c.example", AUTH, "MAIL FROM:<" + EVE + ">"));
        for (String to : recipients) {
            lines.add("RCPT TO:<" + to + ">");
        }
        lines.addAll(List.of("DATA", "From: " + EVE + "\r\nSubject: hi\r\n\r\nhi\r\n."));
        return lines.toArray(String[]::new);
    }

    Told ask(ControlRequest request) {
        return Told.ask(sim, server(), request);
    }

    Told freeze() {
        return Told.ask(
                sim,
                server(),
                ControlRequest.of("freeze", "ops").with("user", "JOE").with("text", "spam"));
    }

    List<String> holds() throws IOException {
        List<String> holds = new ArrayList<>();
        for (var id : server().spool().ids(null, 100)) {
            holds.add(server().spool().read(id).map(StoredMessage::held).orElse("gone"));
        }
        return holds;
    }

    void drop(String name, String owner, String to) throws IOException {
        Path file = Path.of("/drop/" + name);
        try (Disk.File left = sim.disk().create(file)) {
            left.write(0, ByteBuffer.wrap(("hikyaku-drop 1\n" + to + "\nSubject: s\n\nhi\n").getBytes(US_ASCII)));
            left.force();
        }
        int uid = 1000 + owner.chars().sum(); // another for each
        sim.disk().own(file, uid);
        sim.host().user(uid, Optional.of(owner));
    }

    /** Answers MAIL and RCPT, and takes what comes after them. */
    private static final class Mx implements WireHandler {
        private final UnaryOperator<String> answers;
        private @Nullable Wire wire;
        private String rest = "";
        private boolean data;

        Mx(UnaryOperator<String> answers) {
            this.answers = answers;
        }

        @Override
        public void opened(Wire opened) {
            wire = opened;
            say("220 mx.b.example ESMTP");
        }

        private void say(String line) {
            byte[] octets = (line + "\r\n").getBytes(US_ASCII);
            Wire open = Objects.requireNonNull(wire);
            open.write(octets, 0, octets.length);
            open.flush();
        }

        @Override
        public void received(byte[] octets, int offset, int length) {
            rest += new String(octets, offset, length, US_ASCII);
            for (int end = rest.indexOf("\r\n"); end >= 0; end = rest.indexOf("\r\n")) {
                String line = rest.substring(0, end);
                rest = rest.substring(end + 2);
                if (!data || line.equals(".")) {
                    data = line.equals("DATA");
                    boolean asked = line.startsWith("RCPT") || line.startsWith("MAIL");
                    say(data ? "354 go on" : asked ? answers.apply(line) : "250 ok");
                }
            }
        }

        @Override
        public void secured(TlsFacts facts) {}

        @Override
        public void closed(@Nullable WireFailure cause) {}
    }

    void listen(UnaryOperator<String> answers) {
        SimHost mx = sim.remote("mx", "198.51.100.1");
        sim.run(
                mx,
                world -> world.net()
                        .listen(
                                new Endpoint.Tcp(new InetSocketAddress(InetAddress.ofLiteral("198.51.100.1"), 25)),
                                10,
                                wire -> new Mx(answers)));
    }
}
