package org.hikyaku.deliver;

import java.io.IOException;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import org.hikyaku.config.Config;
import org.hikyaku.config.DeliverySettings;
import org.hikyaku.config.DeliverySettings.PeerFeature;
import org.hikyaku.mail.TlsFacts;
import org.hikyaku.route.Hop;
import org.hikyaku.sasl.ChannelBindings;
import org.hikyaku.sasl.Mechanisms;
import org.hikyaku.smtp.client.Patience;
import org.hikyaku.smtp.client.Terms;
import org.hikyaku.smtp.client.Trouble;
import org.hikyaku.smtp.client.Trouble.Kind;
import org.hikyaku.smtp.client.Trouble.Stage;
import org.hikyaku.world.Endpoint;
import org.hikyaku.world.Event;
import org.hikyaku.world.World;
import org.jspecify.annotations.Nullable;

/**
 * Makes a connection that is ready for a transaction: greeting, EHLO, TLS, login. Two hosts' faults are worked around,
 * each once, on a new connection: hanging up on EHLO (then HELO), and a TLS that cannot be had where it is only
 * opportunistic (then in clear, RFC 7435 3). What is known of the host ({@link Quirks}) is worked around from the first.
 *
 * <p><i>Failure:</i> {@link #open} and {@link #goOn} give null, {@link #trouble} says why.
 */
final class ConnectionMaker {
    static final Trouble NO_ROOM = Trouble.of(
            Stage.CONNECT, Kind.NO_ROOM, "all connections that its site may have are in use, and none became free");

    /** From the connection until it is ready: more than servers wait that do so on purpose before they greet. */
    static final Duration PATIENCE = Duration.ofSeconds(10);

    private static final int SECRET_FILE_MAX = 16 * 1024;
    /** For the AUTH line to stay within RFC 4954 4. */
    private static final int TOKEN_MAX = 8 * 1024;

    private final World world;
    private final Config config;
    /** For the log: whose mail it is for, or what else. */
    private final String purpose;

    private final Hop hop;
    private final String remote;
    private final DeliverySettings settings;
    private final DeliverySettings.ClientTimeouts timeouts;
    private final Doubts doubts;
    private final Places.Room room;
    private Optional<Terms.Login> login = Optional.empty();
    private boolean prepared;
    /** What the last attempt goes without. */
    private Set<PeerFeature> avoided = Set.of();

    private Trouble trouble = Trouble.of(Stage.CONNECT, Kind.LOST, "not tried");

    ConnectionMaker(
            World world,
            Config config,
            DeliverySettings.ClientTimeouts timeouts,
            String purpose,
            Hop hop,
            Doubts doubts,
            Places.Room room) {
        this.world = world;
        this.config = config;
        this.purpose = purpose;
        this.hop = hop;
        this.remote = HopAttempt.remote(hop);
        this.doubts = doubts;
        this.room = room;
        this.settings = config.delivery();
        this.timeouts = timeouts;
    }

    Hop hop() {
        return hop;
    }

    Doubts doubts() {
        return doubts;
    }

    /** Why the last {@link #open}, {@link #goOn} or {@link #prepare} gave nothing. */
    Trouble trouble() {
        return trouble;
    }

    /** To this host alone. */
    @Nullable
    ConversationRunner open() {
        return open(null, () -> {});
    }

    /**
     * @param place null to wait for one
     * @param slow as for {@link #goOn}
     */
    @Nullable
    ConversationRunner open(@Nullable Place place, Runnable slow) {
        Attempt attempt = connect(place);
        return attempt == null ? null : goOn(attempt, slow);
    }

    /** Before an {@link #attempt}; false when there is no login. */
    boolean prepare() {
        try {
            login = prepared ? login : login();
            prepared = true;
        } catch (IOException e) {
            trouble = Trouble.of(
                    Stage.AUTH, Kind.AUTH_PASSWORD_UNREADABLE, "the password file cannot be read: " + e.getMessage());
        }
        return prepared;
    }

    /** Begins to connect, in a race. */
    Attempt attempt(Race race, Place place) {
        avoided = doubts.avoided();
        ConversationRunner runner = new ConversationRunner(world, hop, terms());
        Attempt attempt = new Attempt(hop, runner, place, race);
        attempt.begin(world, source(), timeouts.connect());
        return attempt;
    }

    private @Nullable Attempt connect(@Nullable Place place) {
        Race race = Race.alone(world, room, this);
        Attempt attempt = race.run(place, timeouts.connect());
        if (attempt == null) {
            trouble = race.fallen().getLast().why();
        }
        return attempt;
    }

    /**
     * After an attempt has connected.
     *
     * @param slow is run when it is not ready for {@link #PATIENCE}; it is waited for as long as its time-outs say all the same
     */
    @Nullable
    ConversationRunner goOn(Attempt connected, Runnable slow) {
        Attempt attempt = connected;
        while (attempt != null) {
            if (attempt.step().await(PATIENCE).isEmpty()) {
                slow.run();
            }
            switch (attempt.step().await()) {
                case Step.Ready ready -> {
                    avoided.stream()
                            .filter(f -> f == PeerFeature.STARTTLS || f == PeerFeature.EHLO)
                            .forEach(doubts::wentWithout);
                    return attempt.runner();
                }
                case Step.Unusable unusable -> {
                    trouble = unusable.why();
                    if (!mayTryOtherwise()) {
                        return null;
                    }
                    attempt = connect(null);
                }
                case Step.Done done -> throw new IllegalStateException("a transaction that nobody began");
                case Step.Told told -> throw new IllegalStateException("an answer that nobody asked for");
                case Step.More more -> throw new IllegalStateException("a message that nobody began");
            }
        }
        return null;
    }

    /** Each way out is taken once. */
    private boolean mayTryOtherwise() {
        boolean handshake = trouble.kind() == Kind.TLS_FAILED
                || (trouble.stage() == Stage.STARTTLS
                        && (trouble.kind() == Kind.LOST || trouble.kind() == Kind.TIMEOUT));
        if (handshake && mayBeClear()) {
            boolean sure = trouble.kind() == Kind.TLS_FAILED;
            world.events().emit(Event.TLS_RETRY_CLEAR, purpose, remote, trouble.text());
            return doubts.firstOf(PeerFeature.STARTTLS, sure, trouble.text());
        }
        boolean hungUp = trouble.stage() == Stage.HELLO && trouble.kind() == Kind.LOST;
        return hungUp && helloWillDo() && doubts.firstOf(PeerFeature.EHLO, false, trouble.text());
    }

    /** What is demanded is demanded, whatever is known of the host. */
    private boolean mayBeClear() {
        return hop.security() == Hop.Security.OPPORTUNISTIC && !avoided.contains(PeerFeature.STARTTLS);
    }

    private boolean helloWillDo() {
        return hop.protocol() == Hop.Protocol.SMTP
                && hop.login().isEmpty()
                && (hop.security() == Hop.Security.NONE || hop.security() == Hop.Security.OPPORTUNISTIC);
    }

    private Terms terms() {
        Terms.Tls tls = switch (hop.security()) {
            case NONE, IMPLICIT -> Terms.Tls.NO;
            case OPPORTUNISTIC ->
                !avoided.contains(PeerFeature.STARTTLS) && settings.startTls() ? Terms.Tls.IF_OFFERED : Terms.Tls.NO;
            case REQUIRED, VERIFIED -> Terms.Tls.REQUIRED;
        };
        boolean heloOnly = helloWillDo() && avoided.contains(PeerFeature.EHLO);
        DeliverySettings.ClientTimeouts t = timeouts;
        Patience patience = new Patience(
                t.greeting(), t.hello(), t.mail(), t.recipient(), t.dataStart(), t.dataBlock(), t.dataEnd(), t.quit());
        boolean lmtp = hop.protocol() == Hop.Protocol.LMTP;
        String name =
                hop.source().map(Hop.Source::ehlo).orElse(config.hostname().ascii());
        return new Terms(name, lmtp, tls, heloOnly, Quirks.extensions(avoided), login, patience);
    }

    private Optional<Terms.Login> login() throws IOException {
        if (hop.login().isEmpty()) {
            return Optional.empty();
        }
        Hop.Login who = hop.login().get();
        if (who.secretFile().isEmpty()) {
            return Optional.of((offered, tls) -> Mechanisms.clientWithCertificate(offered, who.user(), tls));
        }
        String text = new String(world.disk().readAll(who.secretFile().get(), SECRET_FILE_MAX), StandardCharsets.UTF_8);
        String password = text.lines().findFirst().orElse("");
        if (who.secret() == Hop.Secret.TOKEN) {
            return Optional.of(withToken(who, password.strip()));
        }
        byte[] random = new byte[Mechanisms.RANDOM_OCTETS];
        world.entropy().fill(random);
        return Optional.of(
                (offered, tls) -> Mechanisms.client(offered, who.user(), password, random, bindings(who, tls)));
    }

    private Terms.Login withToken(Hop.Login who, String token) throws IOException {
        if (token.length() > TOKEN_MAX || !token.matches("[!-~]+")) {
            throw new IOException("no token in " + who.secretFile().orElseThrow()); // RFC 6750 2.1: printable, no blank
        }
        int port = hop.endpoint() instanceof Endpoint.Tcp tcp ? tcp.address().getPort() : 0;
        return (offered, tls) -> Mechanisms.clientWithToken(offered, who.user(), token, hop.host(), port);
    }

    private static ChannelBindings bindings(Hop.Login who, TlsFacts tls) {
        return who.channelBinding() ? ChannelBindings.ofClient(tls) : ChannelBindings.NONE;
    }

    /** Our address of the target's family, if the hop or the settings say one; never for a host on loopback. */
    private Optional<InetSocketAddress> source() {
        if (!(hop.endpoint() instanceof Endpoint.Tcp tcp)) {
            return Optional.empty();
        }
        if (hop.source().isPresent()) {
            return hop.source().map(own -> new InetSocketAddress(own.address(), 0));
        }
        InetAddress target = tcp.address().getAddress();
        Optional<InetAddress> own = target instanceof Inet4Address ? settings.sourceIpv4() : settings.sourceIpv6();
        return target.isLoopbackAddress() ? Optional.empty() : own.map(a -> new InetSocketAddress(a, 0));
    }
}
