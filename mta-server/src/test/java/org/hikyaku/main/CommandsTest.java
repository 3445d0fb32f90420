package org.hikyaku.main;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import org.hikyaku.admin.ControlEnd;
import org.hikyaku.admin.ControlRequest;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;
import tools.jackson.databind.json.JsonMapper;

/** Commands as an operator types them, without a server. */
class CommandsTest {
    @TempDir
    Path directory = Path.of("");

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @BeforeEach
    void configure() throws IOException {
        Files.writeString(directory.resolve("hikyaku.conf"), """
                hostname = mail.example.org
                data_dir = data
                local { domains = [example.org], postmaster = "anna@example.org" }
                auth.users = users
                """);
    }

    @Test
    void noCommandIsAWrongCommandLine() {
        assertThat(hikyaku()).isEqualTo(2);
        assertThat(err.toString()).contains("check-config").contains("Exit codes");
        assertThat(hikyaku("frobnicate")).isEqualTo(2);
    }

    @Test
    void versionIsPrinted() {
        assertThat(hikyaku("version")).isEqualTo(0);
        assertThat(out.toString()).startsWith("hikyaku ").contains("on Java 2");
    }

    @Test
    void aUserIsAddedListedChangedAndRemoved() throws IOException {
        assertThat(type("first password\n", "user", "add", "Anna@Example.org")).isEqualTo(0);
        String first = Files.readString(directory.resolve("users"));
        assertThat(first).startsWith("anna@example.org:{SCRAM-SHA-256}").doesNotContain("first password");
        assertThat(type("x\n", "user", "add", "anna@example.org")).isEqualTo(1);
        assertThat(err.toString()).contains("already");
        assertThat(type("second\n", "user", "passwd", "anna@example.org")).isEqualTo(0);
        assertThat(Files.readString(directory.resolve("users"))).isNotEqualTo(first);
        assertThat(with("user", "list")).isEqualTo(0);
        assertThat(out.toString()).contains("anna@example.org");
        assertThat(with("user", "remove", "anna@example.org")).isEqualTo(0);
        assertThat(with("user", "remove", "anna@example.org")).isEqualTo(1);
        assertThat(Files.readString(directory.resolve("users"))).isEmpty();
    }

    @Test
    void anEmptyPasswordChangesNothing() {
        assertThat(type("\n", "user", "add", "anna@example.org")).isEqualTo(1);
        assertThat(err.toString()).contains("1 to 255 octets");
        assertThat(directory.resolve("users")).doesNotExist();
    }

    @Test
    void checkConfigLooksIntoTheFilesThatAreNamed() throws IOException {
        assertThat(with("check-config")).isEqualTo(1);
        assertThat(err.toString()).contains("hikyaku.conf:4: auth.users: ").contains("1 error in the configuration");
        Files.writeString(directory.resolve("users"), "anna@example.org:{PLAIN}secret\nno line\n");
        assertThat(with("check-config")).isEqualTo(1);
        assertThat(err.toString()).contains("users:1: ").contains("users:2: ").doesNotContain("secret");
        Files.writeString(directory.resolve("users"), "");
        type("pw\n", "user", "add", "anna@example.org");
        assertThat(with("check-config")).isEqualTo(0);
        assertThat(out.toString()).contains("is fine");
        type("pw\n", "user", "add", "anna");
        assertThat(with("check-config")).isEqualTo(1);
        assertThat(err.toString()).contains("anna and anna@example.org would share a mailbox");
    }

    @Test
    void checkConfigTellsMistakesOfFilesBesideThoseOfSettings() throws IOException {
        Files.writeString(directory.resolve("users"), "");
        Files.writeString(directory.resolve("hikyaku.conf"), """
                hostname = mail.example.org
                data_dir = data
                queue.retry = 5m
                auth.users = users
                local {
                  domains = [example.org]
                  postmaster = "zed@example.org"
                }
                """);
        assertThat(with("check-config")).isEqualTo(1);
        Path conf = directory.resolve("hikyaku.conf");
        assertThat(err.toString().lines().map(line -> line.replaceFirst("(: queue.retry: ).*", "$1")))
                .containsExactly(
                        conf + ":3: queue.retry: ",
                        conf + ":7: local.postmaster: zed@example.org is neither a user nor an alias",
                        "2 errors in the configuration");
    }

    @Test
    void checkConfigNamesTheLineThoughASettingRefersToADefault() throws IOException {
        Path conf = directory.resolve("hikyaku.conf");
        Files.writeString(directory.resolve("users"), "");
        Files.writeString(conf, Files.readString(conf) + "queue.notify_after = ${queue.expire_after}\n");
        assertThat(with("check-config")).isEqualTo(1);
        assertThat(err.toString()).contains(conf + ":3: local.postmaster: anna@example.org is neither");
    }

    @Test
    void checkConfigFollowsNoMistakeWithOthersThatAreNone() throws IOException {
        Files.writeString(directory.resolve("hikyaku.conf"), """
                hostname = mail.example.org
                data_dir = data
                auth.users = users
                local { domains = [example.org], postmaster = "anna@example.org" }
                """);
        assertThat(with("check-config")).isEqualTo(1);
        assertThat(err.toString())
                .contains("auth.users")
                .doesNotContain("neither a user")
                .contains("1 error in the configuration");
    }

    @Test
    void checkConfigLooksForTheDirectoriesThatTheServerDoesNotMake() throws IOException {
        Path conf = directory.resolve("hikyaku.conf");
        Files.writeString(directory.resolve("users"), "");
        type("pw\n", "user", "add", "anna@example.org");
        Files.writeString(conf, Files.readString(conf) + """
                listeners.host.endpoints = ["unix:%s/none/smtp"]
                sendmail.drop_directory = "%s/drop"
                """.formatted(directory, directory));
        assertThat(with("check-config")).isEqualTo(1);
        assertThat(err.toString())
                .contains("hikyaku.conf:5: listeners.host.endpoints: unix:" + directory + "/none/smtp: "
                        + "there is no directory " + directory + "/none")
                .contains("1 error in the configuration")
                .contains("note: sendmail.drop_directory: " + directory + "/drop is no directory");
        made("none", "rwxr-xr-x");
        assertThat(with("check-config")).as("the server would start").isEqualTo(0);
        Files.writeString(
                conf, Files.readString(conf).replace(directory + "/none/smtp", "/run/no-such-directory-of-ours/smtp"));
        assertThat(with("check-config")).as("made when it is started").isEqualTo(0);
        assertThat(err.toString()).contains("there is no directory /run/no-such-directory-of-ours now");
    }

    /** A configuration with a listener's and a control socket there, for a server that runs as the owner of the data_dir. */
    private void sockets(Path listener, Path control) throws IOException {
        Files.writeString(directory.resolve("users"), "");
        Files.createDirectories(directory.resolve("data"));
        Files.writeString(directory.resolve("hikyaku.conf"), """
                hostname = mail.example.org
                data_dir = data
                listeners.host.endpoints = ["unix:%s"]
                control.socket = "%s"
                auth.users = users
                local { domains = [example.org], postmaster = "anna@example.org" }
                """.formatted(listener, control));
        type("pw\n", "user", "add", "anna@example.org");
        err.getBuffer().setLength(0);
    }

    private Path made(String name, String mode) throws IOException {
        Path made = Files.createDirectory(directory.resolve(name));
        return Files.setPosixFilePermissions(made, PosixFilePermissions.fromString(mode));
    }

    @Test
    void checkConfigAsksOfTheDirectoriesOfSocketsWhatTheServerWouldAsk() throws IOException {
        Path right = made("right", "rwxr-xr-x");
        Path open = made("open", "rwxrwxrwx");
        Path shared = made("shared", "rwxrwxr-x");
        Path file = Files.writeString(right.resolve("file"), "");
        sockets(right.resolve("smtp"), directory.resolve("new/s"));
        assertThat(with("check-config")).as(err.toString()).isZero();
        assertThat(err.toString()).isEmpty();
        sockets(open.resolve("smtp"), open.resolve("s"));
        assertThat(with("check-config")).isEqualTo(1);
        assertThat(err.toString())
                .contains("hikyaku.conf:3: listeners.host.endpoints: unix:" + open + "/smtp: ")
                .contains("hikyaku.conf:4: control.socket: " + open + "/s: everybody may write in " + open)
                .contains("2 errors in the configuration");
        sockets(shared.resolve("smtp"), shared.resolve("s"));
        assertThat(with("check-config")).isEqualTo(1);
        assertThat(err.toString())
                .contains("unix:" + shared + "/smtp: a group may write in " + shared)
                .as("its group may command the server")
                .contains("1 error in the configuration");
        sockets(file, file.resolve("s"));
        assertThat(with("check-config")).isEqualTo(1);
        assertThat(err.toString())
                .contains("unix:" + file + ": there is a file of that name that is no socket")
                .contains("control.socket: " + file + "/s: " + file + " is no directory");
    }

    @Test
    void checkConfigAsksForTheUserWhomTheServerRunsAs() throws IOException {
        assumeTrue(System.getProperty("user.name").equals("root"), "may give files away");
        Path mine = made("mine", "rwxr-xr-x");
        Path another = made("another", "rwxr-xr-x");
        sockets(another.resolve("smtp"), mine.resolve("s"));
        Files.setAttribute(another, "unix:uid", 12_345);
        Files.setAttribute(directory.resolve("data"), "unix:uid", 23_456);
        assertThat(with("check-config")).isEqualTo(1);
        assertThat(err.toString())
                .contains("smtp: " + another + " belongs to neither the server's user nor root")
                .contains("s: the server's user, who owns data_dir, may not write in " + mine);
        Files.setAttribute(directory.resolve("data"), "unix:uid", 12_345);
        Files.setAttribute(mine, "unix:uid", 12_345);
        assertThat(with("check-config")).isZero();
    }

    @Test
    void checkConfigFollowsVarRun() throws IOException {
        assumeTrue(Files.isSymbolicLink(Path.of("/var/run")));
        Path socket = Path.of("/var/run/no-such-directory-of-ours/smtp");
        sockets(socket, directory.resolve("s"));
        assertThat(with("check-config")).as(err.toString()).isZero();
        assertThat(err.toString()).contains("there is no directory " + socket.getParent() + " now");
    }

    @Test
    void aServerWithAWrongConfigurationDoesNotStart() throws IOException {
        Files.writeString(directory.resolve("hikyaku.conf"), "hostnam = mail.example.org");
        assertThat(with("serve")).isEqualTo(78);
        assertThat(err.toString())
                .contains("hikyaku.conf:1: hostnam: no such setting; did you mean hostname?")
                .contains("does not start");
    }

    @Test
    void commandsThatNeedAServerSayThatThereIsNone() throws IOException {
        Files.writeString(directory.resolve("users"), "");
        for (String[] line : new String[][] {
            {"queue", "list"},
            {"queue", "show", "0000000000000"},
            {"queue", "retry", "all"},
            {"queue", "operations"},
            {"etrn", "isp"},
            {"explain", "anna@example.org"},
            {"freeze"},
            {"freeze", "anna@example.org", "--text", "spam", "--dry-run"},
            {"freeze", "anna", "--local"},
            {"unfreeze", "anna@example.org", "--release", "--json"},
            {"unfreeze", "anna", "--local"},
            {"suppression", "list", "--counted"},
            {"suppression", "add", "gone@b.example", "--for", "12h", "--text", "left"},
            {"suppression", "remove", "gone@b.example", "-n"},
            {"sites"},
            {"sites", "example.org", "--json"},
            {"quirks", "list"},
            {"quirks", "forget", "mx.example.com"},
            {"reload"},
            {"stop"},
            {"status"}
        }) {
            assertThat(with(line)).as(String.join(" ", line)).isEqualTo(69);
        }
        assertThat(err.toString()).contains("no server answers on " + directory.resolve("data/control/hikyaku.sock"));
    }

    @Test
    void aConfigurationThatIsNotThereLeadsToNoOtherServer() throws IOException {
        for (String[] line : new String[][] {
            {"queue", "remove", "all"},
            {"queue", "undo"},
            {"queue", "export", "-o", directory.resolve("x.tar").toString()},
            {"freeze", "anna@example.org"},
            {"sites"},
            {"stop"},
            {"status"}
        }) {
            String[] all = Arrays.copyOf(line, line.length + 2);
            all[line.length] = "-c";
            all[line.length + 1] = directory.resolve("typo.conf").toString();
            assertThat(hikyaku(all)).as(String.join(" ", line)).isEqualTo(78);
        }
        assertThat(err.toString())
                .contains(directory.resolve("typo.conf") + ": cannot be read: no such file")
                .contains("nothing was asked")
                .doesNotContain("no server answers");
        Files.writeString(directory.resolve("hikyaku.conf"), "data_dri = data");
        assertThat(with("stop")).as("its socket would be that of the defaults").isEqualTo(78);
        Files.writeString(directory.resolve("hikyaku.conf"), "hostname = wrong_name\ndata_dir = data");
        assertThat(with("stop")).as("which server is meant is clear").isEqualTo(69);
    }

    @Test
    void aConfigurationThatNamesItsSocketLeadsToItsServerWhateverElseIsWrong() throws IOException {
        Path conf = directory.resolve("hikyaku.conf");
        for (String named : new String[] {
            "data_dir = /var/lib/hikyaku",
            "control.socket = /var/lib/hikyaku/control/hikyaku.sock",
            "data_dir = ${?NO_SUCH_VARIABLE}\ncontrol { socket = /var/lib/hikyaku/control/hikyaku.sock, sockt = x }"
        }) {
            Files.writeString(conf, named + "\nhostnam = mail.example.org\n");
            assertThat(with("status")).as(named).isEqualTo(69);
        }
        assertThat(err.toString()).contains("no server answers on /var/lib/hikyaku/control/hikyaku.sock");
    }

    @Test
    void aConfigurationWhoseSocketIsInDoubtLeadsToNoServer() throws IOException {
        Path conf = directory.resolve("hikyaku.conf");
        Files.writeString(directory.resolve("a.conf"), "data_dir = a\n");
        for (String doubtful : new String[] {
            "include \"a.conf\"\ninclude \"gone.conf\"",
            "include \"a.conf\"\ninclude url(\"http://example.org/b.conf\")",
            "data_dir = ${?NO_SUCH_VARIABLE}\nhostnam = x",
            "data_dir = [data]",
            "data_dir = data\ncontrol.sockt = other",
            "data_dir = data\ncontrol.socket = [other]",
            "data_dir = data\ncontrol = other",
            "data_dir = data\ndata_dir = other"
        }) {
            Files.writeString(conf, doubtful + "\n");
            assertThat(with("status")).as(doubtful).isEqualTo(78);
        }
        assertThat(err.toString()).contains("nothing was asked", "--socket").doesNotContain("no server answers");
    }

    @Test
    void whoChangesAUserHearsThatTheServerWasNotTold() throws IOException {
        Path conf = directory.resolve("hikyaku.conf");
        type("pw\n", "user", "add", "anna@example.org");
        type("pw\n", "user", "add", "mallory@example.org");
        assertThat(with("user", "list")).isZero();
        assertThat(err.toString()).as("no server runs, so none is to be told").isEmpty();
        Files.writeString(conf, "hostnam = mail.example.org\nauth.users = users\n");
        assertThat(with("user", "remove", "mallory@example.org")).isEqualTo(1);
        assertThat(out.toString()).contains("mallory@example.org is removed");
        assertThat(Files.readString(directory.resolve("users"))).doesNotContain("mallory");
        assertThat(err.toString())
                .contains("the server has not read it")
                .contains(conf + ":1: hostnam: no such setting")
                .contains("it is not known which server is meant");
        assertThat(type("other\n", "user", "passwd", "anna@example.org")).isEqualTo(1);
    }

    @Test
    void aUserIsRemovedAlsoWhereAServerHasLeftItsSocket() throws IOException {
        type("pw\n", "user", "add", "anna@example.org");
        Path socket = Files.createDirectories(directory.resolve("data/control")).resolve("hikyaku.sock");
        ServerSocketChannel.open(StandardProtocolFamily.UNIX)
                .bind(UnixDomainSocketAddress.of(socket))
                .close();
        assertThat(socket).exists();
        assertThat(with("user", "remove", "anna@example.org")).isZero();
        assertThat(err.toString()).isEmpty();
    }

    @Test
    void whoChangesAUserHearsThatTheServerDidNotAnswer() throws Exception {
        type("pw\n", "user", "add", "anna@example.org");
        Path socket = Files.createDirectories(directory.resolve("data/control")).resolve("hikyaku.sock");
        try (ServerSocketChannel server =
                ServerSocketChannel.open(StandardProtocolFamily.UNIX).bind(UnixDomainSocketAddress.of(socket))) {
            Thread mute = Thread.ofVirtual().start(() -> {
                try {
                    server.accept().close();
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            });
            assertThat(with("user", "remove", "anna@example.org")).isEqualTo(1);
            mute.join();
        }
        assertThat(err.toString()).contains("the server has not read it").contains("no server answers on " + socket);
    }

    @Test
    void anExportIsForNobodyElse() throws IOException {
        Path file = directory.resolve("all.tar");
        try (QueueExport export = QueueExport.to(file.toString())) {
            assertThat(Files.getPosixFilePermissions(directory.resolve("all.tar.part")))
                    .isEqualTo(PosixFilePermissions.fromString("rw-------"));
            export.end();
        }
        assertThat(Files.getPosixFilePermissions(file)).isEqualTo(PosixFilePermissions.fromString("rw-------"));
    }

    @Test
    void anExportReplacesNoFileThatWasMadeMeanwhile() throws IOException {
        Path file = directory.resolve("all.tar");
        try (QueueExport export = QueueExport.to(file.toString())) {
            Files.writeString(file, "another's");
            assertThatThrownBy(export::end).hasMessage(file + " is there already");
        }
        assertThat(file).hasContent("another's");
        assertThat(directory.resolve("all.tar.part")).doesNotExist();
        assertThatThrownBy(() -> QueueExport.to(file.toString())).hasMessage(file + " is there already");
    }

    @Test
    void aFileThatCannotBeOpenedIsToldWithTheReason() throws IOException {
        Files.writeString(directory.resolve("users"), "");
        assertThat(with("queue", "export", "-o", directory + "/none/x.tar")).isEqualTo(1);
        assertThat(with("queue", "import", directory + "/no.tar")).isEqualTo(1);
        assertThat(err.toString())
                .contains("hikyaku: " + directory + "/none/x.tar.part: no such file or directory")
                .contains("hikyaku: " + directory + "/no.tar: no such file or directory");
        assertThat(hikyaku("user", "list", "--file", directory + "/none")).isEqualTo(1);
        assertThat(err.toString()).contains(directory + "/none: cannot be read: no such file or directory");
    }

    @Test
    void whereThereIsNoRowAPersonIsToldSo() throws Exception {
        CommandLine line = new CommandLine(new SuppressionCommand())
                .setOut(new PrintWriter(out, true))
                .setErr(new PrintWriter(err, true));
        ControlRequest request = ControlRequest.of("suppression-list", "root");
        Asked none = (asked, ear) -> ControlEnd.done();
        for (boolean json : new boolean[] {true, false}) {
            assertThat(err.toString()).isEmpty();
            assertThat(ServerOption.print(
                            none, request, json, SuppressionCommand::line, "Nobody.", line.getCommandSpec()))
                    .isZero();
        }
        assertThat(err.toString()).isEqualTo("Nobody.\n");
        Asked one = (asked, ear) -> {
            ear.row(JsonMapper.builder()
                    .build()
                    .readTree("{\"address\":\"a@b.example\",\"until\":\"2026-12-01\",\"by\":\"root\"}"));
            return ControlEnd.done();
        };
        ServerOption.print(one, request, false, SuppressionCommand::line, "Nobody.", line.getCommandSpec());
        assertThat(out.toString()).endsWith("until 2026-12-01 by root\n");
        assertThat(err.toString()).isEqualTo("Nobody.\n");
        Asked more = (asked, ear) -> ControlEnd.done("and 3 more");
        ServerOption.print(more, request, false, SuppressionCommand::line, "", line.getCommandSpec());
        assertThat(out.toString()).endsWith("root\nand 3 more\n");
        ServerOption.print(more, request, true, SuppressionCommand::line, "", line.getCommandSpec());
        assertThat(out.toString()).as("not among objects").endsWith("root\nand 3 more\n");
        assertThat(err.toString()).endsWith("and 3 more\n");
    }

    @Test
    void whatACommandDoesIsAWholeSentenceInTheList() {
        assertThat(hikyaku("help")).isEqualTo(0);
        assertThat(out.toString())
                .contains("list those that are closed.", "Let a user log in and send again.")
                .doesNotContain("what waits and");
    }

    @Test
    void whatASubcommandDoesIsAWholeSentenceInTheListOfItsCommand() {
        for (String command : new String[] {"queue", "user", "quirks", "suppression"}) {
            CommandLine line = new CommandLine(
                    switch (command) {
                        case "queue" -> new QueueCommand();
                        case "user" -> new UserCommand();
                        case "quirks" -> new QuirksCommand();
                        default -> new SuppressionCommand();
                    });
            line.getSubcommands()
                    .forEach((name, each) -> assertThat(
                                    each.getCommandSpec().usageMessage().description()[0])
                            .as(command + " " + name)
                            .endsWith("."));
        }
    }

    @Test
    void explainTellsEachStepWithFileAndLine() throws IOException {
        Files.writeString(directory.resolve("users"), "");
        type("pw\n", "user", "add", "anna@example.org");
        Path conf = directory.resolve("hikyaku.conf");
        Files.writeString(conf, Files.readString(conf) + "\naddresses.virtual = [virtual]\n");
        Files.writeString(directory.resolve("virtual"), "# ours\ninfo@example.org: anna, bob@example.com\n");
        assertThat(with("explain", "--offline", "Info@example.org", "--from", "s@example.net"))
                .isEqualTo(0);
        assertThat(out.toString())
                .contains("Info@example.org: virtual [" + directory.resolve("virtual")
                        + ":2] -> anna@example.org, bob@example.com")
                .contains("=> mailbox: anna@example.org (anna@example.org), sender s@example.net")
                .contains("=> elsewhere: bob@example.com, sender s@example.net");
        assertThat(with("explain", "--offline", "--json", "nobody@example.org")).isEqualTo(1);
        assertThat(out.toString()).contains("{\"end\":\"refused\"").contains("550 5.1.1");
        assertThat(with("explain", "--offline", "x@example.com")).isEqualTo(1);
        assertThat(out.toString()).contains("550 5.7.1");
        assertThat(err.toString()).contains("--user NAME or --client IP");
        assertThat(with("explain", "--offline", "x@example.com", "--user", "anna@example.org"))
                .isEqualTo(0);
        assertThat(with("explain", "--offline", "x@@y")).isEqualTo(2);
        Files.writeString(directory.resolve("virtual"), "info@example.org: nobody\n");
        assertThat(with("explain", "--offline", "info@example.org")).isEqualTo(1);
        assertThat(err.toString()).contains("virtual:1: info@example.org: nobody@example.org is neither");
    }

    @Test
    void explainTellsTheRouteAndTheRuleThatDecides() throws IOException {
        Files.writeString(directory.resolve("users"), "");
        type("pw\n", "user", "add", "anna@example.org");
        Path conf = directory.resolve("hikyaku.conf");
        int line = Files.readAllLines(conf).size() + 2;
        Files.writeString(conf, Files.readString(conf) + """

                delivery.rules = [ { sender_hosts = hosts }
                  { headers = ["X-Kind: bulk"], fail = "550 5.7.1 No bulk" } ]
                """);
        Files.writeString(
                directory.resolve("hosts"),
                "\nanna@example.org: smtp.example.net:587 tls=verified user=anna password_file=secret\n");
        Files.writeString(directory.resolve("secret"), "hush\n");
        String[] anna = {
            "explain", "--offline", "x@example.com", "--user", "anna@example.org", "--from", "anna@example.org"
        };
        assertThat(with(anna)).isEqualTo(0);
        assertThat(out.toString())
                .contains("x@example.com: route hosts smtp.example.net:587 (verified, as anna) ["
                        + directory.resolve("hosts") + ":2 by " + conf + ":" + line + "]")
                .doesNotContain("hush");
        assertThat(with(
                        "explain",
                        "--offline",
                        "x@example.com",
                        "--user",
                        "anna@example.org",
                        "--header",
                        "X-Kind: bulk"))
                .isEqualTo(0);
        assertThat(out.toString()).contains("route fail 550 5.7.1 No bulk [" + conf + ":" + (line + 1) + "]");
        assertThat(with("explain", "--offline", "anna@example.org")).isEqualTo(0);
        assertThat(out.toString()).contains("anna@example.org: route agent maildir [local.domains]");
        assertThat(with("explain", "--offline", "x@example.com"))
                .as("no rule opens a way for strangers")
                .isEqualTo(1);
        Files.writeString(directory.resolve("hosts"), "anna@example.org: a b\n");
        assertThat(with("check-config")).isEqualTo(1);
        assertThat(err.toString()).contains(directory.resolve("hosts") + ":1: the settings of a host are");
    }

    @Test
    void theHelpOfQueueNamesTheFieldsOfQueries() {
        assertThat(hikyaku("queue", "--help")).isEqualTo(0);
        assertThat(out.toString()).contains("sender_domain", "freeze-sender", "timed out", "Exit codes");
    }

    @Test
    void aQueueCommandWithoutMessagesIsAWrongCommandLine() {
        assertThat(with("queue", "remove")).isEqualTo(2);
        assertThat(with("queue", "remove", "0000000000000", "all")).isEqualTo(2);
        assertThat(with("queue", "hold", "age > soon")).isEqualTo(2);
        assertThat(with("queue", "bounce", "all")).as("without --text").isEqualTo(2);
        assertThat(with("queue", "redirect", "all")).as("without --to").isEqualTo(2);
        assertThat(with("queue", "list", "sendr = x")).isEqualTo(2);
        assertThat(err.toString()).contains("column 1: no field sendr; did you mean sender?");
        assertThat(with("queue", "release", "0000000000000", "nosuch")).isEqualTo(2);
        assertThat(err.toString()).contains("hikyaku: nosuch: neither the id of a message nor a query");
        assertThat(with("queue", "list", "--limit", "0")).isEqualTo(2);
        assertThat(err.toString()).contains("--limit 0: at least 1");
        assertThat(with("queue")).isEqualTo(2);
    }

    private int with(String... line) {
        String[] whole = Arrays.copyOf(line, line.length + 2);
        whole[line.length] = "-c";
        whole[line.length + 1] = directory.resolve("hikyaku.conf").toString();
        return line.length == 1 && line[0].equals("queue") ? hikyaku(line) : hikyaku(whole);
    }

    private int type(String input, String... line) {
        InputStream before = System.in;
        System.setIn(new ByteArrayInputStream(input.getBytes(StandardCharsets.UTF_8)));
        try {
            return with(line);
        } finally {
            System.setIn(before);
        }
    }

    private int hikyaku(String... line) {
        return Main.run(new PrintWriter(out, true), new PrintWriter(err, true), line);
    }
}
