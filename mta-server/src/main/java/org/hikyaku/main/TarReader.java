package org.hikyaku.main;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * Reads what {@link TarWriter} writes, and no other archive: regular files with short names. Holds one block.
 *
 * <p><i>Failure:</i> anything else is an {@link IOException} that names the entry.
 */
final class TarReader {
    private static final int BLOCK = 512;
    private static final int NAME_SHOWN = 60;

    private final InputStream in;
    private final byte[] block = new byte[BLOCK];
    private String name = "";
    private long left;
    private long padding;
    private long at;

    TarReader(InputStream in) {
        this.in = in;
    }

    /** A file. */
    record Entry(String name, long size) {}

    /** The next file, its octets unread; empty at the end of the archive. */
    Optional<Entry> next() throws IOException {
        if (left > 0) {
            throw new IllegalStateException(name + " was not read to its end");
        }
        skipPadding();
        name = "offset " + at;
        fill(BLOCK);
        if (isZero()) {
            return Optional.empty();
        }
        long sum = number(148, 8);
        if (sum != sum()) {
            throw new IOException(name + ": no tar header, or a damaged one");
        }
        String given = text(0, 100);
        name = shown(given);
        if (!text(257, 5).equals("ustar") || !text(345, 155).isEmpty()) {
            throw new IOException(name + ": not written by queue export (no plain ustar header)");
        }
        if (block[156] != '0') {
            throw new IOException(name + ": no regular file; an export has nothing else");
        }
        left = number(124, 12);
        padding = (BLOCK - left % BLOCK) % BLOCK;
        return Optional.of(new Entry(given, left));
    }

    /** The next octets of the file, at most {@code most}; empty at its end. */
    byte[] read(int most) throws IOException {
        byte[] octets = in.readNBytes((int) Math.min(most, left));
        at += octets.length;
        left -= octets.length;
        if (octets.length == 0 && left > 0 && most > 0) {
            throw broken();
        }
        return octets;
    }

    private void skipPadding() throws IOException {
        if (padding > 0) {
            fill((int) padding);
            padding = 0;
        }
    }

    private void fill(int count) throws IOException {
        if (in.readNBytes(block, 0, count) < count) {
            throw broken();
        }
        at += count;
    }

    private EOFException broken() {
        return new EOFException(name + ": the archive breaks off");
    }

    private boolean isZero() {
        for (byte each : block) {
            if (each != 0) {
                return false;
            }
        }
        return true;
    }

    /** The sum of the header with blanks in the place of the sum. */
    private long sum() {
        long sum = 0;
        for (int i = 0; i < BLOCK; i++) {
            sum += i >= 148 && i < 156 ? ' ' : block[i] & 0xff;
        }
        return sum;
    }

    /** An octal number. */
    private long number(int from, int length) throws IOException {
        String digits = text(from, length).strip();
        if (!digits.matches("[0-7]{1,12}")) {
            throw new IOException(name + ": no tar header, or a damaged one");
        }
        return Long.parseLong(digits, 8);
    }

    private String text(int from, int length) {
        int end = from;
        while (end < from + length && block[end] != 0) {
            end++;
        }
        return new String(block, from, end - from, StandardCharsets.ISO_8859_1);
    }

    static String shown(String name) {
        String clean = name.replaceAll("[^ -~]", "?");
        return clean.length() > NAME_SHOWN ? clean.substring(0, NAME_SHOWN) + "..." : clean;
    }
}
