package org.hikyaku.sasl;

import java.nio.charset.StandardCharsets;
import java.util.Optional;

/** PLAIN on the client's side (RFC 4616): all in the initial response. <i>Failure:</i> any challenge but an empty one. */
final class PlainClient implements ClientMechanism {
    private final byte[] message;
    private boolean sent;

    PlainClient(String user, String password) {
        message = ("\0" + user + "\0" + password).getBytes(StandardCharsets.UTF_8);
    }

    @Override
    public String name() {
        return "PLAIN";
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
        return new Answer.GiveUp("unexpected challenge in PLAIN");
    }

    @Override
    public Optional<String> doubt() {
        return Optional.empty();
    }
}
