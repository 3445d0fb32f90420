package org.hikyaku.sasl;

import java.util.List;
import java.util.Optional;
import org.hikyaku.mail.TlsFacts;

/** The mechanisms a server can run now; a border between the session and the users' store. Never waits. */
public interface ServerMechanisms {
    /**
     * Names to offer on a connection, in the order of the configuration; SCRAM only while all users have keys, its -PLUS
     * forms only where the connection has something to bind to.
     */
    List<String> offered(TlsFacts tls);

    /** A new run of a mechanism of this name, in capitals; empty when it is not offered there. */
    Optional<ServerMechanism> begin(String name, TlsFacts tls);
}
