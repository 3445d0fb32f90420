package org.hikyaku.check;

import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.hikyaku.config.Config;
import org.hikyaku.mail.Domain;
import org.hikyaku.mail.TlsFacts;
import org.hikyaku.sasl.ChannelBindings;
import org.hikyaku.sasl.ExternalServer;
import org.hikyaku.sasl.Mechanisms;
import org.hikyaku.sasl.RelayedServer;
import org.hikyaku.sasl.RemoteLogin;
import org.hikyaku.sasl.ScramDigest;
import org.hikyaku.sasl.ScramKeys;
import org.hikyaku.sasl.ServerMechanism;
import org.hikyaku.sasl.ServerMechanisms;
import org.hikyaku.table.Users;
import org.hikyaku.world.Entropy;
import org.jspecify.annotations.Nullable;

/**
 * The mechanisms for our users. What they ask and find is told with the name of the users file: whoever logs in as
 * {@code Anna} is {@code anna@example.org} from then on, for the log, for grants and for policy.
 *
 * <p><i>Failure:</i> a name that is not in the file stays as it was given, in lower case, and fails later.
 */
public final class LoginMechanisms implements ServerMechanisms {
    private final Supplier<Config> config;
    private final Supplier<Users> users;
    private final Entropy entropy;
    private final Optional<DovecotAuth> dovecot;
    private final Predicate<String> closed;

    /** All are judged by us. */
    public LoginMechanisms(Supplier<Config> config, Supplier<Users> users, Entropy entropy) {
        this(config, users, entropy, Optional.empty(), user -> false);
    }

    /**
     * The mechanisms.
     *
     * @param dovecot judges the logins where the configuration says so; EXTERNAL is ours in any case
     * @param closed users for whom a certificate is no login; of others who try, a check tells it
     */
    public LoginMechanisms(
            Supplier<Config> config,
            Supplier<Users> users,
            Entropy entropy,
            Optional<DovecotAuth> dovecot,
            Predicate<String> closed) {
        this.closed = closed;
        this.config = config;
        this.users = users;
        this.entropy = entropy;
        this.dovecot = dovecot;
    }

    @Override
    public List<String> offered(TlsFacts tls) {
        return offered(tls, ChannelBindings.ofServer(tls));
    }

    private List<String> offered(TlsFacts tls, ChannelBindings bindings) {
        Users all = users.get();
        Config now = config.get();
        boolean external = !certified(tls, all, now).isEmpty();
        return now.auth().mechanisms().stream()
                .map(name -> name.toUpperCase(Locale.ROOT))
                .filter(name -> name.equals(ExternalServer.NAME)
                        ? external
                        : inUse().map(theirs -> theirs.offers(name)).orElseGet(() -> isOurs(name, now, bindings)))
                .toList();
    }

    private List<String> certified(TlsFacts tls, Users all, Config now) {
        return CertificateLogins.of(tls, all, now).stream()
                .filter(closed.negate())
                .toList();
    }

    private Optional<DovecotAuth> inUse() {
        return dovecot.filter(DovecotAuth::isUsed);
    }

    private boolean isOurs(String name, Config now, ChannelBindings bindings) {
        if (Mechanisms.takesTokens(name)) {
            return now.auth().oauth().takesTokens();
        }
        return ScramDigest.of(name).map(users.get()::allHaveKeys).orElse(true)
                && (!ScramDigest.isPlus(name) || !bindings.isEmpty());
    }

    @Override
    public Optional<ServerMechanism> begin(String name, TlsFacts tls) {
        ChannelBindings bindings = ChannelBindings.ofServer(tls);
        List<String> offered = offered(tls, bindings);
        if (!offered.contains(name.toUpperCase(Locale.ROOT))) {
            return Optional.empty();
        }
        if (name.equalsIgnoreCase(ExternalServer.NAME)) {
            List<String> own = certified(tls, users.get(), config.get());
            return Optional.of(new ExternalServer(own, this::listed));
        }
        Optional<DovecotAuth> theirs = inUse();
        if (theirs.isPresent()) {
            String upper = name.toUpperCase(Locale.ROOT);
            return Optional.of(new Named(new RelayedServer(upper, theirs.get().begin(upper))));
        }
        boolean bound = offered.stream().anyMatch(ScramDigest::isPlus);
        byte[] random = new byte[Mechanisms.RANDOM_OCTETS];
        entropy.fill(random);
        return Mechanisms.server(name, random, bound ? bindings : ChannelBindings.NONE)
                .map(Named::new);
    }

    private String listed(String login) {
        List<Domain> local = config.get().local().domains();
        return users.get().login(login, local).map(Users.User::name).orElse(login.toLowerCase(Locale.ROOT));
    }

    /** A mechanism that tells users by their names in the file. */
    private final class Named implements ServerMechanism {
        private final ServerMechanism inner;

        Named(ServerMechanism inner) {
            this.inner = inner;
        }

        @Override
        public String name() {
            return inner.name();
        }

        @Override
        public Step start(byte @Nullable [] initial) {
            return named(inner.start(initial));
        }

        @Override
        public Step next(byte[] response) {
            return named(inner.next(response));
        }

        @Override
        public Step passwordChecked(boolean right) {
            return named(inner.passwordChecked(right));
        }

        @Override
        public Step keys(ScramKeys keys) {
            return named(inner.keys(keys));
        }

        @Override
        public Step remote(RemoteLogin.Answer answer) {
            return named(inner.remote(answer));
        }

        @Override
        public Step token(Optional<String> user, String scope) {
            return named(inner.token(user, scope));
        }

        private Step named(Step step) {
            return switch (step) {
                case Step.Challenge challenge -> challenge;
                case Step.AskPassword ask -> new Step.AskPassword(listed(ask.user()), ask.password());
                case Step.AskKeys ask -> new Step.AskKeys(listed(ask.user()), ask.digest());
                case Step.AskRemote ask -> ask;
                case Step.AskToken ask -> ask;
                case Step.Success success -> new Step.Success(listed(success.user()));
                case Step.Failure failure ->
                    new Step.Failure(failure.malformed(), listed(failure.user()), failure.why());
            };
        }
    }
}
