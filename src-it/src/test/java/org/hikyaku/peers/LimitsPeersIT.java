package org.hikyaku.peers;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * LIMITS (RFC 9422): the client keeps to those of the server, another of ours, and to all three of them with a server that counts.
 * Exim's are in EximPeersIT.
 */
@ExtendWith(KitExtension.class)
class LimitsPeersIT {
    private final Kit kit;
    private static HikyakuServer client;
    private static HikyakuServer server;

    LimitsPeersIT(Kit kit) {
        this.kit = kit;
    }

    @BeforeAll
    static void start(Kit kit) {
        server = HikyakuServer.makeOsaka(kit, "limits-server", """
                limits { recipients_max = 100, messages_per_session_max = 2 }
                relay.domains = [far.test]
                local.catch_all { "osaka.test" = "joe@osaka.test" }
                delivery.routes { "far.test" = { host = refused.hosts.test, port = 25, tls = none } }
                queue.retry = [1h]
                """);
        client = HikyakuServer.make(kit, "limits-client", """
                delivery {
                  recipients_per_transaction_max = 1000
                  rules = [
                    { to = ["far.test"], hosts = [ { host = mx.osaka.test, port = 25, tls = none } ] }
                    { to = ["one.limited.test", "two.limited.test", "three.limited.test"]
                      hosts = [ { host = mx.osaka.test, port = 2526, tls = none } ] }
                  ]
                }
                queue.deliveries_per_site_max = 1
                """);
        server.start();
        client.start();
    }

    @AfterAll
    static void stop() {
        client.close();
        server.close();
    }

    private void submit(String subject, List<String> recipients) {
        List<String> all = new ArrayList<>(List.of(
                "mx.hikyaku.test",
                "465",
                "tls",
                kit.authority().toString(),
                "PLAIN",
                "joe@hikyaku.test",
                HikyakuServer.PASSWORD,
                "joe@hikyaku.test"));
        all.addAll(recipients);
        String message = "From: joe@hikyaku.test\nSubject: " + subject + "\n\nhello\n";
        kit.client("send.py", message, all.toArray(String[]::new)).good();
    }

    private static void delivered(String domain, int count) {
        Waiting.until(
                count + " deliveries to " + domain,
                () -> client.lines("recipient-delivered")
                                        .filter(line -> line.contains(domain + " "))
                                        .count()
                                == count
                        ? Optional.of(true)
                        : Optional.empty(),
                client::lastWords);
    }

    /** RFC 9422 4.2. */
    @Test
    void recipientsBeyondTheLimitOfTheServerGoInAnotherTransaction() {
        submit(
                "many",
                IntStream.range(0, 130).mapToObj(i -> "u" + i + "@far.test").toList());
        delivered("@far.test", 130);
        assertThat(server.lines("message-queued").map(line -> line.replaceAll(".* recipients=(\\d+) .*", "$1")))
                .filteredOn(count -> !count.equals("1")) // another test's
                .containsExactlyInAnyOrder("100", "30");
        assertThat(server.lines("recipient-rejected")).isEmpty();
    }

    /** RFC 9422 4.1. */
    @Test
    void messagesBeyondTheLimitOfTheServerGoOverAnotherConnection() {
        server.close(); // so that all wait together
        for (int i = 0; i < 5; i++) {
            submit("messages", List.of("m" + i + "@osaka.test"));
        }
        server.start();
        client.command("queue", "retry", "recipient ~ osaka.test").good();
        delivered("@osaka.test", 5);
        assertThat(server.lines("command-rejected")).isEmpty();
        List<String> sessions = server.lines("session-closed")
                .filter(line -> line.contains("remote=192.0.2.1 "))
                .map(line -> line.replaceAll(".* messages=(\\d+) .*", "$1"))
                .toList();
        assertThat(sessions).contains("2").doesNotContain("3", "4", "5");
    }

    /** RFC 9422 4.1 to 4.3: what it said is kept, and nothing had to be refused. */
    @ParameterizedTest
    @CsvSource({"RCPTMAX=2, 2, 9, 9", "RCPTDOMAINMAX=1, 9, 1, 9", "MAILMAX=1 RCPTDOMAINMAX=2, 9, 2, 1"})
    void aServerThatCountsNeedsToRefuseNothing(String limits, int recipients, int domains, int mails) throws Exception {
        Path log = Files.createTempFile(kit.work(), "limited", ".out");
        List<String> command =
                new ArrayList<>(List.of("python3", kit.clientProgram("limited.py"), "192.0.2.28", "2526"));
        command.addAll(List.of(limits.split(" ", -1)));
        Process limited = new ProcessBuilder(kit.in("peers", command))
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        try {
            Waiting.until("the server with limits", () -> said(log).stream().findFirst(), () -> "");
            long before = client.lines("recipient-delivered").count();
            submit(
                    "limited",
                    List.of(
                            "a@one.limited.test",
                            "b@two.limited.test",
                            "c@one.limited.test",
                            "d@three.limited.test",
                            "e@two.limited.test"));
            Waiting.until(
                    "five deliveries",
                    () -> client.lines("recipient-delivered").count() == before + 5
                            ? Optional.of(true)
                            : Optional.empty(),
                    () -> said(log) + client.lastWords());
        } finally {
            limited.destroy();
            limited.waitFor();
        }
        assertThat(said(log)).noneMatch(line -> line.contains("REFUSED"));
        assertThat(transactions(said(log))).allSatisfy(to -> {
            assertThat(to.size()).isBetween(1, recipients);
            assertThat(to.stream()
                            .map(one -> one.replaceAll(".*@", ""))
                            .distinct()
                            .count())
                    .isLessThanOrEqualTo(domains);
        });
        Map<String, Integer> ofConnections = new LinkedHashMap<>();
        said(log).stream()
                .filter(line -> line.endsWith("MAIL"))
                .forEach(line -> ofConnections.merge(line, 1, Integer::sum));
        assertThat(ofConnections.values()).allMatch(count -> count <= mails);
    }

    private static List<List<String>> transactions(List<String> lines) {
        List<List<String>> all = new ArrayList<>();
        Map<String, List<String>> open = new LinkedHashMap<>();
        for (String line : lines) {
            String[] words = line.split(" ", -1);
            if (line.endsWith(" MAIL")) {
                open.put(words[0], new ArrayList<>());
                all.add(open.get(words[0]));
            } else if (line.contains(" RCPT ")) {
                open.getOrDefault(words[0], all.getLast()).add(words[2]);
            }
        }
        return all;
    }

    private static List<String> said(Path log) {
        try {
            return Files.readAllLines(log);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
