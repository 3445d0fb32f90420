package org.hikyaku.config;

import java.net.InetAddress;
import java.util.Optional;
import org.hikyaku.mail.IpLiteral;

/**
 * A network: {@code 192.0.2.0/24}, {@code 2001:db8::/32}, or one address.
 *
 * @param bits 0 to 32 or 128; all bits of {@code base} beyond it are zero
 */
public record Cidr(InetAddress base, int bits) {
    /** Empty when the text is no network, or has bits beyond its length. */
    public static Optional<Cidr> parse(String text) {
        int slash = text.indexOf('/');
        return IpLiteral.parseAddress(slash < 0 ? text : text.substring(0, slash))
                .flatMap(base -> {
                    int width = base.getAddress().length * 8;
                    int bits = slash < 0 ? width : number(text.substring(slash + 1));
                    Cidr cidr = new Cidr(base, bits);
                    return bits >= 0 && bits <= width && cidr.tailIsZero() ? Optional.of(cidr) : Optional.empty();
                });
    }

    /** Whether {@code address} lies in this network. An IPv4 address never lies in an IPv6 one. */
    public boolean contains(InetAddress address) {
        byte[] a = address.getAddress();
        byte[] b = base.getAddress();
        if (a.length != b.length) {
            return false;
        }
        int whole = bits / 8;
        for (int i = 0; i < whole; i++) {
            if (a[i] != b[i]) {
                return false;
            }
        }
        int rest = bits % 8;
        return rest == 0 || ((a[whole] ^ b[whole]) & (0xff << (8 - rest)) & 0xff) == 0;
    }

    /** Whether some address lies in both. */
    public boolean overlaps(Cidr other) {
        return contains(other.base) || other.contains(base);
    }

    private boolean tailIsZero() {
        byte[] octets = base.getAddress();
        for (int bit = bits; bit < octets.length * 8; bit++) {
            if ((octets[bit / 8] & (0x80 >> (bit % 8))) != 0) {
                return false;
            }
        }
        return true;
    }

    private static int number(String s) {
        return s.matches("[0-9]{1,3}") ? Integer.parseInt(s) : -1;
    }

    @Override
    public String toString() {
        return IpLiteral.number(base) + "/" + bits;
    }
}
