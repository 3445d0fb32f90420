package org.hikyaku.table;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.hikyaku.world.Disk;
import org.hikyaku.world.FileTrouble;

/**
 * The lines of a small file kept by hand.
 *
 * <p><i>Failure:</i> a file that cannot be read, is over 16 MiB or not UTF-8 is one problem, and has no lines.
 */
final class TextFile {
    private static final int FILE_MAX = 16 << 20;

    private TextFile() {}

    static List<String> lines(Disk disk, Path file, List<String> problems) {
        try {
            byte[] octets = disk.readAll(file, FILE_MAX);
            String text = StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(octets))
                    .toString();
            List<String> lines = List.of(text.split("\r?\n", -1));
            return lines.getLast().isEmpty() ? lines.subList(0, lines.size() - 1) : lines;
        } catch (CharacterCodingException e) {
            problems.add(file + ": not UTF-8");
        } catch (IOException e) {
            problems.add(file + ": cannot be read: " + FileTrouble.why(e));
        }
        return List.of();
    }
}
