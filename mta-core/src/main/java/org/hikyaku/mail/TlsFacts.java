package org.hikyaku.mail;

import java.util.List;

/**
 * What TLS agreed on.
 *
 * @param version {@code TLSv1.3}
 * @param cipher the suite's IANA name, {@code TLS_AES_256_GCM_SHA384}
 * @param peerChain the peer's certificates as sent, DER, leaf first; empty when it sent none
 * @param verified the chain was checked and holds for the name asked
 */
public record TlsFacts(String version, String cipher, List<byte[]> peerChain, boolean verified) {}
