package org.hikyaku.table;

import java.util.List;
import org.hikyaku.mail.Address;

/** Hears what happens to an address, for who wants it explained. */
public interface Steps {
    /** Who does not. */
    Steps NONE = (address, rule, where, to) -> {};

    /**
     * One step.
     *
     * @param rule {@code alias}, {@code virtual}, {@code mailbox}, {@code elsewhere}, {@code nobody}...
     * @param where {@code file:line} of the rule, or the setting
     * @param to where it leads; empty where it ends
     */
    void step(Address address, String rule, String where, List<Address> to);
}
