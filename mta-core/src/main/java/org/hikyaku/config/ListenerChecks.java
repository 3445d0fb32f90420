package org.hikyaku.config;

import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.hikyaku.config.ListenerSettings.AuthMode;
import org.hikyaku.config.ListenerSettings.ClientCertificates;
import org.hikyaku.config.ListenerSettings.Door;
import org.hikyaku.config.ListenerSettings.Mode;
import org.hikyaku.config.ListenerSettings.TlsMode;
import org.hikyaku.mail.IpLiteral;

/** What must hold of listeners, each and beside each other. */
final class ListenerChecks {
    private final Config config;
    private final Complaints told;

    ListenerChecks(Config config, Complaints told) {
        this.config = config;
        this.told = told;
    }

    void check() {
        Map<Door, String> taken = new LinkedHashMap<>();
        for (Map.Entry<String, ListenerSettings> each : config.listeners().entrySet()) {
            String key = "listeners." + each.getKey();
            if (!each.getKey().matches("[a-z0-9][a-z0-9_-]{0,31}")) {
                told.wrong(key, "the name of a listener is small letters, digits, '-' and '_', at most 32");
            }
            endpoints(key + ".endpoints", each.getKey(), each.getValue().endpoints(), taken);
            if (!each.getValue().endpoints().isEmpty()) {
                protocol(key, each.getValue());
                host(key, each.getValue());
                proxy(key + ".proxy", each.getValue().proxy());
            }
        }
    }

    private void endpoints(String key, String name, List<Door> endpoints, Map<Door, String> taken) {
        for (Door endpoint : endpoints) {
            taken.forEach((other, owner) -> {
                if (overlap(endpoint, other)) {
                    told.wrong(key, shown(endpoint) + " is taken already by " + shown(other) + " of listener " + owner);
                }
            });
            taken.put(endpoint, name);
        }
    }

    private static boolean overlap(Door a, Door b) {
        if (a instanceof Door.Port one && b instanceof Door.Port two) {
            return overlap(one.address(), two.address());
        }
        return a.equals(b);
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
        if (listener.mode() == Mode.LMTP
                && listener.endpoints().stream()
                        .anyMatch(at ->
                                at instanceof Door.Port port && port.address().getPort() == 25)) {
            told.wrong(key + ".endpoints", "must not have port 25: RFC 2033 5 keeps that for SMTP");
        }
        if (listener.mode() == Mode.ODMR && listener.auth() != AuthMode.REQUIRE) {
            told.wrong(key + ".auth", "must be require where mail is fetched (RFC 2645 5.2.1)");
        }
        if (listener.mode() == Mode.SUBMISSION && listener.tls() == TlsMode.OFF) {
            told.wrong(key + ".tls", "a submission listener needs TLS: offer, require or implicit");
        }
        if (listener.mode() == Mode.SUBMISSION && listener.auth() != AuthMode.REQUIRE) {
            told.wrong(key + ".auth", "a submission listener must have require (RFC 6409 4.3)");
        }
        if (listener.auth() != AuthMode.OFF && listener.tls() == TlsMode.OFF) {
            told.wrong(key + ".auth", "passwords are only taken under TLS, which " + key + ".tls switches off");
        }
        if (listener.clientCertificates() == ClientCertificates.ASK
                && config.tls().clientAuthorities().isEmpty()) {
            told.wrong(
                    "tls.client_authorities",
                    "must be set: " + key + ".client_certificates = ask needs to know whose certificates count");
        }
        if (listener.auth() != AuthMode.OFF
                && config.auth().users().isEmpty()
                && config.auth().dovecot().isEmpty()) {
            told.wrong(
                    "auth.users",
                    "must be set: " + key + ".auth needs users (or set auth.dovecot, or " + key + ".endpoints = [])");
        }
    }

    /** The kernel says who calls over a Unix socket, and nobody else does; over others it says nothing. */
    private void host(String key, ListenerSettings listener) {
        boolean host = listener.mode() == Mode.HOST;
        for (Door each : listener.endpoints()) {
            if (host != each instanceof Door.Socket) {
                told.wrong(
                        key + ".endpoints",
                        shown(each)
                                + (host
                                        ? " must be a socket: mode = host takes unix:/path only"
                                        : " is a socket: those need mode = host"));
            } else if (each instanceof Door.Socket
                    && each.toString().getBytes(StandardCharsets.UTF_8).length - "unix:".length()
                            > Rules.SOCKET_PATH_MAX) {
                told.wrong(
                        key + ".endpoints", shown(each) + " is too long: " + Rules.SOCKET_PATH_MAX + " octets at most");
            }
        }
        if (host && listener.tls() != TlsMode.OFF) {
            told.wrong(key + ".tls", "must be off where mode = host: a Unix socket does not leave this host");
        }
        if (host && listener.auth() != AuthMode.OFF) {
            told.wrong(key + ".auth", "must be off where mode = host: who calls is known");
        }
        if (host
                && (listener.proxy().header() != ListenerSettings.ProxyHeader.OFF
                        || listener.proxy().xclient()
                        || listener.proxy().xforward())) {
            told.wrong(key + ".proxy", "must be as it is by default where mode = host: nobody speaks for a user there");
        }
    }

    /** Whoever is believed about his clients' addresses is somebody, not everybody. */
    private void proxy(String key, ListenerSettings.Proxy proxy) {
        for (Cidr network : proxy.networks()) {
            if (network.bits() == 0) {
                told.wrong(key + ".networks", network + " is everybody: anyone could take on any address");
            }
        }
        for (Cidr trusted : config.relay().trustedNetworks()) {
            proxy.networks().stream().filter(trusted::overlaps).findFirst().ifPresent(network -> {
                String why =
                        network + " is in relay.trusted_networks too: what a proxy says for itself, or for a client"
                                + " that it does not name, could go anywhere";
                told.wrong(key + ".networks", why);
            });
        }
        if ((proxy.xclient() || proxy.xforward()) && proxy.networks().isEmpty()) {
            told.wrong(key + ".networks", "must name who may say XCLIENT and XFORWARD");
        }
        if (proxy.header() == ListenerSettings.ProxyHeader.REQUIRE
                && proxy.networks().isEmpty()) {
            told.wrong(key + ".networks", "must name the proxies: " + key + ".header = require refuses all others");
        }
    }

    private static String shown(Door door) {
        return door instanceof Door.Port port ? shown(port.address()) : door.toString();
    }

    private static String shown(InetSocketAddress endpoint) {
        String host = IpLiteral.number(endpoint.getAddress());
        return (host.contains(":") ? "[" + host + "]" : host) + ":" + endpoint.getPort();
    }
}
