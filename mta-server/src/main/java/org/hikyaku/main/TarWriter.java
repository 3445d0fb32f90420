package org.hikyaku.main;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;

/** A tar archive (POSIX ustar) as a stream: regular files with short names, nothing else. */
final class TarWriter {
    private static final int BLOCK = 512;

    private final OutputStream out;

    TarWriter(OutputStream out) {
        this.out = out;
    }

    /** Begins a file; exactly {@code size} octets and then {@link #endFile} follow. */
    void beginFile(String name, long size, long seconds) throws IOException {
        byte[] header = new byte[BLOCK];
        text(header, 0, name);
        text(header, 100, "0000640\0");
        text(header, 108, "0000000\0");
        text(header, 116, "0000000\0");
        text(header, 124, String.format("%011o\0", size));
        text(header, 136, String.format("%011o\0", Math.max(0, seconds)));
        text(header, 148, "        ");
        header[156] = '0';
        text(header, 257, "ustar\00000");
        int sum = 0;
        for (byte each : header) {
            sum += each & 0xff;
        }
        text(header, 148, String.format("%06o\0 ", sum));
        out.write(header);
    }

    void write(byte[] octets) throws IOException {
        out.write(octets);
    }

    /** Fills the last block of a file of {@code size} octets. */
    void endFile(long size) throws IOException {
        out.write(new byte[(int) ((BLOCK - size % BLOCK) % BLOCK)]);
    }

    /** The end of the archive. */
    void end() throws IOException {
        out.write(new byte[2 * BLOCK]);
        out.flush();
    }

    private static void text(byte[] header, int at, String text) {
        byte[] octets = text.getBytes(StandardCharsets.US_ASCII);
        System.arraycopy(octets, 0, header, at, octets.length);
    }
}
