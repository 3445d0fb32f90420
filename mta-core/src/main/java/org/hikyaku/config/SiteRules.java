package org.hikyaku.config;

import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.hikyaku.config.SiteRule.SiteTimeouts;
import org.hikyaku.mail.Diagnosis;
import org.hikyaku.mail.Domain;
import org.hikyaku.mail.Site;
import org.jspecify.annotations.Nullable;

/**
 * The rules of sites, for look-ups: which site a domain and its first host are, and what holds there. Pure; made once for a
 * configuration. docs/sites.md.
 *
 * <p><i>Failure:</i> none; a site without a rule has what {@code sites.any} and the settings for all say.
 */
public final class SiteRules {
    private static final String PREFIX = "site:";
    private static final String FALLBACK = "fallback:";
    private static final Pattern REPLY =
            Pattern.compile("([2-5][0-9]{2})(?:[ -]([245]\\.[0-9]{1,3}\\.[0-9]{1,3}))?(?![0-9.])");

    private final Config config;
    private final Map<String, String> byDomain = new HashMap<>();
    private final Map<String, String> byHost = new HashMap<>();
    private final @Nullable SiteRule any;

    public SiteRules(Config config) {
        this.config = config;
        this.any = config.sites().get(SiteRule.ANY);
        config.sites().forEach((name, rule) -> {
            rule.domains().forEach(domain -> byDomain.put(key(domain), name));
            rule.mx().forEach(host -> byHost.put(key(host.startsWith("*.") ? host.substring(1) : host), name));
        });
    }

    /** {@code .example.com} or {@code example.com} as the DNS writes it. */
    private static String key(String name) {
        boolean below = name.startsWith(".");
        String bare = below ? name.substring(1) : name;
        String ascii = Domain.parse(bare).map(Domain::ascii).orElse(bare.toLowerCase(Locale.ROOT));
        return below ? "." + ascii : ascii;
    }

    /** The configuration that these are of. */
    public Config config() {
        return config;
    }

    /** The site that a rule makes of this domain's mail, whose first host is {@code host}. */
    public Optional<Site> site(Domain domain, String host) {
        String name = nearest(byDomain, domain.ascii(), true);
        name = name == null ? nearest(byHost, host, false) : name;
        return Optional.ofNullable(name).map(rule -> new Site(PREFIX + rule));
    }

    /** Deliveries at the same time, at most. */
    public int connections(Site site) {
        return first(site, SiteRule::connections).orElse(config.queue().deliveriesPerSiteMax());
    }

    /**
     * Connections at the same time, at most. What goes by a fallback is counted where it was to go first, so only a rule for its own
     * host bounds it.
     */
    public int room(Site site) {
        if (!site.key().startsWith(FALLBACK)) {
            return connections(site);
        }
        SiteRule own = rule(site);
        return own == null ? Integer.MAX_VALUE : own.connections().orElse(Integer.MAX_VALUE);
    }

    public int messagesPerConnection(Site site) {
        return first(site, SiteRule::messagesPerConnection)
                .orElse(config.delivery().messagesPerConnectionMax());
    }

    public int recipientsPerTransaction(Site site) {
        return first(site, SiteRule::recipientsPerTransaction)
                .orElse(config.delivery().recipientsPerTransactionMax());
    }

    /** The pool that its mail leaves from. */
    public Optional<String> source(Site site) {
        return first(site, SiteRule::source);
    }

    /** What connections to it need; empty: as for all. */
    public Optional<SiteRule.SiteTls> tls(Site site) {
        return first(site, SiteRule::tls);
    }

    /** How long we wait for its hosts. */
    public DeliverySettings.ClientTimeouts timeouts(Site site) {
        DeliverySettings.ClientTimeouts all = config.delivery().timeouts();
        return new DeliverySettings.ClientTimeouts(
                timeout(site, SiteTimeouts::connect).orElse(all.connect()),
                timeout(site, SiteTimeouts::greeting).orElse(all.greeting()),
                timeout(site, SiteTimeouts::hello).orElse(all.hello()),
                timeout(site, SiteTimeouts::mail).orElse(all.mail()),
                timeout(site, SiteTimeouts::recipient).orElse(all.recipient()),
                timeout(site, SiteTimeouts::dataStart).orElse(all.dataStart()),
                timeout(site, SiteTimeouts::dataBlock).orElse(all.dataBlock()),
                timeout(site, SiteTimeouts::dataEnd).orElse(all.dataEnd()),
                all.quit());
    }

    private Optional<Duration> timeout(Site site, Function<SiteTimeouts, Optional<Duration>> which) {
        return first(site, rule -> rule.timeouts().flatMap(which));
    }

    /** Messages that are begun, at most; none for no bound. */
    public List<Rate> rates(Site site) {
        SiteRule own = rule(site);
        if (own != null && !own.rates().isEmpty()) {
            return own.rates();
        }
        return any == null ? List.of() : any.rates();
    }

    /**
     * What a reply of this site means.
     *
     * @param reply on one line, {@code 421 4.7.28 too much}
     */
    public Optional<SiteRule.ReplyRule> meaning(Site site, String reply) {
        Matcher parts = REPLY.matcher(reply);
        if (!parts.lookingAt()) {
            return Optional.empty();
        }
        String status = parts.group(2) == null ? "" : parts.group(2);
        String small = reply.toLowerCase(Locale.ROOT);
        for (SiteRule rule : new SiteRule[] {rule(site), any}) {
            for (SiteRule.ReplyRule each : rule == null ? List.<SiteRule.ReplyRule>of() : rule.replies()) {
                if (each.fits(parts.group(1), status, small)) {
                    return Optional.of(each);
                }
            }
        }
        return Optional.empty();
    }

    /** Why a host did not take a message for {@code domain}, from what is kept of it. */
    public Optional<SiteRule.ReplyClass> classOf(Domain domain, Diagnosis why) {
        String host = why.remote().split(" ", 2)[0];
        Site site = site(domain, host).orElseGet(() -> Site.ofDomain(domain));
        return meaning(site, why.reply()).map(SiteRule.ReplyRule::meaning);
    }

    private <T> Optional<T> first(Site site, Function<SiteRule, Optional<T>> value) {
        SiteRule own = rule(site);
        Optional<T> set = own == null ? Optional.empty() : value.apply(own);
        return set.isPresent() || any == null ? set : value.apply(any);
    }

    /** By name, or by the first host that the operator gave: {@code smarthost:mail.example.net:587}. */
    private @Nullable SiteRule rule(Site site) {
        String key = site.sourceless().key();
        if (key.startsWith(PREFIX)) {
            return config.sites().get(key.substring(PREFIX.length()));
        }
        boolean named = key.startsWith("smarthost:") || key.startsWith("route:") || key.startsWith(FALLBACK);
        int from = named ? key.indexOf(':') + 1 : -1;
        int end = key.indexOf(',');
        int to = key.lastIndexOf(':', end < 0 ? key.length() : end);
        String name = from < 0 || to < from ? null : nearest(byHost, key(key.substring(from, to)), false);
        return name == null ? null : config.sites().get(name);
    }

    /** The entry of this very name, else the one with a leading dot that is nearest above it. */
    private static @Nullable String nearest(Map<String, String> names, String name, boolean itself) {
        String found = names.get(name);
        String suffix = itself ? "." + name : name.substring(Math.max(0, name.indexOf('.')));
        while (found == null && suffix.startsWith(".")) {
            found = names.get(suffix);
            int dot = suffix.indexOf('.', 1);
            suffix = dot < 0 ? "" : suffix.substring(dot);
        }
        return found;
    }
}
