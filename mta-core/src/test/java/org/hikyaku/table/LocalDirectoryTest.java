package org.hikyaku.table;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.hikyaku.config.LocalSettings;
import org.hikyaku.mail.Address;
import org.hikyaku.mail.Domain;
import org.hikyaku.table.LocalDirectory.Resolution;
import org.junit.jupiter.api.Test;

class LocalDirectoryTest {
    private static final Path FILE = Path.of("/etc/aliases");
    private static final Set<String> USERS = Set.of("joe", "ann@a.example", "bob@b.example", "info@a.example");
    private Set<String> users = USERS;
    private final AliasDisk disk = new AliasDisk();
    private Map<String, Address> catchAll = Map.of();
    private Optional<Address> postmaster = Optional.of(Address.of("joe@a.example"));

    private LocalDirectory.Loaded load(String aliases) {
        disk.with("/etc/aliases", aliases);
        LocalSettings local = new LocalSettings(
                List.of(Domain.of("a.example"), Domain.of("b.example")),
                postmaster,
                Optional.of(FILE),
                "+",
                catchAll,
                LocalSettings.LocalDelivery.MAILDIR,
                Optional.empty(),
                Optional.empty(),
                5);
        return LocalDirectory.load(Domain.of("mx.example"), local, users::contains, disk);
    }

    private LocalDirectory sound(String aliases) {
        LocalDirectory.Loaded loaded = load(aliases);
        assertThat(loaded.problems()).isEmpty();
        return loaded.directory();
    }

    private static String at(LocalDirectory directory, String address) {
        Address asked = address.contains("@") ? Address.of(address) : Address.barePostmaster();
        return switch (directory.resolve(asked)) {
            case Resolution.NotLocal n -> "elsewhere";
            case Resolution.Unknown u -> "unknown";
            case Resolution.Mailbox m -> "box " + m.user() + " " + m.address() + " in " + m.home();
            case Resolution.Expanded e ->
                e.to() + e.owner().map(o -> " owner " + o).orElse("");
        };
    }

    @Test
    void usersAreFoundWithoutCaseAndByBareName() {
        LocalDirectory d = sound("");
        assertThat(at(d, "ANN@A.example")).isEqualTo("box ann@a.example ANN@a.example in ann@a.example");
        assertThat(at(d, "ann@b.example")).isEqualTo("unknown");
        assertThat(at(d, "Joe@b.example")).isEqualTo("box joe Joe@b.example in joe@a.example");
        assertThat(at(d, "joe@c.example")).isEqualTo("elsewhere");
    }

    @Test
    void aTagIsKeptAndTheExactNameGoesFirst() {
        LocalDirectory d = sound("ann+news@a.example: bob@b.example\n");
        assertThat(at(d, "ann+x+y@a.example")).isEqualTo("box ann@a.example ann+x+y@a.example in ann@a.example");
        assertThat(at(d, "ann+news@a.example")).isEqualTo("[bob@b.example]");
        assertThat(at(d, "+x@a.example")).isEqualTo("unknown");
    }

    @Test
    void aliasesListsCommentsAndContinuationLines() {
        disk.with("/lists/team", "# the team\nann@a.example, bob@b.example\n\nx@elsewhere.example\n");
        LocalDirectory d = sound("""
                # all of us
                Team:  :include:/lists/team,
                    joe
                "two words": joe
                sales@b.example: ann@a.example
                owner-team: joe
                """);
        assertThat(at(d, "team@b.example"))
                .isEqualTo(
                        "[ann@a.example, bob@b.example, x@elsewhere.example, joe@b.example] owner owner-team@b.example");
        assertThat(at(d, "\"TWO words\"@a.example")).isEqualTo("[joe@a.example]");
        assertThat(at(d, "sales@b.example")).isEqualTo("[ann@a.example]");
        assertThat(at(d, "sales@a.example")).isEqualTo("unknown");
    }

    @Test
    void theMoreExactNameWins() {
        LocalDirectory d = sound("info: joe\ninfo@b.example: bob@b.example\n");
        assertThat(at(d, "info@a.example")).startsWith("box info@a.example");
        assertThat(at(d, "info@b.example")).isEqualTo("[bob@b.example]");
    }

    @Test
    void aBareDestinationIsLookedForInTheDomainAskedThenInTheOthers() {
        LocalDirectory d = sound("boss: ann\nhand: bob\n");
        assertThat(at(d, "boss@b.example")).isEqualTo("[ann@a.example]");
        assertThat(at(d, "hand@a.example")).isEqualTo("[bob@b.example]");
    }

    @Test
    void anAliasThatHoldsItselfMeansTheMailbox() {
        LocalDirectory d = sound("joe: \\joe, copy@elsewhere.example\nann@a.example: ann@a.example, joe\n");
        assertThat(at(d, "joe@a.example")).isEqualTo("[joe@a.example, copy@elsewhere.example]");
        assertThat(at(d, "ann@a.example")).isEqualTo("[ann@a.example, joe@a.example, copy@elsewhere.example]");
        assertThat(d.mailbox(Address.of("joe+x@a.example")))
                .map(Resolution.Mailbox::user)
                .contains("joe");
        assertThat(d.mailbox(Address.of("nobody@a.example"))).isEmpty();
        assertThat(d.mailbox(Address.of("joe@c.example"))).isEmpty();
    }

    @Test
    void eachOnceLocalNamesWithoutCaseForeignOnesWithIt() {
        LocalDirectory d = sound("all: joe@a.example, JOE@a.example, Y@c.example, y@c.example, two\ntwo: joe\n");
        assertThat(at(d, "all@a.example")).isEqualTo("[joe@a.example, Y@c.example, y@c.example]");
    }

    @Test
    void aLoopIsToldWithItsWayAndEndsWhereItCloses() {
        LocalDirectory.Loaded loaded = load("one: two\ntwo: three, joe\nthree: one\n");
        assertThat(loaded.problems())
                .anySatisfy(p -> assertThat(p)
                        .isEqualTo("/etc/aliases:1: aliases go round: one@a.example -> two@a.example -> three@a.example"
                                + " -> one@a.example"));
        assertThat(at(loaded.directory(), "one@a.example")).isEqualTo("[joe@a.example]");
    }

    @Test
    void anExpansionBeyondTheBoundIsAProblem() {
        assertThat(load("many: a@c.example, b@c.example, c@c.example, d@c.example, e@c.example, f@c.example\n")
                        .problems())
                .containsExactly("/etc/aliases:1: many leads to more than local.expansion_max = 5 addresses");
    }

    /** RFC 5321 4.5.1. */
    @Test
    void postmasterAlwaysHasAPlace() {
        LocalDirectory d = sound("");
        assertThat(at(d, "postmaster")).isEqualTo("[joe@a.example]");
        assertThat(at(d, "PostMaster@b.example")).isEqualTo("[joe@a.example]");
        assertThat(at(d, "postmaster@mx.example")).isEqualTo("[joe@a.example]");
        assertThat(at(d, "postmaster@c.example")).isEqualTo("elsewhere");
        assertThat(at(sound("postmaster: ann"), "postmaster@b.example")).isEqualTo("[ann@a.example]");
        postmaster = Optional.empty();
        assertThat(load("postmaster@a.example: joe").problems())
                .containsExactly("local.postmaster: mail for postmaster@b.example has no place to go; set it, or add"
                        + " `postmaster: name` to the aliases file");
    }

    /** The host's own name need be no local domain: an address there would be sent by MX, to ourselves. */
    @Test
    void theHostsPostmasterWhoIsAUserGetsItInADomainThatIsDeliveredHere() {
        users = Set.of("joe", "postmaster");
        assertThat(at(sound(""), "postmaster@mx.example")).isEqualTo("[postmaster@a.example]");
        assertThat(at(sound(""), "postmaster@b.example")).startsWith("box postmaster postmaster@b.example");
    }

    @Test
    void theCatchAllTakesWhatNobodyElseDoes() {
        catchAll = Map.of("b.example", Address.of("ann@a.example"));
        LocalDirectory d = sound("");
        assertThat(at(d, "whoever@b.example")).isEqualTo("[ann@a.example]");
        assertThat(at(d, "bob@b.example")).startsWith("box bob@b.example");
        assertThat(at(d, "whoever@a.example")).isEqualTo("unknown");
        catchAll = Map.of("c.example", Address.of("nobody@a.example"));
        assertThat(load("").problems())
                .containsExactly(
                        "local.catch_all: c.example is not in local.domains",
                        "local.catch_all: c.example: nobody@a.example is neither a user nor an alias");
    }

    @Test
    void everyMistakeIsToldWithFileAndLine() {
        disk.with("/lists/bad", "ann@a.example\n\n|rm\n:include:/lists/other\n");
        assertThat(load("""
                    astray
                prog: "|/usr/bin/x a, b"
                file: /var/mail/x
                nocolon
                empty:
                joe@c.example: joe
                @a.example: joe
                list: :include:/lists/bad
                gone: :include:/lists/gone
                rel: :include:lists
                bad: a@@b, two words
                ghost: nobody
                GHOST: joe
                """).problems())
                .extracting(p -> p.replaceFirst(";.*", ""))
                .containsExactly(
                        "/etc/aliases:1: a continuation line, but no alias before it",
                        "/etc/aliases:2: |/usr/bin/x a, b: programs are not run from aliases",
                        "/etc/aliases:2: prog has no destination",
                        "/etc/aliases:3: /var/mail/x: aliases do not write to files",
                        "/etc/aliases:3: file has no destination",
                        "/etc/aliases:4: no colon",
                        "/etc/aliases:5: empty has no destination",
                        "/etc/aliases:7: @a.example is a whole domain",
                        "/lists/bad:3: |rm: programs are not run from aliases",
                        "/lists/bad:4: a list does not include lists",
                        "/etc/aliases:9: :include:/lists/gone: cannot be read: no such file",
                        "/etc/aliases:9: gone has no destination",
                        "/etc/aliases:10: :include:lists: give the list's whole path, beginning with /",
                        "/etc/aliases:10: rel has no destination",
                        "/etc/aliases:11: a@@b is no address",
                        "/etc/aliases:11: `two words` is no name and no address",
                        "/etc/aliases:11: bad has no destination",
                        "/etc/aliases:13: ghost is already at /etc/aliases:12",
                        "/etc/aliases:6: c.example of joe@c.example is not in local.domains",
                        "/etc/aliases:12: ghost: nobody@a.example is neither a user nor an alias");
    }

    @Test
    void aFileThatIsMissingOrNotTextIsAProblem() {
        assertThat(LocalDirectory.load(
                                Domain.of("mx.example"),
                                new LocalSettings(
                                        List.of(Domain.of("a.example")),
                                        postmaster,
                                        Optional.of(Path.of("/none")),
                                        "",
                                        Map.of(),
                                        LocalSettings.LocalDelivery.MAILDIR,
                                        Optional.empty(),
                                        Optional.empty(),
                                        5),
                                USERS::contains,
                                disk)
                        .problems())
                .containsExactly("/none: cannot be read: no such file");
        disk.with("/bin", new byte[] {'a', ':', (byte) 0xff});
        List<String> problems = new ArrayList<>();
        assertThat(AliasFile.read(disk, Path.of("/bin"), problems).all()).isEmpty();
        assertThat(problems).containsExactly("/bin: not UTF-8");
    }
}
