package org.hikyaku.sasl;

import java.util.List;
import java.util.Optional;

/** The mechanisms a server can run now; a border between the session and the users' store. Never waits. */
public interface ServerMechanisms {
    /** Names to offer, in the order of the configuration; SCRAM only while all users have keys. */
    List<String> offered();

    /** A new run of a mechanism of this name, in capitals; empty when it is not offered. */
    Optional<ServerMechanism> begin(String name);
}
