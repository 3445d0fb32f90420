package org.hikyaku.table;

/** Who has a mailbox here, by the name he is listed by, lower case. Nothing here waits. */
@FunctionalInterface
public interface Residents {
    boolean has(String name);

    /** By what he is somebody, for people. */
    default String whose(String name) {
        return has(name) ? "auth.users: " + name : "auth.dovecot_users, if " + name + " is there";
    }

    /**
     * Whether somebody else than the lists may know this whole address, who was not asked yet or said yes: it is then no
     * nobody's, and its mail goes to where the mailboxes are.
     */
    default boolean mayHave(String address) {
        return false;
    }
}
