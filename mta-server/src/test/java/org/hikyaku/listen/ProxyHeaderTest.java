package org.hikyaku.listen;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Random;
import java.util.zip.CRC32C;
import org.hikyaku.mail.IpLiteral;
import org.junit.jupiter.api.Test;

/** The PROXY protocol's header, cut anywhere. */
class ProxyHeaderTest {
    private static final byte[] TCP4 = {(byte) 198, 51, 100, 7, (byte) 192, 0, 2, 1, 0x12, 0x34, 0, 25};

    private static byte[] text(String line) {
        return line.getBytes(ISO_8859_1);
    }

    private static byte[] binary(int command, int family, byte[] block) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.writeBytes(text("\r\n\r\n\0\r\nQUIT\n"));
        out.write(command);
        out.write(family);
        out.write(block.length >> 8);
        out.write(block.length);
        out.writeBytes(block);
        return out.toByteArray();
    }

    private static byte[] with(byte[] addresses, byte... more) {
        byte[] all = Arrays.copyOf(addresses, addresses.length + more.length);
        System.arraycopy(more, 0, all, addresses.length, more.length);
        return all;
    }

    private static ProxyHeader read(byte[] octets) {
        ProxyHeader header = new ProxyHeader();
        header.read(octets, 0, octets.length);
        return header;
    }

    private static void isBroken(byte[] octets) {
        assertThat(read(octets).state()).isEqualTo(ProxyHeader.State.BROKEN);
    }

    private static void names(byte[] octets, String client) {
        ProxyHeader header = read(octets);
        assertThat(header.state()).isEqualTo(ProxyHeader.State.DONE);
        assertThat(header.client()).contains(InetAddress.ofLiteral(client));
    }

    /** 2.1 */
    @Test
    void aLineNamesTheClient() {
        names(text("PROXY TCP4 198.51.100.7 192.0.2.1 56324 25\r\n"), "198.51.100.7");
        names(text("PROXY TCP6 2001:DB8::7 2001:db8::1 0 65535\r\n"), "2001:db8::7");
    }

    /** 2.1: addresses and ports in their one form, single spaces, CR LF, 107 octets. */
    @Test
    void aLineThatIsNotExactlyOneIsBroken() {
        for (String line : new String[] {
            "PROXY TCP4 198.51.100.07 192.0.2.1 1 2\r\n",
            "PROXY TCP4 198.51.100.256 192.0.2.1 1 2\r\n",
            "PROXY TCP4 2001:db8::7 192.0.2.1 1 2\r\n",
            "PROXY TCP6 198.51.100.7 2001:db8::1 1 2\r\n",
            "PROXY TCP4 198.51.100.7 192.0.2.1 01 2\r\n",
            "PROXY TCP4 198.51.100.7 192.0.2.1 1 65536\r\n",
            "PROXY TCP4 198.51.100.7 192.0.2.1 1\r\n",
            "PROXY TCP4 198.51.100.7 192.0.2.1 1 2 3\r\n",
            "PROXY TCP4  198.51.100.7 192.0.2.1 1 2\r\n",
            "PROXY tcp4 198.51.100.7 192.0.2.1 1 2\r\n",
            "PROXY UDP4 198.51.100.7 192.0.2.1 1 2\r\n",
            "PROXY TCP4 198.51.100.7 192.0.2.1 1 2\n",
            "proxy TCP4 198.51.100.7 192.0.2.1 1 2\r\n",
            "PROXY UNKNOWN " + "x".repeat(93) + "\r\n",
            "EHLO client.example\r\n",
            "\r\n"
        }) {
            ProxyHeader header = read(text(line + "x"));
            assertThat(header.state()).as(line).isEqualTo(ProxyHeader.State.BROKEN);
        }
    }

    /** PROXY protocol 2.1. */
    @Test
    void aClientThatTheProxyDoesNotKnowIsNotTheProxy() {
        for (String line : new String[] {"PROXY UNKNOWN\r\n", "PROXY UNKNOWN " + "x".repeat(91) + "\r\n"}) {
            ProxyHeader header = read(text(line));
            assertThat(header.state()).isEqualTo(ProxyHeader.State.DONE);
            assertThat(header.client()).contains(IpLiteral.NOWHERE);
        }
    }

    /** PROXY protocol 2.2: a connection of the proxy's own. */
    @Test
    void localNamesNobody() {
        for (byte[] octets : new byte[][] {
            binary(0x20, 0x00, new byte[0]), binary(0x20, 0xff, new byte[] {1, 2, 3}), binary(0x20, 0x11, TCP4)
        }) {
            ProxyHeader header = read(octets);
            assertThat(header.state()).isEqualTo(ProxyHeader.State.DONE);
            assertThat(header.client()).isEmpty();
        }
    }

    /** 2.2 */
    @Test
    void aBinaryHeaderNamesTheClient() {
        names(binary(0x21, 0x11, TCP4), "198.51.100.7");
        byte[] six = new byte[36];
        six[0] = 0x20;
        six[1] = 1;
        six[15] = 7;
        names(binary(0x21, 0x21, six), "2001::7");
        names(binary(0x21, 0x11, with(TCP4, (byte) 4, (byte) 0, (byte) 2, (byte) 'x', (byte) 'y')), "198.51.100.7");
    }

    /** 2.2: other versions and commands; of a client without an address of TCP nobody knows who he is. */
    @Test
    void aBinaryHeaderThatNamesNoClientOfTcpIsBroken() {
        isBroken(binary(0x11, 0x11, TCP4));
        isBroken(binary(0x22, 0x11, TCP4));
        isBroken(binary(0x21, 0x00, new byte[0]));
        isBroken(binary(0x21, 0x12, TCP4));
        isBroken(binary(0x21, 0x31, new byte[216]));
        isBroken(binary(0x21, 0x11, new byte[11]));
        isBroken(binary(0x21, 0x11, with(TCP4, (byte) 4, (byte) 0)));
        isBroken(binary(0x21, 0x11, with(TCP4, (byte) 4, (byte) 0, (byte) 9)));
    }

    /** 2.2.3 */
    @Test
    void aChecksumMustHold() {
        byte[] octets =
                binary(0x21, 0x11, with(TCP4, (byte) 3, (byte) 0, (byte) 4, (byte) 0, (byte) 0, (byte) 0, (byte) 0));
        isBroken(octets);
        CRC32C sum = new CRC32C();
        sum.update(octets);
        ByteBuffer.wrap(octets).putInt(octets.length - 4, (int) sum.getValue());
        names(octets, "198.51.100.7");
        octets[20]++;
        isBroken(octets);
    }

    @Test
    void nothingBehindTheHeaderIsReadHoweverItIsCut() {
        Random random = new Random(5);
        for (byte[] header : new byte[][] {
            text("PROXY TCP4 198.51.100.7 192.0.2.1 56324 25\r\n"), binary(0x21, 0x11, with(TCP4, new byte[300]))
        }) {
            byte[] all = with(header, text("\r\nQUIT\r\n"));
            for (int round = 0; round < 50; round++) {
                ProxyHeader read = new ProxyHeader();
                int p = 0;
                while (read.state() == ProxyHeader.State.MORE) {
                    p = read.read(all, p, Math.min(all.length, p + 1 + random.nextInt(40)));
                }
                assertThat(read.state()).isEqualTo(ProxyHeader.State.DONE);
                assertThat(p).isEqualTo(header.length);
            }
        }
    }

    @Test
    void noOctetsBreakTheReader() {
        Random random = new Random(9);
        for (int round = 0; round < 20_000; round++) {
            byte[] octets = random.nextBoolean()
                    ? binary(random.nextInt(256), random.nextInt(256), new byte[random.nextInt(60)])
                    : text("PROXY TCP4 1.2.3.4 5.6.7.8 1 2\r\n");
            for (int change = random.nextInt(4); change > 0; change--) {
                octets[random.nextInt(octets.length)] = (byte) random.nextInt(256);
            }
            ProxyHeader header = read(octets);
            if (header.state() != ProxyHeader.State.DONE) {
                assertThat(header.client().isPresent() && header.state() == ProxyHeader.State.MORE)
                        .isFalse();
            }
        }
    }
}
