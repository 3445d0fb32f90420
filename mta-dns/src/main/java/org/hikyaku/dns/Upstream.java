package org.hikyaku.dns;

import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.hikyaku.config.Config;
import org.hikyaku.mail.IpLiteral;
import org.hikyaku.world.Resolver.Answer;
import org.hikyaku.world.Resolver.Cause;
import org.hikyaku.world.Tasks;
import org.jspecify.annotations.Nullable;
import org.xbill.DNS.DClass;
import org.xbill.DNS.Message;
import org.xbill.DNS.Name;
import org.xbill.DNS.Rcode;
import org.xbill.DNS.Record;
import org.xbill.DNS.ResolverConfig;
import org.xbill.DNS.SimpleResolver;

/**
 * The resolving servers: asks one after the other, the one that answered last first, in as many rounds as are set, by UDP
 * with EDNS and by TCP where the answer is cut. A question blocks its task.
 *
 * <p><i>Failure:</i> after the last round the most telling of the failures. One that says DNSSEC does not hold ends the
 * search: the next server might not look.
 */
final class Upstream {
    /** RFC 9715 3: no fragments on the way. */
    private static final int PAYLOAD = 1232;

    private final Config.Dns settings;
    private final Tasks tasks;
    private final List<Server> servers;
    private volatile int preferred;

    private record Server(String name, SimpleResolver resolver, SimpleResolver plain) {}

    /** What came of one sending. */
    private record Sent(@Nullable Message message, @Nullable Throwable failure) {}

    /** The outcome of a question. */
    sealed interface Result {
        record Reply(Message message) implements Result {}

        record Failed(Answer.Unknown why) implements Result {}
    }

    Upstream(Config.Dns settings, Tasks tasks) {
        this.settings = settings;
        this.tasks = tasks;
        List<InetSocketAddress> addresses =
                settings.servers().isEmpty() ? ResolverConfig.getCurrentConfig().servers() : settings.servers();
        this.servers = addresses.stream()
                .filter(address -> !address.isUnresolved())
                .map(address -> new Server(
                        IpLiteral.number(address.getAddress())
                                + (address.getPort() == 53 ? "" : ":" + address.getPort()),
                        resolver(address, settings.timeout(), 0),
                        resolver(address, settings.timeout(), -1)))
                .toList();
    }

    private static SimpleResolver resolver(InetSocketAddress address, Duration timeout, int edns) {
        SimpleResolver resolver = new SimpleResolver(address);
        resolver.setTimeout(timeout);
        resolver.setEDNS(edns, PAYLOAD, 0, List.of());
        return resolver;
    }

    Config.Dns settings() {
        return settings;
    }

    Result ask(Name name, int type) {
        Message query = Message.newQuery(Record.newRecord(name, type, DClass.IN));
        List<Answer.Unknown> failures = new ArrayList<>();
        for (int round = 0; round < settings.tries(); round++) {
            boolean timedOut = false;
            for (int i = 0; i < servers.size(); i++) {
                int index = (preferred + i) % servers.size();
                Result result = send(servers.get(index), query);
                if (!(result instanceof Result.Failed failed)) {
                    preferred = index;
                    return result;
                }
                if (failed.why().cause() == Cause.BOGUS) {
                    return result;
                }
                timedOut |= failed.why().cause() == Cause.TIMEOUT;
                failures.add(failed.why());
            }
            if (!timedOut) {
                break; // all have answered; asking again at once changes nothing
            }
        }
        return new Result.Failed(mostTelling(failures));
    }

    private Result send(Server server, Message query) {
        Sent sent = send(server.resolver(), query);
        Message message = sent.message();
        // RFC 6891 7: a server that does not know EDNS answers FORMERR (some NOTIMP); it is asked once without
        if (message != null && (message.getRcode() == Rcode.FORMERR || message.getRcode() == Rcode.NOTIMP)) {
            sent = send(server.plain(), query);
            message = sent.message();
        }
        if (message == null) {
            return new Result.Failed(unknown(server.name(), sent.failure()));
        }
        Optional<Answer.Unknown> failure = AnswerReader.failure(message, server.name());
        return failure.isPresent() ? new Result.Failed(failure.get()) : new Result.Reply(message);
    }

    private Sent send(SimpleResolver resolver, Message query) {
        Tasks.Promise<Sent> promise = tasks.promise();
        // the callback runs on the library's thread: it only hands over
        var _ = resolver.sendAsync(query, Runnable::run)
                .whenComplete((message, failure) -> promise.complete(new Sent(message, failure)));
        // the library keeps its own time, once by UDP and once by TCP; this is for the day on which it does not
        Duration limit = settings.timeout().multipliedBy(2).plusSeconds(1);
        return promise.await(limit).orElseGet(() -> new Sent(null, new SocketTimeoutException()));
    }

    private static Answer.Unknown unknown(String server, @Nullable Throwable failure) {
        Throwable cause = failure;
        while (cause != null && cause.getCause() != null) {
            cause = cause.getCause();
        }
        String text = cause == null || cause.getMessage() == null ? "" : cause.getMessage();
        boolean timeout = cause instanceof SocketTimeoutException
                || text.toLowerCase(Locale.ROOT).contains("timed out");
        return timeout
                ? new Answer.Unknown(Cause.TIMEOUT, server + " does not answer")
                : new Answer.Unknown(Cause.BROKEN, server + " cannot be asked: " + text);
    }

    private static Answer.Unknown mostTelling(List<Answer.Unknown> failures) {
        for (Cause cause : List.of(Cause.SERVFAIL, Cause.REFUSED, Cause.TIMEOUT)) {
            for (Answer.Unknown failure : failures) {
                if (failure.cause() == cause) {
                    return failure;
                }
            }
        }
        return failures.isEmpty() ? new Answer.Unknown(Cause.BROKEN, "no DNS server is set") : failures.getFirst();
    }
}
