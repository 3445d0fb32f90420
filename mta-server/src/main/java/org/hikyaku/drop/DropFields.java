package org.hikyaku.drop;

import java.nio.charset.StandardCharsets;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import org.hikyaku.mail.Address;
import org.hikyaku.mail.Domain;
import org.hikyaku.mail.HeaderFacts;
import org.hikyaku.mime.EncodedWords;
import org.hikyaku.spool.Draft;

/** The fields that are put before a message of this host: what RFC 6409 8 adds, and where it came from. */
final class DropFields {
    private static final DateTimeFormatter DATE = DateTimeFormatter.ofPattern("EEE, d MMM yyyy HH:mm:ss Z", Locale.ROOT)
            .withZone(ZoneOffset.UTC);

    private static final int NAME_MAX = 200;

    private final StringBuilder out = new StringBuilder(320);
    private final Draft draft;
    private final Domain hostname;

    DropFields(Draft draft, Domain hostname) {
        this.draft = draft;
        this.hostname = hostname;
    }

    /** RFC 5321 4.4: there is no connection, so no name of a host it came from. */
    void received(String how) {
        out.append("Received: by ").append(hostname.ascii()).append(" (Hikyaku, ");
        out.append(how.replaceAll("[^A-Za-z0-9 ._@+-]", "?")).append(") id ").append(draft.id());
        out.append(";\r\n\t").append(DATE.format(draft.opened())).append("\r\n");
    }

    void from(String name, Address address) {
        String shown = shown(name);
        out.append("From: ");
        if (shown.isEmpty()) {
            out.append(address);
        } else if (!EncodedWords.isPlain(shown)) {
            out.append(EncodedWords.of(shown)).append("\r\n <").append(address).append('>');
        } else {
            out.append('"')
                    .append(shown.replaceAll("([\"\\\\])", "\\\\$1"))
                    .append("\" <")
                    .append(address)
                    .append('>');
        }
        out.append("\r\n");
    }

    private static String shown(String name) {
        int[] letters = name.replaceAll("[\\p{Cntrl}\u0080-\u009f]", " ")
                .strip()
                .codePoints()
                .limit(NAME_MAX)
                .toArray();
        return new String(letters, 0, letters.length);
    }

    void sender(Address address) {
        out.append("Sender: ").append(address).append("\r\n");
    }

    /** RFC 5322 3.6.6: of the newest set, before which these fields come to stand. */
    void resent(DropHeader header, Address own, boolean isHis) {
        if (!header.hasResentDate()) {
            out.append("Resent-Date: ").append(DATE.format(draft.opened())).append("\r\n");
        }
        if (header.resentFrom().isEmpty()) {
            out.append("Resent-From: ").append(own).append("\r\n");
        } else if (!isHis) {
            out.append("Resent-Sender: ").append(own).append("\r\n");
        }
    }

    void missing(HeaderFacts facts) {
        if (!facts.hasDate()) {
            out.append("Date: ").append(DATE.format(draft.opened())).append("\r\n");
        }
        if (facts.messageId().isEmpty()) {
            out.append("Message-ID: <").append(draft.id()).append('.');
            out.append(Long.toString(draft.opened().toEpochMilli(), 36)).append('@');
            out.append(hostname.ascii()).append(">\r\n");
        }
    }

    byte[] octets(boolean emptyLine) {
        return (out + (emptyLine ? "\r\n" : "")).getBytes(StandardCharsets.UTF_8);
    }
}
