package org.hikyaku.world;

import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.List;

/**
 * Questions to web servers: HTTPS alone, to servers whose certificate holds for their name by the host's list of authorities.
 *
 * <p><i>Failure:</i> {@link IOException} for whatever gives no answer in time, or one over its bound; redirections are not
 * followed.
 */
public interface Https {
    /** Asks, and waits for the whole answer: on a task only. */
    Answer ask(Question question) throws IOException;

    /**
     * What is asked.
     *
     * @param uri of scheme https
     * @param body sent with POST; empty for GET
     * @param limit for all of it
     * @param most octets of the answer's body
     */
    record Question(URI uri, List<Field> fields, byte[] body, Duration limit, int most) {
        @Override
        public String toString() {
            return "Question[" + uri + "]"; // may hold a token
        }
    }

    /** A header field. */
    record Field(String name, String value) {
        @Override
        public String toString() {
            return name;
        }
    }

    /**
     * What came.
     *
     * @param maxAge how long it may be kept by Cache-Control; zero if that does not say
     */
    record Answer(int status, byte[] body, Duration maxAge) {}

    /** A world without web. */
    static Https none() {
        return question -> {
            throw new IOException("no HTTPS here");
        };
    }
}
