package org.hikyaku.listen;

import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.zip.CRC32C;
import org.hikyaku.mail.IpLiteral;

/**
 * The header of the PROXY protocol, version 1 (a line) or 2 (binary), read from octets that come in pieces cut anywhere. A
 * machine; knows nothing of who may send it. Of what version 2 may bring with it only the checksum is looked at.
 *
 * <p>It promises to read no octet beyond the header, and never more than 65,551 of it.
 *
 * <p><i>Failure:</i> what does not match the protocol exactly is BROKEN at the first octet that shows it.
 */
final class ProxyHeader {
    enum State {
        MORE,
        DONE,
        BROKEN
    }

    /** PROXY protocol 2.2. */
    private static final byte[] BINARY = {0x0d, 0x0a, 0x0d, 0x0a, 0x00, 0x0d, 0x0a, 0x51, 0x55, 0x49, 0x54, 0x0a};

    private static final byte[] TEXT = "PROXY ".getBytes(StandardCharsets.US_ASCII);
    /** 2.1: the longest line, CR LF included. */
    private static final int TEXT_MAX = 107;

    private static final int FIXED = 16;
    private static final int CRC32C_TYPE = 3;
    /** Version 2, and on whose behalf. */
    private static final byte LOCAL = 0x20;

    private static final byte PROXY = 0x21;
    private static final int TCP4 = 0x11;
    private static final int TCP6 = 0x21;
    /** 2.1: no zero in front of a number. */
    private static final Pattern IPV4 = Pattern.compile("(?:(?:0|[1-9][0-9]{0,2})\\.){3}(?:0|[1-9][0-9]{0,2})");

    private static final Pattern PORT = Pattern.compile("0|[1-9][0-9]{0,4}");

    private byte[] octets = new byte[TEXT_MAX];
    private int size;
    /** Of a binary header, once told. */
    private int length;

    private State state = State.MORE;
    private Optional<InetAddress> client = Optional.empty();

    /** Reads octets; returns the index behind the last that is the header's. */
    int read(byte[] from, int begin, int end) {
        int p = begin;
        while (p < end && state == State.MORE) {
            octets[size++] = from[p++];
            state = octets[0] == BINARY[0] ? binary() : text();
        }
        return p;
    }

    State state() {
        return state;
    }

    /** Whom the proxy speaks for, once DONE; empty when for itself, {@link IpLiteral#NOWHERE} when it does not know. */
    Optional<InetAddress> client() {
        return client;
    }

    private boolean strays(byte[] signature) {
        return size <= signature.length && octets[size - 1] != signature[size - 1];
    }

    // ---- version 1

    private State text() {
        if (strays(TEXT)) {
            return State.BROKEN;
        }
        if (octets[size - 1] != '\n') {
            return size == TEXT_MAX ? State.BROKEN : State.MORE;
        }
        String line = new String(octets, 0, size, StandardCharsets.ISO_8859_1);
        return line.endsWith("\r\n") ? words(line.substring(0, line.length() - 2)) : State.BROKEN;
    }

    /** {@code PROXY TCP4 source destination port port}. */
    private State words(String line) {
        String[] words = line.split(" ", -1);
        if (words[1].equals("UNKNOWN")) {
            client = Optional.of(IpLiteral.NOWHERE);
            return State.DONE; // 2.1: whatever stands behind it is ignored
        }
        boolean four = words[1].equals("TCP4");
        if (words.length != 6 || !(four || words[1].equals("TCP6"))) {
            return State.BROKEN;
        }
        client = address(words[2], four);
        boolean right =
                client.isPresent() && address(words[3], four).isPresent() && isPort(words[4]) && isPort(words[5]);
        return right ? State.DONE : State.BROKEN;
    }

    private static Optional<InetAddress> address(String word, boolean four) {
        boolean form = four ? IPV4.matcher(word).matches() : word.contains(":");
        return form ? IpLiteral.parseAddress(word) : Optional.empty();
    }

    private static boolean isPort(String word) {
        return PORT.matcher(word).matches() && Integer.parseInt(word) <= 0xffff;
    }

    // ---- version 2

    private State binary() {
        if (strays(BINARY)) {
            return State.BROKEN;
        }
        if (size == FIXED) {
            length = FIXED + ((octets[14] & 0xff) << 8) + (octets[15] & 0xff);
            if (octets[12] != LOCAL && octets[12] != PROXY) {
                return State.BROKEN;
            }
            octets = Arrays.copyOf(octets, Math.max(length, FIXED));
        }
        return size < FIXED || size < length ? State.MORE : whole();
    }

    /** Of a client whose address cannot be told nothing is taken: it would count as the proxy's own. */
    private State whole() {
        if (octets[12] == LOCAL) {
            return State.DONE;
        }
        int family = octets[13] & 0xff;
        int width = family == TCP4 ? 4 : family == TCP6 ? 16 : 0;
        int end = FIXED + 2 * width + 4;
        if (width == 0 || length < end || !isIntact(end)) {
            return State.BROKEN;
        }
        client = Optional.of(IpLiteral.ofBytes(Arrays.copyOfRange(octets, FIXED, FIXED + width)));
        return State.DONE;
    }

    /** 2.2.3: a checksum, where there is one among what follows the addresses, holds. */
    private boolean isIntact(int from) {
        int p = from;
        while (p < length) {
            if (length - p < 3) {
                return false;
            }
            int type = octets[p];
            int count = ((octets[p + 1] & 0xff) << 8) + (octets[p + 2] & 0xff);
            int value = p + 3;
            p = value + count;
            if (p > length || (type == CRC32C_TYPE && !isSum(value, count))) {
                return false;
            }
        }
        return true;
    }

    private boolean isSum(int at, int count) {
        if (count != Integer.BYTES) {
            return false;
        }
        int told = ByteBuffer.wrap(octets).getInt(at);
        byte[] without = Arrays.copyOf(octets, length);
        Arrays.fill(without, at, at + count, (byte) 0);
        CRC32C sum = new CRC32C();
        sum.update(without);
        return (int) sum.getValue() == told;
    }
}
