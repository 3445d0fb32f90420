package org.hikyaku.config;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.hikyaku.config.LocalSettings.LocalDelivery;
import org.hikyaku.mail.Address;
import org.hikyaku.mail.Domain;

/** What must hold of what ends here: local domains, tables of addresses, agents. */
final class LocalChecks {
    private final Config config;
    private final ConfigFiles files;
    private final Complaints told;

    LocalChecks(Config config, ConfigFiles files, Complaints told) {
        this.config = config;
        this.files = files;
        this.told = told;
    }

    void check() {
        local();
        addresses();
        agents();
    }

    private void local() {
        LocalSettings local = config.local();
        told.readable("local.aliases", local.aliases());
        if (local.postmaster().isEmpty() && !aliasedPostmaster()) {
            told.wrong(
                    "local.postmaster",
                    "must be set, or an alias named postmaster: mail for postmaster must go somewhere"
                            + " (RFC 5321 4.5.1)");
        }
        String separators = local.subAddressSeparator();
        if (!separators.matches("[-+=_.~#]*") || separators.chars().distinct().count() < separators.length()) {
            told.wrong("local.sub_address_separator", "must be \"\" or some of - + = _ . ~ #, each once");
        }
        for (String domain : local.catchAll().keySet()) {
            if (Domain.parse(domain).filter(local.domains()::contains).isEmpty()) {
                told.wrong("local.catch_all", "\"" + domain + "\" is not in local.domains");
            }
        }
        Optional<String> lmtp = local.lmtp();
        boolean wanted = local.delivery() == LocalDelivery.LMTP
                || config.agents().of().containsValue(LocalDelivery.LMTP.agent());
        if (wanted && lmtp.isEmpty()) {
            told.wrong("local.lmtp", "must be set, as local.delivery or agents.of says lmtp");
        }
        if (lmtp.filter(to -> !to.matches("unix:/.+|(\\[[0-9a-fA-F:.]+\\]|[^:\\[\\]/\\s]+):[0-9]{1,5}"))
                .isPresent()) {
            told.wrong("local.lmtp", "must be host:port or unix:/path/of/the/socket, not \"" + lmtp.get() + "\"");
        }
        if (lmtp.filter(to -> to.endsWith(":25")).isPresent()) {
            told.wrong("local.lmtp", "must not be port 25: RFC 2033 5 keeps that for SMTP");
        }
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

    private void addresses() {
        AddressSettings addresses = config.addresses();
        tables("addresses.virtual", addresses.virtual());
        tables("addresses.sender_canonical", addresses.senderCanonical());
        tables("addresses.recipient_canonical", addresses.recipientCanonical());
        Optional<Domain> srs = addresses.srs().domain();
        if (srs.isPresent() && !config.local().domains().contains(srs.get())) {
            told.wrong("addresses.srs.domain", srs.get() + " is not in local.domains: bounces would not come back");
        }
    }

    private void tables(String key, List<Path> files) {
        for (int i = 0; i < files.size(); i++) {
            told.readable(key + "[" + i + "]", Optional.of(files.get(i)));
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
                told.wrong(
                        key,
                        "the name of a pipe is small letters, digits, '-' and '_', at most 32, and none of "
                                + String.join(", ", own));
            }
            if (pipe.command().isEmpty() || !pipe.command().getFirst().startsWith("/")) {
                told.wrong(key + ".command", "must be a list that begins with the whole path of a program");
            }
        });
        agents.of().forEach((who, agent) -> {
            String key = "agents.of." + who;
            boolean address = who.indexOf('@') >= 0;
            Optional<Domain> domain = address
                    ? Address.parse(who).filter(a -> a.localKey().equals(who)).flatMap(Address::domain)
                    : Domain.parse(who).filter(d -> d.ascii().equals(who));
            if (domain.filter(config.local().domains()::contains).isEmpty()) {
                told.wrong(key, "must be an address, in small letters, or a domain of local.domains");
            }
            if (!own.contains(agent) && !agents.pipes().containsKey(agent)) {
                told.wrong(
                        key,
                        "there is no agent \"" + agent + "\": " + String.join(", ", own) + ", or one of agents.pipes");
            }
        });
    }
}
