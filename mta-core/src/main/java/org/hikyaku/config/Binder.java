package org.hikyaku.config;

import com.typesafe.config.ConfigList;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigOrigin;
import com.typesafe.config.ConfigValue;
import com.typesafe.config.ConfigValueType;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.hikyaku.mail.Domain;
import org.jspecify.annotations.Nullable;

/**
 * Turns a resolved HOCON tree into the record tree of {@link Config}: a component {@code dataDir} is the key
 * {@code data_dir}, every key must be a component's, every component must have a value.
 *
 * <p><i>Failure:</i> what does not fit is a problem; the default of the same key stands in for it, so that the tree is
 * always whole. A list or map leaves out the elements that do not fit.
 */
final class Binder {
    private static final Domain NO_HOSTNAME = Domain.of("hostname.invalid");

    private final Path file;
    private final Problems problems;
    private final ConfigObject defaults;

    Binder(Path file, Problems problems, ConfigObject defaults) {
        this.file = file;
        this.problems = problems;
        this.defaults = defaults;
    }

    Config bind(ConfigObject tree) {
        Object whole = record(Config.class, tree, "");
        if (whole == null) {
            throw new IllegalStateException("a setting without a default has no stand-in");
        }
        return (Config) whole;
    }

    /** {@code recipientsMax} as {@code recipients_max}. */
    static String key(String component) {
        return component.replaceAll("([A-Z])", "_$1").toLowerCase(Locale.ROOT);
    }

    private @Nullable Object record(Class<?> type, ConfigValue value, String path) {
        if (!(value instanceof ConfigObject object)) {
            problems.add(value.origin(), path, "must be a group of settings in { }, not " + shown(value));
            return null;
        }
        RecordComponent[] components = type.getRecordComponents();
        List<String> known = Arrays.stream(components)
                .filter(c -> c.getType() != Place.class)
                .map(c -> key(c.getName()))
                .toList();
        refuseUnknown(object, known, path);
        List<Object> values = new ArrayList<>();
        for (RecordComponent component : components) {
            String name = path.isEmpty() ? key(component.getName()) : path + "." + key(component.getName());
            Object bound = component(component, object.get(key(component.getName())), object.origin(), name);
            if (bound != null) {
                values.add(bound);
            }
        }
        return values.size() < components.length ? null : make(type, components, values);
    }

    private void refuseUnknown(ConfigObject object, List<String> known, String path) {
        for (Map.Entry<String, ConfigValue> each : object.entrySet()) {
            if (!known.contains(each.getKey())) {
                String full = path.isEmpty() ? each.getKey() : path + "." + each.getKey();
                String hint = Nearest.to(each.getKey(), known)
                        .map(n -> "did you mean " + (path.isEmpty() ? n : path + "." + n) + "?")
                        .orElse("known here: " + String.join(", ", known));
                problems.add(each.getValue().origin(), full, "no such setting; " + hint);
            }
        }
    }

    /** The value of a component, or that of its default when it is missing or wrong. */
    private @Nullable Object component(
            RecordComponent component, @Nullable ConfigValue value, ConfigOrigin around, String path) {
        Optional<Bounds> bounds =
                Optional.ofNullable(component.getAnnotation(Range.class)).map(Bounds::of);
        Type type = component.getGenericType();
        if (type == Place.class) {
            return problems.placeOf(around);
        }
        boolean absent = value == null || value.valueType() == ConfigValueType.NULL;
        if (absent && isA(type, Optional.class)) {
            return Optional.empty();
        }
        if (absent) {
            problems.add(around, path, "must be set" + wanted(type));
        }
        Object bound = absent || value == null ? null : value(type, bounds, value, path);
        if (bound == null && isA(type, Optional.class)) {
            return Optional.empty();
        }
        return bound == null ? standIn(type, bounds, path) : bound;
    }

    /** What a value that is not there would be, where that is no word or number. */
    private static String wanted(Type type) {
        if (isA(type, List.class)) {
            return ", to a list in [ ]";
        }
        return isA(type, Map.class) ? ", to a group in { }" : type.equals(boolean.class) ? ", to true or false" : "";
    }

    private @Nullable Object standIn(Type type, Optional<Bounds> bounds, String path) {
        if (path.equals("hostname")) {
            return NO_HOSTNAME;
        }
        ConfigValue value = defaults;
        for (String step : path.split("\\.", -1)) {
            value = value instanceof ConfigObject object ? object.get(step) : null;
        }
        if (value != null) {
            return value(type, bounds, value, path);
        }
        return isA(type, List.class) ? List.of() : null;
    }

    private @Nullable Object value(Type type, Optional<Bounds> bounds, ConfigValue value, String path) {
        if (type instanceof ParameterizedType generic) {
            Type[] of = generic.getActualTypeArguments();
            if (isA(type, Optional.class)) {
                Object inner = value(of[0], bounds, value, path);
                return inner == null ? null : Optional.of(inner);
            }
            return isA(type, List.class) ? list(of[0], bounds, value, path) : map(of[1], bounds, value, path);
        }
        Class<?> plain = (Class<?>) type;
        return plain.isRecord() && !Kinds.isScalar(plain)
                ? record(plain, value, path)
                : scalar(plain, bounds, value, path);
    }

    private @Nullable Object list(Type of, Optional<Bounds> bounds, ConfigValue value, String path) {
        if (!(value instanceof ConfigList elements)) {
            problems.add(value.origin(), path, "must be a list in [ ], not " + shown(value));
            return null;
        }
        List<Object> out = new ArrayList<>();
        for (int i = 0; i < elements.size(); i++) {
            Object element = value(of, bounds, elements.get(i), path + "[" + i + "]");
            if (element != null) {
                out.add(element);
            }
        }
        return Collections.unmodifiableList(out);
    }

    /** In the order of the keys, as HOCON keeps none. */
    private @Nullable Object map(Type of, Optional<Bounds> bounds, ConfigValue value, String path) {
        if (!(value instanceof ConfigObject object)) {
            problems.add(value.origin(), path, "must be a group in { }, not " + shown(value));
            return null;
        }
        Map<String, Object> out = new LinkedHashMap<>();
        for (String name : object.keySet().stream().sorted().toList()) {
            ConfigValue inner = object.get(name);
            boolean off = inner == null || inner.valueType() == ConfigValueType.NULL;
            Object element = off || inner == null ? null : value(of, bounds, inner, path + "." + name);
            if (element != null) {
                out.put(name, element);
            }
        }
        return Collections.unmodifiableMap(out);
    }

    private @Nullable Object scalar(Class<?> type, Optional<Bounds> bounds, ConfigValue value, String path) {
        if (value.valueType() == ConfigValueType.LIST || value.valueType() == ConfigValueType.OBJECT) {
            String hint = value.valueType() == ConfigValueType.OBJECT ? " (quote a name that holds dots)" : "";
            problems.add(value.origin(), path, "must be a single value, not " + shown(value) + hint);
            return null;
        }
        return switch (Kinds.read(type, bounds, String.valueOf(value.unwrapped()))) {
            case Kinds.Wrong(String message) -> {
                problems.add(value.origin(), path, message);
                yield null;
            }
            case Kinds.Fits(Path given) -> beside(given, value.origin());
            case Kinds.Fits(Object fit) -> fit;
        };
    }

    /** A relative file lies beside the file that names it. */
    private Path beside(Path given, ConfigOrigin origin) {
        return given.isAbsolute()
                ? given
                : problems.fileOf(origin)
                        .map(Path::of)
                        .orElse(file)
                        .resolveSibling(given)
                        .normalize();
    }

    private static String shown(ConfigValue value) {
        return switch (value.valueType()) {
            case OBJECT -> "a group in { }";
            case LIST -> "a list in [ ]";
            case NULL -> "nothing";
            default -> '"' + String.valueOf(value.unwrapped()) + '"';
        };
    }

    private static boolean isA(Type type, Class<?> raw) {
        return type instanceof ParameterizedType generic && generic.getRawType() == raw;
    }

    static Object make(Class<?> type, RecordComponent[] components, List<Object> values) {
        Class<?>[] types =
                Arrays.stream(components).map(RecordComponent::getType).toArray(Class<?>[]::new);
        try {
            return type.getDeclaredConstructor(types).newInstance(values.toArray());
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("cannot make " + type.getSimpleName(), e);
        }
    }
}
