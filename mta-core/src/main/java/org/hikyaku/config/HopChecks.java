package org.hikyaku.config;

import java.net.Inet4Address;
import java.net.Inet6Address;
import java.util.Optional;
import java.util.stream.Stream;
import org.hikyaku.config.DeliverySettings.SmartHost;
import org.hikyaku.config.DeliverySettings.SmartHostTls;
import org.hikyaku.mail.Domain;
import org.hikyaku.mail.IpLiteral;

/** What must hold of hosts that mail goes to, or is fetched from, because a setting names them. */
final class HopChecks {
    private final Config config;
    private final Complaints told;

    HopChecks(Config config, Complaints told) {
        this.config = config;
        this.told = told;
    }

    void check() {
        delivery();
        onDemand();
    }

    private void delivery() {
        DeliverySettings delivery = config.delivery();
        delivery.smartHost().ifPresent(hop -> smartHost("delivery.smart_host", hop));
        delivery.routes().forEach((domain, hop) -> {
            String bare = domain.startsWith(".") ? domain.substring(1) : domain;
            if (Domain.parse(bare).isEmpty()) {
                told.wrong(
                        "delivery.routes." + domain,
                        "must be named by a domain, such as \"example.com\" or \".example.com\"");
            }
            smartHost("delivery.routes." + domain, hop);
        });
        delivery.quirks().avoid().keySet().forEach(host -> {
            String bare = host.startsWith(".") ? host.substring(1) : host;
            if (Domain.parse(bare).isEmpty() && IpLiteral.parseAddress(host).isEmpty()) {
                told.wrong(
                        "delivery.quirks.avoid." + host,
                        "must be named by a host, such as \"mx.example.com\", \".example.com\" or \"192.0.2.1\"");
            }
        });
        if (delivery.sourceIpv4().filter(a -> !(a instanceof Inet4Address)).isPresent()) {
            told.wrong("delivery.source_ipv4", "must be an IPv4 address");
        }
        if (delivery.sourceIpv6().filter(a -> !(a instanceof Inet6Address)).isPresent()) {
            told.wrong("delivery.source_ipv6", "must be an IPv6 address");
        }
    }

    private void onDemand() {
        config.onDemand().customers().forEach((name, customer) -> {
            String key = "on_demand.customers." + name;
            if (!name.matches("[a-z0-9][a-z0-9_-]{0,31}")) {
                told.wrong(key, "the name of a customer is small letters, digits, '-' and '_', at most 32");
            }
            if (customer.networks().stream().anyMatch(network -> network.bits() == 0)) {
                told.wrong(key + ".networks", "is everybody");
            }
        });
        config.onDemand().providers().forEach((name, provider) -> {
            String key = "on_demand.providers." + name;
            smartHost(key + ".server", provider.server());
            if (provider.ask() == OnDemandSettings.Ask.ATRN) {
                fetched(key, provider);
            }
            boolean all = provider.ask() == OnDemandSettings.Ask.ATRN
                    && provider.domains().isEmpty();
            if ((provider.domains().isEmpty() && !all)
                    || !provider.domains().stream().allMatch(HopChecks::isNode)) {
                told.wrong(key + ".domains", "must be domains such as example.com, \"@example.com\" or \"#queue\"");
            }
        });
    }

    /** RFC 2645 5.2.1: a login, and domains by their names; our side of the turned connection is as a listener's. */
    private void fetched(String key, OnDemandSettings.Provider provider) {
        if (provider.server().user().isEmpty()) {
            told.wrong(key + ".server.user", "must be set: ATRN needs a login");
        }
        if (provider.domains().stream().anyMatch(domain -> domain.matches("[@#].*"))) {
            told.wrong(key + ".domains", "must be plain domains, as atrn knows neither @ nor #");
        }
        if (config.listeners().values().stream().noneMatch(ListenerSettings::takesTurned)) {
            told.wrong(
                    key + ".ask",
                    "needs a listener of mode mx without auth = require, tls = implicit and proxy.header");
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

    /** One host, with what is needed for a login there. */
    void smartHost(String key, SmartHost hop) {
        String bare = hop.host().matches("\\[.*\\]")
                ? hop.host().substring(1, hop.host().length() - 1)
                : hop.host();
        if (IpLiteral.parseAddress(bare).isEmpty()
                && Domain.parse(hop.host()).filter(d -> !d.isLiteral()).isEmpty()) {
            told.wrong(key + ".host", "must be a host name or an IP address, not \"" + hop.host() + "\"");
        }
        long secrets = Stream.of(hop.passwordFile(), hop.tokenFile(), hop.certificate())
                .filter(Optional::isPresent)
                .count();
        if (hop.user().isPresent() != secrets > 0) {
            told.wrong(
                    key + (hop.user().isPresent() ? ".password_file" : ".user"),
                    "user and password_file go together, or user and token_file, or user and certificate");
        }
        if (secrets > 1) {
            told.wrong(
                    key + (hop.tokenFile().isPresent() ? ".token_file" : ".certificate"),
                    "leave out all but one of password_file, token_file and certificate");
        }
        if (hop.certificate().isPresent() && config.tls().certificate().isEmpty()) {
            told.wrong(key + ".certificate", "there is none to show: tls.certificate is not set");
        }
        boolean verified = hop.tls() == SmartHostTls.VERIFIED || hop.tls() == SmartHostTls.IMPLICIT;
        if (hop.user().isPresent() && !verified) {
            told.wrong(
                    key + ".tls",
                    "must be verified or implicit: a password goes to no server that has not proved its name");
        }
        told.readable(key + ".password_file", hop.passwordFile());
        told.readable(key + ".token_file", hop.tokenFile());
    }
}
