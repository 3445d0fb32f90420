package org.hikyaku.smtp.server;

import java.nio.ByteBuffer;
import org.hikyaku.mail.Content;

/** A message of no octets. */
record Nothing() implements Content {
    @Override
    public long size() {
        return 0;
    }

    @Override
    public int read(ByteBuffer target, long position) {
        return 0;
    }
}
