package org.hikyaku.table;

import java.util.List;
import org.hikyaku.mail.Address;

/** One step: what the tables say of an address, nothing followed. */
sealed interface Found {
    /** Its domain is not ours. */
    record Elsewhere() implements Found {}

    record Nobody() implements Found {}

    record Box(String user, Address home) implements Found {}

    /** A name of the aliases file. */
    record Aliased(Alias alias) implements Found {}

    /**
     * Anything else that leads on.
     *
     * @param rule what kind of rule: {@code virtual}, {@code catch-all}...
     * @param where {@code file:line}, or the setting
     */
    record Forward(List<Alias.Destination> to, String rule, String where) implements Found {
        public Forward {
            to = List.copyOf(to);
        }
    }

    /** How much of the tables is still to be asked, for an address that leads to itself. */
    enum Layer {
        ALL,
        /** What comes behind the tables of {@code addresses.virtual}. */
        BEHIND_VIRTUAL,
        /** The mailbox of that name, whatever aliases say. */
        MAILBOX
    }
}
