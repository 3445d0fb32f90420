package org.hikyaku.check;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import org.hikyaku.world.Disk;
import org.hikyaku.world.Entropy;

/**
 * The installation's secret from which {@code LoginCheck} makes up what unknown users look like: 32 random octets in a
 * file of mode 0600, made at the first start.
 *
 * <p><i>Failure:</i> {@link IOException}; a file of another size (a crash while it was made) is made anew.
 */
public final class DecoySecret {
    private static final int OCTETS = 32;

    private DecoySecret() {}

    /** Reads {@code file}, or makes it. Waits for the disk. */
    public static byte[] readOrMake(Disk disk, Entropy entropy, Path file) throws IOException {
        if (disk.exists(file)) {
            byte[] secret = disk.readAll(file, 1024);
            if (secret.length == OCTETS) {
                return secret;
            }
            disk.delete(file);
        }
        byte[] secret = new byte[OCTETS];
        entropy.fill(secret);
        try (Disk.File out = disk.createSecret(file)) {
            out.write(0, ByteBuffer.wrap(secret));
            out.force();
        }
        Path directory = file.getParent();
        if (directory != null) {
            disk.forceDirectory(directory);
        }
        return secret;
    }
}
