package org.hikyaku.config;

import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
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
            if (was instanceof Config.Listener a && is instanceof Config.Listener b) {
                compare(a, b, prefix + name + ".", now, atRestart);
            } else if (!Objects.equals(was, is)) {
                boolean listener = was instanceof Config.Listener || is instanceof Config.Listener;
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
