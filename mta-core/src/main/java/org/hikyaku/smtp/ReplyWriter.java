package org.hikyaku.smtp;

import java.nio.charset.StandardCharsets;
import java.util.List;

/** A {@link Reply} to the octets of RFC 5321 4.2.1: the code on every line, {@code -} behind it on all but the last. */
public final class ReplyWriter {
    private ReplyWriter() {}

    public static byte[] octets(Reply reply) {
        StringBuilder out = new StringBuilder(64);
        List<String> lines = reply.lines();
        for (int i = 0; i < lines.size(); i++) {
            out.append(reply.code()).append(i + 1 < lines.size() ? '-' : ' ');
            // RFC 2034 4: the enhanced code stands on each line
            if (!reply.enhanced().isEmpty()) {
                out.append(reply.enhanced()).append(' ');
            }
            out.append(lines.get(i)).append("\r\n");
        }
        return out.toString().getBytes(StandardCharsets.UTF_8);
    }
}
