package org.hikyaku.table;

import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.hikyaku.config.AddressPattern;
import org.hikyaku.config.DeliverySettings;
import org.hikyaku.config.DeliverySettings.SmartHost;
import org.hikyaku.config.DeliverySettings.SmartHostTls;
import org.hikyaku.mail.Address;
import org.hikyaku.mail.Domain;
import org.hikyaku.mail.IpLiteral;
import org.hikyaku.world.Disk;

/**
 * A table of hosts for addresses: lines {@code key: host[:port] tls=verified user=NAME password_file=FILE}, where a key is an address, a
 * domain, or {@code .domain} for all below it too. Immutable.
 *
 * <p><i>Failure:</i> each mistake is one problem with file and line; a password is never in a problem, for none is in the table.
 */
public final class HostTable {
    private static final int PORT = 25;
    private static final int SECRET_MAX = 16 * 1024;

    private final Map<String, Found> hosts;
    /** Of single addresses. */
    private final Set<String> domains;

    /** A line; {@code where} is {@code file:line}. */
    public record Found(SmartHost host, String where) {}

    private HostTable(Map<String, Found> hosts) {
        this.hosts = hosts;
        this.domains = AddressSet.domains(hosts.keySet());
    }

    /** Reads {@code file}; waits for the disk. */
    static HostTable read(Disk disk, Path file, List<String> problems) {
        Map<String, Found> hosts = new HashMap<>();
        List<String> lines = TextFile.lines(disk, file, problems);
        for (int i = 0; i < lines.size(); i++) {
            String line = lines.get(i).strip();
            if (!line.isEmpty() && !line.startsWith("#")) {
                new Line(disk, file, file + ":" + (i + 1), problems).read(line, hosts);
            }
        }
        return new HostTable(hosts);
    }

    /** What is said of the address, else of its domain, else of the nearest domain above. */
    public Optional<Found> find(Address address) {
        return find(AddressKeys.of(address));
    }

    public Optional<Found> find(AddressKeys address) {
        for (String key : address.all()) {
            Found found = hosts.get(key);
            if (found != null) {
                return Optional.of(found);
            }
        }
        return Optional.empty();
    }

    /** Of which addresses of {@code domain} it says something. */
    public DomainShare of(Domain domain) {
        return domains.contains(domain.ascii())
                ? DomainShare.SOME
                : AddressKeys.ofDomain(domain).stream().anyMatch(hosts::containsKey)
                        ? DomainShare.ALL
                        : DomainShare.NONE;
    }

    /** One line while it is read. */
    private record Line(Disk disk, Path file, String where, List<String> problems) {
        void read(String line, Map<String, Found> into) {
            int colon = AddressWords.colon(line);
            String name = colon < 0 ? "" : line.substring(0, colon).strip();
            Optional<String> key = AddressPattern.parse(AddressWords.unquote(name))
                    .map(AddressPattern::key)
                    .filter(found -> !found.isEmpty());
            if (key.isEmpty()) {
                wrong("not of the form `address-or-domain: host:port setting=value`");
                return;
            }
            host(line.substring(colon + 1).strip().split("\\s+", -1)).ifPresent(host -> {
                Found before = into.putIfAbsent(key.get(), new Found(host, where));
                if (before != null) {
                    wrong(name + " is already at " + before.where);
                }
            });
        }

        private Optional<SmartHost> host(String[] words) {
            int colon = words[0].lastIndexOf(':');
            boolean hasPort = colon > 0 && words[0].substring(colon + 1).matches("[0-9]{1,5}");
            String host = hasPort ? words[0].substring(0, colon) : words[0];
            int port = hasPort ? Integer.parseInt(words[0].substring(colon + 1)) : PORT;
            String bare = host.matches("\\[.*\\]") ? host.substring(1, host.length() - 1) : host;
            boolean named = IpLiteral.parseAddress(bare).isPresent()
                    || Domain.parse(host).filter(d -> !d.isLiteral()).isPresent();
            if (!named || port < 1 || port > 65535) {
                wrong("`" + words[0] + "` is no host:port");
                return Optional.empty();
            }
            SmartHostTls tls = SmartHostTls.OPPORTUNISTIC;
            Optional<String> user = Optional.empty();
            Optional<Path> password = Optional.empty();
            Optional<Path> token = Optional.empty();
            for (int i = 1; i < words.length; i++) {
                String value = words[i].substring(words[i].indexOf('=') + 1);
                switch (words[i].substring(0, Math.max(0, words[i].indexOf('=')))) {
                    case "tls" -> {
                        Optional<SmartHostTls> said = tls(value);
                        if (said.isEmpty()) {
                            wrong("tls is none, opportunistic, verified or implicit, not `" + value + "`");
                            return Optional.empty();
                        }
                        tls = said.get();
                    }
                    case "user" -> user = Optional.of(value);
                    case "password_file" -> password = Optional.of(file.resolveSibling(value));
                    case "token_file" -> token = Optional.of(file.resolveSibling(value));
                    default -> {
                        wrong("the settings of a host are tls=, user=, password_file= and token_file=");
                        return Optional.empty();
                    }
                }
            }
            return checked(new SmartHost(
                    host, port, tls, user, password, token, Optional.<DeliverySettings.ChannelBinding>empty()));
        }

        private Optional<SmartHost> checked(SmartHost host) {
            int secrets = (host.passwordFile().isPresent() ? 1 : 0)
                    + (host.tokenFile().isPresent() ? 1 : 0);
            if (secrets != (host.user().isPresent() ? 1 : 0)) {
                wrong("user and password_file go together, or user and token_file");
                return Optional.empty();
            }
            boolean verified = host.tls() == SmartHostTls.VERIFIED || host.tls() == SmartHostTls.IMPLICIT;
            if (secrets > 0 && !verified) {
                wrong("tls must be verified or implicit: a password goes to no server that has not proved its name");
                return Optional.empty();
            }
            host.passwordFile().ifPresent(this::readable);
            host.tokenFile().ifPresent(this::readable);
            return Optional.of(host);
        }

        private void readable(Path secret) {
            try {
                disk.readAll(secret, SECRET_MAX);
            } catch (IOException e) {
                wrong(secret + " is not there or cannot be read");
            }
        }

        private static Optional<SmartHostTls> tls(String text) {
            for (SmartHostTls each : SmartHostTls.values()) {
                if (each.name().toLowerCase(Locale.ROOT).equals(text)) {
                    return Optional.of(each);
                }
            }
            return Optional.empty();
        }

        private void wrong(String what) {
            problems.add(where + ": " + what);
        }
    }
}
