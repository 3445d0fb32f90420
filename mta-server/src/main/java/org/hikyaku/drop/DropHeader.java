package org.hikyaku.drop;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.hikyaku.mail.Address;
import org.hikyaku.mail.AddressList;
import org.hikyaku.mail.Domain;

/**
 * The fields of a message's header that a program of this host relies on others to read. Names without a domain are completed
 * with ours.
 *
 * <p><i>Failure:</i> a field that cannot be read is named in {@link #unreadable}.
 */
final class DropHeader {
    private final Domain domain;
    private final List<Address> recipients = new ArrayList<>();
    private final List<String> unreadable = new ArrayList<>();
    private boolean from;

    DropHeader(Domain domain) {
        this.domain = domain;
    }

    /** Looks at all fields. */
    void read(byte[] octets, int begin) {
        String[] lines =
                new String(octets, begin, octets.length - begin, StandardCharsets.UTF_8).split("\r\n|\n|\r", -1);
        StringBuilder field = new StringBuilder();
        for (String line : lines) {
            boolean folded = line.startsWith(" ") || line.startsWith("\t");
            if (!folded) {
                field(field.toString());
                field.setLength(0);
            }
            if (line.isEmpty() || (!folded && line.indexOf(':') <= 0)) {
                return;
            }
            field.append(line);
        }
        field(field.toString());
    }

    private void field(String text) {
        int colon = text.indexOf(':');
        String name = colon < 0 ? "" : text.substring(0, colon).strip().toLowerCase(Locale.ROOT);
        switch (name) {
            case "from" -> from = true;
            case "to", "cc", "bcc" -> {
                String value = text.substring(colon + 1);
                Optional<List<Address>> read = addresses(value, domain);
                read.ifPresent(recipients::addAll);
                if (read.isEmpty() && !value.isBlank()) {
                    unreadable.add(text.substring(0, colon).strip());
                }
            }
            default -> {}
        }
    }

    /** Addresses as people of this host write them, with bare names among them. */
    static Optional<List<Address>> addresses(String text, Domain domain) {
        if (text.isBlank()) {
            return Optional.of(List.of());
        }
        Optional<List<Address>> whole = AddressList.parse(text);
        return whole.isPresent() ? whole : AddressList.parse(completed(text, domain));
    }

    private static String completed(String text, Domain domain) {
        List<String> all = new ArrayList<>();
        for (String one : text.split(",", -1)) {
            String bare = one.strip();
            all.add(bare.matches("[A-Za-z0-9._+=-]+") ? bare + "@" + domain.ascii() : one);
        }
        return String.join(",", all);
    }

    List<Address> recipients() {
        return recipients;
    }

    List<String> unreadable() {
        return unreadable;
    }

    boolean hasFrom() {
        return from;
    }
}
