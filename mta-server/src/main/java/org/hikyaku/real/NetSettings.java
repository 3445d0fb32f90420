package org.hikyaku.real;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/**
 * How the network is run.
 *
 * @param loops threads of events
 * @param epoll use epoll where it is there; else NIO
 * @param nativeTls use BoringSSL where it is there; else the JDK's engine
 * @param handshakeLimit a TLS handshake that takes longer is a failure
 * @param lingerLimit how long {@code close} waits for the peer to take what was written
 * @param extraTrust further certificate authorities to trust beside the host's, PEM
 */
public record NetSettings(
        int loops,
        boolean epoll,
        boolean nativeTls,
        Duration handshakeLimit,
        Duration lingerLimit,
        Optional<Path> extraTrust) {
    /** As a server runs: a loop for each core. */
    public static NetSettings standard(boolean nativeTls) {
        int cores = Runtime.getRuntime().availableProcessors();
        return new NetSettings(cores, true, nativeTls, Duration.ofSeconds(60), Duration.ofSeconds(5), Optional.empty());
    }

    public NetSettings withEpoll(boolean use) {
        return new NetSettings(loops, use, nativeTls, handshakeLimit, lingerLimit, extraTrust);
    }

    public NetSettings withHandshakeLimit(Duration limit) {
        return new NetSettings(loops, epoll, nativeTls, limit, lingerLimit, extraTrust);
    }

    public NetSettings withLingerLimit(Duration limit) {
        return new NetSettings(loops, epoll, nativeTls, handshakeLimit, limit, extraTrust);
    }

    public NetSettings withExtraTrust(Path file) {
        return new NetSettings(loops, epoll, nativeTls, handshakeLimit, lingerLimit, Optional.of(file));
    }
}
