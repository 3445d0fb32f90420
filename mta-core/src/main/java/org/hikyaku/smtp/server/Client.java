package org.hikyaku.smtp.server;

import java.net.InetAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.hikyaku.config.Config;
import org.hikyaku.config.ListenerSettings;
import org.hikyaku.config.OnDemandSettings;
import org.hikyaku.mail.HostUser;
import org.hikyaku.mail.IpLiteral;
import org.hikyaku.mail.TlsFacts;
import org.hikyaku.policy.SessionFacts;
import org.hikyaku.sasl.ServerMechanism;
import org.hikyaku.sasl.ServerMechanisms;
import org.hikyaku.smtp.Extension;
import org.jspecify.annotations.Nullable;

/** What a session knows of its client: where it is, what it calls itself, its TLS, whose password it proved. */
final class Client {
    private final String name;

    private final Config config;
    private final String listener;
    private final ServerMechanisms mechanisms;
    private InetAddress remote;
    /** What XCLIENT said, which lasts. */
    private final Map<String, String> announced = new LinkedHashMap<>(0);
    /** What XFORWARD said of the next message. */
    private Map<String, String> forwarded = Map.of();

    private String helo = "";
    private boolean extended;
    private @Nullable TlsFacts tls;
    private @Nullable String user;
    private @Nullable HostUser hostUser;
    private @Nullable SessionFacts facts;

    Client(String name, Config config, String listener, InetAddress remote, ServerMechanisms mechanisms) {
        this.name = name;
        this.config = config;
        this.listener = listener;
        this.remote = remote;
        this.mechanisms = mechanisms;
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
                    Optional.ofNullable(user),
                    Optional.ofNullable(hostUser));
        }
        return facts;
    }

    ListenerSettings rules() {
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

    /** The kernel has said who it is. */
    void called(HostUser by) {
        hostUser = by;
        facts = null;
    }

    /** Whether it is known whose mail it brings. */
    private boolean isOurs() {
        return user != null || hostUser != null;
    }

    /**
     * A proxy said for whom it speaks; what it said before and does not say anew still holds, all else is forgotten but
     * TLS; of that, whose certificate it was and what a login could be bound to: they are the proxy's.
     *
     * @param attributes in clear; empty: not known
     */
    void announced(Map<String, String> attributes) {
        announced.putAll(attributes);
        String address = announced.get("ADDR");
        if (address != null) {
            remote = XclientFeature.address(address).orElse(IpLiteral.NOWHERE);
        }
        helo = announced.getOrDefault("HELO", "");
        extended = announced.getOrDefault("PROTO", "").equalsIgnoreCase("ESMTP");
        String login = announced.getOrDefault("LOGIN", "");
        user = login.isEmpty() ? null : login;
        tls = tls == null ? null : tls.ofAnother();
        facts = null;
    }

    /** Whether there is a queue that it may have started (RFC 1985), or may when it has logged in. */
    boolean mayStartQueues() {
        boolean mayLogIn = user == null && rules().auth() != ListenerSettings.AuthMode.OFF;
        boolean someLogIn = config.onDemand().customers().values().stream()
                .anyMatch(customer -> !customer.users().isEmpty());
        return rules().mode() != ListenerSettings.Mode.LMTP && (!customers().isEmpty() || (mayLogIn && someLogIn));
    }

    /** Who it is among those whose mail waits. */
    List<Map.Entry<String, OnDemandSettings.Customer>> customers() {
        return config.onDemand().of(remote, Optional.ofNullable(user));
    }

    /** Whether it may speak for others. Once it does, only if they may. */
    boolean mayAnnounce() {
        return rules().proxy().xclient() && rules().proxy().isTrusted(remote);
    }

    boolean mayForward() {
        return rules().proxy().xforward() && rules().proxy().isTrusted(remote);
    }

    /** How long its refusal number {@code errors} waits: twice as long each time, to a bound; users and friends never. */
    Duration tarpit(int errors) {
        Config.Limits limits = config.limits();
        int beyond = errors - limits.tarpitAfter();
        boolean exempt = isOurs() || limits.exemptNetworks().stream().anyMatch(net -> net.contains(remote));
        if (beyond < 0 || exempt) {
            return Duration.ZERO;
        }
        Duration wait = Duration.ofSeconds(1L << Math.min(beyond, 16));
        return wait.compareTo(limits.tarpitDelayMax()) < 0 ? wait : limits.tarpitDelayMax();
    }

    /** How much it is told where {@code set} is said of its listener. */
    ListenerSettings.Telling telling(ListenerSettings.Telling set) {
        boolean all = rules().tellNetworks().stream().anyMatch(network -> network.contains(remote));
        return all ? ListenerSettings.Telling.ON : set;
    }

    InetAddress remote() {
        return remote;
    }

    Map<String, String> forwarded() {
        return forwarded;
    }

    void forwarded(Map<String, String> attributes) {
        forwarded = attributes;
    }

    /** Whether HELO or EHLO was said, or told for it. */
    boolean isGreeted() {
        return !helo.isEmpty();
    }

    boolean isAuthenticated() {
        return user != null;
    }

    Optional<TlsFacts> tls() {
        return Optional.ofNullable(tls);
    }

    boolean isSecured() {
        return tls != null;
    }

    /** Whether EHLO was said, not HELO. */
    boolean isExtended() {
        return extended;
    }

    boolean lacksRequiredTls() {
        return tls == null && rules().tls() == ListenerSettings.TlsMode.REQUIRE;
    }

    boolean lacksRequiredLogin() {
        return user == null && rules().auth() == ListenerSettings.AuthMode.REQUIRE;
    }

    /** The highest priority that it may ask for (RFC 6710 4.1: no stranger may raise one). */
    int priorityMax() {
        Config.Extensions settings = config.extensions();
        boolean may = isOurs() || settings.priorityNetworks().stream().anyMatch(net -> net.contains(remote));
        return may ? settings.priorityMax() : 0;
    }

    boolean mayEndLinesBarely() {
        return rules().bareLf() == ListenerSettings.BareLf.FIX
                || config.limits().bareLfFixNetworks().stream().anyMatch(net -> net.contains(remote));
    }

    /** One message becomes many: for those only who may send to anywhere. */
    private boolean mayVerp() {
        boolean trusted = config.relay().trustedNetworks().stream().anyMatch(net -> net.contains(remote));
        return config.extensions().verp() && (isOurs() || trusted);
    }

    /** RFC 4865 4.2 (2): for submission only, where a login comes before MAIL. */
    private Optional<Extension.Hold> hold(Instant now) {
        Duration longest = config.extensions().holdMax();
        boolean may = rules().mode() == ListenerSettings.Mode.SUBMISSION && longest.isPositive();
        return may ? Optional.of(new Extension.Hold(longest, now.plus(longest))) : Optional.empty();
    }

    /** The mechanisms of SASL that it may use: none in clear, none where the listener takes no AUTH. */
    List<String> offeredMechanisms() {
        return rules().auth() == ListenerSettings.AuthMode.OFF
                ? List.of()
                : tls().map(mechanisms::offered).orElse(List.of());
    }

    Optional<ServerMechanism> begin(String mechanism) {
        return tls().flatMap(by -> mechanisms.begin(mechanism, by));
    }

    /** What EHLO offers it now. */
    Extension.Situation situation(Instant now) {
        boolean startTls =
                rules().tls() == ListenerSettings.TlsMode.OFFER || rules().tls() == ListenerSettings.TlsMode.REQUIRE;
        Config.Limits limits = config.limits();
        Extension.Bounds bounds = new Extension.Bounds(
                limits.messageSizeMax(),
                limits.recipientsMax(),
                limits.messagesPerSessionMax(),
                hold(now),
                config.extensions().noSoliciting(),
                mayVerp());
        return new Extension.Situation(startTls, tls != null, offeredMechanisms(), bounds, door());
    }

    private Extension.Door door() {
        return new Extension.Door(
                mayAnnounce(),
                rules().auth() != ListenerSettings.AuthMode.OFF,
                mayForward(),
                telling(rules().expn()) != ListenerSettings.Telling.OFF,
                telling(rules().help()) != ListenerSettings.Telling.OFF,
                mayStartQueues(),
                rules().mode() == ListenerSettings.Mode.ODMR);
    }
}
