package org.hikyaku.main;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;

/** Lines of UTF-8 of bounded length. <i>Failure:</i> a longer line is an {@link IOException}. */
final class LineReader {
    private final InputStream in;
    private final int most;

    LineReader(InputStream in, int most) {
        this.in = new BufferedInputStream(in);
        this.most = most;
    }

    /** The next line without its end; empty at the end of the stream. */
    String next() throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        for (int c = in.read(); c >= 0 && c != '\n'; c = in.read()) {
            if (line.size() >= most) {
                throw new IOException("a line of more than " + most + " octets");
            }
            line.write(c);
        }
        return line.toString(StandardCharsets.UTF_8);
    }
}
