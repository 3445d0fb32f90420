package org.hikyaku.mail;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class AddressTest {
    /** RFC 5321 4.1.2: a quoted string and the atom it stands for are one mailbox. */
    @Test
    void quotingIsNoPartOfTheAddress() {
        assertThat(Address.of("\"joe\"@example.org")).isEqualTo(Address.of("joe@example.org"));
        assertThat(Address.of("\"a\\ b\"@example.org").toString()).isEqualTo("\"a b\"@example.org");
    }

    @Test
    void localPartsKeepTheirCasePostmasterHasNone() {
        assertThat(Address.of("Joe@example.org")).isNotEqualTo(Address.of("joe@example.org"));
        assertThat(Address.of("POSTMASTER@example.org"))
                .isEqualTo(Address.of("postmaster@EXAMPLE.org"))
                .hasSameHashCodeAs(Address.of("postmaster@EXAMPLE.org"));
    }

    @Test
    void refusesWhatIsNoMailbox() {
        for (String bad : new String[] {
            "",
            "@",
            "a@",
            "@b",
            "a",
            ".a@b",
            "a.@b",
            "a..b@c",
            "a b@c",
            "\"a@b",
            "\"\"@b",
            "\"a\"b@c",
            "a@b@c",
            "<a@b>",
            "a@b\r\n",
            "a\u0000@b",
            "\ud800@b"
        }) {
            assertThat(Address.parse(bad)).as(bad).isEmpty();
        }
    }

    @Test
    void internationalLocalPart() {
        assertThat(Address.of("用户@例え.jp").isInternational()).isTrue();
        assertThat(Address.of("user@例え.jp").isInternational()).isFalse();
    }

    @Test
    void spoolIdTextIsOrdered() {
        SpoolId id = new SpoolId(0x8123456789abcdefL);
        assertThat(SpoolId.parse(id.toString())).contains(id);
        assertThat(SpoolId.parse("zzzzzzzzzzzzz")).isEmpty();
    }
}
