package org.hikyaku.config;

import java.net.InetAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.hikyaku.config.DeliverySettings.SmartHost;
import org.hikyaku.mail.Domain;

/** What must hold of the rules of routes and of sources. Tells each broken one by its key. */
final class RouteChecks {
    /** Each rule is looked at for each recipient. */
    private static final int RULES_MAX = 1_000;

    private static final int HOSTS_MAX = 10;
    private static final int ADDRESSES_MAX = 256;
    private static final int DAYS_MAX = 365;

    private final Config config;
    private final Complaints told;
    private final HopChecks hops;

    RouteChecks(Config config, Complaints told, HopChecks hops) {
        this.config = config;
        this.told = told;
        this.hops = hops;
    }

    void check() {
        List<RouteRule> rules = config.delivery().rules();
        if (rules.size() > RULES_MAX) {
            told.wrong("delivery.rules", "must be " + RULES_MAX + " at most; put addresses into files");
        }
        for (int i = 0; i < rules.size(); i++) {
            rule("delivery.rules[" + i + "]", rules.get(i));
        }
        hosts("delivery.fallback", config.delivery().fallback());
        config.sources().forEach((name, pool) -> pool("sources." + name, name, pool));
        config.sites().forEach((name, site) -> source("sites." + name + ".source", site.source()));
    }

    private void pool(String key, String name, SourcePool pool) {
        if (!name.matches("[a-z0-9][a-z0-9_-]{0,31}")) {
            told.wrong(key, "the name of a pool is small letters, digits, '-' and '_', at most 32");
        }
        if (pool.addresses().isEmpty() || pool.addresses().size() > ADDRESSES_MAX) {
            told.wrong(key + ".addresses", "must be 1 to " + ADDRESSES_MAX);
        }
        Set<InetAddress> seen = new HashSet<>();
        for (int i = 0; i < pool.addresses().size(); i++) {
            String at = key + ".addresses[" + i + "]";
            SourcePool.Source source = pool.addresses().get(i);
            InetAddress address = source.address();
            if (address.isAnyLocalAddress() || address.isMulticastAddress()) {
                told.wrong(at + ".address", "must be an address of one interface");
            }
            if (!seen.add(address)) {
                told.wrong(at + ".address", "is in this pool already");
            }
            if (source.ehlo().filter(Domain::isLiteral).isPresent()) {
                told.wrong(at + ".ehlo", "must be the full name that the address has, such as mail2.example.org");
            }
            if (source.warmUp()
                    .filter(w -> w.perDay().isEmpty() || w.perDay().size() > DAYS_MAX)
                    .isPresent()) {
                told.wrong(at + ".warm_up.per_day", "must be the messages of 1 to " + DAYS_MAX + " days");
            }
        }
    }

    private void source(String key, Optional<String> pool) {
        if (pool.filter(name -> !config.sources().containsKey(name)).isPresent()) {
            told.wrong(key, "there is no pool sources." + pool.get());
        }
    }

    private void rule(String key, RouteRule rule) {
        boolean ends = rule.agent().isPresent()
                || rule.fail().isPresent()
                || rule.hold().isPresent();
        boolean goesAlong = !rule.fallback().isEmpty() || rule.source().isPresent();
        if (rule.ways() > 1) {
            told.wrong(
                    key,
                    "one way only: leave out all but one of hosts, sender_hosts, recipient_hosts, agent, fail, hold, mx");
        } else if (rule.ways() == 0 && !goesAlong) {
            told.wrong(
                    key,
                    "says nothing: give a way (hosts, sender_hosts, recipient_hosts, agent, fail, hold or mx), source or fallback");
        }
        source(key + ".source", rule.source());
        if (ends && goesAlong) {
            told.wrong(
                    key + (rule.source().isPresent() ? ".source" : ".fallback"),
                    "is for mail that goes to hosts, and this rule's does not");
        }
        matches(key, rule);
        files(key + ".from_files", rule.fromFiles());
        files(key + ".to_files", rule.toFiles());
        told.readable(key + ".sender_hosts", rule.senderHosts());
        told.readable(key + ".recipient_hosts", rule.recipientHosts());
        hosts(key + ".hosts", rule.hosts());
        hosts(key + ".fallback", rule.fallback());
        way(key, rule);
    }

    private void matches(String key, RouteRule rule) {
        for (int i = 0; i < rule.to().size(); i++) {
            if (rule.to().get(i).key().equals(AddressPattern.NULL_SENDER)) {
                told.wrong(key + ".to[" + i + "]", "<> is a sender, no recipient");
            }
        }
        for (int i = 0; i < rule.listeners().size(); i++) {
            if (!config.listeners().containsKey(rule.listeners().get(i))) {
                told.wrong(
                        key + ".listeners[" + i + "]",
                        "there is no listener \"" + rule.listeners().get(i) + "\": "
                                + String.join(", ", config.listeners().keySet()));
            }
        }
        if (rule.sizeMin().isPresent()
                && rule.sizeMax().filter(max -> max < rule.sizeMin().get()).isPresent()) {
            told.wrong(key + ".size_max", "is less than size_min: nothing has such a size");
        }
    }

    private void way(String key, RouteRule rule) {
        List<String> agents = new ArrayList<>(List.of("maildir", "mbox", "lmtp", "discard"));
        agents.addAll(config.agents().pipes().keySet());
        if (rule.agent().filter(agent -> !agents.contains(agent)).isPresent()) {
            told.wrong(
                    key + ".agent", "there is no agent \"" + rule.agent().get() + "\": " + String.join(", ", agents));
        }
        if (rule.agent().filter("lmtp"::equals).isPresent()
                && config.local().lmtp().isEmpty()) {
            told.wrong("local.lmtp", "must be set, as " + key + ".agent says lmtp");
        }
        if (rule.fail()
                .filter(reply -> !reply.matches("5[0-9]{2} 5\\.[0-9]{1,3}\\.[0-9]{1,3} [ -~]{1,400}"))
                .isPresent()) {
            told.wrong(
                    key + ".fail",
                    "must be a reply such as \"550 5.7.1 No mail goes there from here\", in ASCII, not \""
                            + rule.fail().get() + "\"");
        }
        if (rule.hold().filter(why -> !why.matches("[ -?A-~][ -~]{0,199}")).isPresent()) {
            told.wrong(key + ".hold", "must say why, in at most 200 letters of ASCII, the first of them no @");
        }
    }

    private void hosts(String key, List<SmartHost> hosts) {
        if (hosts.size() > HOSTS_MAX) {
            told.wrong(key, "must be " + HOSTS_MAX + " at most");
        }
        for (int i = 0; i < hosts.size(); i++) {
            hops.smartHost(key + "[" + i + "]", hosts.get(i));
        }
    }

    private void files(String key, List<Path> files) {
        for (int i = 0; i < files.size(); i++) {
            told.readable(key + "[" + i + "]", Optional.of(files.get(i)));
        }
    }
}
