package org.hikyaku.hostmail;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.hikyaku.mail.Address;
import org.hikyaku.mail.AddressList;
import org.hikyaku.mail.Domain;
import org.hikyaku.mail.HeaderScan;

/**
 * The fields of a message's header that a program of this host relies on others to read. Names without a domain are completed
 * with ours. A message that is sent again goes by the newest set of its Resent- fields alone (RFC 5322 3.6.6): the first, up to
 * where a name or a server's trace comes.
 *
 * <p><i>Failure:</i> a field that cannot be read is named in {@link #unreadable}.
 */
public final class WrittenHeader {
    /** How the names of fields of a message that is sent again begin. */
    static final String RESENT = "resent-";

    private final Domain domain;
    private final Named written = new Named();
    private final Named resent = new Named();
    private final Set<String> resentNames = new LinkedHashSet<>();
    private final List<Address> resentFrom = new ArrayList<>();
    private boolean olderSets;
    private int fromFields;

    /** Whom fields name as recipients, and which of them cannot be read. */
    private record Named(List<Address> recipients, List<String> unreadable) {
        Named() {
            this(new ArrayList<>(), new ArrayList<>());
        }
    }

    public WrittenHeader(Domain domain) {
        this.domain = domain;
    }

    /**
     * Looks at all fields, to the first line that is none, as {@link HeaderScan} does.
     *
     * @return whether the header's end was among the octets
     */
    public boolean read(byte[] octets, int begin) {
        String[] lines =
                new String(octets, begin, octets.length - begin, StandardCharsets.UTF_8).split("\r\n|\n|\r", -1);
        StringBuilder field = new StringBuilder();
        for (int i = 0; i < lines.length; i++) {
            String line = lines[i];
            boolean folded = !field.isEmpty() && (line.startsWith(" ") || line.startsWith("\t"));
            if (!folded) {
                field(field.toString());
                field.setLength(0);
                if (!isField(line)) {
                    return i < lines.length - 1; // the last has no end, and might go on
                }
            }
            field.append(line);
        }
        field(field.toString());
        return false;
    }

    private static boolean isField(String line) {
        int at = 0;
        while (at < line.length() && HeaderScan.isNameLetter(line.charAt(at))) {
            at++;
        }
        boolean named = at > 0;
        while (at < line.length() && (line.charAt(at) == ' ' || line.charAt(at) == '\t')) {
            at++; // RFC 5322 4.5
        }
        return named && line.startsWith(":", at);
    }

    private void field(String text) {
        int colon = text.indexOf(':');
        String name = colon < 0 ? "" : text.substring(0, colon).stripTrailing().toLowerCase(Locale.ROOT);
        switch (name) {
            case "from" -> fromFields++;
            case "to", "cc", "bcc" -> recipients(text, colon, written);
            case "received", "return-path" -> olderSets |= isResent();
            default -> {
                if (name.startsWith(RESENT)) {
                    resent(name.substring(RESENT.length()), text, colon);
                }
            }
        }
    }

    private void resent(String name, String text, int colon) {
        olderSets |= resentNames.contains(name);
        if (olderSets) {
            return;
        }
        resentNames.add(name);
        switch (name) {
            case "from" -> addresses(text.substring(colon + 1), domain).ifPresent(resentFrom::addAll);
            case "to", "cc", "bcc" -> recipients(text, colon, resent);
            default -> {}
        }
    }

    private void recipients(String text, int colon, Named into) {
        String value = text.substring(colon + 1);
        Optional<List<Address>> read = addresses(value, domain);
        read.ifPresent(into.recipients::addAll);
        if (read.isEmpty() && !value.isBlank()) {
            into.unreadable.add(text.substring(0, colon).strip());
        }
    }

    /** Addresses as people of this host write them, with bare names among them. */
    public static Optional<List<Address>> addresses(String text, Domain domain) {
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

    public List<Address> recipients() {
        return (isResent() ? resent : written).recipients;
    }

    public List<String> unreadable() {
        return (isResent() ? resent : written).unreadable;
    }

    public boolean isResent() {
        return !resentNames.isEmpty();
    }

    public List<Address> resentFrom() {
        return resentFrom;
    }

    public boolean hasResentDate() {
        return resentNames.contains("date");
    }

    public boolean hasFrom() {
        return fromFields > 0;
    }

    boolean hasOneFrom() {
        return fromFields == 1;
    }
}
