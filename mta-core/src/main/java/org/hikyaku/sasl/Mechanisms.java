package org.hikyaku.sasl;

import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * THE table of SASL mechanisms.
 *
 * <p><i>Failure:</i> an unknown name gives empty.
 */
public final class Mechanisms {
    /** Random octets a run of a mechanism needs. */
    public static final int RANDOM_OCTETS = 18;

    /** All that we know, best first. */
    public static final List<String> NAMES = List.of(Scram.NAME, "PLAIN", "LOGIN");

    private Mechanisms() {}

    /** Whether the mechanism rests on keys in the users file: offered only where all users have them. */
    public static boolean needsKeys(String name) {
        return name.equalsIgnoreCase(Scram.NAME);
    }

    /**
     * A run on the server's side.
     *
     * @param random {@link #RANDOM_OCTETS} fresh octets
     */
    public static Optional<ServerMechanism> server(String name, byte[] random) {
        return switch (name.toUpperCase(Locale.ROOT)) {
            case "PLAIN" -> Optional.of(new PlainServer());
            case "LOGIN" -> Optional.of(new LoginServer());
            case Scram.NAME -> Optional.of(new ScramServer(nonce(random)));
            default -> Optional.empty();
        };
    }

    /**
     * A run on the client's side of the best mechanism among those a server offers; empty when we know none of them.
     *
     * @param offered the words after AUTH in its EHLO reply, in any case
     */
    public static Optional<ClientMechanism> client(List<String> offered, String user, String password, byte[] random) {
        List<String> upper =
                offered.stream().map(name -> name.toUpperCase(Locale.ROOT)).toList();
        if (upper.contains(Scram.NAME)) {
            return Optional.of(new ScramClient(user, password, nonce(random)));
        }
        if (upper.contains("PLAIN")) {
            return Optional.of(new PlainClient(user, password));
        }
        return upper.contains("LOGIN") ? Optional.of(new LoginClient(user, password)) : Optional.empty();
    }

    private static String nonce(byte[] random) {
        if (random.length < RANDOM_OCTETS) {
            throw new IllegalArgumentException("too few random octets");
        }
        return Base64.getEncoder().withoutPadding().encodeToString(random);
    }
}
