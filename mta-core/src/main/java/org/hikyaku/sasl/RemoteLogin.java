package org.hikyaku.sasl;

import java.net.InetAddress;
import org.jspecify.annotations.Nullable;

/**
 * One run of a mechanism that another server judges, who keeps the users: what the client says is passed on, what that server
 * answers is passed back.
 *
 * <p><i>Failure:</i> a server that cannot be asked, breaks its protocol or does not answer is a temporary {@link Answer.No}.
 */
public interface RemoteLogin {
    /**
     * Passes on what the client said, and waits for the answer: on a task only.
     *
     * @param response null for no initial response
     * @param client where the client is
     */
    Answer say(byte @Nullable [] response, InetAddress client);

    /** What that server answers. */
    sealed interface Answer {
        record Challenge(byte[] octets) implements Answer {}

        record Yes(String user) implements Answer {}

        /**
         * No.
         *
         * @param temporary nothing is said of the credentials
         * @param user as far as it is known, else empty
         */
        record No(boolean temporary, String user, String why) implements Answer {}
    }
}
