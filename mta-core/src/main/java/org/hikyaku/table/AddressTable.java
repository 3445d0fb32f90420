package org.hikyaku.table;

import com.google.re2j.Matcher;
import com.google.re2j.Pattern;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import org.hikyaku.mail.Address;
import org.hikyaku.mail.Domain;
import org.jspecify.annotations.Nullable;

/**
 * A table that says what addresses become: of whole addresses, of patterns, of whole domains; some of it for some senders
 * only. Immutable; {@link AddressTableReader} makes it from a file. An address is looked for as it stands first, then
 * by the patterns in their order; whole domains are asked for apart, when nothing else fits.
 *
 * <p>What a stranger wrote into an address never leads out of here: a domain that a pattern took from the address asked
 * must be ours, and where a local part was taken from it and goes elsewhere, it must hold no {@code @}, {@code %} or
 * {@code !}, which a server behind might read as a route (RFC 2505 2.1).
 *
 * <p>Patterns match in linear time, whatever they and the address are.
 *
 * <p><i>Failure:</i> a target that would be no address, or that is refused by the above, is none; a line all of whose
 * targets are so leads to nobody.
 */
final class AddressTable {
    /** RFC 5321 4.5.3.1.3: a path of 256 octets, with its angle brackets. */
    private static final int OCTETS_MAX = 254;

    private final List<Section> sections;
    private final Predicate<Domain> ours;
    private final boolean domains;

    /** What a look-up found; {@code to} may be empty: nobody. */
    record Hit(List<Alias.Destination> to, String where) {}

    /** Where a line leads. */
    sealed interface Target {
        /** As the line has it. */
        record Fixed(Alias.Destination to) implements Target {}

        /** {@code @domain}: the same local part there. */
        record SameLocal(Domain domain) implements Target {}

        /** With {@code $1}... of the pattern in it. */
        record Captured(String local, String domain) implements Target {}
    }

    /**
     * One line.
     *
     * @param key {@code Address.localKey}, {@code @domain}, or the pattern
     * @param where {@code file:line}
     */
    record Rule(String key, List<Target> to, String where) {
        Rule {
            to = List.copyOf(to);
        }
    }

    /** A line whose key is a pattern for whole addresses. */
    record PatternRule(Pattern pattern, Rule rule) {}

    /** The senders that some lines are for. */
    record Senders(boolean all, Set<String> keys) {
        static final Senders ALL = new Senders(true, Set.of());

        Senders {
            keys = new LinkedHashSet<>(keys);
        }

        boolean fit(Address sender) {
            return all
                    || (sender.isNull()
                            ? keys.contains("<>")
                            : keys.contains(sender.localKey())
                                    || sender.domain()
                                            .map(domain -> keys.contains("@" + domain.ascii()))
                                            .orElse(false));
        }
    }

    /** The lines for some senders. */
    record Section(Senders senders, Map<String, Rule> exact, List<PatternRule> patterns) {
        Section(Senders senders) {
            this(senders, new LinkedHashMap<>(), new ArrayList<>());
        }
    }

    AddressTable(List<Section> sections, Predicate<Domain> ours) {
        this.sections = List.copyOf(sections);
        this.ours = ours;
        this.domains = sections.stream().anyMatch(s -> s.exact.keySet().stream().anyMatch(key -> key.startsWith("@")));
    }

    /** Whether it has a line for a whole domain. */
    boolean hasDomains() {
        return domains;
    }

    /** All lines but those with patterns, in the order of the file. */
    List<Rule> exactRules() {
        return sections.stream().flatMap(s -> s.exact.values().stream()).toList();
    }

    List<PatternRule> patternRules() {
        return sections.stream().flatMap(s -> s.patterns.stream()).toList();
    }

    /** What is said of this very address. */
    Optional<Hit> find(Address asked, Address sender) {
        for (Section section : sections) {
            if (section.senders.fit(sender)) {
                Rule rule = section.exact.get(asked.localKey());
                if (rule != null) {
                    return Optional.of(hit(rule, asked, null));
                }
                Optional<Hit> hit = byPattern(section, asked);
                if (hit.isPresent()) {
                    return hit;
                }
            }
        }
        return Optional.empty();
    }

    private Optional<Hit> byPattern(Section section, Address asked) {
        if (section.patterns.isEmpty() || asked.domain().isEmpty()) {
            return Optional.empty();
        }
        String text = asked.local() + "@" + asked.requireDomain().ascii();
        for (PatternRule each : section.patterns) {
            Matcher matcher = each.pattern.matcher(text);
            if (matcher.matches()) {
                return Optional.of(hit(each.rule, asked, matcher));
            }
        }
        return Optional.empty();
    }

    /** What is said of the whole domain of an address. */
    Optional<Hit> ofDomain(Address asked, Address sender) {
        String key = "@" + asked.requireDomain().ascii();
        for (Section section : sections) {
            Rule rule = section.senders.fit(sender) ? section.exact.get(key) : null;
            if (rule != null) {
                return Optional.of(hit(rule, asked, null));
            }
        }
        return Optional.empty();
    }

    private Hit hit(Rule rule, Address asked, @Nullable Matcher matcher) {
        List<Alias.Destination> to = new ArrayList<>();
        for (Target target : rule.to) {
            switch (target) {
                case Target.Fixed fixed -> to.add(fixed.to);
                case Target.SameLocal same ->
                    sound(asked.local(), Optional.of(same.domain), true, rule.where)
                            .ifPresent(to::add);
                case Target.Captured captured -> {
                    if (matcher != null) {
                        captured(captured, matcher, rule.where).ifPresent(to::add);
                    }
                }
            }
        }
        return new Hit(to, rule.where);
    }

    private Optional<Alias.Destination> captured(Target.Captured target, Matcher matcher, String where) {
        Optional<Domain> domain = Domain.parse(filled(target.domain, matcher))
                .filter(d -> target.domain.indexOf('$') < 0 || ours.test(d));
        return sound(filled(target.local, matcher), domain, target.local.indexOf('$') >= 0, where);
    }

    private Optional<Alias.Destination> sound(String local, Optional<Domain> domain, boolean given, String where) {
        boolean route = given && local.chars().anyMatch(c -> c == '@' || c == '%' || c == '!');
        return domain.filter(d -> !local.isEmpty() && !(route && !ours.test(d)))
                .map(d -> Address.of(local, d))
                // what was cut out of an address may be none any more
                .filter(address -> address.octets() <= OCTETS_MAX
                        && Address.parse(address.toString()).isPresent())
                .map(address -> new Alias.Destination("", Optional.of(address), false, where));
    }

    /** {@code $1} to {@code $9} stand for what the groups of the pattern hold, {@code $$} for a dollar. */
    private static String filled(String template, Matcher matcher) {
        StringBuilder out = new StringBuilder();
        for (int i = 0; i < template.length(); i++) {
            char c = template.charAt(i);
            if (c != '$') {
                out.append(c);
            } else if (template.charAt(++i) == '$') {
                out.append('$');
            } else {
                String group = matcher.group(template.charAt(i) - '0');
                out.append(group == null ? "" : group);
            }
        }
        return out.toString();
    }
}
