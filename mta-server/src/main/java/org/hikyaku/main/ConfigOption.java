package org.hikyaku.main;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.hikyaku.config.Config;
import org.hikyaku.config.ConfigReader;
import org.hikyaku.config.Place;
import org.hikyaku.config.Problem;
import org.hikyaku.config.Reading;
import picocli.CommandLine.Option;

/** {@code -c FILE}, of every command. */
final class ConfigOption {
    private static final String STANDARD = "/etc/hikyaku/hikyaku.conf";

    @Option(
            names = {"-c", "--config"},
            paramLabel = "FILE",
            description = "The configuration. Default: $HIKYAKU_CONFIG, else " + STANDARD)
    private String given = "";

    Path file() {
        String named = given.isEmpty()
                ? Optional.ofNullable(System.getenv("HIKYAKU_CONFIG")).orElse(STANDARD)
                : given;
        return Path.of(named).toAbsolutePath().normalize();
    }

    Reading read() {
        return read(file());
    }

    static Reading read(Path file) {
        return ConfigReader.read(file, new RealConfigFiles(), Map.copyOf(System.getenv()));
    }

    /** Where a setting is set; empty for one that has its default. */
    Optional<Place> placeOf(String key) {
        return ConfigReader.placeOf(key, file(), new RealConfigFiles(), Map.copyOf(System.getenv()));
    }

    /** The configuration, or empty after its problems have been printed. */
    Optional<Config> readOrComplain(PrintWriter err) {
        return switch (read()) {
            case Reading.Good(Config config) -> Optional.of(config);
            case Reading.Bad bad -> {
                bad.problems().forEach(err::println);
                err.println(count(bad));
                yield Optional.empty();
            }
        };
    }

    /**
     * The control socket that a configuration with mistakes names, by {@code control.socket} or {@code data_dir}. That of the defaults is
     * a server's that may be another: it counts for the standard file alone. Empty when which one is meant is in doubt.
     */
    Optional<Path> socketOf(Reading.Bad bad) {
        return bad.understood().filter(read -> namesSocket(bad)).map(Config::controlSocket);
    }

    private boolean namesSocket(Reading.Bad bad) {
        if (placeOf("control.socket").isPresent()) {
            return isRight("control.socket", bad);
        }
        boolean named = placeOf("data_dir").isPresent() || file().equals(Path.of(STANDARD));
        return named && isRight("data_dir", bad) && isRight("control", bad); // control.sockt may have been meant
    }

    /** Whether there is no mistake in a setting or below it: for a wrong value its default is read, which is another. */
    private static boolean isRight(String key, Reading.Bad bad) {
        return bad.problems().stream()
                .map(Problem::key)
                .noneMatch(wrong -> wrong.equals(key) || wrong.startsWith(key + "."));
    }

    static String count(Reading.Bad bad) {
        return count(bad.problems().size());
    }

    static String count(int errors) {
        return errors == 1 ? "1 error in the configuration" : errors + " errors in the configuration";
    }

    static String lines(Reading.Bad bad) {
        return String.join("\n", bad.problems().stream().map(Problem::toString).toList());
    }
}
