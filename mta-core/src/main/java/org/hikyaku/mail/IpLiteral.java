package org.hikyaku.mail;

import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Locale;
import java.util.Optional;

/**
 * An address literal (RFC 5321 4.1.3) and the reading of numeric addresses. Never asks a resolver.
 *
 * <p><i>Failure:</i> what is not a numeric address gives empty.
 */
public record IpLiteral(InetAddress address) {
    /** Where a client is whom somebody speaks for without knowing his address; no trusted network holds it. */
    public static final InetAddress NOWHERE = ofBytes(new byte[4]);

    private static final String IPV6_TAG = "ipv6:";

    /** Reads {@code [192.0.2.1]} or {@code [IPv6:2001:db8::1]}, brackets included. */
    public static Optional<IpLiteral> parse(String text) {
        if (text.length() < 3 || text.charAt(0) != '[' || text.charAt(text.length() - 1) != ']') {
            return Optional.empty();
        }
        String inner = text.substring(1, text.length() - 1);
        boolean six = inner.toLowerCase(Locale.ROOT).startsWith(IPV6_TAG);
        String number = six ? inner.substring(IPV6_TAG.length()) : inner;
        if (six != number.contains(":")) {
            return Optional.empty();
        }
        return parseAddress(number).map(IpLiteral::new);
    }

    /** Reads a bare numeric IPv4 (four decimal parts) or IPv6 address, without scope. */
    public static Optional<InetAddress> parseAddress(String number) {
        boolean six = number.contains(":");
        if (six ? !looksLikeV6(number) : !looksLikeV4(number)) {
            return Optional.empty();
        }
        try {
            return Optional.of(InetAddress.ofLiteral(number));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    /** The literal with brackets, lower case but for the tag; equal addresses give equal text. */
    public String text() {
        return (address instanceof Inet4Address ? "[" : "[IPv6:") + number(address) + "]";
    }

    /** An address in numbers, without brackets or scope: IPv6 as RFC 5952 4 writes it, so that the same address has one text. */
    public static String number(InetAddress address) {
        return address instanceof Inet4Address ? address.getHostAddress() : v6(address.getAddress());
    }

    private static String v6(byte[] octets) {
        int[] groups = new int[8];
        for (int i = 0; i < 8; i++) {
            groups[i] = ((octets[2 * i] & 0xff) << 8) | (octets[2 * i + 1] & 0xff);
        }
        int from = -1;
        int longest = 1; // a single zero stays (RFC 5952 4.2.2), and of two runs the first gives way (4.2.3)
        for (int i = 0; i < 8; i++) {
            int end = i;
            while (end < 8 && groups[end] == 0) {
                end++;
            }
            if (end - i > longest) {
                from = i;
                longest = end - i;
            }
            i = Math.max(i, end - 1);
        }
        StringBuilder out = new StringBuilder();
        for (int i = 0; i < 8; i++) {
            if (i == from) {
                out.append("::");
                i += longest - 1;
            } else {
                out.append(out.isEmpty() || out.charAt(out.length() - 1) == ':' ? "" : ":")
                        .append(Integer.toHexString(groups[i]));
            }
        }
        return out.toString();
    }

    /** An address from its 4 or 16 octets. */
    public static InetAddress ofBytes(byte... octets) {
        try {
            return InetAddress.getByAddress(octets);
        } catch (UnknownHostException e) {
            throw new IllegalArgumentException("4 or 16 octets wanted, not " + octets.length, e);
        }
    }

    private static boolean looksLikeV4(String s) {
        String[] parts = s.split("\\.", -1);
        if (parts.length != 4) {
            return false;
        }
        for (String part : parts) {
            boolean digits =
                    !part.isEmpty() && part.length() <= 3 && part.chars().allMatch(c -> c >= '0' && c <= '9');
            if (!digits || Integer.parseInt(part) > 255) {
                return false;
            }
        }
        return true;
    }

    private static boolean looksLikeV6(String s) {
        return s.length() >= 2
                && s.length() <= 45
                && s.chars().allMatch(c -> Character.digit(c, 16) >= 0 || c == ':' || c == '.');
    }
}
