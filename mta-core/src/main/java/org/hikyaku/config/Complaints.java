package org.hikyaku.config;

import com.typesafe.config.ConfigList;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigOrigin;
import com.typesafe.config.ConfigValue;
import java.nio.file.Path;
import java.util.Optional;

/** What is said of settings that are wrong: each at its line, a key that is known to be wrong already no more. */
final class Complaints {
    private final ConfigObject tree;
    private final ConfigFiles files;
    private final Problems problems;

    Complaints(ConfigObject tree, ConfigFiles files, Problems problems) {
        this.tree = tree;
        this.files = files;
        this.problems = problems;
    }

    /** A file that is named must be there. */
    void readable(String key, Optional<Path> file) {
        if (file.isPresent() && !files.isReadable(file.get())) {
            wrong(key, file.get() + " is not there or cannot be read");
        }
    }

    /** At {@code key}, unless it is known to be wrong already. */
    void wrong(String key, String message) {
        if (!problems.concern(key)) {
            problems.add(originOf(key), key, message);
        }
    }

    /** Of the value at {@code key}, or of the nearest group around it. */
    private ConfigOrigin originOf(String key) {
        ConfigValue at = tree;
        int from = 0;
        while (at instanceof ConfigObject object && from <= key.length()) {
            int dot = key.indexOf('.', from);
            String step = dot < 0 ? key.substring(from) : key.substring(from, dot);
            // a name with dots in it is the last step of a map
            ConfigValue next = object.get(step.replaceAll("\\[.*", ""));
            next = next == null ? object.get(key.substring(from)) : next;
            if (next == null) {
                break;
            }
            at = element(next, step);
            from = dot < 0 ? key.length() + 1 : dot + 1;
        }
        return at.origin();
    }

    /** Of a list the one that {@code step}, {@code rules[3]}, means. */
    private static ConfigValue element(ConfigValue value, String step) {
        int open = step.indexOf('[');
        if (open < 0
                || !(value instanceof ConfigList list)
                || !step.substring(open).matches("\\[[0-9]{1,6}\\]")) {
            return value;
        }
        int index = Integer.parseInt(step.substring(open + 1, step.length() - 1));
        return index < list.size() ? list.get(index) : value;
    }
}
