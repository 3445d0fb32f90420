package org.hikyaku.policy;

import java.net.InetAddress;
import java.util.Optional;
import org.hikyaku.config.Config;
import org.hikyaku.config.ListenerSettings;
import org.hikyaku.mail.HostUser;
import org.hikyaku.mail.TlsFacts;

/**
 * What is known of a session when a question is asked.
 *
 * @param session the id in the log
 * @param config the snapshot this session works by
 * @param listener the name of its listener in {@code config.listeners}
 * @param user the login, once authenticated
 * @param hostUser the user of this host who has called over a Unix socket
 */
public record SessionFacts(
        String session,
        Config config,
        String listener,
        InetAddress remote,
        Optional<String> helo,
        Optional<TlsFacts> tls,
        Optional<String> user,
        Optional<HostUser> hostUser) {
    /** Of a session over the network. */
    public SessionFacts(
            String session,
            Config config,
            String listener,
            InetAddress remote,
            Optional<String> helo,
            Optional<TlsFacts> tls,
            Optional<String> user) {
        this(session, config, listener, remote, helo, tls, user, Optional.empty());
    }

    /** Whose mail it is: of who has logged in, or of a user of this host. Names of the two kinds may be alike and mean two people. */
    public Optional<String> account() {
        return user.or(() -> hostUser.map(HostUser::name));
    }

    public ListenerSettings rules() {
        ListenerSettings rules = config.listeners().get(listener);
        if (rules == null) {
            throw new IllegalStateException("no listener " + listener);
        }
        return rules;
    }
}
