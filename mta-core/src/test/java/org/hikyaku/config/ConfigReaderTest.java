package org.hikyaku.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.hikyaku.mail.Domain;
import org.junit.jupiter.api.Test;

class ConfigReaderTest {
    private static final Path MAIN = Path.of("/etc/hikyaku/hikyaku.conf");
    private static final String LEAST = """
            hostname = mail.example.org
            local.postmaster = "anna@example.org"
            auth.users = users
            """;

    private final Map<Path, String> files = new LinkedHashMap<>(Map.of(Path.of("/etc/hikyaku/users"), ""));
    private final Map<String, String> environment = new LinkedHashMap<>();

    @Test
    void theLeastFileThatTheReferenceNamesIsEnough() {
        Config config = good(LEAST);
        assertThat(config.hostname()).isEqualTo(Domain.of("mail.example.org"));
        assertThat(config.listeners()).containsOnlyKeys("mx", "submission", "submissions");
        assertThat(config.auth().users()).contains(Path.of("/etc/hikyaku/users"));
        assertThat(config.queue().retry()).hasSize(7).contains(Duration.ofMinutes(80));
        assertThat(config.limits().messageSizeMax()).isEqualTo(50L << 20);
        assertThat(config.spoolDirectory()).isEqualTo(Path.of("/var/lib/hikyaku/spool"));
    }

    @Test
    void everyMistakeIsToldAtOnceWithFileLineAndKey() {
        assertThat(bad("""
                        hostname = localhost
                        limits {
                          recipients_maxx = 5
                          hops_max = many
                          sessions_max = 0
                        }
                        queue.expire_after = 5
                        local.domains = example.org
                        tls.native_engine = perhaps
                        """))
                .containsExactly(
                        "/etc/hikyaku/hikyaku.conf:1: hostname: must be the full name of this host, such as"
                                + " mail.example.org, not \"localhost\"",
                        "/etc/hikyaku/hikyaku.conf:1: auth.users: must be set: listeners.submission.auth needs users"
                                + " (or set listeners.submission.endpoints = [])",
                        "/etc/hikyaku/hikyaku.conf:3: limits.recipients_maxx: no such setting; did you mean"
                                + " limits.recipients_max?",
                        "/etc/hikyaku/hikyaku.conf:4: limits.hops_max: must be a whole number, not \"many\"",
                        "/etc/hikyaku/hikyaku.conf:5: limits.sessions_max: must be 1 to 100000, not 0",
                        "/etc/hikyaku/hikyaku.conf:7: queue.expire_after: must be a time with its unit, such as 30s,"
                                + " 5m, 1h20m, 5 days, not \"5\"",
                        "/etc/hikyaku/hikyaku.conf:8: local.domains: must be a list in [ ], not \"example.org\"",
                        "/etc/hikyaku/hikyaku.conf:8: local.postmaster: must be set, or an alias named postmaster: mail"
                                + " for postmaster must go somewhere (RFC 5321 4.5.1)",
                        "/etc/hikyaku/hikyaku.conf:9: tls.native_engine: must be true or false, not \"perhaps\"");
    }

    private Config good(String text) {
        Reading reading = read(text);
        assertThat(reading).isInstanceOf(Reading.Good.class);
        return ((Reading.Good) reading).config();
    }

    private List<String> bad(String text) {
        Reading reading = read(text);
        assertThat(reading).isInstanceOf(Reading.Bad.class);
        return ((Reading.Bad) reading).problems().stream().map(Problem::toString).toList();
    }

    private Reading read(String text) {
        files.put(MAIN, text);
        return ConfigReader.read(MAIN, new InMemory(files), environment);
    }

    private record InMemory(Map<Path, String> files) implements ConfigFiles {
        @Override
        public String read(Path file) throws IOException {
            String text = files.get(file);
            if (text == null) {
                throw new NoSuchFileException(file.toString());
            }
            return text;
        }

        @Override
        public boolean isReadable(Path file) {
            return files.containsKey(file);
        }
    }
}
