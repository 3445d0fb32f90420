package org.hikyaku.mail;

import java.util.List;

/**
 * What TLS agreed on.
 *
 * @param version {@code TLSv1.3}
 * @param cipher the suite's IANA name, {@code TLS_AES_256_GCM_SHA384}
 * @param peerChain the peer's certificates as sent, DER, leaf first; empty when it sent none
 * @param verified the chain was checked and holds: a server's for the name asked, a client's by the authorities for clients
 * @param ownCertificate the certificate that we showed, DER; empty when none
 * @param exporter keying material exported for channel binding (RFC 9266), 32 octets; empty where the engine exports none
 */
public record TlsFacts(
        String version,
        String cipher,
        List<byte[]> peerChain,
        boolean verified,
        byte[] ownCertificate,
        byte[] exporter) {
    /** Of an engine that tells neither what we showed nor exports keys. */
    public TlsFacts(String version, String cipher, List<byte[]> peerChain, boolean verified) {
        this(version, cipher, peerChain, verified, new byte[0], new byte[0]);
    }

    /** The same of a connection whose other end speaks for somebody else: nothing in it says who that is. */
    public TlsFacts ofAnother() {
        return new TlsFacts(version, cipher, List.of(), false);
    }

    @Override
    public String toString() {
        return "TlsFacts[" + version + " " + cipher + "]";
    }
}
