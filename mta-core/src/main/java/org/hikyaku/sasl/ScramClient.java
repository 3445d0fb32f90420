package org.hikyaku.sasl;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import org.hikyaku.sasl.Scram.Attribute;

/**
 * SCRAM on the client's side (RFC 5802, RFC 7677), without or with channel binding. The server must prove that it knows
 * the user, too: a success before its signature was right is not believed.
 *
 * <p><i>Failure:</i> a broken or forged message, too few iterations or too many: {@link Answer.GiveUp}.
 */
public final class ScramClient implements ClientMechanism {
    /** The work is done where the connection is served; it must be short, whatever the server asks. */
    private static final int ITERATIONS_MAX = 100_000;

    private final ScramDigest digest;
    private final boolean plus;
    private final String header;
    private final byte[] bound;
    private final String password;
    private final String nonce;
    private final String firstBare;
    private int challenges;
    private byte[] expected = new byte[0];
    private boolean proved;

    /** A run without channel binding that says nothing of it. */
    static ScramClient unbound(ScramDigest digest, String user, String password, String nonce) {
        return new ScramClient(digest, false, "n,,", new byte[0], user, password, nonce);
    }

    /** A run without channel binding at a server that offered none, though we could (RFC 5802 6). */
    static ScramClient couldBind(ScramDigest digest, String user, String password, String nonce) {
        return new ScramClient(digest, false, "y,,", new byte[0], user, password, nonce);
    }

    /** A run with the best binding of the connection, which has one. */
    static ScramClient bound(ScramDigest digest, ChannelBindings bindings, String user, String password, String nonce) {
        String type = bindings.best().orElseThrow();
        byte[] data = bindings.data(type).orElseThrow();
        return new ScramClient(digest, true, "p=" + type + ",,", data, user, password, nonce);
    }

    /** {@code nonce} as in {@link ScramServer}. */
    private ScramClient(
            ScramDigest digest,
            boolean plus,
            String header,
            byte[] binding,
            String user,
            String password,
            String nonce) {
        this.digest = digest;
        this.plus = plus;
        this.header = header;
        byte[] start = header.getBytes(StandardCharsets.US_ASCII);
        this.bound = Arrays.copyOf(start, start.length + binding.length);
        System.arraycopy(binding, 0, bound, start.length, binding.length);
        this.password = password;
        this.nonce = nonce;
        String name = SaslPrep.prepare(user).orElse(user).replace("=", "=3D").replace(",", "=2C");
        this.firstBare = "n=" + name + ",r=" + nonce;
    }

    @Override
    public String name() {
        return plus ? digest.plus() : digest.mechanism();
    }

    @Override
    public Optional<byte[]> initial() {
        return Optional.of((header + firstBare).getBytes(StandardCharsets.UTF_8));
    }

    @Override
    public Answer next(byte[] challenge) {
        return switch (challenges++) {
            case 0 -> serverFirst(challenge);
            case 1 -> serverFinal(challenge);
            default -> new Answer.GiveUp("unexpected challenge in SCRAM");
        };
    }

    @Override
    public Optional<String> doubt() {
        return proved ? Optional.empty() : Optional.of("the server did not prove that it knows the user");
    }

    /** server-first-message = r= , s= , i= (RFC 5802 7). */
    private Answer serverFirst(byte[] challenge) {
        List<Attribute> attributes = Scram.attributes(challenge).orElse(List.of());
        boolean sound = attributes.size() >= 3
                && attributes.get(0).name() == 'r'
                && attributes.get(1).name() == 's'
                && attributes.get(2).name() == 'i';
        if (!sound) {
            return new Answer.GiveUp("not a server-first message");
        }
        String both = attributes.get(0).value();
        // RFC 5802 5.1: the client MUST verify that its nonce begins the server's
        if (!Scram.isNonce(both) || !both.startsWith(nonce) || both.length() == nonce.length()) {
            return new Answer.GiveUp("the server's nonce does not extend ours");
        }
        String count = attributes.get(2).value();
        int iterations = count.matches("[1-9][0-9]{0,8}") ? Integer.parseInt(count) : 0;
        if (iterations < Scram.ITERATIONS_MIN || iterations > ITERATIONS_MAX) {
            return new Answer.GiveUp("the server asks for " + count + " iterations");
        }
        return prove(both, attributes.get(1).value(), iterations, new String(challenge, StandardCharsets.UTF_8));
    }

    private Answer prove(String both, String saltText, int iterations, String serverFirst) {
        byte[] salt;
        try {
            salt = Base64.getDecoder().decode(saltText);
        } catch (IllegalArgumentException e) {
            return new Answer.GiveUp("not a server-first message");
        }
        byte[] salted = Scram.salted(digest, secret(), salt, iterations);
        String withoutProof = "c=" + base64(bound) + ",r=" + both;
        String message = firstBare + "," + serverFirst + "," + withoutProof;
        byte[] clientKey = Scram.hmac(digest, salted, "Client Key");
        byte[] proof = Scram.xor(clientKey, Scram.hmac(digest, digest.hash(clientKey), message));
        expected = Scram.hmac(digest, Scram.hmac(digest, salted, "Server Key"), message);
        return new Answer.Send((withoutProof + ",p=" + base64(proof)).getBytes(StandardCharsets.UTF_8));
    }

    private Answer serverFinal(byte[] challenge) {
        String text = new String(challenge, StandardCharsets.UTF_8);
        byte[] right = ("v=" + base64(expected)).getBytes(StandardCharsets.UTF_8);
        byte[] given = text.split(",", 2)[0].getBytes(StandardCharsets.UTF_8);
        proved = MessageDigest.isEqual(right, given);
        return proved ? new Answer.Send(new byte[0]) : new Answer.GiveUp("the server's signature is wrong");
    }

    private byte[] secret() {
        byte[] utf8 = password.getBytes(StandardCharsets.UTF_8);
        return SaslPrep.prepare(utf8).orElse(utf8);
    }

    private static String base64(byte[] octets) {
        return Base64.getEncoder().encodeToString(octets);
    }
}
