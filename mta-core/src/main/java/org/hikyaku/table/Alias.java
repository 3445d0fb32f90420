package org.hikyaku.table;

import java.util.List;
import java.util.Optional;
import org.hikyaku.mail.Address;

/**
 * One name of the aliases file and where its mail goes.
 *
 * @param name a bare name, which holds in every local domain, or {@code user@domain}; as {@code Address.localKey}
 * @param where {@code file:line}
 */
public record Alias(String name, List<Destination> to, String where) {
    public Alias {
        to = List.copyOf(to);
    }

    /**
     * One destination.
     *
     * @param name a bare local name as written, empty when {@code address} is there
     * @param direct written with a backslash: the mailbox of that name, whatever aliases say
     * @param where {@code file:line}
     */
    public record Destination(String name, Optional<Address> address, boolean direct, String where) {
        @Override
        public String toString() {
            return address.map(Address::toString).orElse(name);
        }
    }
}
