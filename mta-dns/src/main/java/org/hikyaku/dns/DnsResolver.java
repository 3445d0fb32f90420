package org.hikyaku.dns;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Expiry;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import org.hikyaku.config.Config;
import org.hikyaku.dns.AnswerReader.Reading;
import org.hikyaku.mail.Domain;
import org.hikyaku.world.Clock;
import org.hikyaku.world.Resolver;
import org.hikyaku.world.Tasks;
import org.xbill.DNS.Name;
import org.xbill.DNS.TextParseException;

/**
 * The DNS by way of resolving servers (those of the settings, else those of the host). Answers are kept by their TTL, a
 * 'no' by its SOA (RFC 2308 5), a failure for some seconds (RFC 9520); a question that is on its way is not sent twice.
 * Names are always whole: no search list.
 *
 * <p>Nothing is {@code secure} yet: signatures are not checked here, and what a server says of its own checks is not
 * relied on.
 *
 * <p><i>Failure:</i> {@link Resolver.Answer.Unknown} with its cause; never an exception, never a wait beyond
 * {@code tries} rounds of {@code timeout} for each server and alias.
 */
public final class DnsResolver implements Resolver {
    private static final Duration FAILURE_TTL = Duration.ofSeconds(5);

    private final Supplier<Config.Dns> settings;
    private final Tasks tasks;
    private final Cache<Question, Kept> cache;
    private final Map<Question, Tasks.Promise<Answer>> onTheirWay = new ConcurrentHashMap<>();
    private volatile Upstream upstream;

    private record Question(Domain name, Type type) {}

    private record Kept(Answer answer, Duration ttl) {}

    /** {@code cache_max} is taken now; the other settings are looked at anew for each question. */
    public DnsResolver(Supplier<Config.Dns> settings, Clock clock, Tasks tasks) {
        this.settings = settings;
        this.tasks = tasks;
        this.upstream = new Upstream(settings.get(), tasks);
        this.cache = Caffeine.newBuilder()
                .maximumSize(settings.get().cacheMax())
                .expireAfter(Expiry.<Question, Kept>creating((question, kept) -> kept.ttl()))
                .ticker(clock::nanos)
                .executor(Runnable::run)
                .build();
    }

    @Override
    public Answer ask(Domain name, Type type) {
        Question question = new Question(name, type);
        Kept kept = cache.getIfPresent(question);
        if (kept != null) {
            return kept.answer();
        }
        Tasks.Promise<Answer> own = tasks.promise();
        Tasks.Promise<Answer> other = onTheirWay.putIfAbsent(question, own);
        if (other != null) {
            return other.await();
        }
        Answer answer = new Answer.Unknown(Cause.BROKEN, "the question was given up");
        try {
            Kept found = find(question);
            answer = found.answer();
            if (!found.ttl().isZero()) {
                cache.put(question, found);
            }
            return answer;
        } finally {
            onTheirWay.remove(question);
            own.complete(answer);
        }
    }

    private Kept find(Question question) {
        Name name;
        try {
            name = Name.fromString(question.name().ascii(), Name.root);
        } catch (TextParseException e) {
            return failed(new Answer.Unknown(Cause.BROKEN, "not a name for the DNS: " + e.getMessage()));
        }
        if (question.name().isLiteral()) {
            return failed(new Answer.Unknown(Cause.BROKEN, "an address is no name for the DNS"));
        }
        return follow(name, typeOf(question.type()));
    }

    /** Asks until the end of the aliases; most servers follow them by themselves. */
    private Kept follow(Name asked, int type) {
        Name name = asked;
        Duration ttl = Duration.ofDays(1);
        int aliases = 0;
        while (!AnswerReader.areTooMany(aliases)) {
            switch (servers().ask(name, type)) {
                case Upstream.Result.Failed failed -> {
                    return failed(failed.why());
                }
                case Upstream.Result.Reply reply -> {
                    switch (AnswerReader.read(reply.message(), name, type)) {
                        case Reading.Done done -> {
                            return done.answer() instanceof Answer.Unknown unknown
                                    ? failed(unknown)
                                    : new Kept(done.answer(), least(ttl, done.ttl()));
                        }
                        case Reading.Alias alias -> {
                            name = alias.target();
                            aliases += alias.aliases();
                            ttl = least(ttl, alias.ttl());
                        }
                    }
                }
            }
        }
        return failed(AnswerReader.tooManyAliases());
    }

    private Upstream servers() {
        Upstream latest = upstream;
        Config.Dns now = settings.get();
        if (!latest.settings().equals(now)) {
            latest = new Upstream(now, tasks);
            upstream = latest;
        }
        return latest;
    }

    private static Kept failed(Answer.Unknown why) {
        return new Kept(why, FAILURE_TTL);
    }

    private static Duration least(Duration a, Duration b) {
        return a.compareTo(b) < 0 ? a : b;
    }

    private static int typeOf(Type type) {
        return switch (type) {
            case A -> org.xbill.DNS.Type.A;
            case AAAA -> org.xbill.DNS.Type.AAAA;
            case MX -> org.xbill.DNS.Type.MX;
            case TXT -> org.xbill.DNS.Type.TXT;
            case TLSA -> org.xbill.DNS.Type.TLSA;
            case PTR -> org.xbill.DNS.Type.PTR;
        };
    }
}
