package org.hikyaku.config;

import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigList;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigValue;
import com.typesafe.config.ConfigValueFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Gives rules of sites and of routes and classes of senders what they leave out, so that the tree is whole when it is bound. */
final class Completed {
    private static final String KEY = "sites";
    private static final String REPLIES = "replies";
    private static final ConfigObject RULE = ConfigFactory.parseString(
                    "domains = [], mx = [], rates = [], replies = []")
            .root();
    private static final ConfigObject REPLY = ConfigFactory.parseString(
                    "codes = [], enhanced = [], texts = [], then = as_said, time = 5m")
            .root();

    private static final ConfigObject ROUTE = ConfigFactory.parseString("""
                    from = [], from_files = [], to = [], to_files = [], users = [], clients = [], listeners = []
                    headers = [], hosts = [], mx = false, fallback = []
                    """).root();

    private Completed() {}

    static ConfigObject rules(ConfigObject whole) {
        if (!(whole.get("delivery") instanceof ConfigObject delivery)
                || !(delivery.get("rules") instanceof ConfigList rules)) {
            return whole;
        }
        List<ConfigValue> done = new ArrayList<>();
        for (ConfigValue each : rules) {
            done.add(
                    each instanceof ConfigObject rule ? rule.withFallback(ROUTE).withOrigin(each.origin()) : each);
        }
        ConfigValue list = ConfigValueFactory.fromIterable(done).withOrigin(rules.origin());
        return whole.withValue("delivery", delivery.withValue("rules", list));
    }

    static ConfigObject sites(ConfigObject whole) {
        if (!(whole.get(KEY) instanceof ConfigObject sites)) {
            return whole;
        }
        ConfigObject done = sites;
        for (Map.Entry<String, ConfigValue> each : sites.entrySet()) {
            if (each.getValue() instanceof ConfigObject rule) {
                done = done.withValue(each.getKey(), replies(rule).withFallback(RULE));
            }
        }
        return whole.withValue(KEY, done);
    }

    private static ConfigObject replies(ConfigObject rule) {
        if (!(rule.get(REPLIES) instanceof ConfigList replies)) {
            return rule;
        }
        List<ConfigValue> done = new ArrayList<>();
        for (ConfigValue each : replies) {
            done.add(each instanceof ConfigObject reply ? reply.withFallback(REPLY) : each);
        }
        return rule.withValue(REPLIES, ConfigValueFactory.fromIterable(done));
    }
}
