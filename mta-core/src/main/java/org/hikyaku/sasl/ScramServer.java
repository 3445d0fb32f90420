package org.hikyaku.sasl;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import org.hikyaku.sasl.Scram.Attribute;
import org.jspecify.annotations.Nullable;

/**
 * SCRAM on the server's side (RFC 5802, RFC 7677), without or with channel binding (RFC 5802 6). The authorization
 * identity must be absent or equal to the user name.
 *
 * <p>A client that says {@code y} could bind, and believes that we cannot: if we had offered it, somebody took that out of
 * our offer, and the login fails.
 *
 * <p>The server-final message goes out as a challenge of its own, which the client answers with an empty response
 * (RFC 4422 5, RFC 4954 4: SMTP has no additional data with success).
 *
 * <p><i>Failure:</i> a broken message is a malformed {@link Step.Failure}; a wrong proof, or any proof for keys that were
 * made up, is one of wrong credentials, found after the same work.
 */
public final class ScramServer implements ServerMechanism {
    private enum Await {
        FIRST,
        KEYS,
        FINAL,
        ACKNOWLEDGEMENT,
        NOTHING
    }

    private final ScramDigest digest;
    private final boolean plus;
    private final ChannelBindings bindings;
    private final String ownNonce;
    private Await await = Await.FIRST;
    private String user = "";
    /** What c= must hold: the GS2 header, and the data of the binding behind it. */
    private byte[] bound = new byte[0];

    private String nonce = "";
    private String firstBare = "";
    private String serverFirst = "";
    private @Nullable ScramKeys keys;

    /**
     * A run.
     *
     * @param nonce never to be used twice: at least 18 random octets as printable text without comma
     * @param bindings of the connection, if a {@code -PLUS} mechanism was offered on it; else none
     */
    public ScramServer(ScramDigest digest, boolean plus, ChannelBindings bindings, String nonce) {
        this.digest = digest;
        this.plus = plus;
        this.bindings = bindings;
        this.ownNonce = nonce;
    }

    @Override
    public String name() {
        return plus ? digest.plus() : digest.mechanism();
    }

    @Override
    public Step start(byte @Nullable [] initial) {
        // RFC 4422 5: a client-first mechanism without initial response gets an empty challenge
        return initial == null ? new Step.Challenge(new byte[0]) : next(initial);
    }

    @Override
    public Step next(byte[] response) {
        return switch (await) {
            case FIRST -> first(response);
            case FINAL -> last(response);
            case ACKNOWLEDGEMENT -> response.length == 0 ? success() : malformed("the last response is not empty");
            case KEYS, NOTHING -> malformed("a response that nobody waits for");
        };
    }

    @Override
    public Step passwordChecked(boolean right) {
        return malformed("no password was asked");
    }

    @Override
    public Step keys(ScramKeys given) {
        if (await != Await.KEYS || given.digest() != digest) {
            return malformed("no such keys were asked");
        }
        keys = given;
        nonce += ownNonce;
        serverFirst =
                "r=" + nonce + ",s=" + Base64.getEncoder().encodeToString(given.salt()) + ",i=" + given.iterations();
        await = Await.FINAL;
        return new Step.Challenge(serverFirst.getBytes(StandardCharsets.UTF_8));
    }

    /** client-first-message = gs2-header client-first-message-bare (RFC 5802 7). */
    private Step first(byte[] response) {
        String text = SaslPrep.decode(response, 0, response.length).orElse("");
        int flagEnd = text.indexOf(',');
        int headerEnd = text.indexOf(',', flagEnd + 1);
        if (flagEnd < 0 || headerEnd < 0) {
            return malformed("no GS2 header");
        }
        String flag = text.substring(0, flagEnd);
        String objection = objection(flag);
        if (objection != null) {
            return flag.equals("n") || flag.equals("y") || flag.startsWith("p=")
                    ? refused(objection)
                    : malformed(objection);
        }
        byte[] header = text.substring(0, headerEnd + 1).getBytes(StandardCharsets.UTF_8);
        byte[] data = plus ? bindings.data(flag.substring(2)).orElseThrow() : new byte[0];
        bound = Arrays.copyOf(header, header.length + data.length);
        System.arraycopy(data, 0, bound, header.length, data.length);
        firstBare = text.substring(headerEnd + 1);
        String authzid = text.substring(flagEnd + 1, headerEnd);
        List<Attribute> attributes =
                Scram.attributes(response.length <= 1024 ? firstBare : "").orElse(List.of());
        return identity(attributes, authzid);
    }

    /** RFC 5802 6: what the client says of channel binding, and what we offered; null when they go together. */
    private @Nullable String objection(String flag) {
        if (flag.startsWith("p=")) {
            return plus && bindings.data(flag.substring(2)).isPresent()
                    ? null
                    : "channel binding " + flag.substring(2).replaceAll("[^A-Za-z0-9.-]", "?") + " is not supported";
        }
        if (!flag.equals("n") && !flag.equals("y")) {
            return "unknown GS2 flag";
        }
        if (plus) {
            return "a -PLUS mechanism without channel binding";
        }
        return flag.equals("y") && !bindings.isEmpty() ? "our offer of channel binding did not reach the client" : null;
    }

    private Step identity(List<Attribute> attributes, String authzid) {
        // RFC 5802 5.1: order is fixed; a leading m= is an extension we do not know and MUST fail
        boolean sound = attributes.size() >= 2
                && attributes.get(0).name() == 'n'
                && attributes.get(1).name() == 'r'
                && Scram.isNonce(attributes.get(1).value())
                && (authzid.isEmpty() || authzid.startsWith("a="));
        Optional<String> name = sound ? name(attributes.get(0).value()) : Optional.empty();
        if (name.isEmpty()) {
            return malformed("not a client-first message");
        }
        user = name.get();
        nonce = attributes.get(1).value();
        if (!authzid.isEmpty() && !name.equals(name(authzid.substring(2)))) {
            return refused("may not act for another");
        }
        await = Await.KEYS;
        return new Step.AskKeys(user, digest);
    }

    /** client-final-message = c= , r= [, extensions] , p= (RFC 5802 7). */
    private Step last(byte[] response) {
        ScramKeys known = keys;
        List<Attribute> attributes = Scram.attributes(response).orElse(List.of());
        if (known == null || attributes.size() < 3) {
            return malformed("not a client-final message");
        }
        Attribute proof = attributes.getLast();
        boolean sound = attributes.get(0).name() == 'c' && attributes.get(1).name() == 'r' && proof.name() == 'p';
        byte[] binding = decode(attributes.get(0).value());
        byte[] proofOctets = decode(proof.value());
        if (!sound || binding == null || proofOctets == null || proofOctets.length != digest.octets()) {
            return malformed("not a client-final message");
        }
        // RFC 5802 6: c= MUST always be validated; 5.1: so MUST the nonce
        if (!MessageDigest.isEqual(binding, bound) || !attributes.get(1).value().equals(nonce)) {
            return refused("channel binding data or nonce differ");
        }
        String text = new String(response, StandardCharsets.UTF_8);
        String message = firstBare + "," + serverFirst + "," + text.substring(0, text.lastIndexOf(",p="));
        return verify(known, proofOctets, message);
    }

    private Step verify(ScramKeys known, byte[] proof, String message) {
        byte[] clientKey = Scram.xor(Scram.hmac(digest, known.storedKey(), message), proof);
        boolean right = MessageDigest.isEqual(digest.hash(clientKey), known.storedKey());
        byte[] signature = Scram.hmac(digest, known.serverKey(), message);
        if (!right || !known.known()) {
            return refused("wrong credentials");
        }
        await = Await.ACKNOWLEDGEMENT;
        String serverFinal = "v=" + Base64.getEncoder().encodeToString(signature);
        return new Step.Challenge(serverFinal.getBytes(StandardCharsets.UTF_8));
    }

    private Step success() {
        await = Await.NOTHING;
        return new Step.Success(user);
    }

    private Step malformed(String why) {
        await = Await.NOTHING;
        return new Step.Failure(true, user, why);
    }

    private Step refused(String why) {
        await = Await.NOTHING;
        return new Step.Failure(false, user, why);
    }

    /** saslname (RFC 5802 5.1): =2C and =3D stand for comma and equals sign, any other '=' MUST fail. */
    private static Optional<String> name(String escaped) {
        String plain = escaped.replace("=2C", ",");
        String rest = escaped.replace("=2C", "").replace("=3D", "");
        return rest.indexOf('=') >= 0 ? Optional.empty() : SaslPrep.prepare(plain.replace("=3D", "="));
    }

    private static byte @Nullable [] decode(String base64) {
        try {
            return Base64.getDecoder().decode(base64);
        } catch (IllegalArgumentException e) {
            return null;
        }
    }
}
