package org.hikyaku.smtp.server;

import java.util.List;
import java.util.Optional;
import org.hikyaku.mail.TlsFacts;
import org.hikyaku.sasl.ServerMechanism;
import org.hikyaku.sasl.ServerMechanisms;

/** Nobody can log in. */
record NoMechanisms() implements ServerMechanisms {
    @Override
    public List<String> offered(TlsFacts tls) {
        return List.of();
    }

    @Override
    public Optional<ServerMechanism> begin(String name, TlsFacts tls) {
        return Optional.empty();
    }
}
