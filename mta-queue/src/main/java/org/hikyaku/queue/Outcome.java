package org.hikyaku.queue;

import org.hikyaku.mail.Diagnosis;

/** What one attempt did for one recipient. */
public sealed interface Outcome {
    /**
     * The next hop has it.
     *
     * @param route {@code mx}, {@code smarthost}, {@code maildir}, {@code lmtp}
     * @param tls {@code TLSv1.3} or empty
     */
    record Delivered(String route, String remote, String tls, String reply) implements Outcome {}

    /** Not now. */
    record Retry(String route, Diagnosis why) implements Outcome {}

    /** Never. */
    record Failed(String route, Diagnosis why) implements Outcome {}
}
