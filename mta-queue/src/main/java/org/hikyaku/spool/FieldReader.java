package org.hikyaku.spool;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import org.hikyaku.mail.Address;
import org.hikyaku.mail.Diagnosis;
import org.hikyaku.mail.Domain;

/**
 * Reads what {@link FieldWriter} wrote, from octets whose checksum was right.
 *
 * <p><i>Failure:</i> {@link Damaged} for what no writer writes; running out of octets is the buffer's own exception.
 */
final class FieldReader {
    private static final Diagnosis NOTHING_YET =
            RecipientState.fresh(Instant.EPOCH).last();

    private final ByteBuffer octets;

    FieldReader(ByteBuffer octets) {
        this.octets = octets;
    }

    boolean isAtEnd() {
        return !octets.hasRemaining();
    }

    int u8() {
        return octets.get() & 0xff;
    }

    int u32() {
        return octets.getInt();
    }

    long u64() {
        return octets.getLong();
    }

    int varint() throws Damaged {
        int value = 0;
        for (int shift = 0; shift < 35; shift += 7) {
            byte next = octets.get();
            value |= (next & 0x7f) << shift;
            if (next >= 0) {
                if (value < 0) {
                    break;
                }
                return value;
            }
        }
        throw new Damaged("a count out of bounds");
    }

    /** A count of things that take at least one octet each. */
    int count() throws Damaged {
        int count = varint();
        if (count > octets.remaining()) {
            throw new Damaged("a count beyond the end");
        }
        return count;
    }

    String text() throws Damaged {
        int count = count();
        if (count == 0) {
            return "";
        }
        String text;
        if (octets.hasArray()) {
            text = new String(octets.array(), octets.arrayOffset() + octets.position(), count, StandardCharsets.UTF_8);
            octets.position(octets.position() + count);
        } else {
            byte[] copy = new byte[count];
            octets.get(copy);
            text = new String(copy, StandardCharsets.UTF_8);
        }
        return text;
    }

    Instant time() {
        return Instant.ofEpochMilli(octets.getLong());
    }

    Address address() throws Damaged {
        return switch (u8()) {
            case 0 -> Address.NULL;
            case 1 -> Address.barePostmaster();
            case 2 -> Address.of(text(), new Domain(text()));
            default -> throw new Damaged("an address of no known kind");
        };
    }

    RecipientState state() throws Damaged {
        RecipientState.Status status = Codes.status(u8());
        int attempts = varint();
        Instant due = time();
        int flags = u8();
        boolean noticed = (flags & 1) != 0;
        boolean ruled = (flags & 2) != 0;
        boolean hurried = (flags & 4) != 0;
        Diagnosis last = new Diagnosis(text(), text(), text(), text());
        return new RecipientState(
                status, attempts, due, last.equals(NOTHING_YET) ? NOTHING_YET : last, noticed, ruled, hurried);
    }
}
