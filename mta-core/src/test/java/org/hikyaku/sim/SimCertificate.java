package org.hikyaku.sim;

import java.util.List;
import java.util.Set;

/**
 * What a simulated host shows of itself under TLS: facts without cryptography.
 *
 * @param chain as {@code TlsFacts.peerChain} will have it; may be any octets
 * @param validFor the names for which a client finds the chain valid
 */
public record SimCertificate(List<byte[]> chain, Set<String> validFor) {}
