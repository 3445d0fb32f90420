package org.hikyaku.world;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import org.hikyaku.mail.IpLiteral;

/** An end of a connection: an address and port, or a socket file. */
public sealed interface Endpoint {
    /** TCP; the address is always resolved. */
    record Tcp(InetSocketAddress address) implements Endpoint {
        public Tcp(InetAddress host, int port) {
            this(new InetSocketAddress(host, port));
        }

        @Override
        public String toString() {
            return "[" + IpLiteral.number(address.getAddress()) + "]:" + address.getPort();
        }
    }

    /** A Unix domain stream socket. */
    record Unix(Path path) implements Endpoint {
        @Override
        public String toString() {
            return "unix:" + path;
        }
    }
}
