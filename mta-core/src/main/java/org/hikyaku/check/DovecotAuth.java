package org.hikyaku.check;

import java.net.InetAddress;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.function.Supplier;
import org.hikyaku.config.Config;
import org.hikyaku.mail.IpLiteral;
import org.hikyaku.sasl.RemoteLogin;
import org.hikyaku.world.World;
import org.jspecify.annotations.Nullable;

/**
 * Logins that Dovecot judges, over its authentication protocol 1.x ({@code auth.dovecot}: a Unix socket or TCP). One connection
 * carries all exchanges; it is made when it is first needed and anew after it was lost, at the most once a second.
 *
 * <p>All that is sent there was taken under TLS, and Dovecot is told so ({@code secured}). A Unix socket in a directory of the
 * right group is the safe way; TCP is in clear and for loopback or a network of its own.
 *
 * <p><i>Failure:</i> a Dovecot that is not there, does not answer within {@link DovecotLink#PATIENCE} or breaks the protocol: the login
 * cannot be decided now (454); an exchange that was under way on a lost connection is over.
 */
public final class DovecotAuth {
    /** In base64, with the rest of the line, no more than the 8192 octets that Dovecot takes. */
    private static final int RESPONSE_MAX = 5_800;

    /** What is offered until Dovecot has said what it can. */
    private static final List<String> USUAL = List.of("PLAIN", "LOGIN");

    private final Supplier<Config> config;
    private final DovecotDoor<RemoteLogin.Answer> door;
    private volatile List<String> mechanisms = USUAL;

    public DovecotAuth(World world, Supplier<Config> config) {
        this.config = config;
        this.door = new DovecotDoor<>(world, () -> config.get().auth().dovecot(), () -> new DovecotLogins(this::learn));
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
            door.present();
        }
    }

    /** Ends the connection. */
    public void close() {
        door.close();
    }

    private void learn(List<String> offered) {
        mechanisms = offered;
    }

    /** One run of a mechanism; bound to the connection that it began on. */
    private final class Exchange implements RemoteLogin {
        private final String mechanism;
        private @Nullable DovecotLink<Answer> on;
        private int id;

        Exchange(String mechanism) {
            this.mechanism = mechanism;
        }

        @Override
        public Answer say(byte @Nullable [] response, InetAddress client) {
            if (response != null && response.length > RESPONSE_MAX) {
                return new Answer.No(false, "", "a response of " + response.length + " octets");
            }
            DovecotLink<Answer> through = on;
            String text = response == null ? "" : Base64.getEncoder().encodeToString(response);
            if (through != null) {
                return through.ask(id, "CONT\t" + id + "\t" + text);
            }
            through = door.present();
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
