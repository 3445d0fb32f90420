package org.hikyaku.config;

import com.typesafe.config.ConfigOrigin;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Collects problems and finds the place in the operator's files that each belongs to. */
final class Problems {
    /** How the origin of a value from the environment begins. */
    static final String ENVIRONMENT = "environment variable ";

    private static final Pattern LINE = Pattern.compile(": ([0-9]{1,9})");

    private final String mainFile;
    private final Set<String> files = new LinkedHashSet<>();
    private final List<Problem> found = new ArrayList<>();

    Problems(String mainFile) {
        this.mainFile = mainFile;
    }

    /** Makes {@code file} known as one of the operator's; false when it was already. */
    boolean addFile(String file) {
        return files.add(file);
    }

    int fileCount() {
        return files.size();
    }

    void add(String file, int line, String key, String message) {
        found.add(new Problem(file, line, key, message));
    }

    /** At the place a value came from; where that is not the operator's, at the begin of his main file. */
    void add(ConfigOrigin origin, String key, String message) {
        String text = origin.description();
        if (text.startsWith(ENVIRONMENT)) {
            add(text, 0, key, message);
            return;
        }
        Optional<String> file = fileOf(origin);
        if (file.isEmpty()) {
            add(mainFile, 1, key, message);
            return;
        }
        add(file.get(), Math.max(1, lineOf(text, file.get())), key, message);
    }

    private static int lineOf(String text, String file) {
        Matcher line = LINE.matcher(text);
        return line.find(text.indexOf(file + ": ") + file.length()) ? Integer.parseInt(line.group(1)) : 0;
    }

    /** Where a value stands. */
    Place placeOf(ConfigOrigin origin) {
        return fileOf(origin)
                .map(file -> new Place(file, lineOf(origin.description(), file)))
                .orElseGet(() -> new Place(mainFile, 0));
    }

    /** Which of the operator's files a value came from; empty for a default. */
    Optional<String> fileOf(ConfigOrigin origin) {
        return files.stream()
                .filter(f -> origin.description().contains(f + ": "))
                .findFirst();
    }

    /** Whether something is known to be wrong with {@code key} or with what lies below it. */
    boolean concern(String key) {
        return found.stream()
                .map(Problem::key)
                .anyMatch(k -> k.equals(key) || k.startsWith(key + ".") || k.startsWith(key + "["));
    }

    /** Each once: the main file's first, by line. */
    List<Problem> sorted() {
        return found.stream()
                .distinct()
                .sorted(Comparator.comparing((Problem p) -> !p.file().equals(mainFile))
                        .thenComparing(Problem::file)
                        .thenComparingInt(Problem::line))
                .toList();
    }

    boolean isEmpty() {
        return found.isEmpty();
    }
}
