package org.hikyaku.queue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashSet;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.hikyaku.mail.Address;
import org.hikyaku.mail.Content;

/**
 * The field by which a message is known that an address of ours has passed on to elsewhere, when it comes back.
 *
 * <p><i>Failure:</i> fields behind the first megabyte of a header are not seen; Received fields are counted anyhow.
 */
final class DeliveredTo {
    private static final int HEADER_MAX = 1 << 20;
    private static final int PART = 16 << 10;
    private static final String NAME = "delivered-to:";

    private DeliveredTo() {}

    /** The keys of all addresses in such fields of the header. May block. */
    static Set<String> in(Content content) throws IOException {
        Set<String> keys = new LinkedHashSet<>();
        for (String line : header(content).split("\r\n", -1)) {
            if (line.isEmpty()) {
                break;
            }
            if (line.regionMatches(true, 0, NAME, 0, NAME.length())) {
                Address.parse(line.substring(NAME.length()).strip())
                        .ifPresent(address -> keys.add(address.localKey().toLowerCase(Locale.ROOT)));
            }
        }
        return keys;
    }

    private static String header(Content content) throws IOException {
        ByteArrayOutputStream read = new ByteArrayOutputStream();
        ByteBuffer buffer = ByteBuffer.allocate(PART);
        String text = "";
        while (read.size() < Math.min(HEADER_MAX, content.size()) && !text.contains("\r\n\r\n")) {
            int count = content.read(buffer.clear(), read.size());
            int before = Math.max(0, read.size() - 3);
            read.write(buffer.array(), 0, count);
            text = new String(read.toByteArray(), before, read.size() - before, StandardCharsets.ISO_8859_1);
        }
        return read.toString(StandardCharsets.UTF_8);
    }

    /** {@code prepended} with that field on top, if {@code passing} is there. */
    static byte[] before(byte[] prepended, Optional<Address> passing) {
        if (passing.isEmpty()) {
            return prepended;
        }
        byte[] line = ("Delivered-To: " + passing.get() + "\r\n").getBytes(StandardCharsets.UTF_8);
        byte[] both = new byte[line.length + prepended.length];
        System.arraycopy(line, 0, both, 0, line.length);
        System.arraycopy(prepended, 0, both, line.length, prepended.length);
        return both;
    }
}
