package org.hikyaku.powercut;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * One system call as {@code strace -y -xx} writes it: octets and paths are {@code \x2f\x74}, so that quotes, brackets and
 * commas always are its own.
 */
final class SystemCall {
    private static final int SHOWN_MAX = 300;

    private final String text;
    private final String name;
    private final long result;

    /** @param text from the name on; without {@code = result} when it did not end */
    SystemCall(String text) {
        this.text = text;
        this.name = text.substring(0, text.indexOf('('));
        int equals = text.lastIndexOf(" = ");
        this.result = equals < 0 ? 0 : leadingNumber(text, equals + 3);
    }

    String name() {
        return name;
    }

    boolean contains(String part) {
        return text.contains(part);
    }

    long result() {
        return result;
    }

    boolean isForce() {
        return name.equals("fsync") || name.equals("fdatasync");
    }

    /** The first argument. */
    int descriptor() {
        return (int) leadingNumber(text, name.length() + 1);
    }

    /** The file behind the first argument; empty when it has none, or one that is deleted. */
    String descriptorPath() {
        int from = text.indexOf('<');
        int to = text.indexOf('>', from);
        if (from < 0 || from > name.length() + 12 || text.startsWith("(deleted)", to + 1)) {
            return "";
        }
        return latin(octets(text, from + 1, to));
    }

    /** The n-th path in quotes; one that is not absolute belongs to the directory in angles before it. */
    String path(int n) {
        int from = -1;
        int to = -1;
        for (int i = 0; i <= n; i++) {
            from = text.indexOf('"', to + 1);
            to = text.indexOf('"', from + 1);
        }
        String path = latin(octets(text, from + 1, to));
        int angle = text.lastIndexOf('>', from);
        if (path.startsWith("/") || angle < 0) {
            return path;
        }
        return latin(octets(text, text.lastIndexOf('<', angle) + 1, angle)) + "/" + path;
    }

    /** All octets in quotes, one after the other. */
    byte[] written() {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (int from = text.indexOf('"'); from >= 0; ) {
            int to = text.indexOf('"', from + 1);
            if (text.startsWith("...", to + 1)) {
                throw new IllegalStateException("cut off by strace: " + this);
            }
            all.writeBytes(octets(text, from + 1, to));
            from = text.indexOf('"', to + 1);
        }
        return all.toByteArray();
    }

    /** Octets that were written or said, without looking at them. */
    int sizeAtMost() {
        return text.length() / 4;
    }

    /** The n-th argument behind the last bracket or quote, for calls that end in numbers. */
    long lastNumber(int fromTheEnd) {
        int equals = text.lastIndexOf(" = ");
        int close = equals < 0 ? text.length() : text.lastIndexOf(')', equals);
        List<String> parts = new ArrayList<>(List.of(
                text.substring(Math.max(text.lastIndexOf('"'), text.lastIndexOf('>')) + 1, close)
                        .split(",", -1)));
        return Long.parseLong(parts.get(parts.size() - 1 - fromTheEnd).strip());
    }

    private static long leadingNumber(String text, int from) {
        int to = from;
        while (to < text.length() && (Character.isDigit(text.charAt(to)) || text.charAt(to) == '-')) {
            to++;
        }
        return to == from ? -1 : Long.parseLong(text, from, to, 10);
    }

    private static byte[] octets(String text, int from, int to) {
        byte[] out = new byte[(to - from) / 4];
        for (int i = 0; i < out.length; i++) {
            int at = from + 4 * i;
            if (text.charAt(at) != '\\') {
                throw new IllegalStateException("not in hexadecimal: " + text.substring(at, Math.min(to, at + 40)));
            }
            out[i] = (byte) (Character.digit(text.charAt(at + 2), 16) << 4 | Character.digit(text.charAt(at + 3), 16));
        }
        return out;
    }

    private static String latin(byte[] octets) {
        return new String(octets, StandardCharsets.ISO_8859_1);
    }

    @Override
    public String toString() {
        return text.substring(0, Math.min(text.length(), SHOWN_MAX));
    }
}
