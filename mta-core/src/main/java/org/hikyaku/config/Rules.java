package org.hikyaku.config;

import com.typesafe.config.ConfigList;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigOrigin;
import com.typesafe.config.ConfigValue;
import java.io.IOException;
import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.hikyaku.config.ListenerSettings.AuthMode;
import org.hikyaku.config.ListenerSettings.ClientCertificates;
import org.hikyaku.config.ListenerSettings;
import org.hikyaku.config.LocalSettings.LocalDelivery;
import org.hikyaku.config.ListenerSettings.Mode;
import org.hikyaku.config.DeliverySettings.SmartHost;
import org.hikyaku.config.DeliverySettings.SmartHostTls;
import org.hikyaku.config.ListenerSettings.TlsMode;
import org.hikyaku.mail.Address;
import org.hikyaku.mail.Domain;
import org.hikyaku.mail.HeaderAsks;
import org.hikyaku.mail.IpLiteral;
import org.hikyaku.mail.Wishes;

/**
 * What must hold between settings, each of which is fine alone.
 *
 * <p><i>Failure:</i> each broken rule is a problem at the key that the operator should look at; a key that is known to be
 * wrong already is left alone.
 */
final class Rules {
    /** sun_path of a Unix socket holds 108 octets with the final zero. */
    private static final int SOCKET_PATH_MAX = 107;

    private static final int RETRY_STEPS_MAX = 100;
    private static final List<String> TLS_VERSIONS = List.of("TLSv1.2", "TLSv1.3");
    private static final List<String> MECHANISMS = List.of(
            "EXTERNAL",
            "SCRAM-SHA-256-PLUS",
            "SCRAM-SHA-1-PLUS",
            "SCRAM-SHA-256",
            "SCRAM-SHA-1",
            "PLAIN",
            "LOGIN",
            "OAUTHBEARER",
            "XOAUTH2");

    private final Config config;
    private final ConfigObject tree;
    private final ConfigFiles files;
    private final Problems problems;

    Rules(Config config, ConfigObject tree, ConfigFiles files, Problems problems) {
        this.config = config;
        this.tree = tree;
        this.files = files;
        this.problems = problems;
    }

    void check() {
        hostname();
        listeners();
        tls();
        relay();
        onDemand();
        extensions();
        local();
        addresses();
        agents();
        auth();
        senders();
        queue();
        delivery();
        SiteChecks.check(config.sites(), this::wrong);
        new RouteChecks(config, this::wrong, this::smartHost, this::readable).check();
        int socket = config.controlSocket().toString().getBytes(StandardCharsets.UTF_8).length;
        if (socket > SOCKET_PATH_MAX) {
            wrong(
                    "control.socket",
                    "the path of the socket is too long (" + socket + " octets, at most " + SOCKET_PATH_MAX
                            + "): set control.socket to a shorter one");
        }
    }

    /** RFC 3865 2.2. */
    private void extensions() {
        if (!Wishes.areVerpSigns(config.extensions().verpDelimiters())) {
            wrong("extensions.verp_delimiters", "two signs, each of " + Wishes.VERP_SIGNS);
        }
        List<String> classes = config.extensions().noSoliciting();
        if (!classes.isEmpty() && !HeaderAsks.areSolicitations(String.join(",", classes))) {
            wrong(
                    "extensions.no_soliciting",
                    "a class begins with a letter and holds letters, digits and . _ : - only; all of them have 1000 letters at most");
        }
    }

    /** RFC 5321 2.3.5: only resolvable, fully qualified names. */
    private void hostname() {
        String name = config.hostname().ascii();
        String last = name.substring(name.lastIndexOf('.') + 1);
        boolean full =
                name.contains(".") && !last.matches("[0-9]+") && !name.contains("_") && !last.equals("localdomain");
        if (config.hostname().isLiteral() || !full) {
            wrong("hostname", "must be the full name of this host, such as mail.example.org, not \"" + name + "\"");
        }
    }

    private void listeners() {
        Map<InetSocketAddress, String> taken = new LinkedHashMap<>();
        for (Map.Entry<String, ListenerSettings> each : config.listeners().entrySet()) {
            String key = "listeners." + each.getKey();
            if (!each.getKey().matches("[a-z0-9][a-z0-9_-]{0,31}")) {
                wrong(key, "the name of a listener is small letters, digits, '-' and '_', at most 32");
            }
            endpoints(key + ".endpoints", each.getKey(), each.getValue().endpoints(), taken);
            if (!each.getValue().endpoints().isEmpty()) {
                protocol(key, each.getValue());
                proxy(key + ".proxy", each.getValue().proxy());
            }
        }
    }

    private void endpoints(
            String key, String name, List<InetSocketAddress> endpoints, Map<InetSocketAddress, String> taken) {
        for (InetSocketAddress endpoint : endpoints) {
            taken.forEach((other, owner) -> {
                if (overlap(endpoint, other)) {
                    wrong(key, shown(endpoint) + " is taken already by " + shown(other) + " of listener " + owner);
                }
            });
            taken.put(endpoint, name);
        }
    }

    /** An address that stands for all of its kind takes the port of each. Port 0 is any free one. */
    private static boolean overlap(InetSocketAddress a, InetSocketAddress b) {
        boolean sameKind = a.getAddress().getClass() == b.getAddress().getClass();
        return a.getPort() != 0
                && a.getPort() == b.getPort()
                && sameKind
                && (a.equals(b)
                        || a.getAddress().isAnyLocalAddress()
                        || b.getAddress().isAnyLocalAddress());
    }

    private void protocol(String key, ListenerSettings listener) {
        if (listener.mode() == Mode.LMTP && listener.endpoints().stream().anyMatch(at -> at.getPort() == 25)) {
            wrong(key + ".endpoints", "must not have port 25: RFC 2033 5 keeps that for SMTP");
        }
        if (listener.mode() == Mode.ODMR && listener.auth() != AuthMode.REQUIRE) {
            wrong(key + ".auth", "must be require where mail is fetched (RFC 2645 5.2.1)");
        }
        if (listener.mode() == Mode.SUBMISSION && listener.tls() == TlsMode.OFF) {
            wrong(key + ".tls", "a submission listener needs TLS: offer, require or implicit");
        }
        if (listener.mode() == Mode.SUBMISSION && listener.auth() != AuthMode.REQUIRE) {
            wrong(key + ".auth", "a submission listener must have require (RFC 6409 4.3)");
        }
        if (listener.auth() != AuthMode.OFF && listener.tls() == TlsMode.OFF) {
            wrong(key + ".auth", "passwords are only taken under TLS, which " + key + ".tls switches off");
        }
        if (listener.clientCertificates() == ClientCertificates.ASK
                && config.tls().clientAuthorities().isEmpty()) {
            wrong(
                    "tls.client_authorities",
                    "must be set: " + key + ".client_certificates = ask needs to know whose certificates count");
        }
        if (listener.auth() != AuthMode.OFF
                && config.auth().users().isEmpty()
                && config.auth().dovecot().isEmpty()) {
            wrong(
                    "auth.users",
                    "must be set: " + key + ".auth needs users (or set auth.dovecot, or " + key + ".endpoints = [])");
        }
    }

    /** Whoever is believed about his clients' addresses is somebody, not everybody. */
    private void proxy(String key, ListenerSettings.Proxy proxy) {
        for (Cidr network : proxy.networks()) {
            if (network.bits() == 0) {
                wrong(key + ".networks", network + " is everybody: anyone could take on any address");
            }
        }
        for (Cidr trusted : config.relay().trustedNetworks()) {
            proxy.networks().stream().filter(trusted::overlaps).findFirst().ifPresent(network -> {
                String why =
                        network + " is in relay.trusted_networks too: what a proxy says for itself, or for a client"
                                + " that it does not name, could go anywhere";
                wrong(key + ".networks", why);
            });
        }
        if ((proxy.xclient() || proxy.xforward()) && proxy.networks().isEmpty()) {
            wrong(key + ".networks", "must name who may say XCLIENT and XFORWARD");
        }
        if (proxy.header() == ListenerSettings.ProxyHeader.REQUIRE && proxy.networks().isEmpty()) {
            wrong(key + ".networks", "must name the proxies: " + key + ".header = require refuses all others");
        }
    }

    private void tls() {
        if (config.tls().certificate().isPresent() != config.tls().key().isPresent()) {
            boolean noKey = config.tls().key().isEmpty();
            wrong(noKey ? "tls.key" : "tls.certificate", "certificate and key go together: this one is missing");
        }
        readable("tls.certificate", config.tls().certificate());
        readable("tls.key", config.tls().key());
        readable("tls.client_authorities", config.tls().clientAuthorities());
        for (int i = 0; i < config.tls().names().size(); i++) {
            readable(
                    "tls.names[" + i + "].certificate",
                    Optional.of(config.tls().names().get(i).certificate()));
            readable(
                    "tls.names[" + i + "].key",
                    Optional.of(config.tls().names().get(i).key()));
        }
        if (!TLS_VERSIONS.contains(config.tls().versionMin())) {
            wrong("tls.version_min", "must be one of " + String.join(", ", TLS_VERSIONS));
        }
    }

    private void relay() {
        for (Cidr network : config.relay().trustedNetworks()) {
            if (network.bits() == 0) {
                wrong("relay.trusted_networks", network + " is everybody: this would be an open relay");
            }
        }
        for (Domain domain : config.relay().domains()) {
            if (config.local().domains().contains(domain)) {
                wrong(
                        "relay.domains",
                        domain + " is in local.domains too: mail for it either ends here or is passed on");
            }
        }
    }

    private void onDemand() {
        config.onDemand().customers().forEach((name, customer) -> {
            String key = "on_demand.customers." + name;
            if (!name.matches("[a-z0-9][a-z0-9_-]{0,31}")) {
                wrong(key, "the name of a customer is small letters, digits, '-' and '_', at most 32");
            }
            if (customer.networks().stream().anyMatch(network -> network.bits() == 0)) {
                wrong(key + ".networks", "is everybody");
            }
        });
        config.onDemand().providers().forEach((name, provider) -> {
            String key = "on_demand.providers." + name;
            smartHost(key + ".server", provider.server());
            if (provider.ask() == OnDemandSettings.Ask.ATRN) {
                fetched(key, provider);
            }
            boolean all =
                    provider.ask() == OnDemandSettings.Ask.ATRN && provider.domains().isEmpty();
            if ((provider.domains().isEmpty() && !all)
                    || !provider.domains().stream().allMatch(Rules::isNode)) {
                wrong(key + ".domains", "must be domains such as example.com, \"@example.com\" or \"#queue\"");
            }
        });
    }

    /** RFC 2645 5.2.1: a login, and domains by their names; our side of the turned connection is as a listener's. */
    private void fetched(String key, OnDemandSettings.Provider provider) {
        if (provider.server().user().isEmpty()) {
            wrong(key + ".server.user", "must be set: ATRN needs a login");
        }
        if (provider.domains().stream().anyMatch(domain -> domain.matches("[@#].*"))) {
            wrong(key + ".domains", "must be plain domains, as atrn knows neither @ nor #");
        }
        if (config.listeners().values().stream().noneMatch(ListenerSettings::takesTurned)) {
            wrong(key + ".ask", "needs a listener of mode mx without auth = require, tls = implicit and proxy.header");
        }
    }

    /** RFC 1985 5. */
    private static boolean isNode(String text) {
        String name = text.matches("[@#].*") ? text.substring(1) : text;
        return text.startsWith("#")
                ? name.matches("[A-Za-z0-9_.-]{1,64}")
                : name.contains(".")
                        && Domain.parse(name).filter(d -> !d.isLiteral()).isPresent();
    }

    private void local() {
        LocalSettings local = config.local();
        readable("local.aliases", local.aliases());
        if (local.postmaster().isEmpty() && !aliasedPostmaster()) {
            wrong(
                    "local.postmaster",
                    "must be set, or an alias named postmaster: mail for postmaster must go somewhere"
                            + " (RFC 5321 4.5.1)");
        }
        String separators = local.subAddressSeparator();
        if (!separators.matches("[-+=_.~#]*") || separators.chars().distinct().count() < separators.length()) {
            wrong("local.sub_address_separator", "must be \"\" or some of - + = _ . ~ #, each once");
        }
        for (String domain : local.catchAll().keySet()) {
            if (Domain.parse(domain).filter(local.domains()::contains).isEmpty()) {
                wrong("local.catch_all", "\"" + domain + "\" is not in local.domains");
            }
        }
        Optional<String> lmtp = local.lmtp();
        boolean wanted = local.delivery() == LocalDelivery.LMTP
                || config.agents().of().containsValue(LocalDelivery.LMTP.agent());
        if (wanted && lmtp.isEmpty()) {
            wrong("local.lmtp", "must be set, as local.delivery or agents.of says lmtp");
        }
        if (lmtp.filter(to -> !to.matches("unix:/.+|(\\[[0-9a-fA-F:.]+\\]|[^:\\[\\]/\\s]+):[0-9]{1,5}"))
                .isPresent()) {
            wrong("local.lmtp", "must be host:port or unix:/path/of/the/socket, not \"" + lmtp.get() + "\"");
        }
        if (lmtp.filter(to -> to.endsWith(":25")).isPresent()) {
            wrong("local.lmtp", "must not be port 25: RFC 2033 5 keeps that for SMTP");
        }
    }

    private void addresses() {
        AddressSettings addresses = config.addresses();
        tables("addresses.virtual", addresses.virtual());
        tables("addresses.sender_canonical", addresses.senderCanonical());
        tables("addresses.recipient_canonical", addresses.recipientCanonical());
        Optional<Domain> srs = addresses.srs().domain();
        if (srs.isPresent() && !config.local().domains().contains(srs.get())) {
            wrong("addresses.srs.domain", srs.get() + " is not in local.domains: bounces would not come back");
        }
    }

    private void tables(String key, List<Path> files) {
        for (int i = 0; i < files.size(); i++) {
            readable(key + "[" + i + "]", Optional.of(files.get(i)));
        }
    }

    private void agents() {
        AgentSettings agents = config.agents();
        List<String> own = Stream.concat(
                        Stream.of(LocalDelivery.values()).map(LocalDelivery::agent),
                        Stream.of("pickup", "pipe", "none", "mx", "route", "smarthost"))
                .toList();
        agents.pipes().forEach((name, pipe) -> {
            String key = "agents.pipes." + name;
            if (!name.matches("[a-z0-9][a-z0-9_-]{0,31}") || own.contains(name)) {
                wrong(
                        key,
                        "the name of a pipe is small letters, digits, '-' and '_', at most 32, and none of "
                                + String.join(", ", own));
            }
            if (pipe.command().isEmpty() || !pipe.command().getFirst().startsWith("/")) {
                wrong(key + ".command", "must be a list that begins with the whole path of a program");
            }
        });
        agents.of().forEach((who, agent) -> {
            String key = "agents.of." + who;
            boolean address = who.indexOf('@') >= 0;
            Optional<Domain> domain = address
                    ? Address.parse(who).filter(a -> a.localKey().equals(who)).flatMap(Address::domain)
                    : Domain.parse(who).filter(d -> d.ascii().equals(who));
            if (domain.filter(config.local().domains()::contains).isEmpty()) {
                wrong(key, "must be an address, in small letters, or a domain of local.domains");
            }
            if (!own.contains(agent) && !agents.pipes().containsKey(agent)) {
                wrong(
                        key,
                        "there is no agent \"" + agent + "\": " + String.join(", ", own) + ", or one of agents.pipes");
            }
        });
    }

    /** Whether the aliases file, which its own reader checks later, names postmaster. */
    private boolean aliasedPostmaster() {
        Optional<Path> file = config.local().aliases();
        try {
            return file.isPresent()
                    && files.isReadable(file.get())
                    && files.read(file.get())
                            .lines()
                            .anyMatch(l -> l.matches("(?i)\"?postmaster(@[^:\"]+)?\"?\\s*:.*"));
        } catch (IOException e) {
            return false;
        }
    }

    private void auth() {
        readable("auth.users", config.auth().users());
        readable("auth.grants", config.auth().grants());
        Optional<String> dovecot = config.auth().dovecot();
        if (dovecot.isPresent() && !isSocketOrAddress(dovecot.get())) {
            wrong("auth.dovecot", "must be unix:/path/of/the/socket or address:port, not \"" + dovecot.get() + "\"");
        }
        readable("auth.oauth.client_secret_file", config.auth().oauth().clientSecretFile());
        tokens(config.auth().oauth());
        List<String> wanted = config.auth().mechanisms();
        if (wanted.isEmpty()
                || !MECHANISMS.containsAll(wanted)
                || Set.copyOf(wanted).size() < wanted.size()) {
            wrong("auth.mechanisms", "must be some of " + String.join(", ", MECHANISMS) + ", each once");
        }
    }

    /** What a signed token is good for stands in it alone: without issuer and audience those of other services would do. */
    private void tokens(AuthSettings.OAuth oauth) {
        web("auth.oauth.introspection", oauth.introspection());
        web("auth.oauth.jwks", oauth.jwks());
        if (oauth.introspection().isPresent() && oauth.jwks().isPresent()) {
            wrong("auth.oauth.jwks", "set this or introspection, not both");
        }
        if (oauth.jwks().isPresent()
                && (oauth.issuer().isEmpty() || oauth.audiences().isEmpty())) {
            wrong("auth.oauth.jwks", "needs issuer and audiences too");
        }
    }

    private void web(String key, Optional<String> uri) {
        if (uri.isPresent() && !uri.get().matches("https://[A-Za-z0-9.:\\[\\]-]+(/[!-~&&[^<>\"{}|^`\\\\]]*)?")) {
            wrong(key, "must be an https address, not \"" + uri.get() + "\"");
        }
    }

    private static boolean isSocketOrAddress(String text) {
        if (text.startsWith("unix:/")) {
            return text.getBytes(StandardCharsets.UTF_8).length - "unix:".length() <= SOCKET_PATH_MAX;
        }
        int colon = text.lastIndexOf(':');
        String port = text.substring(colon + 1);
        String host = text.substring(0, Math.max(0, colon));
        boolean bracketed = host.startsWith("[") && host.endsWith("]");
        return (bracketed || !host.contains(":"))
                && IpLiteral.parseAddress(bracketed ? host.substring(1, host.length() - 1) : host)
                        .isPresent()
                && port.matches("[0-9]{1,5}")
                && Integer.parseInt(port) >= 1
                && Integer.parseInt(port) <= 65535;
    }

    private void senders() {
        Map<String, String> classes = new LinkedHashMap<>();
        config.senders().forEach((name, each) -> {
            QueueSettings queue = config.queue();
            boolean late = each.notifyAfter()
                            .orElse(queue.notifyAfter())
                            .compareTo(each.expireAfter().orElse(queue.expireAfter()))
                    > 0;
            if (late && each.notifyAfter().isPresent()) {
                wrong("senders." + name, "notify_after must not be longer than expire_after");
            }
            for (String who : each.who()) {
                boolean domain = who.startsWith("@");
                boolean wrong = who.isBlank()
                        || who.contains(" ")
                        || (domain && Domain.parse(who.substring(1)).isEmpty())
                        || (who.indexOf('@') > 0 && Address.parse(who).isEmpty());
                if (wrong) {
                    wrong("senders." + name + ".who", who + " is no user, address or @domain");
                }
                String other = classes.put(SenderClass.key(who), name);
                if (other != null && !other.equals(name)) {
                    wrong("senders." + name + ".who", who + " is in the class " + other + " already");
                }
            }
        });
    }

    private void queue() {
        QueueSettings queue = config.queue();
        if (queue.retry().isEmpty() || queue.retry().size() > RETRY_STEPS_MAX) {
            wrong("queue.retry", "must hold 1 to " + RETRY_STEPS_MAX + " times");
        }
        if (queue.notifyAfter().compareTo(queue.expireAfter()) > 0) {
            wrong("queue.notify_after", "must not be longer than queue.expire_after");
        }
    }

    private void delivery() {
        DeliverySettings delivery = config.delivery();
        delivery.smartHost().ifPresent(hop -> smartHost("delivery.smart_host", hop));
        delivery.routes().forEach((domain, hop) -> {
            String bare = domain.startsWith(".") ? domain.substring(1) : domain;
            if (Domain.parse(bare).isEmpty()) {
                wrong(
                        "delivery.routes." + domain,
                        "must be named by a domain, such as \"example.com\" or \".example.com\"");
            }
            smartHost("delivery.routes." + domain, hop);
        });
        delivery.quirks().avoid().keySet().forEach(host -> {
            String bare = host.startsWith(".") ? host.substring(1) : host;
            if (Domain.parse(bare).isEmpty() && IpLiteral.parseAddress(host).isEmpty()) {
                wrong(
                        "delivery.quirks.avoid." + host,
                        "must be named by a host, such as \"mx.example.com\", \".example.com\" or \"192.0.2.1\"");
            }
        });
        if (delivery.sourceIpv4().filter(a -> !(a instanceof Inet4Address)).isPresent()) {
            wrong("delivery.source_ipv4", "must be an IPv4 address");
        }
        if (delivery.sourceIpv6().filter(a -> !(a instanceof Inet6Address)).isPresent()) {
            wrong("delivery.source_ipv6", "must be an IPv6 address");
        }
    }

    private void smartHost(String key, SmartHost hop) {
        String bare = hop.host().matches("\\[.*\\]")
                ? hop.host().substring(1, hop.host().length() - 1)
                : hop.host();
        if (IpLiteral.parseAddress(bare).isEmpty()
                && Domain.parse(hop.host()).filter(d -> !d.isLiteral()).isEmpty()) {
            wrong(key + ".host", "must be a host name or an IP address, not \"" + hop.host() + "\"");
        }
        long secrets = Stream.of(hop.passwordFile(), hop.tokenFile(), hop.certificate())
                .filter(Optional::isPresent)
                .count();
        if (hop.user().isPresent() != secrets > 0) {
            wrong(
                    key + (hop.user().isPresent() ? ".password_file" : ".user"),
                    "user and password_file go together, or user and token_file, or user and certificate");
        }
        if (secrets > 1) {
            wrong(
                    key + (hop.tokenFile().isPresent() ? ".token_file" : ".certificate"),
                    "leave out all but one of password_file, token_file and certificate");
        }
        if (hop.certificate().isPresent() && config.tls().certificate().isEmpty()) {
            wrong(key + ".certificate", "there is none to show: tls.certificate is not set");
        }
        boolean verified = hop.tls() == SmartHostTls.VERIFIED || hop.tls() == SmartHostTls.IMPLICIT;
        if (hop.user().isPresent() && !verified) {
            wrong(
                    key + ".tls",
                    "must be verified or implicit: a password goes to no server that has not proved its name");
        }
        readable(key + ".password_file", hop.passwordFile());
        readable(key + ".token_file", hop.tokenFile());
    }

    private void readable(String key, Optional<Path> file) {
        if (file.isPresent() && !files.isReadable(file.get())) {
            wrong(key, file.get() + " is not there or cannot be read");
        }
    }

    private void wrong(String key, String message) {
        if (!problems.concern(key)) {
            problems.add(originOf(key), key, message);
        }
    }

    /** Of the value at {@code key}, or of the nearest group around it. */
    private ConfigOrigin originOf(String key) {
        ConfigValue at = tree;
        int from = 0;
        while (at instanceof ConfigObject object && from <= key.length()) {
            int dot = key.indexOf('.', from);
            String step = dot < 0 ? key.substring(from) : key.substring(from, dot);
            // a name with dots in it is the last step of a map
            ConfigValue next = object.get(step.replaceAll("\\[.*", ""));
            next = next == null ? object.get(key.substring(from)) : next;
            if (next == null) {
                break;
            }
            at = element(next, step);
            from = dot < 0 ? key.length() + 1 : dot + 1;
        }
        return at.origin();
    }

    /** Of a list the one that {@code step}, {@code rules[3]}, means. */
    private static ConfigValue element(ConfigValue value, String step) {
        int open = step.indexOf('[');
        if (open < 0
                || !(value instanceof ConfigList list)
                || !step.substring(open).matches("\\[[0-9]{1,6}\\]")) {
            return value;
        }
        int index = Integer.parseInt(step.substring(open + 1, step.length() - 1));
        return index < list.size() ? list.get(index) : value;
    }

    private static String shown(InetSocketAddress endpoint) {
        String host = IpLiteral.number(endpoint.getAddress());
        return (host.contains(":") ? "[" + host + "]" : host) + ":" + endpoint.getPort();
    }
}
