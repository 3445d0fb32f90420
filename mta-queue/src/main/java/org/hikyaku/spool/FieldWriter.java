package org.hikyaku.spool;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import org.hikyaku.mail.Address;
import org.hikyaku.mail.Diagnosis;

/** Writes the fields of docs/spool.md into an array that grows; used again and again by one task. */
final class FieldWriter {
    private byte[] octets = new byte[4096];
    private int length;

    int length() {
        return length;
    }

    /** Forgets all but the first {@code kept} octets, which hold anything. */
    void restart(int kept) {
        length = kept;
    }

    void u8(int value) {
        ensure(1);
        octets[length++] = (byte) value;
    }

    void u32(int value) {
        ensure(4);
        setU32(length, value);
        length += 4;
    }

    void u64(long value) {
        u32((int) (value >>> 32));
        u32((int) value);
    }

    void setU32(int at, int value) {
        octets[at] = (byte) (value >>> 24);
        octets[at + 1] = (byte) (value >>> 16);
        octets[at + 2] = (byte) (value >>> 8);
        octets[at + 3] = (byte) value;
    }

    void varint(int value) {
        ensure(5);
        int rest = value;
        while ((rest & ~0x7f) != 0) {
            octets[length++] = (byte) (rest | 0x80);
            rest >>>= 7;
        }
        octets[length++] = (byte) rest;
    }

    void text(String text) {
        int count = text.length();
        ensure(count + 5);
        int start = length;
        varint(count);
        ensure(count);
        for (int i = 0; i < count; i++) {
            char c = text.charAt(i);
            if (c >= 0x80) {
                length = start;
                utf8(text);
                return;
            }
            octets[length++] = (byte) c;
        }
    }

    private void utf8(String text) {
        byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
        varint(utf8.length);
        ensure(utf8.length);
        System.arraycopy(utf8, 0, octets, length, utf8.length);
        length += utf8.length;
    }

    void time(Instant time) {
        u64(time.toEpochMilli());
    }

    void address(Address address) {
        if (address.isNull()) {
            u8(0);
        } else if (address.domain().isEmpty()) {
            u8(1);
        } else {
            u8(2);
            text(address.local());
            text(address.requireDomain().ascii());
        }
    }

    void state(RecipientState state) {
        u8(Codes.of(state.status()));
        varint(state.attempts());
        time(state.due());
        u8((state.noticed() ? 1 : 0) | (state.ruled() ? 2 : 0) | (state.hurried() ? 4 : 0));
        Diagnosis last = state.last();
        text(last.status());
        text(last.text());
        text(last.remote());
        text(last.reply());
    }

    void putInto(ByteBuffer target) {
        target.put(octets, 0, length);
    }

    private void ensure(int more) {
        if (octets.length - length < more) {
            octets = Arrays.copyOf(octets, Math.max(octets.length * 2, length + more));
        }
    }
}
