package org.hikyaku.table;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.hikyaku.config.AddressSettings;
import org.hikyaku.config.LocalSettings;
import org.hikyaku.mail.Address;
import org.hikyaku.mail.Domain;
import org.hikyaku.table.LocalDirectory.Resolution;
import org.junit.jupiter.api.Test;

class VirtualTest {
    private static final Path ALIASES = Path.of("/aliases");
    private static final Path FIRST = Path.of("/first");
    private static final Path SECOND = Path.of("/second");
    private static final Set<String> USERS = Set.of("joe", "ann@a.example", "mary-ann@a.example", "mary@a.example");

    private final AliasDisk disk = new AliasDisk().with("/aliases", "").with("/second", "");
    private String separators = "+";

    private LocalDirectory.Loaded load(String first) {
        disk.with("/first", first);
        LocalSettings local = new LocalSettings(
                List.of(Domain.of("a.example"), Domain.of("old.example")),
                Optional.of(Address.of("joe@a.example")),
                Optional.of(ALIASES),
                separators,
                Map.of(),
                LocalSettings.LocalDelivery.MAILDIR,
                Optional.empty(),
                Optional.empty(),
                5);
        return LocalDirectory.load(
                Domain.of("mx.example"),
                local,
                AddressSettings.ofVirtual(List.of(FIRST, SECOND)),
                USERS::contains,
                disk);
    }

    private LocalDirectory sound(String first) {
        LocalDirectory.Loaded loaded = load(first);
        assertThat(loaded.problems()).isEmpty();
        return loaded.directory();
    }

    private static String at(LocalDirectory directory, String address) {
        return at(directory, address, "s@c.example");
    }

    private static String at(LocalDirectory directory, String address, String sender) {
        Address from = sender.isEmpty() ? Address.NULL : Address.of(sender);
        return switch (directory.resolve(Address.of(address), from)) {
            case Resolution.NotLocal n -> "elsewhere";
            case Resolution.Unknown u -> "unknown";
            case Resolution.Mailbox m -> "box " + m.home();
            case Resolution.Expanded e -> e.to().toString();
        };
    }

    @Test
    void anAddressLeadsToAddressesHereAndElsewhereBeforeUsersAndAliases() {
        disk.with("/aliases", "info: ann\n");
        LocalDirectory d =
                sound("# ours\nInfo@a.example: joe, x@c.example\njoe@a.example: joe@a.example, copy@c.example\n");
        assertThat(at(d, "INFO@a.example")).isEqualTo("[x@c.example, joe@a.example, copy@c.example]");
        assertThat(at(d, "info@old.example")).isEqualTo("[ann@a.example]");
        assertThat(at(d, "joe@a.example")).isEqualTo("[joe@a.example, copy@c.example]");
    }

    @Test
    void whatATableNamesByItselfGoesOnBehindTheTables() {
        disk.with("/aliases", "info: ann\n");
        LocalDirectory d = sound("/(.*)@a\\.example/: $1@a.example, joe@old.example\n");
        assertThat(at(d, "info@a.example")).isEqualTo("[joe@old.example, ann@a.example]");
        assertThat(at(d, "ann@a.example")).isEqualTo("[ann@a.example, joe@old.example]");
    }

    @Test
    void aWholeDomainLeadsToAnotherOrToOneAddressWhenNobodyElseHasIt() {
        LocalDirectory d = sound("@old.example: @a.example\n");
        assertThat(at(d, "Ann@old.example")).isEqualTo("[Ann@a.example]");
        assertThat(at(d, "joe@old.example")).isEqualTo("box joe@a.example");
        assertThat(at(d, "nobody@old.example")).isEqualTo("unknown");
        d = sound("@old.example: shop@c.example\n");
        assertThat(at(d, "nobody@old.example")).isEqualTo("[shop@c.example]");
    }

    @Test
    void tablesAreAskedInTheirOrderAndPatternsAfterAddresses() {
        disk.with("/second", "x@a.example: second@c.example\ny@a.example: y@c.example\n");
        LocalDirectory d = sound("/[xz]@a\\.example/: pattern@c.example\n/z@a\\.example/: late@c.example\n"
                + "zz@a.example: address@c.example\n/z+@a\\.example/: later@c.example\n");
        assertThat(at(d, "x@a.example")).isEqualTo("[pattern@c.example]");
        assertThat(at(d, "y@a.example")).isEqualTo("[y@c.example]");
        assertThat(at(d, "Z@a.example")).isEqualTo("[pattern@c.example]");
        assertThat(at(d, "zz@a.example")).isEqualTo("[address@c.example]");
        assertThat(at(d, "zzz@a.example")).isEqualTo("[later@c.example]");
    }

    @Test
    void linesForSomeSendersAreForThemOnly() {
        LocalDirectory d = sound("""
                [from boss@a.example, @b.example, <>]
                all@a.example: ann, joe
                [from *]
                all@a.example: joe
                """);
        assertThat(at(d, "all@a.example")).isEqualTo("[joe@a.example]");
        assertThat(at(d, "all@a.example", "Boss@a.example")).isEqualTo("[ann@a.example, joe@a.example]");
        assertThat(at(d, "all@a.example", "x@b.example")).isEqualTo("[ann@a.example, joe@a.example]");
        assertThat(at(d, "all@a.example", "")).isEqualTo("[ann@a.example, joe@a.example]");
    }

    /** RFC 2505 2.1: only what a table names is reached elsewhere, whatever the address asked holds. */
    @Test
    void aStrangerCannotNameTheWayOut() {
        LocalDirectory d = sound("""
                /(.*)=(.*)@a\\.example/: $1@$2
                @old.example: @c.example
                /fwd-(.*)@a\\.example/: $1@c.example
                """);
        assertThat(at(d, "ann=a.example@a.example")).isEqualTo("[ann@a.example]");
        assertThat(at(d, "victim=c.example@a.example")).isEqualTo("unknown");
        assertThat(at(d, "\"x@victim.example\"@old.example")).isEqualTo("unknown");
        assertThat(at(d, "x%victim.example@old.example")).isEqualTo("unknown");
        assertThat(at(d, "fwd-victim.example!x@a.example")).isEqualTo("unknown");
        assertThat(at(d, "fwd-x@a.example")).isEqualTo("[x@c.example]");
        assertThat(at(d, "x@elsewhere.example")).isEqualTo("elsewhere");
    }

    @Test
    void whatWouldBeNoAddressIsNobody() {
        LocalDirectory d = sound("/x(.*)@a\\.example/: $1@c.example\n@old.example: @" + "c".repeat(60) + ".example\n");
        assertThat(at(d, "x@a.example")).isEqualTo("unknown");
        assertThat(at(d, "xy@a.example")).isEqualTo("[y@c.example]");
        assertThat(at(d, "y".repeat(200) + "@old.example")).isEqualTo("unknown");
    }

    @Test
    void withSeveralSeparatorsTheLongestNameThatIsSomebodysIsTaken() {
        separators = "+-";
        LocalDirectory d = sound("");
        assertThat(at(d, "mary-ann@a.example")).isEqualTo("box mary-ann@a.example");
        assertThat(at(d, "mary-ann-x+y@a.example")).isEqualTo("box mary-ann@a.example");
        assertThat(at(d, "mary-bob@a.example")).isEqualTo("box mary@a.example");
        assertThat(at(d, "-ann@a.example")).isEqualTo("unknown");
        assertThat(d.mailbox(Address.of("mary-ann-x@a.example")).map(Resolution.Mailbox::user))
                .contains("mary-ann@a.example");
    }

    @Test
    void oneMailboxGetsOneCopyForEachTag() {
        LocalDirectory d = sound("all@a.example: joe@old.example, joe@a.example, joe+X@a.example, ann, joe+x\n");
        assertThat(at(d, "all@a.example")).isEqualTo("[joe@old.example, joe+X@a.example, ann@a.example]");
    }

    @Test
    void everyMistakeIsToldWithFileAndLine() {
        String problems = String.join("\n", load("""
                nocolon
                anna: x@c.example
                x@c.example: joe
                y@a.example:
                /(/: joe
                /a@a.example: joe
                /a/ b: joe
                /a(.)@a.example/: $2@a.example, $1, $1@b@c
                z@a.example: a@@b, nobody
                z@a.example: joe
                [to x]
                [from x]
                [from *]
                r@a.example: s@a.example
                s@a.example: r@a.example
                m@a.example: 1@c.example, 2@c.example, 3@c.example, 4@c.example, 5@c.example, 6@c.example
                """).problems());
        assertThat(problems).isEqualTo("""
                /first:1: no colon; a line is `address: target, target`
                /first:2: `anna` is no address; write user@domain, @domain for all of it, or /pattern/
                /first:4: no target
                /first:5: /(/ is no pattern: missing closing )
                /first:6: no colon; a line is `address: target, target`
                /first:7: no colon; a line is `address: target, target`
                /first:8: `$2@a.example` is no address with $1 to $1 in it, the groups of the pattern ($$ is a dollar)
                /first:8: `$1` is no address with $1 to $1 in it, the groups of the pattern ($$ is a dollar)
                /first:8: `$1@b@c` is no address with $1 to $1 in it, the groups of the pattern ($$ is a dollar)
                /first:9: `a@@b` is no address, no name and no @domain
                /first:10: z@a.example is already at /first:9
                /first:11: not of the form `[from address, @domain]` or `[from *]`
                /first:12: `x` is no address, no @domain, not <> and not *
                /first:3: x@c.example is not in local.domains
                /first:9: z@a.example: nobody@a.example is neither a user nor an alias
                /first:14: aliases go round: r@a.example -> s@a.example -> r@a.example
                /first:15: aliases go round: s@a.example -> r@a.example -> s@a.example
                /first:16: m@a.example leads to more than local.expansion_max = 5 addresses""");
    }
}
