package org.hikyaku.check;

import java.net.InetAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.hikyaku.config.Config;
import org.hikyaku.mail.IpLiteral;
import org.hikyaku.sasl.RemoteLogin;
import org.hikyaku.world.Endpoint;
import org.hikyaku.world.World;
import org.jspecify.annotations.Nullable;

/**
 * Logins that Dovecot judges, over its authentication protocol 1.x ({@code auth.dovecot}: a Unix socket or TCP). One connection
 * carries all exchanges; it is made when it is first needed and anew after it was lost, at the most once a second.
 *
 * <p>All that is sent there was taken under TLS, and Dovecot is told so ({@code secured}). A Unix socket in a directory of the
 * right group is the safe way; TCP is in clear and for loopback or a network of its own.
 *
 * <p><i>Failure:</i> a Dovecot that is not there, does not answer within {@link #PATIENCE} or breaks the protocol: the login
 * cannot be decided now (454); an exchange that was under way on a lost connection is over.
 */
public final class DovecotAuth {
    static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final Duration CONNECT_LIMIT = Duration.ofSeconds(5);
    private static final Duration REST = Duration.ofSeconds(1);
    /** In base64, with the rest of the line, no more than the 8192 octets that Dovecot takes. */
    private static final int RESPONSE_MAX = 5_800;

    /** What is offered until Dovecot has said what it can. */
    private static final List<String> USUAL = List.of("PLAIN", "LOGIN");

    private final World world;
    private final Supplier<Config> config;
    private final AtomicReference<@Nullable DovecotLink> link = new AtomicReference<>();
    private volatile List<String> mechanisms = USUAL;

    public DovecotAuth(World world, Supplier<Config> config) {
        this.world = world;
        this.config = config;
    }

    /** Whether it judges our logins. */
    boolean isUsed() {
        return config.get().auth().dovecot().isPresent();
    }

    /** Whether it has this mechanism, as far as is known: it is asked when the connection is made. Never waits. */
    boolean offers(String mechanism) {
        return mechanisms.contains(mechanism.toUpperCase(Locale.ROOT));
    }

    /** A new exchange. */
    RemoteLogin begin(String mechanism) {
        return new Exchange(mechanism);
    }

    /** Makes the connection ahead of the first login. Never waits. */
    public void prepare() {
        if (isUsed()) {
            present();
        }
    }

    /** Ends the connection. */
    public void close() {
        DovecotLink last = link.getAndSet(null);
        if (last != null) {
            last.close();
        }
    }

    /** The connection that serves, or one that is being made; null when one failed just now. */
    private @Nullable DovecotLink present() {
        Optional<Endpoint> place = config.get().auth().dovecot().map(DovecotAuth::endpoint);
        if (place.isEmpty()) {
            return null; // a reload came between
        }
        Endpoint wanted = place.get();
        while (true) {
            DovecotLink last = link.get();
            long now = world.clock().nanos();
            if (last != null && last.endpoint().equals(wanted)) {
                if (!last.isOver()) {
                    return last;
                }
                if (now - last.begun() < REST.toNanos()) {
                    return null;
                }
            }
            DovecotLink fresh = new DovecotLink(world, wanted, this::learn);
            if (link.compareAndSet(last, fresh)) {
                if (last != null) {
                    last.close();
                }
                world.net().connect(wanted, Optional.empty(), CONNECT_LIMIT, fresh);
                return fresh;
            }
        }
    }

    private void learn(List<String> offered) {
        mechanisms = offered;
    }

    /** {@code unix:/path} or {@code address:port}; the reader of the configuration has seen to it. */
    static Endpoint endpoint(String text) {
        if (text.startsWith("unix:")) {
            return new Endpoint.Unix(Path.of(text.substring("unix:".length())));
        }
        int colon = text.lastIndexOf(':');
        String host = text.substring(0, Math.max(0, colon)).replaceAll("[\\[\\]]", "");
        InetAddress address =
                IpLiteral.parseAddress(host).orElseThrow(() -> new IllegalArgumentException("no address: " + host));
        return new Endpoint.Tcp(address, Integer.parseInt(text.substring(colon + 1)));
    }

    /** One run of a mechanism; bound to the connection that it began on. */
    private final class Exchange implements RemoteLogin {
        private final String mechanism;
        private @Nullable DovecotLink on;
        private int id;

        Exchange(String mechanism) {
            this.mechanism = mechanism;
        }

        @Override
        public Answer say(byte @Nullable [] response, InetAddress client) {
            if (response != null && response.length > RESPONSE_MAX) {
                return new Answer.No(false, "", "a response of " + response.length + " octets");
            }
            DovecotLink through = on;
            String text = response == null ? "" : Base64.getEncoder().encodeToString(response);
            if (through != null) {
                return through.ask(id, "CONT\t" + id + "\t" + text);
            }
            through = present();
            if (through == null || !through.awaitReady()) {
                return new Answer.No(true, "", "Dovecot cannot be reached");
            }
            on = through;
            id = through.nextId();
            String first =
                    "AUTH\t" + id + "\t" + mechanism + "\tservice=smtp\tsecured\trip=" + IpLiteral.number(client);
            return through.ask(id, response == null ? first : first + "\tresp=" + text);
        }
    }
}
