package org.hikyaku.config;

import com.typesafe.config.ConfigObject;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.hikyaku.mail.Address;
import org.hikyaku.mail.Domain;
import org.hikyaku.mail.HeaderAsks;
import org.hikyaku.mail.Wishes;

/**
 * What must hold between settings, each of which is fine alone.
 *
 * <p><i>Failure:</i> each broken rule is a problem at the key that the operator should look at; a key that is known to be
 * wrong already is left alone.
 */
final class Rules {
    /** sun_path of a Unix socket holds 108 octets with the final zero. */
    static final int SOCKET_PATH_MAX = 107;

    private static final int RETRY_STEPS_MAX = 100;
    private static final List<String> TLS_VERSIONS = List.of("TLSv1.2", "TLSv1.3");
    private final Config config;
    private final ConfigFiles files;
    private final Complaints told;

    Rules(Config config, ConfigObject tree, ConfigFiles files, Problems problems) {
        this.config = config;
        this.files = files;
        this.told = new Complaints(tree, files, problems);
    }

    void check() {
        HopChecks hops = new HopChecks(config, told);
        hostname();
        tls();
        relay();
        extensions();
        senders();
        queue();
        new ListenerChecks(config, told).check();
        new LocalChecks(config, files, told).check();
        new LoginChecks(config, told).check();
        hops.check();
        SiteChecks.check(config.sites(), told::wrong);
        new RouteChecks(config, told, hops).check();
        int socket = config.controlSocket().toString().getBytes(StandardCharsets.UTF_8).length;
        if (socket > SOCKET_PATH_MAX) {
            told.wrong(
                    "control.socket",
                    "the path of the socket is too long (" + socket + " octets, at most " + SOCKET_PATH_MAX
                            + "): set control.socket to a shorter one");
        }
    }

    /** RFC 3865 2.2. */
    private void extensions() {
        if (!Wishes.areVerpSigns(config.extensions().verpDelimiters())) {
            told.wrong("extensions.verp_delimiters", "two signs, each of " + Wishes.VERP_SIGNS);
        }
        List<String> classes = config.extensions().noSoliciting();
        if (!classes.isEmpty() && !HeaderAsks.areSolicitations(String.join(",", classes))) {
            told.wrong(
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
            told.wrong(
                    "hostname", "must be the full name of this host, such as mail.example.org, not \"" + name + "\"");
        }
    }

    private void tls() {
        if (config.tls().certificate().isPresent() != config.tls().key().isPresent()) {
            boolean noKey = config.tls().key().isEmpty();
            told.wrong(noKey ? "tls.key" : "tls.certificate", "certificate and key go together: this one is missing");
        }
        told.readable("tls.certificate", config.tls().certificate());
        told.readable("tls.key", config.tls().key());
        told.readable("tls.client_authorities", config.tls().clientAuthorities());
        for (int i = 0; i < config.tls().names().size(); i++) {
            told.readable(
                    "tls.names[" + i + "].certificate",
                    Optional.of(config.tls().names().get(i).certificate()));
            told.readable(
                    "tls.names[" + i + "].key",
                    Optional.of(config.tls().names().get(i).key()));
        }
        if (!TLS_VERSIONS.contains(config.tls().versionMin())) {
            told.wrong("tls.version_min", "must be one of " + String.join(", ", TLS_VERSIONS));
        }
    }

    private void relay() {
        for (Cidr network : config.relay().trustedNetworks()) {
            if (network.bits() == 0) {
                told.wrong("relay.trusted_networks", network + " is everybody: this would be an open relay");
            }
        }
        for (Domain domain : config.relay().domains()) {
            if (config.local().domains().contains(domain)) {
                told.wrong(
                        "relay.domains",
                        domain + " is in local.domains too: mail for it either ends here or is passed on");
            }
        }
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
                told.wrong("senders." + name, "notify_after must not be longer than expire_after");
            }
            for (String who : each.who()) {
                boolean domain = who.startsWith("@");
                boolean wrong = who.isBlank()
                        || who.contains(" ")
                        || (domain && Domain.parse(who.substring(1)).isEmpty())
                        || (who.indexOf('@') > 0 && Address.parse(who).isEmpty());
                if (wrong) {
                    told.wrong("senders." + name + ".who", who + " is no user, address or @domain");
                }
                String other = classes.put(SenderClass.key(who), name);
                if (other != null && !other.equals(name)) {
                    told.wrong("senders." + name + ".who", who + " is in the class " + other + " already");
                }
            }
        });
    }

    private void queue() {
        QueueSettings queue = config.queue();
        if (queue.retry().isEmpty() || queue.retry().size() > RETRY_STEPS_MAX) {
            told.wrong("queue.retry", "must hold 1 to " + RETRY_STEPS_MAX + " times");
        }
        if (queue.notifyAfter().compareTo(queue.expireAfter()) > 0) {
            told.wrong("queue.notify_after", "must not be longer than queue.expire_after");
        }
    }
}
