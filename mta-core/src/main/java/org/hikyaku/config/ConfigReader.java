package org.hikyaku.config;

import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigParseOptions;
import com.typesafe.config.ConfigResolveOptions;
import com.typesafe.config.ConfigResolver;
import com.typesafe.config.ConfigValue;
import com.typesafe.config.ConfigValueFactory;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * Reads a configuration: the operator's file over the defaults of {@code conf/hikyaku.conf} and {@code conf/sites.conf}, bound strictly to the
 * records of {@link Config}, then held against the rules that join settings.
 *
 * <p><i>Failure:</i> every mistake is in the answer, each with file, line and key; a wrong value counts as its default
 * while the rest is looked at, so that one reading tells all.
 */
public final class ConfigReader {
    private static final String DEFAULTS = "hikyaku.conf";
    private static final String SITES = "sites.conf";

    private ConfigReader() {}

    /**
     * Reads {@code file} and what it includes.
     *
     * @param environment for {@code ${NAME}} and {@code ${?NAME}}
     */
    public static Reading read(Path file, ConfigFiles files, Map<String, String> environment) {
        Problems problems = new Problems(file.toString());
        Loader loader = new Loader(files, problems);
        ConfigObject own = loader.load(file);
        ConfigObject defaults = defaults();
        Optional<ConfigObject> tree =
                loader.isWhole() ? resolve(own.withFallback(defaults), environment, problems) : Optional.empty();
        if (tree.isEmpty()) {
            return new Reading.Bad(problems.sorted(), Optional.empty());
        }
        ConfigObject whole = Completed.rules(Completed.sites(Listeners.completed(tree.get(), defaults)));
        Config config = new Binder(file, problems, defaults).bind(whole);
        new Rules(config, whole, files, problems).check();
        return problems.isEmpty() ? new Reading.Good(config) : new Reading.Bad(problems.sorted(), Optional.of(config));
    }

    /**
     * Where {@code file}, or what it includes, sets {@code key}; empty when nothing there does, or when it cannot be said as a
     * reference leads nowhere.
     */
    public static Optional<Place> placeOf(String key, Path file, ConfigFiles files, Map<String, String> environment) {
        Problems problems = new Problems(file.toString());
        ConfigObject own = new Loader(files, problems).load(file);
        return resolve(own.withFallback(defaults()), environment, problems) // a setting may refer to a default
                .map(all -> own.toConfig().resolveWith(all.toConfig(), options(environment)))
                .filter(tree -> tree.hasPath(key))
                .map(tree -> problems.placeOf(tree.getValue(key).origin()));
    }

    /**
     * For tests and for embedding: a text over the defaults, where a mistake is a bug of the caller. Files it names are
     * taken to be there.
     */
    public static Config fromText(String text) {
        ConfigFiles only = new ConfigFiles() {
            @Override
            public String read(Path file) throws IOException {
                return text;
            }

            @Override
            public boolean isReadable(Path file) {
                return true;
            }
        };
        return switch (read(Path.of("/etc/hikyaku/hikyaku.conf"), only, Map.of())) {
            case Reading.Good(Config config) -> config;
            case Reading.Bad bad ->
                throw new IllegalArgumentException(String.join(
                        "\n", bad.problems().stream().map(Problem::toString).toList()));
        };
    }

    /** The text of the commented reference. */
    public static String reference() {
        return text(DEFAULTS);
    }

    private static String text(String name) {
        try (InputStream in =
                Objects.requireNonNull(ConfigReader.class.getResourceAsStream(name), name + " is not in the jar")) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static ConfigObject defaults() {
        return parsed(DEFAULTS).withFallback(parsed(SITES));
    }

    private static ConfigObject parsed(String name) {
        return ConfigFactory.parseString(
                        text(name), ConfigParseOptions.defaults().setOriginDescription("defaults"))
                .root();
    }

    private static Optional<ConfigObject> resolve(
            ConfigObject merged, Map<String, String> environment, Problems problems) {
        try {
            return Optional.of(merged.toConfig().resolve(options(environment)).root());
        } catch (ConfigException e) {
            problems.add(e.origin(), "", String.valueOf(e.getMessage()));
            return Optional.empty();
        }
    }

    private static ConfigResolveOptions options(Map<String, String> environment) {
        return ConfigResolveOptions.defaults()
                .setUseSystemEnvironment(false)
                .appendResolver(new FromEnvironment(environment));
    }

    /** Answers substitutions that no key answers. */
    private record FromEnvironment(Map<String, String> environment) implements ConfigResolver {
        @Override
        @SuppressWarnings("NullAway") // the interface wants null for 'not known'
        public ConfigValue lookup(String path) {
            String value = environment.get(path);
            return value == null ? null : ConfigValueFactory.fromAnyRef(value, Problems.ENVIRONMENT + path);
        }

        @Override
        public ConfigResolver withFallback(ConfigResolver fallback) {
            return this;
        }
    }
}
