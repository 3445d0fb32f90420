package org.hikyaku.smtp.server;

import java.net.InetAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.hikyaku.config.Config;
import org.hikyaku.mail.TlsFacts;
import org.hikyaku.policy.SessionFacts;
import org.hikyaku.smtp.Extension;
import org.jspecify.annotations.Nullable;

/** What a session knows of its client: where it is, what it calls itself, its TLS, whose password it proved. */
final class Client {
    private final String name;
    private final Config config;
    private final String listener;
    private final InetAddress remote;
    private String helo = "";
    private boolean extended;
    private @Nullable TlsFacts tls;
    private @Nullable String user;
    private @Nullable SessionFacts facts;

    Client(String name, Config config, String listener, InetAddress remote) {
        this.name = name;
        this.config = config;
        this.listener = listener;
        this.remote = remote;
    }

    /** For a question. */
    SessionFacts facts() {
        if (facts == null) {
            facts = new SessionFacts(
                    name,
                    config,
                    listener,
                    remote,
                    helo.isEmpty() ? Optional.empty() : Optional.of(helo),
                    Optional.ofNullable(tls),
                    Optional.ofNullable(user));
        }
        return facts;
    }

    Config.Listener rules() {
        return facts().rules();
    }

    void greeted(String as, boolean asExtended) {
        helo = as;
        extended = asExtended;
        facts = null;
    }

    /** RFC 3207 4.2: what it called itself in clear is forgotten. */
    void secured(TlsFacts by) {
        tls = by;
        helo = "";
        facts = null;
    }

    void authenticated(String login) {
        user = login;
        facts = null;
    }

    boolean isAuthenticated() {
        return user != null;
    }

    boolean isSecured() {
        return tls != null;
    }

    /** Whether EHLO was said, not HELO. */
    boolean isExtended() {
        return extended;
    }

    boolean lacksRequiredTls() {
        return tls == null && rules().tls() == Config.TlsMode.REQUIRE;
    }

    boolean lacksRequiredLogin() {
        return user == null && rules().auth() == Config.AuthMode.REQUIRE;
    }

    /** The highest priority that it may ask for (RFC 6710 4.1: no stranger may raise one). */
    int priorityMax() {
        Config.Extensions settings = config.extensions();
        boolean may = user != null || settings.priorityNetworks().stream().anyMatch(net -> net.contains(remote));
        return may ? settings.priorityMax() : 0;
    }

    boolean mayEndLinesBarely() {
        return rules().bareLf() == Config.BareLf.FIX
                || config.limits().bareLfFixNetworks().stream().anyMatch(net -> net.contains(remote));
    }

    /** RFC 4865 4.2 (2): for submission only, where a login comes before MAIL. */
    private Optional<Extension.Hold> hold(Instant now) {
        Duration longest = config.extensions().holdMax();
        boolean may = rules().mode() == Config.Mode.SUBMISSION && longest.isPositive();
        return may ? Optional.of(new Extension.Hold(longest, now.plus(longest))) : Optional.empty();
    }

    /**
     * What EHLO offers it now.
     *
     * @param mechanisms of SASL that the server has
     */
    Extension.Situation situation(List<String> mechanisms, Instant now) {
        boolean startTls = rules().tls() == Config.TlsMode.OFFER || rules().tls() == Config.TlsMode.REQUIRE;
        List<String> offered = rules().auth() == Config.AuthMode.OFF ? List.of() : mechanisms;
        Config.Limits limits = config.limits();
        Extension.Bounds bounds = new Extension.Bounds(
                limits.messageSizeMax(),
                limits.recipientsMax(),
                limits.messagesPerSessionMax(),
                hold(now),
                config.extensions().noSoliciting());
        return new Extension.Situation(startTls, tls != null, offered, bounds);
    }
}
