package org.hikyaku.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.hikyaku.mail.Domain;
import org.junit.jupiter.api.Test;

class ConfigReaderTest {
    private static final Path MAIN = Path.of("/etc/hikyaku/hikyaku.conf");
    private static final String LEAST = """
            hostname = mail.example.org
            local.postmaster = "anna@example.org"
            auth.users = users
            """;

    private final Map<Path, String> files = new LinkedHashMap<>(Map.of(Path.of("/etc/hikyaku/users"), ""));
    private final Map<String, String> environment = new LinkedHashMap<>();

    @Test
    void theLeastFileThatTheReferenceNamesIsEnough() {
        Config config = good(LEAST);
        assertThat(config.hostname()).isEqualTo(Domain.of("mail.example.org"));
        assertThat(config.listeners()).containsOnlyKeys("mx", "submission", "submissions", "host");
        assertThat(config.auth().users()).contains(Path.of("/etc/hikyaku/users"));
        assertThat(config.queue().retry()).hasSize(7).contains(Duration.ofMinutes(80));
        assertThat(config.limits().messageSizeMax()).isEqualTo(50L << 20);
        assertThat(config.spoolDirectory()).isEqualTo(Path.of("/var/lib/hikyaku/spool"));
    }

    @Test
    void everyMistakeIsToldAtOnceWithFileLineAndKey() {
        assertThat(bad("""
                        hostname = localhost
                        limits {
                          recipients_maxx = 5
                          hops_max = many
                          sessions_max = 0
                        }
                        queue.expire_after = 5
                        local.domains = example.org
                        tls.native_engine = perhaps
                        """))
                .containsExactly(
                        "/etc/hikyaku/hikyaku.conf:1: hostname: must be the full name of this host, such as"
                                + " mail.example.org, not \"localhost\"",
                        "/etc/hikyaku/hikyaku.conf:1: auth.users: must be set: listeners.submission.auth needs users"
                                + " (or set auth.dovecot, or listeners.submission.endpoints = [])",
                        "/etc/hikyaku/hikyaku.conf:3: limits.recipients_maxx: no such setting; did you mean"
                                + " limits.recipients_max?",
                        "/etc/hikyaku/hikyaku.conf:4: limits.hops_max: must be a whole number, not \"many\"",
                        "/etc/hikyaku/hikyaku.conf:5: limits.sessions_max: must be 1 to 100000, not 0",
                        "/etc/hikyaku/hikyaku.conf:7: queue.expire_after: must be a time with its unit, such as 30s,"
                                + " 5m, 1h20m, 5 days, not \"5\"",
                        "/etc/hikyaku/hikyaku.conf:8: local.domains: must be a list in [ ], not \"example.org\"",
                        "/etc/hikyaku/hikyaku.conf:8: local.postmaster: must be set, or an alias named postmaster: mail"
                                + " for postmaster must go somewhere (RFC 5321 4.5.1)",
                        "/etc/hikyaku/hikyaku.conf:9: tls.native_engine: must be true or false, not \"perhaps\"");
    }

    @Test
    void signedTokensNeedIssuerAndAudienceAndHttps() {
        String keys = "jwks = \"https://a.example/keys\"";
        for (String wrong : List.of(
                keys,
                keys + ", issuer = a, audiences = []",
                keys + ", audiences = [a]",
                keys + ", issuer = a, audiences = [a], introspection = \"https://a.example/ask\"",
                "jwks = \"http://a.example/keys\", issuer = a, audiences = [a]",
                "introspection = \"http://a.example/ask\"")) {
            assertThat(bad(LEAST + "auth.oauth { " + wrong + " }"))
                    .singleElement()
                    .asString()
                    .contains("auth.oauth.");
        }
    }

    @Test
    void aKeyGivenTwiceIsAnErrorHoweverItIsWritten() {
        assertThat(bad(LEAST + """
                        limits { hops_max = 100
                          "hops_max" : 90 }
                        limits.hops_max = 80 # again
                        dns { tries = 3 }
                        dns { timeout = 3s }
                        """))
                .containsExactly(
                        "/etc/hikyaku/hikyaku.conf:5: limits.hops_max: given twice, first on line 4",
                        "/etc/hikyaku/hikyaku.conf:6: limits.hops_max: given twice, first on line 4");
    }

    @Test
    void anEnvironmentVariableMayOverrideAKeyOfTheSameFile() {
        environment.put("TRIES", "7");
        Config config = good(LEAST + "dns.tries = 4\ndns.tries = ${?TRIES}\nlimits.hops_max = ${?NOT_SET}\n");
        assertThat(config.dns().tries()).isEqualTo(7);
        assertThat(config.limits().hopsMax()).isEqualTo(100);
        environment.put("TRIES", "70");
        assertThat(bad(LEAST + "dns.tries = ${?TRIES}\n"))
                .containsExactly("environment variable TRIES: dns.tries: must be 1 to 10, not 70");
        assertThat(bad(LEAST + "dns.tries = ${NOT_SET}\n"))
                .singleElement()
                .asString()
                .startsWith("/etc/hikyaku/hikyaku.conf:4: ")
                .contains("NOT_SET");
    }

    @Test
    void includedFilesKeepTheirOwnLinesAndDirectories() {
        files.put(
                Path.of("/etc/hikyaku/sub/more.conf"),
                "\n\nrelay.trusted_networks = [10.0.0.0/8, 0.0.0.0/0]\n"
                        + "auth.grants = grants\ninclude file(\"../last.conf\")");
        files.put(Path.of("/etc/hikyaku/last.conf"), "dns.tries = 99");
        files.put(Path.of("/etc/hikyaku/sub/grants"), "");
        assertThat(bad(LEAST + "include required(file(\"sub/more.conf\"))\n"))
                .containsExactly(
                        "/etc/hikyaku/last.conf:1: dns.tries: must be 1 to 10, not 99",
                        "/etc/hikyaku/sub/more.conf:3: relay.trusted_networks: 0.0.0.0/0 is everybody: this would be an"
                                + " open relay");
        files.put(Path.of("/etc/hikyaku/sub/more.conf"), "auth.grants = grants");
        assertThat(good(LEAST + "include \"sub/more.conf\"").auth().grants())
                .contains(Path.of("/etc/hikyaku/sub/grants"));
    }

    @Test
    void aMissingOrForeignOrCircularIncludeIsAnError() {
        assertThat(bad(LEAST + "include \"gone.conf\"\ninclude url(\"http://example.org/\")\n"))
                .containsExactly(
                        "/etc/hikyaku/hikyaku.conf:4: cannot read the included file /etc/hikyaku/gone.conf",
                        "/etc/hikyaku/hikyaku.conf:5: only files can be included: include \"more.conf\"");
        files.put(Path.of("/etc/hikyaku/a.conf"), "include \"b.conf\"");
        files.put(Path.of("/etc/hikyaku/b.conf"), "include \"a.conf\"");
        assertThat(bad(LEAST + "include \"a.conf\""))
                .containsExactly("/etc/hikyaku/b.conf: includes /etc/hikyaku/a.conf, which was read already");
    }

    /** What is not read may set anything: another data_dir, other users. */
    @Test
    void nothingIsUnderstoodOfAFileOfWhichAPartIsMissing() {
        for (String part : List.of("include \"gone.conf\"", "include url(\"http://example.org/\")")) {
            files.put(MAIN, LEAST + "data_dir = /srv/a\n" + part + "\n");
            assertThat(ConfigReader.read(MAIN, new InMemory(files), environment))
                    .isInstanceOfSatisfying(
                            Reading.Bad.class,
                            bad -> assertThat(bad.understood()).as(part).isEmpty());
        }
    }

    @Test
    void aSettingIsFoundWhereItStands() {
        files.put(Path.of("/etc/hikyaku/more.conf"), "control.socket = ${data_dir}/s\n");
        files.put(MAIN, """
                hostname = mail.example.org
                queue.notify_after = ${queue.expire_after}
                data_dir = ${DATA}
                dns.tries = ${?NOT_SET}
                include "more.conf"
                limits.hops_max = ${limits.hops_max}
                """);
        environment.put("DATA", "/srv");
        assertThat(place("hostname")).hasToString("Optional[" + MAIN + ":1]");
        assertThat(place("queue.notify_after")).as("set to what a default is").isPresent();
        assertThat(place("data_dir")).isPresent();
        assertThat(place("limits.hops_max")).isPresent();
        assertThat(place("control.socket")).hasToString("Optional[/etc/hikyaku/more.conf:1]");
        assertThat(place("dns.tries")).as("the variable is not set").isEmpty();
        assertThat(place("queue.expire_after")).isEmpty();
        assertThat(place("hostname.none")).isEmpty();
    }

    private Optional<Place> place(String key) {
        return ConfigReader.placeOf(key, MAIN, new InMemory(files), environment);
    }

    @Test
    void aFileThatIsNoHoconNamesTheLineAndNothingElse() {
        assertThat(bad("hostname = mail.example.org\nlimits { hops_max = 5\n"))
                .singleElement()
                .asString()
                .startsWith("/etc/hikyaku/hikyaku.conf:");
        assertThat(ConfigReader.read(Path.of("/nowhere"), new InMemory(Map.of()), Map.of()))
                .isEqualTo(new Reading.Bad(
                        List.of(new Problem("/nowhere", 0, "", "cannot be read: no such file")), Optional.empty()));
    }

    @Test
    void anEmptyFileIsToldWhatEveryServerNeeds() {
        assertThat(bad("")).hasSize(3).anyMatch(p -> p.contains("hostname: must be set"));
    }

    @Test
    void aSubmissionListenerIsNeverWithoutTlsAndLogin() {
        assertThat(bad(LEAST + "listeners.submission { tls = off, auth = offer }"))
                .containsExactly(
                        "/etc/hikyaku/hikyaku.conf:4: listeners.submission.tls: a submission listener needs TLS: offer,"
                                + " require or implicit",
                        "/etc/hikyaku/hikyaku.conf:4: listeners.submission.auth: a submission listener must have"
                                + " require (RFC 6409 4.3)");
    }

    @Test
    void customersAreKnownByTheirLoginsWhateverTheCase() {
        Config config = good(
                LEAST
                        + "on_demand.customers.branch { domains = [branch.example], users = [\"Anna@Example.org\"], networks = [], keep = false }");
        assertThat(config.onDemand().of(InetAddress.ofLiteral("192.0.2.1"), Optional.of("anna@example.org")))
                .hasSize(1);
    }

    /** PROXY protocol 2: only trusted proxies, and three seconds for the header at least. */
    @Test
    void onlyNamedProxiesAreBelieved() {
        assertThat(bad(LEAST + "listeners.mx.proxy { header = require }"))
                .containsExactly("/etc/hikyaku/hikyaku.conf:1: listeners.mx.proxy.networks: must name the proxies:"
                        + " listeners.mx.proxy.header = require refuses all others");
        assertThat(bad(LEAST + "listeners.mx.proxy { header = require, networks = [\"::/0\"] }"))
                .singleElement()
                .asString()
                .contains("::/0 is everybody");
        assertThat(bad(LEAST + "relay.trusted_networks = [\"10.0.0.0/8\"]\n"
                        + "listeners.mx.proxy { header = require, networks = [\"192.0.2.1\", \"10.0.0.1\"] }"))
                .singleElement()
                .asString()
                .contains("listeners.mx.proxy.networks: 10.0.0.1/32 is in relay.trusted_networks too");
        assertThat(bad(LEAST + "listeners.mx.proxy.header_timeout = 2s"))
                .singleElement()
                .asString()
                .contains("must be 3s to 1m");
    }

    /** RFC 2033 5. */
    @Test
    void lmtpIsNotServedOnPort25() {
        assertThat(bad(LEAST + "listeners.mx.mode = lmtp"))
                .singleElement()
                .asString()
                .contains("RFC 2033 5");
        assertThat(good(LEAST + "listeners.inner { mode = lmtp, endpoints = [\"127.0.0.1:24\"] }")
                        .listeners()
                        .get("inner"))
                .extracting(ListenerSettings::auth)
                .isEqualTo(ListenerSettings.AuthMode.OFF);
    }

    @Test
    void twoListenersCannotShareAnEndpoint() {
        assertThat(bad(LEAST + "listeners.inner { mode = mx, endpoints = [\"127.0.0.1:25\", \"[::1]:26\"] }"))
                .singleElement()
                .asString()
                .contains("listeners.mx.endpoints: 0.0.0.0:25 is taken already by 127.0.0.1:25 of listener inner");
    }

    @Test
    void aListenerOfOnesOwnTakesTheRestFromTheDefaultOfItsMode() {
        Config config = good(LEAST + "listeners.extra { mode = submission, endpoints = [\"127.0.0.1:2587\"] }");
        ListenerSettings extra = Objects.requireNonNull(config.listeners().get("extra"));
        assertThat(extra.tls()).isEqualTo(ListenerSettings.TlsMode.REQUIRE);
        assertThat(extra.auth()).isEqualTo(ListenerSettings.AuthMode.REQUIRE);
        assertThat(bad(LEAST + "listeners.extra { mode = mx }"))
                .containsExactly(
                        "/etc/hikyaku/hikyaku.conf:4: listeners.extra.endpoints: must be set, to a list in [ ]");
        assertThat(bad(LEAST + "on_demand.customers.acme { domains = [a.example], users = [a] }"))
                .containsExactlyInAnyOrder(
                        "/etc/hikyaku/hikyaku.conf:4: on_demand.customers.acme.networks: must be set, to a list in [ ]",
                        "/etc/hikyaku/hikyaku.conf:4: on_demand.customers.acme.keep: must be set, to true or false");
    }

    /** Over a Unix socket the kernel says who calls, and nothing else does. */
    @Test
    void socketsAreForUsersOfThisHostAndNothingElseIs() {
        String socket = "endpoints = [\"unix:/run/s/smtp\"]";
        ListenerSettings host = Objects.requireNonNull(
                good(LEAST + "listeners.host { " + socket + " }").listeners().get("host"));
        assertThat(host.endpoints()).containsExactly(new ListenerSettings.Door.Socket(Path.of("/run/s/smtp")));
        assertThat(host.tls()).isEqualTo(ListenerSettings.TlsMode.OFF);
        assertThat(good(LEAST + "listeners.more { mode = host, " + socket + " }")
                        .listeners()
                        .get("more"))
                .extracting(ListenerSettings::auth)
                .isEqualTo(ListenerSettings.AuthMode.OFF);
        assertThat(bad(LEAST + "listeners.mx { " + socket + " }"))
                .singleElement()
                .asString()
                .contains("listeners.mx.endpoints: unix:/run/s/smtp is a socket: those need mode = host");
        assertThat(bad(LEAST + "listeners.host.endpoints = [\"127.0.0.1:2525\"]"))
                .singleElement()
                .asString()
                .contains("listeners.host.endpoints: 127.0.0.1:2525 must be a socket");
        assertThat(bad(LEAST + "listeners.host { " + socket + ", tls = offer, auth = offer, proxy.xforward = true"
                        + ", proxy.networks = [\"192.0.2.7\"] }"))
                .hasSize(3)
                .anyMatch(each -> each.contains("listeners.host.tls: must be off"))
                .anyMatch(each -> each.contains("listeners.host.auth: must be off"))
                .anyMatch(each -> each.contains("listeners.host.proxy: must be as it is by default"));
        assertThat(bad(LEAST + "listeners.host.endpoints = [\"unix:/" + "x".repeat(107) + "\"]"))
                .singleElement()
                .asString()
                .contains("is too long: 107 octets at most");
        assertThat(bad(LEAST + "listeners.host.endpoints = [\"unix:smtp\"]"))
                .singleElement()
                .asString()
                .contains("or unix:/path, where mode = host");
        assertThat(bad(LEAST + "listeners.host { " + socket + " }, listeners.more { mode = host, " + socket + " }"))
                .singleElement()
                .asString()
                .contains("unix:/run/s/smtp is taken already by unix:/run/s/smtp of listener");
    }

    @Test
    void aPasswordGoesOnlyToASmartHostThatProvesItsName() {
        files.put(Path.of("/etc/hikyaku/pw"), "secret");
        String hop = "delivery.smart_host { host = smtp.example.net, port = 587, tls = %s, user = anna%s }";
        assertThat(bad(LEAST + hop.formatted("opportunistic", ", password_file = pw")))
                .singleElement()
                .asString()
                .contains("delivery.smart_host.tls: must be verified or implicit");
        assertThat(bad(LEAST + hop.formatted("verified", "")))
                .singleElement()
                .asString()
                .contains(
                        "delivery.smart_host.password_file: user and password_file go together, or user and token_file");
        assertThat(good(LEAST + hop.formatted("verified", ", password_file = pw"))
                        .delivery()
                        .smartHost())
                .isPresent();
    }

    @Test
    void localMailNeedsItsTargets() {
        assertThat(bad(LEAST + """
                        local { delivery = lmtp, domains = [example.org], catch_all { "example.com" = "a@example.org" } }
                        relay.domains = [example.org]
                        tls.certificate = gone.pem
                        """))
                .extracting(line -> line.replaceFirst("^[^ ]+ ", "").replaceFirst(":.*", ""))
                .containsExactlyInAnyOrder(
                        "local.lmtp", "local.catch_all", "relay.domains", "tls.key", "tls.certificate");
    }

    @Test
    void agentsAreNamedForLocalAddressesAndByNamesThatExist() {
        String settings = LEAST + """
                local.domains = [example.org]
                agents.pipes { ticket { command = [/bin/ticket] }, maildir { command = [bin/x] }, empty { command = [] } }
                agents.of {
                  "a@example.org" = ticket, "example.org" = discard, "b@example.org" = lmtp
                  "A@example.org" = mbox, "a@example.com" = mbox, "example.com" = mbox, "c@example.org" = nobody
                }
                """;
        assertThat(bad(settings))
                .extracting(line -> line.replaceFirst("^[^ ]+ ", "").replaceFirst(":.*", ""))
                .containsExactlyInAnyOrder(
                        "agents.pipes.maildir",
                        "agents.pipes.maildir.command",
                        "agents.pipes.empty.command",
                        "agents.of.A@example.org",
                        "agents.of.a@example.com",
                        "agents.of.example.com",
                        "agents.of.c@example.org",
                        "local.lmtp");
    }

    @Test
    void lmtpIsNotSpokenOnPort25() {
        assertThat(bad(LEAST + "local { delivery = lmtp, lmtp = \"lmtp.example.org:25\" }"))
                .singleElement()
                .asString()
                .contains("local.lmtp: must not be port 25");
    }

    @Test
    void anAliasForPostmasterServesAsWell() {
        files.put(Path.of("/etc/hikyaku/aliases"), "# ours\nPostmaster: anna@example.org\n");
        String text = "hostname = mail.example.org\nauth.users = users\nlocal.aliases = aliases\n";
        assertThat(good(text).local().postmaster()).isEmpty();
        files.put(Path.of("/etc/hikyaku/aliases"), "root: anna@example.org\n");
        assertThat(bad(text)).singleElement().asString().contains("local.postmaster: must be set");
    }

    @Test
    void aUnixSocketPathThatTheKernelCannotHoldIsToldHere() {
        assertThat(bad(LEAST + "data_dir = \"/" + "x".repeat(90) + "\""))
                .singleElement()
                .asString()
                .contains("control.socket: the path of the socket is too long");
    }

    private Config good(String text) {
        Reading reading = read(text);
        assertThat(reading).isInstanceOf(Reading.Good.class);
        return ((Reading.Good) reading).config();
    }

    private List<String> bad(String text) {
        Reading reading = read(text);
        assertThat(reading).isInstanceOf(Reading.Bad.class);
        return ((Reading.Bad) reading)
                .problems().stream().map(Problem::toString).toList();
    }

    private Reading read(String text) {
        files.put(MAIN, text);
        return ConfigReader.read(MAIN, new InMemory(files), environment);
    }

    private record InMemory(Map<Path, String> files) implements ConfigFiles {
        @Override
        public String read(Path file) throws IOException {
            String text = files.get(file);
            if (text == null) {
                throw new NoSuchFileException(file.toString());
            }
            return text;
        }

        @Override
        public boolean isReadable(Path file) {
            return files.containsKey(file);
        }
    }

    /** RFC 5321 4.5.3.2, 4.5.4.1. */
    @Test
    void theDefaultWaitsForOtherServersAreNotShorterThanTheRfcSays() {
        DeliverySettings.ClientTimeouts waits = good(LEAST).delivery().timeouts();
        assertThat(waits.greeting()).isGreaterThanOrEqualTo(Duration.ofMinutes(5));
        assertThat(waits.mail()).isGreaterThanOrEqualTo(Duration.ofMinutes(5));
        assertThat(waits.recipient()).isGreaterThanOrEqualTo(Duration.ofMinutes(5));
        assertThat(waits.dataStart()).isGreaterThanOrEqualTo(Duration.ofMinutes(2));
        assertThat(waits.dataBlock()).isGreaterThanOrEqualTo(Duration.ofMinutes(3));
        assertThat(waits.dataEnd()).isGreaterThanOrEqualTo(Duration.ofMinutes(10));
        assertThat(good(LEAST).queue().expireAfter()).isGreaterThanOrEqualTo(Duration.ofDays(4));
    }
}
