package org.hikyaku.config;

import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigIncludeContext;
import com.typesafe.config.ConfigIncluder;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigParseOptions;
import com.typesafe.config.ConfigSyntax;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/**
 * Reads a HOCON file with what it includes, and notes what HOCON lets pass: doubles, missing includes.
 *
 * <p><i>Failure:</i> a file that cannot be read or parsed is a problem and counts as empty, and what was loaded is not whole.
 */
final class Loader {
    private static final int FILES_MAX = 100;
    private static final int OCTETS_MAX = 4 << 20;

    private final ConfigFiles files;
    private final Problems problems;
    private boolean whole = true;

    Loader(ConfigFiles files, Problems problems) {
        this.files = files;
        this.problems = problems;
    }

    /** Whether every file could be read and parsed; if not, what came of it says nothing about the settings. */
    boolean isWhole() {
        return whole;
    }

    ConfigObject load(Path file) {
        String name = file.toString();
        problems.addFile(name);
        try {
            return parse(file, name, files.read(file));
        } catch (IOException e) {
            whole = false;
            problems.add(name, 0, "", "cannot be read: " + reason(e));
            return ConfigFactory.empty().root();
        }
    }

    private ConfigObject parse(Path file, String name, String text) {
        if (text.length() > OCTETS_MAX) {
            whole = false;
            problems.add(name, 0, "", "is too large for a configuration");
            return ConfigFactory.empty().root();
        }
        HoconScanner scan = HoconScanner.scan(text);
        for (HoconScanner.Duplicate twice : scan.duplicates()) {
            problems.add(name, twice.line(), twice.key(), "given twice, first on line " + twice.firstLine());
        }
        StringBuilder plain = new StringBuilder(text);
        for (HoconScanner.Include include : scan.includes()) {
            simplify(name, include, plain);
        }
        try {
            ConfigParseOptions options = ConfigParseOptions.defaults()
                    .setSyntax(ConfigSyntax.CONF)
                    .setOriginDescription(name)
                    .setIncluder(new Including(file));
            return ConfigFactory.parseString(plain.toString(), options).root();
        } catch (ConfigException e) {
            whole = false;
            String message = String.valueOf(e.getMessage());
            int line = e.origin() == null ? 0 : Math.max(0, e.origin().lineNumber());
            problems.add(
                    name,
                    line,
                    "",
                    message.startsWith(name + ": " + line + ": ")
                            ? message.substring((name + ": " + line + ": ").length())
                            : message);
            return ConfigFactory.empty().root();
        }
    }

    /** Gives an include its plainest form, {@code include "x"}, in place; or takes out what is no file. */
    private void simplify(String name, HoconScanner.Include include, StringBuilder plain) {
        String form = include.file().isEmpty() ? "" : "include \"" + escape(include.file()) + "\"";
        int room = include.end() - include.start();
        if (include.file().isEmpty()) {
            whole = false;
            problems.add(name, include.line(), "", "only files can be included: include \"more.conf\"");
        } else if (!files.isReadable(resolve(Path.of(name), include.file()))) {
            whole = false;
            problems.add(
                    name,
                    include.line(),
                    "",
                    "cannot read the included file " + resolve(Path.of(name), include.file()));
            form = "";
        }
        if (form.length() <= room) {
            plain.replace(include.start(), include.end(), form + " ".repeat(room - form.length()));
        }
    }

    private static String escape(String file) {
        return file.replace("\\", "\\\\").replace("\"", "\\\"");
    }

    /** Relative names count from the directory of the file they stand in. */
    static Path resolve(Path file, String name) {
        return file.resolveSibling(name).normalize();
    }

    private static String reason(IOException e) {
        return switch (e) {
            case NoSuchFileException none -> "no such file";
            case AccessDeniedException denied -> "permission denied";
            default -> String.valueOf(e.getMessage());
        };
    }

    /** Reads included files by {@link ConfigFiles}. */
    private final class Including implements ConfigIncluder {
        private final Path from;

        private Including(Path from) {
            this.from = from;
        }

        @Override
        public ConfigObject include(ConfigIncludeContext context, String what) {
            Path file = resolve(from, what);
            if (problems.fileCount() >= FILES_MAX) {
                whole = false;
                problems.add(
                        from.toString(), 0, "", "includes " + file + ": there are more than " + FILES_MAX + " files");
                return ConfigFactory.empty().root();
            }
            if (!problems.addFile(file.toString())) {
                problems.add(from.toString(), 0, "", "includes " + file + ", which was read already");
                return ConfigFactory.empty().root();
            }
            return load(file);
        }

        @Override
        public ConfigIncluder withFallback(ConfigIncluder fallback) {
            return this;
        }
    }
}
