package org.hikyaku.policy;

import java.net.InetAddress;
import java.util.Optional;
import org.hikyaku.config.Config;
import org.hikyaku.config.ListenerSettings;
import org.hikyaku.mail.TlsFacts;

/**
 * What is known of a session when a question is asked.
 *
 * @param session the id in the log
 * @param config the snapshot this session works by
 * @param listener the name of its listener in {@code config.listeners}
 * @param user the login, once authenticated
 */
public record SessionFacts(
        String session,
        Config config,
        String listener,
        InetAddress remote,
        Optional<String> helo,
        Optional<TlsFacts> tls,
        Optional<String> user) {
    public ListenerSettings rules() {
        ListenerSettings rules = config.listeners().get(listener);
        if (rules == null) {
            throw new IllegalStateException("no listener " + listener);
        }
        return rules;
    }
}
