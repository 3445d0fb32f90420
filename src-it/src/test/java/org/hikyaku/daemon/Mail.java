package org.hikyaku.daemon;

import java.util.List;

/** What a client sends. */
public interface Mail {
    String sender();

    List<String> recipients();

    /** Lines that end in CRLF, without the dot at the end; none begins with a dot. */
    byte[] text();
}
