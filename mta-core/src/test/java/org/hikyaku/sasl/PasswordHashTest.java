package org.hikyaku.sasl;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import org.hikyaku.sasl.PasswordHashReader.Read;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PasswordHashTest {
    private static PasswordHash good(String field) {
        Read read = PasswordHashReader.read(field);
        assertThat(read).as(field).isInstanceOf(Read.Good.class);
        return ((Read.Good) read).hash();
    }

    private static String bad(String field) {
        Read read = PasswordHashReader.read(field);
        assertThat(read).as(field).isInstanceOf(Read.Bad.class);
        return ((Read.Bad) read).why();
    }

    /** The first is RFC 7677's example, the others were made with crypt(3) and the reference Argon2. */
    @ParameterizedTest
    @CsvSource(
            delimiter = ' ',
            value = {
                "pencil {SCRAM-SHA-256}4096,W22ZaJ0SNY7soEsUEjb6gQ==,WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=,wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU=",
                "secret {SHA512-CRYPT}$6$saltstring$AIsRs/Ee56G/tC8MEHhvReZTfx8u3rXXMl6eYrjCG9ibix19DxoMBLogdTET5Ukw9Sf7eZTITsuk0Ry5qulYz.",
                "secret {SHA256-CRYPT}$5$rounds=10000$saltstring$Xu/H4oie/4H3iXm4Vw/vuJU.61Dbtiq.KxS0W5DDch3",
                "secret {CRYPT}$6$rounds=1000$ab$3tLFZOSDxcyiDWcYSrieU1uloXMcbPJQRTcotZNqEJiB1iizwjzbn2jECOCvw6wslPpiTPzli2jppqTUXUq9N0",
                "secret $6$rounds=1000$ab$3tLFZOSDxcyiDWcYSrieU1uloXMcbPJQRTcotZNqEJiB1iizwjzbn2jECOCvw6wslPpiTPzli2jppqTUXUq9N0",
                "secret {BLF-CRYPT}$2y$05$abcdefghijklmnopqrstuuOQiyCxlgf/oeuTqixKmWdcYUh4Hjl0a",
                "password {ARGON2ID}$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4"
            })
    void knownHashesFitTheirPasswordOnly(String password, String field) {
        PasswordHash hash = good(field);
        byte[] octets = password.getBytes(UTF_8);
        assertThat(hash.fits(octets)).isTrue();
        assertThat(hash.fits(octets)).as("the octets given are left alone").isTrue();
        assertThat(hash.fits((password + "x").getBytes(UTF_8))).isFalse();
        assertThat(hash.fits(new byte[0])).isFalse();
        assertThat(hash.text()).isEqualTo(field);
        assertThat(hash.toString()).doesNotContain("$").doesNotContain("=");
    }

    @Test
    void bcryptLooksAtSeventyTwoOctets() {
        PasswordHash hash = good("{BLF-CRYPT}$2y$05$abcdefghijklmnopqrstuuOQiyCxlgf/oeuTqixKmWdcYUh4Hjl0a");
        assertThat(hash.fits("x".repeat(500).getBytes(UTF_8))).isFalse();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{SCRAM-SHA-256}100,W22ZaJ0SNY7soEsUEjb6gQ==,WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=,wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU=",
                "{SCRAM-SHA-256}999999999,W22ZaJ0SNY7soEsUEjb6gQ==,WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=,wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU=",
                "{ARGON2ID}$argon2id$v=19$m=4194304,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4",
                "{ARGON2ID}$argon2id$v=19$m=256,t=999,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4",
                "{ARGON2ID}$argon2id$v=19$m=256,t=2,p=99$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4",
                "{SHA256-CRYPT}$5$rounds=999999999$saltstring$Xu/H4oie/4H3iXm4Vw/vuJU.61Dbtiq.KxS0W5DDch3",
                "{BLF-CRYPT}$2y$31$abcdefghijklmnopqrstuuOQiyCxlgf/oeuTqixKmWdcYUh4Hjl0a"
            })
    void hashesOfAbsurdCostAreRefused(String field) {
        assertThat(bad(field)).matches(".*(from|at most).*");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "secret",
                "{SHA1}abc",
                "{PLAIN}secret",
                "{plain}secret",
                "{SCRAM-SHA-256}4096,a,b,c",
                "{SHA512-CRYPT}$5$ab$c",
                "{SHA512-CRYPT}$6$ab$short",
                "{SHA256-CRYPT}$6$ab$c",
                "{BLF-CRYPT}$2y$05$short",
                "{ARGON2ID}$argon2i$v=19$m=1",
                "{MD5-CRYPT}$1$ab$c",
                "{CRYPT}*",
                "!"
            })
    void whatCannotBeCheckedIsRefusedWithoutShowingIt(String field) {
        assertThat(bad(field)).doesNotContain("secret").contains("{");
    }

    @Test
    void passwordsInClearAreRefusedWithTheWayOut() {
        assertThat(bad("{PLAIN}secret")).contains("in clear").contains("hikyaku user passwd");
    }
}
