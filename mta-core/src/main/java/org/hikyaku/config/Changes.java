package org.hikyaku.config;

import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/**
 * What differs between two configurations, as keys.
 *
 * @param now take effect at reload
 * @param atRestart marked {@link Restart}: stay as they were until the next start
 */
public record Changes(List<String> now, List<String> atRestart) {
    public Changes {
        now = List.copyOf(now);
        atRestart = List.copyOf(atRestart);
    }

    public static Changes between(Config before, Config after) {
        List<String> now = new ArrayList<>();
        List<String> atRestart = new ArrayList<>();
        compare(before, after, "", now, atRestart);
        return new Changes(now, atRestart);
    }

    /** {@code after}, but with what waits for a restart as it was before: what is in force once {@code after} is reloaded. */
    public static Config inForce(Config before, Config after) {
        return (Config) merged(before, after);
    }

    private static Record merged(Record before, Record after) {
        RecordComponent[] components = before.getClass().getRecordComponents();
        List<Object> values = new ArrayList<>();
        for (RecordComponent component : components) {
            Object was = get(component, before);
            Object is = get(component, after);
            if (component.isAnnotationPresent(Restart.class)) {
                values.add(was);
            } else if (was instanceof Record a && is instanceof Record b && !Kinds.isScalar(a.getClass())) {
                values.add(merged(a, b));
            } else {
                values.add(component.getName().equals("listeners") ? listeners((Map<?, ?>) was, (Map<?, ?>) is) : is);
            }
        }
        return (Record) Binder.make(before.getClass(), components, values);
    }

    /** The listeners that there are, with what a reload may change of them. */
    private static Map<String, Object> listeners(Map<?, ?> before, Map<?, ?> after) {
        Map<String, Object> out = new LinkedHashMap<>();
        before.forEach((name, was) -> {
            Object is = after.get(name);
            out.put((String) name, is == null ? was : merged((Record) was, (Record) is));
        });
        return Collections.unmodifiableMap(out);
    }

    private static void compare(Record before, Record after, String prefix, List<String> now, List<String> atRestart) {
        for (RecordComponent component : before.getClass().getRecordComponents()) {
            String key = prefix + Binder.key(component.getName());
            Object was = get(component, before);
            Object is = get(component, after);
            if (Objects.equals(was, is)) {
                continue;
            }
            if (was instanceof Record a && is instanceof Record b && !Kinds.isScalar(a.getClass())) {
                compare(a, b, key + ".", now, atRestart);
            } else if (was instanceof Map<?, ?> a && is instanceof Map<?, ?> b) {
                entries(a, b, key + ".", now, atRestart);
            } else {
                (component.isAnnotationPresent(Restart.class) ? atRestart : now).add(key);
            }
        }
    }

    /** A listener that came or went needs a restart, as its endpoints do; other entries do not. */
    private static void entries(
            Map<?, ?> before, Map<?, ?> after, String prefix, List<String> now, List<String> atRestart) {
        Set<Object> names = new LinkedHashSet<>(before.keySet());
        names.addAll(after.keySet());
        for (Object name : names) {
            Object was = before.get(name);
            Object is = after.get(name);
            if (was instanceof ListenerSettings a && is instanceof ListenerSettings b) {
                compare(a, b, prefix + name + ".", now, atRestart);
            } else if (!Objects.equals(was, is)) {
                boolean listener = was instanceof ListenerSettings || is instanceof ListenerSettings;
                (listener ? atRestart : now).add(prefix + name);
            }
        }
    }

    private static Object get(RecordComponent component, Record of) {
        try {
            return component.getAccessor().invoke(of);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("cannot read " + component.getName(), e);
        }
    }
}
