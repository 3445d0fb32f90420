package org.hikyaku.peers;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Mail for who is not always there: ETRN with Postfix as the server and between two of ours, ATRN between two of ours, one of which
 * dies in the middle.
 */
@ExtendWith(KitExtension.class)
class OnDemandPeersIT {
    private static final int MANY = 300;

    private final Kit kit;
    private static HikyakuServer provider;
    private static HikyakuServer customer;

    OnDemandPeersIT(Kit kit) {
        this.kit = kit;
    }

    /** The provider keeps mail for branch.osaka.test and hikyaku.test; the customer keeps it for osaka.test. */
    @BeforeAll
    static void start(Kit kit) {
        provider = HikyakuServer.makeOsaka(kit, "odmr-provider", """
                listeners.odmr { mode = odmr, endpoints = ["192.0.2.28:366"], tls = offer, auth = require }
                relay.domains = [hikyaku.test]
                on_demand.customers.house { domains = [hikyaku.test], users = ["joe@osaka.test"], networks = [], keep = true }
                """);
        customer = HikyakuServer.make(kit, "odmr-customer", "");
        Path password = customer.secret("password", HikyakuServer.PASSWORD);
        customer.configure("""
                on_demand.providers.osaka {
                  server {
                    host = mx.osaka.test, port = 366, tls = verified, user = "joe@osaka.test", password_file = "%s"
                  }
                  ask = atrn, domains = [hikyaku.test]
                }
                relay.domains = [osaka.test]
                on_demand.customers.osaka { domains = [osaka.test], users = [], networks = ["192.0.2.28"], keep = false }
                queue.retry = [1h]
                """.formatted(password));
        provider.start();
        customer.start();
    }

    @BeforeEach
    void startAgain() {
        for (HikyakuServer each : List.of(provider, customer)) {
            if (!each.isRunning()) { // a test before this one failed
                each.start();
            }
        }
    }

    @AfterEach
    void empty() {
        Path fresh = customer.mailbox("joe").resolve("new"); // the directory stays, the server knows it
        Command.run(List.of("find", fresh.toString(), "-type", "f", "-delete"));
    }

    @AfterAll
    static void stop() {
        customer.close();
        provider.close();
    }

    /** RFC 2645 5.2, 5.3. */
    @Test
    void mailIsFetchedOverTheConnectionOfWhoItIsFor() {
        arriveAtTheProvider(5);
        fetch();
        assertThat(numbersOnce(5))
                .allSatisfy((number, copies) -> assertThat(copies).isOne());
        nothingIsLeft();
    }

    @Test
    void whatTheCustomerHadNotTakenWhenItDiedItFetchesAfterItsStart() {
        kill(customer);
    }

    @Test
    void whatTheProviderHadNotBroughtWhenItDiedIsFetchedAfterItsStart() {
        kill(provider);
    }

    @Test
    void aProviderThatIsStoppedInTheMiddleLosesNothing() {
        arriveAtTheProvider(MANY);
        fetch();
        provider.close();
        provider.start();
        customer.command("etrn", "osaka"); // for what it had not brought; it may have had time for all
        assertThat(numbersOnce(MANY))
                .allSatisfy((number, copies) -> assertThat(copies).isOne());
    }

    private void kill(HikyakuServer who) {
        arriveAtTheProvider(MANY);
        long before = customer.lines("recipient-delivered").count();
        fetch();
        Waiting.until(
                "the first messages",
                () -> customer.lines("recipient-delivered").count() > before ? Optional.of(true) : Optional.empty(),
                customer::lastWords);
        who.kill();
        assertThat(numbers().size()).as("in the middle").isLessThan(MANY);

        who.start();
        fetch();
        Map<String, Integer> all = numbersOnce(MANY);
        long twice = all.values().stream().filter(copies -> copies > 1).count();
        // whose 250 was lost (RFC 5321 6.1), and what the customer had put into the mailbox within spool.marks_wait
        assertThat(twice).isLessThan(15);
        nothingIsLeft();
    }

    private void arriveAtTheProvider(int count) {
        kit.client(
                        "many.py",
                        "",
                        "192.0.2.28",
                        "25",
                        "bob@postfix.test",
                        "joe@hikyaku.test",
                        "20000",
                        Integer.toString(count))
                .good();
    }

    /** As soon as the provider, which may still hold an earlier connection, lets it. */
    private static void fetch() {
        Waiting.until(
                "a fetch",
                () -> customer.command("etrn", "osaka").code() == 0 ? Optional.of(true) : Optional.empty(),
                provider::lastWords);
    }

    /** RFC 2645 5.2.1. */
    private static void nothingIsLeft() {
        Waiting.until(
                "no mail at the provider",
                () -> customer.command("etrn", "osaka").output().contains("453 ")
                        ? Optional.of(true)
                        : Optional.empty(),
                provider::lastWords);
    }

    /** The numbers of messages in the customer's mailbox, with how often each is there. */
    private static Map<String, Integer> numbers() {
        Map<String, Integer> numbers = new TreeMap<>();
        Path fresh = customer.mailbox("joe").resolve("new");
        if (Files.isDirectory(fresh)) {
            try (Stream<Path> files = Files.list(fresh)) {
                for (Path file : files.toList()) {
                    Files.readAllLines(file, StandardCharsets.ISO_8859_1).stream()
                            .filter(line -> line.startsWith("X-Number: "))
                            .forEach(line -> numbers.merge(line, 1, Integer::sum));
                }
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        return numbers;
    }

    private static Map<String, Integer> numbersOnce(int count) {
        return Waiting.until(
                count + " messages",
                () -> Optional.of(numbers()).filter(found -> found.size() == count),
                () -> "there are " + numbers().size() + ". " + provider.lastWords());
    }

    /** RFC 1985 5.1; Postfix tries what it has for a domain of its fast flush service. */
    @Test
    void postfixSendsWhatItKeepsWhenItIsAsked() {
        postfixSettings("fast_flush_domains=hikyaku.test", "minimal_backoff_time=1h", "queue_run_delay=1h");
        customer.close();
        kit.script(
                        "peers.sh",
                        List.of("send", kit.work().toString(), "bob@postfix.test", "joe@hikyaku.test"),
                        "Subject: kept-by-postfix\n\nhello\n")
                .good();
        Waiting.until(
                "a deferral in Postfix's log",
                () -> Optional.of(kit.script(
                                        "peers.sh", "log", "postfix", kit.work().toString())
                                .output())
                        .filter(log -> log.lines()
                                .anyMatch(line -> line.contains("to=<joe@hikyaku.test>")
                                        && line.contains("status=deferred")
                                        && line.contains("refused"))),
                customer::lastWords);
        customer.start();

        assertThat(customer.command("etrn", "mx.postfix.test", "hikyaku.test").good())
                .contains("hikyaku.test: 250 Queuing started");
        customer.arrived("joe", "Subject: kept-by-postfix\n");
        assertThat(customer.command("etrn", "mx.postfix.test", "postfix.test").code())
                .isNotZero(); // 459: no fast flush there
        postfixSettings("fast_flush_domains=", "minimal_backoff_time=5s", "queue_run_delay=5s");
    }

    private void postfixSettings(String... settings) {
        String etc = kit.work().resolve("postfix/etc").toString();
        kit.peer(
                        "",
                        Stream.concat(Stream.of("postconf", "-c", etc, "-e"), Stream.of(settings))
                                .toList())
                .good();
        kit.peer("", List.of("postfix", "-c", etc, "reload")).good();
    }

    /** RFC 1985 5.1, 5.3: an hour before its time. */
    @Test
    void mailWaitsForWhoIsAwayUntilHeAsksForIt() {
        provider.close();
        kit.client("many.py", "", "192.0.2.1", "25", "bob@postfix.test", "joe@osaka.test", "100", "1")
                .good();
        customer.logged("recipient-deferred", "to=joe@osaka.test");
        provider.start();
        assertThat(provider.command("etrn", "mx.hikyaku.test", "osaka.test").good())
                .contains("osaka.test: 25");
        provider.arrived("joe", "X-Number: 1\n");
        customer.logged("queue-started", "node=osaka.test");
        assertThat(provider.command("etrn", "mx.hikyaku.test", "postfix.test").output())
                .contains("postfix.test: 45");
    }
}
