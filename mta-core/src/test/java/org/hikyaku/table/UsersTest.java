package org.hikyaku.table;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.hikyaku.mail.Address;
import org.hikyaku.mail.Domain;
import org.hikyaku.sasl.ScramDigest;
import org.junit.jupiter.api.Test;

/** The users file and the grants beside it. */
class UsersTest {
    private static final String SCRAM =
            "{SCRAM-SHA-256}4096,W22ZaJ0SNY7soEsUEjb6gQ==,WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=,wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU=";
    private static final String BCRYPT = "{BLF-CRYPT}$2y$05$abcdefghijklmnopqrstuuOQiyCxlgf/oeuTqixKmWdcYUh4Hjl0a";
    private static final List<Domain> LOCAL = List.of(Domain.of("first.example"), Domain.of("second.example"));
    private static final Path FILE = Path.of("/etc/users");

    private static Users.Loaded load(String... lines) {
        return Users.load(new AliasDisk().with("/etc/users", String.join("\n", lines) + "\n"), FILE);
    }

    private static Optional<String> login(Users users, String login) {
        return users.login(login, LOCAL).map(Users.User::name);
    }

    @Test
    void dovecotsFormIsReadAndFurtherFieldsAreLeftAlone() {
        Users.Loaded loaded = load(
                "# people",
                "",
                "Anna@First.Example:" + SCRAM,
                "bob@first.example:" + BCRYPT + ":1000:1000::/home/b::nopassword=no x=y:z");
        assertThat(loaded.problems()).isEmpty();
        assertThat(loaded.users().all().stream().map(Users.User::name))
                .containsExactly("anna@first.example", "bob@first.example");
        assertThat(loaded.users()
                        .find("anna@first.example")
                        .orElseThrow()
                        .password()
                        .fits("pencil".getBytes(UTF_8)))
                .isTrue();
        assertThat(loaded.users()
                        .find("bob@first.example")
                        .orElseThrow()
                        .password()
                        .fits("secret".getBytes(UTF_8)))
                .isTrue();
    }

    @Test
    void scramIsOfferedOnlyWhereAllHaveKeys() {
        assertThat(load("a@first.example:" + SCRAM).users().allHaveKeys(ScramDigest.SHA_256))
                .isTrue();
        assertThat(load("a@first.example:" + SCRAM, "b@first.example:" + BCRYPT)
                        .users()
                        .allHaveKeys(ScramDigest.SHA_256))
                .isFalse();
    }

    @Test
    void furtherKeysForScramSha1StandInAnExtraField() {
        String further =
                "hikyaku_scram_sha_1=4096,QSXCR+Q6sek8bf92,6dlGYMOdZcOPutkcNY8U2g7vK9Y=,D+CSWLOshSulAsxiupA+qs2/fTE=";
        Users both = load("a@first.example:" + SCRAM + ":1:2::/home:/bin/sh:x=y:z " + further)
                .users();
        assertThat(both.allHaveKeys(ScramDigest.SHA_1)).isTrue();
        assertThat(both.allHaveKeys(ScramDigest.SHA_256)).isTrue();
        assertThat(load("a@first.example:" + SCRAM).users().allHaveKeys(ScramDigest.SHA_1))
                .isFalse();
        assertThat(load("a@first.example:" + SCRAM + "::::::" + further.substring(0, 60))
                        .problems())
                .singleElement()
                .asString()
                .contains("hikyaku_scram_sha_1=")
                .doesNotContain("QSXC");
    }

    @Test
    void allMistakesAreToldWithFileAndLineAndNeverThePassword() {
        Users.Loaded loaded = load(
                "a@first.example:" + SCRAM,
                "A@first.example:" + BCRYPT,
                "two words:" + SCRAM,
                "c@first.example",
                "d@first.example:",
                "e@first.example:{PLAIN}hunter2",
                "@first.example:" + SCRAM);
        assertThat(loaded.problems()).hasSize(6);
        assertThat(loaded.problems().get(0)).startsWith("/etc/users:2: ").contains("line 1");
        assertThat(loaded.problems().get(4))
                .startsWith("/etc/users:6: e@first.example: ")
                .contains("in clear");
        assertThat(loaded.problems()).noneMatch(text -> text.contains("hunter2") || text.contains("W22Z"));
    }

    @Test
    void aMissingFileIsAProblem() {
        assertThat(Users.load(new AliasDisk(), FILE).problems())
                .singleElement()
                .asString()
                .startsWith("/etc/users: ");
        assertThat(Users.load(new AliasDisk().with("/etc/users", new byte[] {(byte) 0xff}), FILE)
                        .problems())
                .containsExactly("/etc/users: not UTF-8");
    }

    @Test
    void aBareLoginMeansTheFirstLocalDomain() {
        Users users = load("anna@first.example:" + SCRAM, "bob@second.example:" + SCRAM)
                .users();
        assertThat(login(users, "ANNA")).contains("anna@first.example");
        assertThat(login(users, "anna@first.EXAMPLE")).contains("anna@first.example");
        assertThat(login(users, "bob")).isEmpty();
        assertThat(login(users, "bob@second.example")).contains("bob@second.example");
        assertThat(login(users, "anna@second.example")).isEmpty();
        assertThat(login(users, "anna:x")).isEmpty();
        assertThat(login(users, "")).isEmpty();
    }

    @Test
    void aUserListedByBareNameMayLogInAtAnyLocalDomain() {
        Users users = load("anna:" + SCRAM).users();
        assertThat(login(users, "anna")).contains("anna");
        assertThat(login(users, "anna@second.example")).contains("anna");
        assertThat(login(users, "anna@elsewhere.example")).isEmpty();
    }

    private static Grants.Loaded grants(String... lines) {
        AliasDisk disk = new AliasDisk().with("/etc/grants", String.join("\n", lines));
        return Grants.load(
                disk,
                Path.of("/etc/grants"),
                load("anna@first.example:" + SCRAM).users());
    }

    @Test
    void grantsAreAddressesOrWholeDomains() {
        Grants.Loaded loaded = grants(
                "# more",
                "anna@first.example: Sales@first.example, @Second.example",
                "ANNA@first.example: x@y.example");
        assertThat(loaded.problems()).isEmpty();
        Grants grants = loaded.grants();
        assertThat(grants.allow("anna@first.example", Address.of("sales@first.example")))
                .isTrue();
        assertThat(grants.allow("anna@first.example", Address.of("any@second.example")))
                .isTrue();
        assertThat(grants.allow("anna@first.example", Address.of("x@y.example")))
                .isTrue();
        assertThat(grants.allow("anna@first.example", Address.of("boss@first.example")))
                .isFalse();
        assertThat(grants.allow("anna@first.example", Address.NULL)).isFalse();
        assertThat(grants.allow("bob@first.example", Address.of("sales@first.example")))
                .isFalse();
        assertThat(Grants.none().allow("anna@first.example", Address.of("sales@first.example")))
                .isFalse();
    }

    @Test
    void mistakesInGrantsAreToldWithFileAndLine() {
        List<String> problems = grants(
                        "no colon", "bob@first.example: x@y.example", "anna@first.example: x@y.example,, nonsense")
                .problems();
        assertThat(problems).hasSize(4);
        assertThat(problems.get(1)).startsWith("/etc/grants:2: bob@first.example is not in the users file");
        assertThat(problems.get(3)).startsWith("/etc/grants:3: ").contains("nonsense");
    }
}
