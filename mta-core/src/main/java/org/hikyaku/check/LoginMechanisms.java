package org.hikyaku.check;

import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Supplier;
import org.hikyaku.config.Config;
import org.hikyaku.mail.Domain;
import org.hikyaku.sasl.Mechanisms;
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

    public LoginMechanisms(Supplier<Config> config, Supplier<Users> users, Entropy entropy) {
        this.config = config;
        this.users = users;
        this.entropy = entropy;
    }

    @Override
    public List<String> offered() {
        boolean keys = users.get().allHaveKeys();
        return config.get().auth().mechanisms().stream()
                .map(name -> name.toUpperCase(Locale.ROOT))
                .filter(name -> keys || !Mechanisms.needsKeys(name))
                .toList();
    }

    @Override
    public Optional<ServerMechanism> begin(String name) {
        if (!offered().contains(name.toUpperCase(Locale.ROOT))) {
            return Optional.empty();
        }
        byte[] random = new byte[Mechanisms.RANDOM_OCTETS];
        entropy.fill(random);
        return Mechanisms.server(name, random).map(Named::new);
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

        private Step named(Step step) {
            return switch (step) {
                case Step.Challenge challenge -> challenge;
                case Step.AskPassword ask -> new Step.AskPassword(listed(ask.user()), ask.password());
                case Step.AskKeys ask -> new Step.AskKeys(listed(ask.user()));
                case Step.Success success -> new Step.Success(listed(success.user()));
                case Step.Failure failure ->
                    new Step.Failure(failure.malformed(), listed(failure.user()), failure.why());
            };
        }
    }
}
