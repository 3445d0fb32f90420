package org.hikyaku.config;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import org.hikyaku.mail.Domain;

/** What must hold of the rules of sites. Tells each broken one by its key. */
final class SiteChecks {
    private static final int RATES_MAX = 8;

    private final BiConsumer<String, String> wrong;
    /** Which rule has a domain or a pattern of hosts. */
    private final Map<String, String> owners = new LinkedHashMap<>();

    private SiteChecks(BiConsumer<String, String> wrong) {
        this.wrong = wrong;
    }

    static void check(Map<String, SiteRule> sites, BiConsumer<String, String> wrong) {
        SiteChecks checks = new SiteChecks(wrong);
        sites.forEach((name, rule) -> checks.rule("sites." + name, name, rule));
    }

    private void rule(String key, String name, SiteRule rule) {
        if (!name.matches("[a-z0-9][a-z0-9_-]{0,31}")) {
            wrong.accept(key, "the name of a site is small letters, digits, '-' and '_', at most 32");
        }
        boolean any = name.equals(SiteRule.ANY);
        if (any && !(rule.domains().isEmpty() && rule.mx().isEmpty())) {
            wrong.accept(key, "any holds for all sites: it has neither domains nor mx");
        } else if (!any && rule.domains().isEmpty() && rule.mx().isEmpty()) {
            wrong.accept(key, "says of no domain and no host that it is this site: give domains or mx");
        }
        for (int i = 0; i < rule.domains().size(); i++) {
            name(key + ".domains[" + i + "]", name, rule.domains().get(i), ".");
        }
        for (int i = 0; i < rule.mx().size(); i++) {
            name(key + ".mx[" + i + "]", name, rule.mx().get(i), "*.");
        }
        if (rule.rates().size() > RATES_MAX) {
            wrong.accept(key + ".rates", "must be " + RATES_MAX + " at most");
        }
        for (int i = 0; i < rule.replies().size(); i++) {
            reply(key + ".replies[" + i + "]", rule.replies().get(i));
        }
    }

    private void name(String key, String rule, String name, String below) {
        String bare = name.startsWith(below) ? name.substring(below.length()) : name;
        boolean isName = Domain.parse(bare).filter(d -> !d.isLiteral()).isPresent();
        if (!isName) {
            wrong.accept(
                    key,
                    "must be a name such as example.com, or " + below + "example.com for all below, not \"" + name
                            + "\"");
            return;
        }
        String owner = owners.putIfAbsent(below + " " + name, rule);
        if (owner != null && !owner.equals(rule)) {
            wrong.accept(key, name + " is in sites." + owner + " already");
        }
    }

    private void reply(String key, SiteRule.ReplyRule reply) {
        if (reply.codes().isEmpty()
                && reply.enhanced().isEmpty()
                && reply.texts().isEmpty()) {
            wrong.accept(key, "fits every reply: give codes, enhanced or texts");
        }
        all(key + ".codes", reply.codes(), "[2-5][0-9]{0,2}", "the beginning of a code, such as \"4\" or \"421\"");
        all(
                key + ".enhanced",
                reply.enhanced(),
                "[245](\\.([0-9]{1,3}(\\.[0-9]{0,3})?)?)?",
                "the beginning of an enhanced code, such as \"4.7.\" or \"4.7.28\"");
        all(key + ".texts", reply.texts(), "(?s).*\\S.*", "some words of a reply");
    }

    private void all(String key, List<String> values, String pattern, String wanted) {
        for (int i = 0; i < values.size(); i++) {
            if (!values.get(i).matches(pattern)) {
                wrong.accept(key + "[" + i + "]", "must be " + wanted + ", not \"" + values.get(i) + "\"");
            }
        }
    }
}
