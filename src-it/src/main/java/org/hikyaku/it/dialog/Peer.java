package org.hikyaku.it.dialog;

import java.io.IOException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** The client's end of a connection, for a dialog. Waits. */
public interface Peer extends AutoCloseable {
    void send(byte[] octets) throws IOException;

    /** The next line without its CRLF, or null when the server has closed; fails when none comes within {@code limit}. */
    @Nullable
    String line(Duration limit) throws IOException;

    /** Whether nothing comes for a while. */
    boolean isSilent() throws IOException;

    /** Begins TLS and waits until it is up. */
    void startTls() throws IOException;

    /** Lets time go by. */
    void pause(Duration time) throws IOException;

    @Override
    void close();
}
