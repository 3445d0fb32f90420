package org.hikyaku.operate;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Optional;
import org.hikyaku.mail.Address;
import org.hikyaku.mail.SpoolId;

/** By what an exported message is known again wherever it is imported: 128 bits of a hash of its id, arrival, size and sender. */
record Key(long high, long low) {
    private static final int DIGITS = 32;

    static Key of(SpoolId id, long arrivedMillis, long size, Address sender) {
        String text = id + "\n" + arrivedMillis + "\n" + size + "\n" + sender;
        try {
            byte[] hash = MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
            return parse(HexFormat.of().formatHex(hash, 0, DIGITS / 2)).orElseThrow();
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e); // every Java has it
        }
    }

    /** Reads {@link #toString}. */
    static Optional<Key> parse(String text) {
        if (text.length() != DIGITS || !text.chars().allMatch(HexFormat::isHexDigit)) {
            return Optional.empty();
        }
        return Optional.of(new Key(
                HexFormat.fromHexDigitsToLong(text, 0, DIGITS / 2),
                HexFormat.fromHexDigitsToLong(text, DIGITS / 2, DIGITS)));
    }

    @Override
    public String toString() {
        return HexFormat.of().toHexDigits(high) + HexFormat.of().toHexDigits(low);
    }
}
