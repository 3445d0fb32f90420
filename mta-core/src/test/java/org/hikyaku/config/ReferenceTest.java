package org.hikyaku.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** Holds conf/hikyaku.conf, the record tree of Config and docs/configuration.md equal. */
class ReferenceTest {
    private final Map<String, ReferencePage.Setting> settings = new TreeMap<>();

    ReferenceTest() {
        for (ReferencePage.Setting each : ReferencePage.settings(ConfigReader.reference())) {
            settings.put(each.key(), each);
        }
    }

    @Test
    void everyComponentHasItsCommentedKeyAndNoKeyIsTooMuch() {
        Set<String> expected = new TreeSet<>();
        for (String listener : List.of("mx", "submission", "submissions", "host")) {
            walk(ListenerSettings.class, "listeners." + listener + ".", expected);
        }
        walk(Config.class, "", expected);
        assertThat(settings.keySet()).isEqualTo(expected);
        assertThat(settings.values())
                .allSatisfy(s -> assertThat(s.text()).as(s.key()).isNotBlank());
    }

    @Test
    void theCommentTellsTheRangeThatTheReaderDemands() {
        components().forEach((key, component) -> {
            Range range = component.getAnnotation(Range.class);
            boolean number = isNumber(component.getGenericType());
            assertThat(range != null).as("%s has a range", key).isEqualTo(number);
            String told = range == null ? "" : "Range: " + range.value() + ".";
            assertThat(textOf(key)).as(key).contains(told);
        });
    }

    @Test
    void theCommentSaysWhereAReloadIsNotEnough() {
        components()
                .forEach((key, component) -> assertThat(textOf(key).contains("(restart)"))
                        .as(key)
                        .isEqualTo(component.isAnnotationPresent(Restart.class)));
    }

    /** {@code -Dhikyaku.docs=write} writes the page anew. */
    @Test
    void thePageIsMadeFromTheReference() throws IOException {
        Path page = docs().resolve("configuration.md");
        String wanted = ReferencePage.page(ConfigReader.reference());
        if ("write".equals(System.getProperty("hikyaku.docs"))) {
            Files.writeString(page, wanted);
        }
        assertThat(Files.readString(page))
                .as("docs/configuration.md is out of date: run this test with -Dhikyaku.docs=write")
                .isEqualTo(wanted);
    }

    private String textOf(String key) {
        return Objects.requireNonNull(settings.get(key), key).text();
    }

    private static boolean isNumber(Type type) {
        Type plain = type instanceof ParameterizedType generic ? generic.getActualTypeArguments()[0] : type;
        return plain == int.class || plain == long.class || plain == double.class || plain == Duration.class;
    }

    private static Map<String, RecordComponent> components() {
        Map<String, RecordComponent> out = new TreeMap<>();
        for (String listener : List.of("mx", "submission", "submissions", "host")) {
            collect(ListenerSettings.class, "listeners." + listener + ".", out);
        }
        collect(Config.class, "", out);
        return out;
    }

    private static void walk(Class<?> type, String prefix, Set<String> keys) {
        Map<String, RecordComponent> found = new TreeMap<>();
        collect(type, prefix, found);
        keys.addAll(found.keySet());
    }

    private static void collect(Class<?> type, String prefix, Map<String, RecordComponent> out) {
        for (RecordComponent component : type.getRecordComponents()) {
            String key = prefix + Binder.key(component.getName());
            boolean group = component.getType().isRecord() && !Kinds.isScalar(component.getType());
            if (group) {
                collect(component.getType(), key + ".", out);
            } else if (!key.equals("listeners")) {
                out.put(key, component);
            }
        }
    }

    private static Path docs() {
        List<Path> tried = new ArrayList<>(List.of(Path.of("docs"), Path.of("../docs")));
        return tried.stream().filter(Files::isDirectory).findFirst().orElseThrow();
    }
}
