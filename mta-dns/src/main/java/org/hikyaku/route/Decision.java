package org.hikyaku.route;

import java.util.Locale;
import org.hikyaku.config.DeliverySettings.SmartHost;

/**
 * What the rules say of a message for one recipient.
 *
 * @param where the rule that decided: {@code file:line}, or the setting
 * @param byRule one of {@code delivery.rules}
 */
record Decision(Course course, String where, boolean byRule) {
    /** For people: {@code mx example.org}, {@code hosts smtp.example.net:587 (verified, as anna)}, {@code agent discard}. */
    String way() {
        return switch (course.to()) {
            case Course.Target.Local local -> "agent " + local.agent();
            case Course.Target.Fixed fixed ->
                "hosts "
                        + String.join(
                                ", ",
                                fixed.hosts().stream().map(Decision::shown).toList());
            case Course.Target.Kept kept -> "kept for customer " + kept.customer();
            case Course.Target.ByDns dns -> "mx " + dns.domain();
            case Course.Target.Refused refused -> "fail " + refused.reply();
            case Course.Target.Held held -> "hold " + held.why();
            case Course.Target.Unknown unknown -> "unknown: " + unknown.why();
        };
    }

    /** The same of the hosts behind it, or empty. */
    String fallback() {
        return String.join(", ", course.fallback().stream().map(Decision::shown).toList());
    }

    private static String shown(SmartHost host) {
        String tls = host.tls().toString().toLowerCase(Locale.ROOT);
        return host.host() + ":" + host.port() + " (" + tls
                + host.user().map(user -> ", as " + user).orElse("") + ")";
    }
}
