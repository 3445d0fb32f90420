package org.hikyaku.smtp.client;

import java.util.List;

/**
 * What a server says that it takes of a client (RFC 9422). Names that we do not know and values that cannot be read are as if
 * they had not been said.
 *
 * @param recipients of a transaction
 * @param messages of a connection
 * @param domains different ones of the recipients of a transaction
 */
public record PeerLimits(int recipients, int messages, int domains) {
    /** It does not say. */
    public static final PeerLimits NONE = new PeerLimits(Integer.MAX_VALUE, Integer.MAX_VALUE, Integer.MAX_VALUE);

    /** Reads {@code NAME=VALUE}s, in capitals. */
    static PeerLimits read(List<String> words) {
        PeerLimits limits = NONE;
        for (String word : words) {
            int equals = word.indexOf('=');
            int value = equals < 0 ? 0 : number(word.substring(equals + 1));
            if (value > 0) {
                limits = switch (word.substring(0, equals)) {
                    case "RCPTMAX" -> new PeerLimits(value, limits.messages, limits.domains);
                    case "MAILMAX" -> new PeerLimits(limits.recipients, value, limits.domains);
                    case "RCPTDOMAINMAX" -> new PeerLimits(limits.recipients, limits.messages, value);
                    default -> limits;
                };
            }
        }
        return limits;
    }

    /** One to six digits, not beginning with 0; else 0. */
    private static int number(String digits) {
        return digits.matches("[1-9][0-9]{0,5}") ? Integer.parseInt(digits) : 0;
    }
}
