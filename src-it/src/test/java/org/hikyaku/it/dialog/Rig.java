package org.hikyaku.it.dialog;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.hikyaku.check.InquiryCheck;
import org.hikyaku.check.QualifiedCheck;
import org.hikyaku.check.RecipientCheck;
import org.hikyaku.check.RelayCheck;
import org.hikyaku.check.RoomCheck;
import org.hikyaku.check.SenderCheck;
import org.hikyaku.config.Config;
import org.hikyaku.config.ConfigReader;
import org.hikyaku.listen.Listeners;
import org.hikyaku.listen.Reception;
import org.hikyaku.mail.Domain;
import org.hikyaku.mail.DomainPattern;
import org.hikyaku.mail.Envelope;
import org.hikyaku.mail.SpoolId;
import org.hikyaku.mail.TlsFacts;
import org.hikyaku.policy.Check;
import org.hikyaku.policy.PolicyChain;
import org.hikyaku.policy.Question;
import org.hikyaku.policy.SessionFacts;
import org.hikyaku.policy.Verdict;
import org.hikyaku.queue.QueueManager;
import org.hikyaku.sasl.ChannelBindings;
import org.hikyaku.sasl.Mechanisms;
import org.hikyaku.sasl.Scram;
import org.hikyaku.sasl.ServerMechanism;
import org.hikyaku.sasl.ServerMechanisms;
import org.hikyaku.smtp.Replies;
import org.hikyaku.smtp.server.Input;
import org.hikyaku.spool.Draft;
import org.hikyaku.spool.Origin;
import org.hikyaku.spool.Spool;
import org.hikyaku.table.Grants;
import org.hikyaku.table.LocalDirectory;
import org.hikyaku.world.Endpoint;
import org.hikyaku.world.Loop;
import org.hikyaku.world.World;

/** The receiving side whole, over a World, with a store that only remembers. */
final class Rig {
    static final InetAddress SERVER = InetAddress.ofLiteral("192.0.2.1");
    static final Map<String, Integer> PORTS = Map.ofEntries(
            Map.entry("mx", 25),
            Map.entry("submission", 587),
            Map.entry("submissions", 465),
            Map.entry("fix", 26),
            Map.entry("open", 588),
            Map.entry("required", 27),
            Map.entry("plain", 28),
            Map.entry("proxied", 29),
            Map.entry("proxieds", 30),
            Map.entry("elsewhere", 31),
            Map.entry("spoken", 32),
            Map.entry("unspoken", 33),
            Map.entry("lmtp", 24),
            Map.entry("telling", 34),
            Map.entry("secretive", 35),
            Map.entry("odmr", 366),
            Map.entry("none", 36),
            Map.entry("patient", 37));
    static final Map<String, String> NAMES = Map.of(
            "domain", "example.org",
            "rcpt", "joe@example.org",
            "user", "joe@example.org",
            "password", "secret",
            "granted", "sales@example.org",
            "other", "ann@example.org",
            "hostname", "mx.example.org",
            "relay", "relay.example",
            "list", "postmaster@example.org",
            "toobig", "65537");

    private static final String CONFIG = """
            hostname = mx.example.org
            local { domains = [example.org, second.example], postmaster = "joe@example.org" }
            relay.domains = [relay.example]
            auth.users = /etc/users
            extensions.verp = true
            limits {
              message_size_max = 64KiB, body_line_max = 5000B, headers_size_max = 16KiB, recipients_max = 100
              errors_per_session_max = 20, messages_per_session_max = 3, commands_per_session_max = 400, sessions_per_address_max = 3
              tarpit_delay_max = 15s
              exempt_networks = []
            }
            on_demand.customers {
              branch { domains = [branch.example, .branch.example, other.example], users = ["joe@example.org"], networks = [], keep = true }
              second { domains = [second.example], users = ["ann@example.org"], networks = [], keep = true }
            }
            listeners {
              mx.endpoints = ["0.0.0.0:25"]
              submission.endpoints = ["0.0.0.0:587"]
              submissions.endpoints = ["0.0.0.0:465"]
              fix { mode = mx, endpoints = ["0.0.0.0:26"], bare_lf = fix }
              required { mode = mx, endpoints = ["0.0.0.0:27"], tls = require }
              plain { mode = mx, endpoints = ["0.0.0.0:28"], tls = off, vrfy = off }
              open { mode = mx, endpoints = ["0.0.0.0:588"], auth = offer }
              proxied {
                mode = mx, endpoints = ["0.0.0.0:29"]
                proxy { networks = ["203.0.113.5"], header = require, header_timeout = 30s }
              }
              proxieds {
                mode = mx, endpoints = ["0.0.0.0:30"], tls = implicit
                proxy { networks = ["203.0.113.0/24"], header = require }
              }
              elsewhere { mode = mx, endpoints = ["0.0.0.0:31"], proxy { networks = ["198.51.100.7"], header = require } }
              telling { mode = mx, endpoints = ["0.0.0.0:34"], vrfy = off, help = off, tell_networks = ["203.0.113.0/24"] }
              secretive { mode = mx, endpoints = ["0.0.0.0:35"], vrfy = off, expn = limited, help = off, tell_networks = ["192.0.2.0/24"] }
              odmr { mode = odmr, endpoints = ["0.0.0.0:366"], auth = require }
              none { mode = none, endpoints = ["0.0.0.0:36"] }
              patient { mode = mx, endpoints = ["0.0.0.0:37"], greeting_delay = 5s, early_talkers = refuse }
              lmtp { mode = lmtp, endpoints = ["0.0.0.0:24"] }
              spoken {
                mode = mx, endpoints = ["0.0.0.0:32"], auth = offer
                proxy { networks = ["203.0.113.5", "203.0.113.6"], xclient = true, xforward = true }
              }
              unspoken {
                mode = mx, endpoints = ["0.0.0.0:33"]
                proxy { networks = ["198.51.100.7"], xclient = true, xforward = true }
              }
            }
            """;

    /** A message as it was stored. */
    record Stored(String prepended, String text, Envelope envelope, Origin origin, String messageId) {}

    final List<Stored> stored = new ArrayList<>();
    final List<MemoryDraft> drafts = new ArrayList<>();
    final Config config;
    final Listeners listeners;
    private final World world;
    /** What the store says next: null for success. */
    Optional<Spool.SpoolFailure> failure = Optional.empty();

    boolean room = true;
    /** Drafts say that memory is full; relief is given by hand. */
    boolean pressure;

    Rig(World world) throws IOException {
        this.world = world;
        this.config = ConfigReader.fromText(CONFIG);
        LocalDirectory directory = LocalDirectory.load(
                        config.hostname(),
                        config.local(),
                        List.of("joe@example.org", "ann@example.org")::contains,
                        world.disk())
                .directory();
        List<Check> checks = List.of(
                new OneLogin(),
                new RoomCheck(size -> room),
                new QualifiedCheck(() -> directory),
                new SenderCheck(() -> directory, Grants::none),
                new RelayCheck(() -> directory),
                new RecipientCheck(() -> directory),
                new InquiryCheck(() -> directory));
        listeners = new Listeners(
                new Reception(
                        world,
                        new PolicyChain(checks, world, 100),
                        new Offer(),
                        session -> draft(),
                        this::take,
                        domains -> new QueueManager.Started(true, waiting(domains), true),
                        (user, domains) -> waiting(domains) == 0
                                ? new Reception.Turn(Input.Fetching.NO_MAIL, Optional.empty())
                                : new Reception.Turn(Input.Fetching.READY, Optional.of(TurnedClient::new))),
                config);
        listeners.open();
    }

    /** Three messages for branch.example, none for any other. */
    private static int waiting(List<DomainPattern> domains) {
        return domains.stream().anyMatch(each -> each.holds(Domain.of("branch.example"))) ? 3 : 0;
    }

    static Endpoint endpoint(String listener) {
        Integer port = PORTS.get(listener);
        if (port == null) {
            throw new IllegalArgumentException("no listener " + listener);
        }
        return new Endpoint.Tcp(SERVER, port);
    }

    private MemoryDraft draft() {
        MemoryDraft draft =
                new MemoryDraft(new SpoolId(drafts.size() + 1), world.clock().now(), pressure);
        drafts.add(draft);
        return draft;
    }

    private void take(
            Draft draft,
            byte[] prepended,
            Envelope envelope,
            Origin origin,
            String hold,
            String messageId,
            Loop loop,
            Spool.Done done) {
        Optional<Spool.SpoolFailure> told = failure;
        if (told.isEmpty()) {
            stored.add(new Stored(
                    new String(prepended, UTF_8),
                    new String(((MemoryDraft) draft).octets(), UTF_8),
                    envelope,
                    origin,
                    messageId));
        }
        loop.execute(() -> told.ifPresentOrElse(done::failed, done::stored));
    }

    private final class Offer implements ServerMechanisms {
        @Override
        public List<String> offered(TlsFacts tls) {
            return List.of("SCRAM-SHA-256", "PLAIN", "LOGIN");
        }

        @Override
        public Optional<ServerMechanism> begin(String name, TlsFacts tls) {
            byte[] random = new byte[Mechanisms.RANDOM_OCTETS];
            world.entropy().fill(random);
            return Mechanisms.server(name, random, ChannelBindings.NONE);
        }
    }

    /** Knows one password, and thinks about it on a task. */
    private static final class OneLogin implements Check {
        @Override
        public boolean concerns(Question question) {
            return question instanceof Question.Login
                    || question instanceof Question.LoginKeys
                    || question instanceof Question.LoginDone;
        }

        @Override
        public boolean waits() {
            return true;
        }

        @Override
        public Verdict answer(Question question, SessionFacts facts) {
            if (question instanceof Question.LoginKeys) {
                return new Verdict.Keys(Scram.keys("secret".getBytes(UTF_8), new byte[16], Scram.ITERATIONS_MIN)
                        .orElseThrow());
            }
            if (!(question instanceof Question.Login login)) {
                return Verdict.PASS;
            }
            boolean right =
                    login.user().equals("joe@example.org") && Arrays.equals(login.password(), "secret".getBytes(UTF_8));
            return right ? Verdict.PASS : new Verdict.Reject(Replies.WRONG_CREDENTIALS);
        }
    }
}
