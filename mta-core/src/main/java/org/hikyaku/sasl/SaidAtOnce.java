package org.hikyaku.sasl;

import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * A client's side that says all in its initial response: PLAIN (RFC 4616), and EXTERNAL (RFC 4422 A), which says as whom we act;
 * the certificate was shown before.
 *
 * <p><i>Failure:</i> any challenge but the empty one of a server that did not take the initial response.
 */
final class SaidAtOnce implements ClientMechanism {
    private final String name;
    private final byte[] message;
    private boolean sent;

    private SaidAtOnce(String name, String message) {
        this.name = name;
        this.message = message.getBytes(StandardCharsets.UTF_8);
    }

    static SaidAtOnce plain(String user, String password) {
        return new SaidAtOnce("PLAIN", "\0" + user + "\0" + password);
    }

    static SaidAtOnce external(String user) {
        return new SaidAtOnce(ExternalServer.NAME, user);
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public Optional<byte[]> initial() {
        sent = true;
        return Optional.of(message.clone());
    }

    @Override
    public Answer next(byte[] challenge) {
        // a server that did not take the initial response asks with an empty challenge (RFC 4954 4)
        if (sent && challenge.length == 0) {
            sent = false;
            return new Answer.Send(message.clone());
        }
        return new Answer.GiveUp("unexpected challenge in " + name);
    }

    @Override
    public Optional<String> doubt() {
        return Optional.empty();
    }
}
