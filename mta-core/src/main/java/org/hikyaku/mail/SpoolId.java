package org.hikyaku.mail;

import java.util.Optional;

/**
 * The name of a message in the spool: unique for the life of a spool, ordered by time of arrival.
 *
 * <p>Shown as 13 letters and digits (base 32 without i, l, o, u), most significant first, so that text order is order of
 * arrival.
 */
public record SpoolId(long value) implements Comparable<SpoolId> {
    private static final String ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz";
    private static final int LENGTH = 13;

    /** Reads the text form; letters of either case. */
    public static Optional<SpoolId> parse(String text) {
        if (text.length() != LENGTH || ALPHABET.indexOf(Character.toLowerCase(text.charAt(0))) > 15) {
            return Optional.empty();
        }
        long value = 0;
        for (int i = 0; i < LENGTH; i++) {
            int digit = ALPHABET.indexOf(Character.toLowerCase(text.charAt(i)));
            if (digit < 0) {
                return Optional.empty();
            }
            value = value << 5 | digit;
        }
        return Optional.of(new SpoolId(value));
    }

    @Override
    public int compareTo(SpoolId other) {
        return Long.compareUnsigned(value, other.value);
    }

    @Override
    public String toString() {
        char[] out = new char[LENGTH];
        long rest = value;
        for (int i = LENGTH - 1; i >= 0; i--) {
            out[i] = ALPHABET.charAt((int) (rest & 31));
            rest >>>= 5;
        }
        return new String(out);
    }
}
