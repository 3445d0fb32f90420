package org.hikyaku.dns;

import static org.assertj.core.api.Assertions.assertThat;
import static org.hikyaku.dns.StubServer.reply;

import java.io.IOException;
import java.lang.reflect.Proxy;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import org.hikyaku.config.Config;
import org.hikyaku.mail.Domain;
import org.hikyaku.mail.IpLiteral;
import org.hikyaku.world.Clock;
import org.hikyaku.world.Resolver;
import org.hikyaku.world.Resolver.Answer;
import org.hikyaku.world.Resolver.Cause;
import org.hikyaku.world.Resolver.Data;
import org.hikyaku.world.Tasks;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.xbill.DNS.ExtendedErrorCodeOption;
import org.xbill.DNS.Flags;
import org.xbill.DNS.Message;
import org.xbill.DNS.OPTRecord;
import org.xbill.DNS.Rcode;
import org.xbill.DNS.Section;

/** Against a server of our own on loopback. */
class DnsResolverTest {
    private static final String SOA = "example. 300 SOA ns.example. admin.example. 1 2 3 4 60";

    private final AtomicLong nanos = new AtomicLong();
    private final List<StubServer> servers = new ArrayList<>();
    private StubServer server = silent();

    @BeforeEach
    void start() {
        server.script((query, tcp) -> Optional.of(reply(query, Rcode.NXDOMAIN, SOA)));
    }

    @AfterEach
    void stop() throws IOException {
        for (StubServer each : servers) {
            each.close();
        }
    }

    private StubServer silent() {
        try {
            StubServer made = new StubServer((query, tcp) -> Optional.empty());
            servers.add(made);
            return made;
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private DnsResolver resolver(StubServer... given) {
        List<InetSocketAddress> addresses = List.of(given.length == 0 ? new StubServer[] {server} : given).stream()
                .map(StubServer::address)
                .toList();
        return new DnsResolver(() -> new Config.Dns(addresses, Duration.ofMillis(300), 2, 100), clock(), tasks());
    }

    private Clock clock() {
        return new Clock() {
            @Override
            public Instant now() {
                return Instant.EPOCH;
            }

            @Override
            public long nanos() {
                return nanos.get();
            }
        };
    }

    private static Tasks tasks() {
        return (Tasks) Proxy.newProxyInstance(
                Tasks.class.getClassLoader(), new Class<?>[] {Tasks.class}, (p, method, args) -> {
                    if (method.getName().equals("promise")) {
                        return new FuturePromise<>();
                    }
                    throw new UnsupportedOperationException(method.getName());
                });
    }

    private static final class FuturePromise<T> implements Tasks.Promise<T> {
        private final CompletableFuture<T> future = new CompletableFuture<>();

        @Override
        public boolean complete(T value) {
            return future.complete(value);
        }

        @Override
        public boolean isDone() {
            return future.isDone();
        }

        @Override
        public T await() {
            return future.join();
        }

        @Override
        public Optional<T> await(Duration limit) {
            try {
                return Optional.of(future.get(limit.toNanos(), TimeUnit.NANOSECONDS));
            } catch (TimeoutException e) {
                return Optional.empty();
            } catch (InterruptedException | java.util.concurrent.ExecutionException e) {
                throw new IllegalStateException(e);
            }
        }
    }

    private void answers(String... records) {
        server.script((query, tcp) -> Optional.of(reply(query, Rcode.NOERROR, records)));
    }

    private static Domain name(String text) {
        return Domain.of(text);
    }

    private static List<Data> records(Answer answer) {
        assertThat(answer).isInstanceOf(Answer.Found.class);
        assertThat(((Answer.Found) answer).secure()).isFalse();
        return ((Answer.Found) answer).records();
    }

    private static Cause cause(Answer answer) {
        assertThat(answer).isInstanceOf(Answer.Unknown.class);
        return ((Answer.Unknown) answer).cause();
    }

    private static Data ip(String text) {
        return new Data.Ip(IpLiteral.parseAddress(text).orElseThrow());
    }

    @Test
    void everyTypeIsRead() {
        answers("a.example. 60 A 192.0.2.1", "a.example. 60 A 192.0.2.2", "other.example. 60 A 192.0.2.9");
        assertThat(records(resolver().ask(name("a.example"), Resolver.Type.A)))
                .containsExactly(ip("192.0.2.1"), ip("192.0.2.2"));
        answers("a.example. 60 AAAA 2001:db8::1");
        assertThat(records(resolver().ask(name("a.example"), Resolver.Type.AAAA)))
                .containsExactly(ip("2001:db8::1"));
        answers("a.example. 60 MX 10 MX.Example.", "a.example. 60 MX 0 .");
        assertThat(records(resolver().ask(name("A.example"), Resolver.Type.MX)))
                .containsExactly(new Data.Mx(10, "mx.example", false), new Data.Mx(0, "", true));
        answers("1.2.0.192.in-addr.arpa. 60 PTR host.example.");
        assertThat(records(resolver().ask(name("1.2.0.192.in-addr.arpa"), Resolver.Type.PTR)))
                .containsExactly(new Data.Name("host.example"));
        answers("a.example. 60 TXT \"v=spf1 \" \"-all\"");
        Data.Text text = (Data.Text)
                records(resolver().ask(name("a.example"), Resolver.Type.TXT)).getFirst();
        assertThat(new String(text.octets(), StandardCharsets.UTF_8)).isEqualTo("v=spf1 -all");
        answers("_25._tcp.a.example. 60 TLSA 3 1 1 00ff");
        Data.Tlsa tlsa = (Data.Tlsa) records(resolver().ask(name("_25._tcp.a.example"), Resolver.Type.TLSA))
                .getFirst();
        assertThat(tlsa.usage() + " " + tlsa.selector() + " " + tlsa.matching()).isEqualTo("3 1 1");
        assertThat(tlsa.association()).containsExactly(0, 0xff);
    }

    @Test
    void noNameAndNoDataAreTwoThings() { // RFC 2308 2
        assertThat(resolver().ask(name("gone.example"), Resolver.Type.MX)).isEqualTo(new Answer.NoName(false));
        answers(SOA);
        assertThat(resolver().ask(name("there.example"), Resolver.Type.MX)).isEqualTo(new Answer.NoData(false));
        answers();
        assertThat(resolver().ask(name("there.example"), Resolver.Type.MX)).isEqualTo(new Answer.NoData(false));
    }

    @ParameterizedTest
    @CsvSource({"SERVFAIL,SERVFAIL", "REFUSED,REFUSED", "NOTAUTH,BROKEN"})
    void failuresAreNeverANo(String rcode, Cause expected) {
        server.script((query, tcp) -> Optional.of(reply(query, Rcode.value(rcode))));
        assertThat(cause(resolver().ask(name("a.example"), Resolver.Type.MX))).isEqualTo(expected);
    }

    @Test
    void silenceIsATimeoutAfterAllTries() {
        StubServer silent = silent();
        assertThat(cause(resolver(silent).ask(name("a.example"), Resolver.Type.MX)))
                .isEqualTo(Cause.TIMEOUT);
        assertThat(silent.asked).hasSize(2);
    }

    @Test
    void aReferralIsNoAnswer() {
        answers("example. 60 NS ns.example.");
        assertThat(cause(resolver().ask(name("a.example"), Resolver.Type.MX))).isEqualTo(Cause.BROKEN);
    }

    @Test
    void dnssecFailureIsToldByItsExtendedErrorAndEndsTheSearch() { // RFC 8914 4.7
        StubServer careless = silent();
        careless.script((query, tcp) -> Optional.of(reply(query, Rcode.NOERROR, "a.example. 60 A 192.0.2.66")));
        server.script((query, tcp) -> {
            Message reply = reply(query, Rcode.SERVFAIL);
            reply.addRecord(
                    new OPTRecord(
                            1232, 0, 0, 0, List.of(new ExtendedErrorCodeOption(ExtendedErrorCodeOption.DNSSEC_BOGUS))),
                    Section.ADDITIONAL);
            return Optional.of(reply);
        });
        assertThat(cause(resolver(server, careless).ask(name("a.example"), Resolver.Type.A)))
                .isEqualTo(Cause.BOGUS);
        assertThat(careless.asked).isEmpty();
    }

    @Test
    void theNextServerIsAskedAndThenPreferred() {
        StubServer silent = silent();
        answers("a.example. 60 A 192.0.2.1", "b.example. 60 A 192.0.2.2");
        DnsResolver resolver = resolver(silent, server);
        assertThat(records(resolver.ask(name("a.example"), Resolver.Type.A))).containsExactly(ip("192.0.2.1"));
        assertThat(records(resolver.ask(name("b.example"), Resolver.Type.A))).containsExactly(ip("192.0.2.2"));
        assertThat(silent.asked).hasSize(1);
    }

    @Test
    void aCutAnswerIsAskedAgainByTcp() {
        server.script((query, tcp) -> {
            Message reply =
                    tcp ? reply(query, Rcode.NOERROR, "a.example. 60 A 192.0.2.1") : reply(query, Rcode.NOERROR);
            if (!tcp) {
                reply.getHeader().setFlag(Flags.TC);
            }
            return Optional.of(reply);
        });
        assertThat(records(resolver().ask(name("a.example"), Resolver.Type.A))).containsExactly(ip("192.0.2.1"));
        assertThat(server.asked).containsExactly("a.example. A", "a.example. A tcp");
    }

    @Test
    void aServerWithoutEdnsIsAskedPlainly() { // RFC 6891 7
        server.script((query, tcp) -> Optional.of(
                query.getOPT() != null
                        ? reply(query, Rcode.FORMERR)
                        : reply(query, Rcode.NOERROR, "a.example. 60 A 192.0.2.1")));
        assertThat(records(resolver().ask(name("a.example"), Resolver.Type.A))).containsExactly(ip("192.0.2.1"));
    }

    @Test
    void aliasesAreFollowedWithinAndAcrossAnswers() {
        server.script((query, tcp) -> Optional.of(
                query.getQuestion().getName().toString().equals("a.example.")
                        ? reply(
                                query,
                                Rcode.NOERROR,
                                "a.example. 60 CNAME b.example.",
                                "b.example. 60 CNAME c.example.")
                        : reply(query, Rcode.NOERROR, "c.example. 60 A 192.0.2.3")));
        assertThat(records(resolver().ask(name("a.example"), Resolver.Type.A))).containsExactly(ip("192.0.2.3"));
        assertThat(server.asked).containsExactly("a.example. A", "c.example. A");
    }

    @Test
    void aliasToNothingIsTheNoOfItsEnd() { // RFC 2308 2.1
        server.script((query, tcp) -> Optional.of(reply(query, Rcode.NXDOMAIN, "a.example. 60 CNAME b.example.", SOA)));
        assertThat(resolver().ask(name("a.example"), Resolver.Type.A)).isEqualTo(new Answer.NoName(false));
        answers("a.example. 60 CNAME b.example.", SOA);
        assertThat(resolver().ask(name("a.example"), Resolver.Type.A)).isEqualTo(new Answer.NoData(false));
    }

    @Test
    void aliasesInACircleEnd() {
        answers("a.example. 60 CNAME b.example.", "b.example. 60 CNAME a.example.");
        assertThat(cause(resolver().ask(name("a.example"), Resolver.Type.A))).isEqualTo(Cause.BROKEN);
        AtomicLong count = new AtomicLong();
        server.script((query, tcp) -> Optional.of(reply(
                query,
                Rcode.NOERROR,
                query.getQuestion().getName() + " 60 CNAME n" + count.incrementAndGet() + ".example.")));
        assertThat(cause(resolver().ask(name("x.example"), Resolver.Type.A))).isEqualTo(Cause.BROKEN);
        assertThat(count.get()).isLessThan(12);
    }

    private void pass(Duration time) {
        nanos.addAndGet(time.toNanos());
    }

    @Test
    void answersAreKeptByTheirLeastTtl() {
        answers("a.example. 600 CNAME b.example.", "b.example. 60 A 192.0.2.1");
        DnsResolver resolver = resolver();
        resolver.ask(name("a.example"), Resolver.Type.A);
        pass(Duration.ofSeconds(59));
        resolver.ask(name("a.example"), Resolver.Type.A);
        assertThat(server.asked).hasSize(1);
        pass(Duration.ofSeconds(2));
        resolver.ask(name("a.example"), Resolver.Type.A);
        assertThat(server.asked).hasSize(2);
    }

    @Test
    void aNoIsKeptByItsSoaAndNotWithoutOne() { // RFC 2308 5
        DnsResolver resolver = resolver();
        resolver.ask(name("gone.example"), Resolver.Type.A);
        pass(Duration.ofSeconds(59));
        resolver.ask(name("gone.example"), Resolver.Type.A);
        assertThat(server.asked).hasSize(1);
        pass(Duration.ofSeconds(2));
        answers();
        resolver.ask(name("gone.example"), Resolver.Type.A);
        resolver.ask(name("gone.example"), Resolver.Type.A);
        assertThat(server.asked).hasSize(3);
    }

    @Test
    void failuresAreKeptForSeconds() {
        server.script((query, tcp) -> Optional.of(reply(query, Rcode.SERVFAIL)));
        DnsResolver resolver = resolver();
        resolver.ask(name("a.example"), Resolver.Type.A);
        resolver.ask(name("a.example"), Resolver.Type.A);
        assertThat(server.asked).hasSize(1);
        pass(Duration.ofSeconds(6));
        answers("a.example. 60 A 192.0.2.1");
        assertThat(resolver.ask(name("a.example"), Resolver.Type.A)).isInstanceOf(Answer.Found.class);
    }

    @Test
    void oneQuestionOnItsWayServesAll() throws Exception {
        CountDownLatch arrived = new CountDownLatch(1);
        CountDownLatch go = new CountDownLatch(1);
        server.script((query, tcp) -> {
            arrived.countDown();
            try {
                go.await(250, TimeUnit.MILLISECONDS);
            } catch (InterruptedException e) {
                return Optional.empty();
            }
            return Optional.of(reply(query, Rcode.NOERROR, "a.example. 0 A 192.0.2.1"));
        });
        DnsResolver resolver = resolver();
        CompletableFuture<Answer> first =
                CompletableFuture.supplyAsync(() -> resolver.ask(name("a.example"), Resolver.Type.A));
        assertThat(arrived.await(5, TimeUnit.SECONDS)).isTrue();
        CompletableFuture<Answer> second =
                CompletableFuture.supplyAsync(() -> resolver.ask(name("a.example"), Resolver.Type.A));
        assertThat(records(second.get(5, TimeUnit.SECONDS))).isEqualTo(records(first.get(5, TimeUnit.SECONDS)));
        go.countDown();
        assertThat(server.asked).hasSize(1);
    }

    @Test
    void anAddressIsNoName() {
        assertThat(cause(resolver().ask(name("[192.0.2.1]"), Resolver.Type.A))).isEqualTo(Cause.BROKEN);
        assertThat(server.asked).isEmpty();
    }

    @Test
    void aHostWithoutAServerSaysSo() throws IOException {
        StubServer closed = silent();
        closed.close();
        assertThat(resolver(closed).ask(name("a.example"), Resolver.Type.A)).isInstanceOf(Answer.Unknown.class);
    }

    @Test
    void questionsCarryEdnsWithAPayloadThatIsNotCutOnItsWay() { // RFC 6891 6.2.5
        AtomicLong payload = new AtomicLong();
        server.script((query, tcp) -> {
            payload.set(query.getOPT() == null ? 0 : query.getOPT().getPayloadSize());
            return Optional.of(reply(query, Rcode.NOERROR, "a.example. 60 A 192.0.2.1"));
        });
        assertThat(resolver().ask(name("a.example"), Resolver.Type.A)).isInstanceOf(Answer.Found.class);
        assertThat(payload.get()).isBetween(512L, 1410L);
    }
}
