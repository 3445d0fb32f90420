package org.hikyaku.powercut;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * A directory tree as the next start finds it: content by path, null for a directory.
 *
 * @param settled files whose content is all forced: their inode, which tells that it was looked at before
 */
record Image(TreeMap<String, byte[]> files, TreeMap<String, Inode> settled, TreeSet<String> directories) {
    /** Writes what lies in {@code below} (all of it when empty). */
    void write(Path target, String below) throws IOException {
        Files.createDirectories(target);
        for (String directory : directories) {
            if (directory.startsWith(below)) {
                Files.createDirectories(target.resolve(directory));
            }
        }
        for (Map.Entry<String, byte[]> file : files.entrySet()) {
            if (file.getKey().startsWith(below)) {
                Files.write(target.resolve(file.getKey()), file.getValue());
            }
        }
    }
}
