package org.hikyaku.main;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.hikyaku.config.ConfigFiles;

/** The files of the host. */
final class RealConfigFiles implements ConfigFiles {
    private static final long OCTETS_MAX = 4 << 20;

    @Override
    public String read(Path file) throws IOException {
        if (Files.isRegularFile(file) && Files.size(file) > OCTETS_MAX) {
            throw new IOException("larger than " + OCTETS_MAX + " octets");
        }
        return new String(Files.readAllBytes(file), StandardCharsets.UTF_8);
    }

    @Override
    public boolean isReadable(Path file) {
        return Files.isRegularFile(file) && Files.isReadable(file);
    }
}
