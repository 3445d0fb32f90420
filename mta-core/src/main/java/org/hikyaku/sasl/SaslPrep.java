package org.hikyaku.sasl;

import com.ibm.icu.text.StringPrep;
import com.ibm.icu.text.StringPrepParseException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * SASLprep (RFC 4013): the one form in which user names and passwords are compared and hashed, whatever way a keyboard
 * composed its letters. Printable ASCII stays as it is.
 *
 * <p><i>Failure:</i> what is not UTF-8, holds a forbidden character (controls, private use...) or is empty after
 * preparation gives empty.
 */
final class SaslPrep {
    private static final StringPrep PROFILE = StringPrep.getInstance(StringPrep.RFC4013_SASLPREP);

    private SaslPrep() {}

    /** As a query: code points that were unassigned in Unicode 3.2 are let through (RFC 5802 5.1, RFC 4616 2). */
    static Optional<String> prepare(String text) {
        try {
            String prepared = PROFILE.prepare(text, StringPrep.ALLOW_UNASSIGNED);
            return prepared.isEmpty() ? Optional.empty() : Optional.of(prepared);
        } catch (StringPrepParseException e) {
            return Optional.empty();
        }
    }

    /** The prepared form of octets that should be UTF-8, as UTF-8. */
    static Optional<byte[]> prepare(byte[] utf8) {
        return decode(utf8, 0, utf8.length)
                .flatMap(SaslPrep::prepare)
                .map(prepared -> prepared.getBytes(StandardCharsets.UTF_8));
    }

    /** Strict UTF-8. */
    static Optional<String> decode(byte[] octets, int from, int to) {
        try {
            return Optional.of(StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(octets, from, to - from))
                    .toString());
        } catch (CharacterCodingException e) {
            return Optional.empty();
        }
    }
}
