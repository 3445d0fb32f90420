package org.hikyaku.drop;

import java.nio.charset.StandardCharsets;
import java.util.List;
import org.hikyaku.hostmail.HostFields;
import org.hikyaku.mail.Address;
import org.hikyaku.mail.Domain;
import org.hikyaku.mail.HeaderFacts;
import org.hikyaku.mail.HostUser;
import org.hikyaku.spool.Draft;

/** The fields that are put before a message of this host: what RFC 6409 8 adds, and where it came from. */
final class DropFields {
    private final StringBuilder out = new StringBuilder(320);
    private final Draft draft;
    private final Domain hostname;

    DropFields(Draft draft, Domain hostname) {
        this.draft = draft;
        this.hostname = hostname;
    }

    /** RFC 5321 4.4: there is no connection, so no name of a host it came from. */
    void received(String preposition, HostUser user) {
        out.append("Received: by ").append(hostname.ascii()).append(" (Hikyaku, ");
        out.append(preposition).append(' ').append(user.shown()).append(") id ").append(draft.id());
        out.append(";\r\n\t").append(HostFields.date(draft.opened())).append("\r\n");
    }

    void from(String name, Address address) {
        lines(List.of(HostFields.from(name, address)));
    }

    void lines(List<String> lines) {
        lines.forEach(line -> out.append(line).append("\r\n"));
    }

    void missing(HeaderFacts facts) {
        if (!facts.hasDate()) {
            out.append("Date: ").append(HostFields.date(draft.opened())).append("\r\n");
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
