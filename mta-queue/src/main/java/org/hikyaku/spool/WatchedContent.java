package org.hikyaku.spool;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.function.Consumer;
import org.hikyaku.mail.Content;

/** Content that is verified as it is read, and whose damage is told. */
record WatchedContent(Content content, Consumer<Damaged> told) implements Content {
    @Override
    public long size() {
        return content.size();
    }

    @Override
    public int read(ByteBuffer target, long position) throws IOException {
        try {
            return content.read(target, position);
        } catch (Damaged e) {
            told.accept(e);
            throw e;
        }
    }
}
