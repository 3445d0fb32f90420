package org.hikyaku.it.dialog;

import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * A server to be asked: where it listens, and what it offers there in clear and under TLS.
 *
 * <p><i>Failure:</i> a server that cannot be reached, or does not answer EHLO, fails with {@link IOException}.
 *
 * @param implicit TLS begins with the first octet
 * @param clear keywords of EHLO, in capitals, with the words behind them; empty where TLS is implicit
 * @param secured the same under TLS; empty where there is none
 */
record Server(String host, int port, boolean implicit, Map<String, String> clear, Map<String, String> secured) {
    static final String EHLO = "EHLO client.example\r\n";

    /** Asks a server {@code host:port} what it offers. */
    static Server asked(String address, boolean implicit) throws IOException {
        Server server = unasked(address);
        try (Peer peer = new SocketPeer(server.host(), server.port())) {
            return heard(server.host(), server.port(), implicit, peer);
        }
    }

    /** One that does not answer EHLO, or not at once. */
    static Server unasked(String address) throws IOException {
        int colon = address.lastIndexOf(':');
        if (colon < 1) {
            throw new IOException("not host:port: " + address);
        }
        String host = address.substring(0, colon).replaceAll("^\\[(.*)]$", "$1");
        int port = Integer.parseInt(address.substring(colon + 1));
        return new Server(host, port, false, Map.of(), Map.of());
    }

    /** Asks at a connection that nothing has been said on yet. */
    static Server heard(String host, int port, boolean implicit, Peer peer) throws IOException {
        if (implicit) {
            peer.startTls();
        }
        StartedTls.reply(peer, "220");
        Map<String, String> first = offer(peer);
        if (implicit) {
            return new Server(host, port, true, Map.of(), first);
        }
        if (!first.containsKey("STARTTLS")) {
            return new Server(host, port, false, first, Map.of());
        }
        peer.send(StartedTls.octets("STARTTLS\r\n"));
        StartedTls.reply(peer, "220");
        peer.startTls();
        return new Server(host, port, false, first, offer(peer));
    }

    private static Map<String, String> offer(Peer peer) throws IOException {
        peer.send(StartedTls.octets(EHLO));
        Map<String, String> offer = new LinkedHashMap<>();
        for (String line : StartedTls.reply(peer, "250").lines().skip(1).toList()) {
            String[] words = line.substring(4).split(" ", 2);
            offer.put(words[0].toUpperCase(Locale.ROOT), words.length == 1 ? "" : words[1]);
        }
        return offer;
    }

    /** A connection to it. One that is to be under TLS from the first octet is, whatever way the server goes there. */
    Peer connect(boolean secure) throws IOException {
        Peer peer = new SocketPeer(host, port);
        return secure && !implicit ? new StartedTls(peer) : peer;
    }

    boolean hasTls() {
        return implicit || clear.containsKey("STARTTLS");
    }

    /** The keywords of one of the offers. */
    Set<String> keywords(boolean secure) {
        return secure ? secured.keySet() : clear.keySet();
    }
}
