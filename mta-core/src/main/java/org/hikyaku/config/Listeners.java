package org.hikyaku.config;

import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigValue;
import java.util.Map;

/** Gives listeners of the operator's own what they leave out. */
final class Listeners {
    private static final String KEY = "listeners";

    private Listeners() {}

    /** What a listener that the defaults do not know leaves out, except where it listens, comes from the default of its mode. */
    static ConfigObject completed(ConfigObject whole, ConfigObject defaults) {
        if (!(whole.get(KEY) instanceof ConfigObject mine) || !(defaults.get(KEY) instanceof ConfigObject known)) {
            return whole;
        }
        ConfigObject done = mine;
        for (Map.Entry<String, ConfigValue> each : mine.entrySet()) {
            if (!known.containsKey(each.getKey()) && each.getValue() instanceof ConfigObject listener) {
                ConfigValue mode = listener.get("mode");
                Object of = mode == null ? "mx" : mode.unwrapped();
                if (known.get("submission".equals(of) || "host".equals(of) ? of : "mx")
                        instanceof ConfigObject template) {
                    ConfigObject rest = template.withoutKey("endpoints").withoutKey("mode");
                    done = done.withValue(each.getKey(), listener.withFallback(rest));
                }
            }
        }
        return whole.withValue(KEY, done);
    }
}
