package org.hikyaku.listen;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.NullMarked;

/** Headers of the PROXY protocol: cut at each octet they are read alike, and of what stands behind them nothing is. */
@NullMarked
public final class ProxyHeaderFuzz {
    private static final int HEADER_MAX = 65_551;
    private static final byte[] SIGNATURE = {0x0d, 0x0a, 0x0d, 0x0a, 0x00, 0x0d, 0x0a, 0x51, 0x55, 0x49, 0x54, 0x0a};

    private ProxyHeaderFuzz() {}

    public static void run(byte[] octets) {
        ProxyHeader whole = new ProxyHeader();
        int read = whole.read(octets, 0, octets.length);
        assertThat(read).isBetween(0, Math.min(octets.length, HEADER_MAX));
        if (whole.state() == ProxyHeader.State.MORE) {
            assertThat(read).isEqualTo(octets.length);
        }
        if (whole.state() != ProxyHeader.State.DONE) {
            assertThat(whole.state() == ProxyHeader.State.MORE || read > 0).isTrue();
        }

        ProxyHeader pieces = new ProxyHeader();
        int taken = 0;
        for (int i = 0; i < octets.length && pieces.state() == ProxyHeader.State.MORE; i++) {
            taken += pieces.read(octets, i, i + 1) - i;
        }
        assertThat(taken).isEqualTo(read);
        assertThat(pieces.state()).isEqualTo(whole.state());
        assertThat(pieces.client()).isEqualTo(whole.client());
    }

    public static List<byte[]> seeds() {
        List<byte[]> seeds = new ArrayList<>();
        for (String line : List.of(
                "PROXY TCP4 203.0.113.9 192.0.2.1 40000 25\r\nEHLO a\r\n",
                "PROXY TCP6 2001:db8::9 2001:db8::1 65535 0\r\n",
                "PROXY UNKNOWN whatever stands here\r\n",
                "PROXY TCP4 203.0.113.009 192.0.2.1 40000 25\r\n",
                "EHLO client.example\r\n")) {
            seeds.add(line.getBytes(StandardCharsets.US_ASCII));
        }
        seeds.add(binary(0x21, 0x11, 203, 0, 113, 9, 192, 0, 2, 1, 0x9c, 0x40, 0, 25));
        // a client's name as a TLV, and a checksum that does not fit
        seeds.add(
                binary(0x21, 0x11, 203, 0, 113, 9, 192, 0, 2, 1, 0x9c, 0x40, 0, 25, 2, 0, 1, 'a', 3, 0, 4, 1, 2, 3, 4));
        seeds.add(binary(0x20, 0x00));
        seeds.add(binary(0x21, 0x31, 1, 2, 3));
        return seeds;
    }

    private static byte[] binary(int command, int family, int... rest) {
        byte[] header = new byte[16 + rest.length];
        System.arraycopy(SIGNATURE, 0, header, 0, SIGNATURE.length);
        header[12] = (byte) command;
        header[13] = (byte) family;
        header[15] = (byte) rest.length;
        for (int i = 0; i < rest.length; i++) {
            header[16 + i] = (byte) rest[i];
        }
        return header;
    }
}
