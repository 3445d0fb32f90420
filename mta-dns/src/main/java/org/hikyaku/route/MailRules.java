package org.hikyaku.route;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.hikyaku.mail.Address;
import org.hikyaku.mail.Domain;
import org.hikyaku.mail.Site;
import org.hikyaku.table.AddressKeys;
import org.hikyaku.table.DomainShare;
import org.jspecify.annotations.Nullable;

/**
 * The rules for one message, however many recipients it has: what depends on the message is looked at once, what depends on a domain
 * once for each, and only rules that name single addresses of a domain or have patterns are asked for each of its recipients. Of one
 * task or loop.
 *
 * <p><i>Failure:</i> beyond {@link #LOOKS_MAX} looks at rules a recipient waits with his domain, as if there were no rules, and by himself
 * where a program may be run for him; where he goes is asked at his attempt.
 */
public final class MailRules {
    /** At some microseconds each, where they are patterns. */
    static final int LOOKS_MAX = 30_000;

    private final RouteRules rules;
    private final Mail mail;
    /** Those that fit the message, whoever it is for. */
    private final List<MailRule> fit = new ArrayList<>();

    private final Map<Domain, OfDomain> domains = new HashMap<>(); // only looked up
    private int looks;

    /** What is known of a domain's recipients. */
    private static final class OfDomain {
        final List<MailRule> fit = new ArrayList<>();
        /** Where mail for it goes without rules; null where an address may have an agent of its own. */
        @Nullable
        Decision usual;

        /** Whether one decision holds for all of them. */
        boolean same;

        @Nullable
        Decision fresh;

        @Nullable
        Decision ruled;
    }

    MailRules(RouteRules rules, Mail mail) {
        this.rules = rules;
        this.mail = mail;
        if (!rules.matchers().isEmpty()) {
            AddressKeys sender = AddressKeys.of(mail.sender());
            for (RuleMatcher each : rules.matchers()) {
                if (each.fits(mail, sender)) {
                    fit.add(new MailRule(each, mail, sender));
                }
            }
        }
    }

    /** What the rules say of {@code asked}, of this message. */
    Decision decide(Asked asked) {
        return decide(asked.recipient(), asked.ruled());
    }

    private Decision decide(Address recipient, boolean ruled) {
        if (fit.isEmpty() || recipient.domain().isEmpty()) {
            return first(fit, recipient, ruled, rules.usual(recipient));
        }
        OfDomain of = domains.computeIfAbsent(recipient.requireDomain(), this::of);
        Decision usual = of.usual;
        if (!of.same || usual == null) {
            return first(of.fit, recipient, ruled, usual == null ? rules.usual(recipient) : usual);
        }
        Decision known = ruled ? of.ruled : of.fresh;
        if (known == null) {
            known = first(of.fit, recipient, ruled, usual);
            of.ruled = ruled ? known : of.ruled;
            of.fresh = ruled ? of.fresh : known;
        }
        return known;
    }

    private OfDomain of(Domain domain) {
        OfDomain of = new OfDomain();
        of.usual = rules.isLocal(domain) ? null : rules.usual(domain);
        of.same = of.usual != null;
        looks += fit.size();
        for (MailRule each : fit) {
            DomainShare share = each.of(domain);
            if (share != DomainShare.NONE) {
                of.fit.add(each);
                of.same &= share == DomainShare.ALL;
            }
        }
        return of;
    }

    private Decision first(List<MailRule> of, Address recipient, boolean ruled, Decision usual) {
        if (!of.isEmpty()) {
            AddressKeys keys = AddressKeys.of(recipient);
            Asked asked = new Asked(mail, recipient, ruled);
            for (MailRule each : of) {
                looks++;
                Optional<Decision> decision = each.decide(asked, keys, usual.course());
                if (decision.isPresent()) {
                    return decision.get();
                }
            }
        }
        return usual;
    }

    /**
     * By what mail waits until its site is known: by its domain, apart for each way that a rule sends mail of that domain, and for
     * each agent that addresses of a domain of ours have of their own, so that what goes one way never waits for what goes another.
     *
     * @param ruled a rule has held the message once
     */
    public Site home(Address recipient, boolean ruled) {
        Domain name = recipient.requireDomain();
        Site domain = Site.ofDomain(name);
        if (!rules.mayDiffer() || looks > LOOKS_MAX) {
            return domain;
        }
        Decision decision = decide(recipient, ruled);
        Decision usual = decision.byRule() ? usual(recipient) : decision;
        boolean apart = decision.byRule()
                && !(decision.course().to() instanceof Course.Target.Unknown)
                && !decision.course().equals(usual.course());
        if (apart) {
            return domain.by(decision.way()
                    + decision.course().source().map(pool -> ", from " + pool).orElse("")
                    + (decision.fallback().isEmpty() ? "" : ", else " + decision.fallback()));
        }
        return rules.own(usual, name).map(domain::by).orElse(domain);
    }

    private Decision usual(Address recipient) {
        OfDomain of = domains.get(recipient.requireDomain());
        Decision known = of == null ? null : of.usual;
        return known == null ? rules.usual(recipient) : known;
    }

    /** Whether a program takes it, or, beyond {@link #LOOKS_MAX}, may take it: that is run for each recipient. */
    public boolean isRun(Address recipient, boolean ruled) {
        if (looks <= LOOKS_MAX) {
            return rules.isProgram(decide(recipient, ruled).course().to());
        }
        return rules.mayRun(recipient)
                || fit.stream().flatMap(rule -> rule.agent().stream()).anyMatch(rules::isProgram);
    }
}
