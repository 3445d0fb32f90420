package org.hikyaku.config;

import java.io.IOException;
import java.nio.file.Path;

/** What the reader needs of the outside. */
public interface ConfigFiles {
    /** A whole text file, UTF-8. */
    String read(Path file) throws IOException;

    /** Whether {@code file} is there and may be read by us. */
    boolean isReadable(Path file);
}
