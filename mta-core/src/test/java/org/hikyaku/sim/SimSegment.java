package org.hikyaku.sim;

import org.hikyaku.world.TlsNeed;

/** What travels on a wire, in order. TLS is a short exchange of facts: hello, hello, finished. */
sealed interface SimSegment {
    /** {@code from}: how much of {@code bytes} has been delivered. */
    record Octets(byte[] bytes, int from) implements SimSegment {
        int length() {
            return bytes.length - from;
        }
    }

    record ClientHello(TlsNeed.Client need) implements SimSegment {}

    record ServerHello(SimCertificate certificate) implements SimSegment {}

    record Finished() implements SimSegment {}

    record Alert(String text) implements SimSegment {}

    /** The writer closed in order. */
    record End() implements SimSegment {}
}
