package org.hikyaku.sasl;

import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * EXTERNAL on the client's side (RFC 4422 A): whom we act as; the certificate was shown before. <i>Failure:</i> any challenge
 * but an empty one.
 */
final class ExternalClient implements ClientMechanism {
    private final byte[] message;
    private boolean sent;

    ExternalClient(String user) {
        message = user.getBytes(StandardCharsets.UTF_8);
    }

    @Override
    public String name() {
        return ExternalServer.NAME;
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
        return new Answer.GiveUp("unexpected challenge in EXTERNAL");
    }

    @Override
    public Optional<String> doubt() {
        return Optional.empty();
    }
}
