package org.hikyaku.mail;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class DomainTest {
    @Test
    void foldsCaseAndFinalDot() {
        assertThat(Domain.of("Example.ORG.")).isEqualTo(Domain.of("example.org"));
    }

    /** RFC 5890 2.3.2.1: the A-label and the U-label are one name. */
    @Test
    void uLabelAndALabelAreOne() {
        assertThat(Domain.of("bücher.example").ascii()).isEqualTo("xn--bcher-kva.example");
        assertThat(Domain.of("BÜCHER.example")).isEqualTo(Domain.of("xn--bcher-kva.example"));
        assertThat(Domain.of("xn--bcher-kva.example").unicode()).isEqualTo("bücher.example");
    }

    @Test
    void refusesWhatIsNoName() {
        for (String bad :
                new String[] {"", ".", "a..b", "-a.b", "a-.b", "a b", "a@b", "[300.1.1.1]", "[1.2.3]", "[::1]", "a/b"
                }) {
            assertThat(Domain.parse(bad)).as(bad).isEmpty();
        }
    }

    @Test
    void readsLiterals() {
        assertThat(Domain.of("[192.0.2.1]").isLiteral()).isTrue();
        assertThat(Domain.of("[IPv6:2001:DB8:0::1]")).isEqualTo(Domain.of("[IPv6:2001:db8::1]"));
    }

    @Test
    void withinIsByLabel() {
        assertThat(Domain.of("a.example.org").isWithin(Domain.of("example.org")))
                .isTrue();
        assertThat(Domain.of("badexample.org").isWithin(Domain.of("example.org")))
                .isFalse();
    }

    /** RFC 5891 5.4: the third and fourth hyphen, a mark that leads, an unassigned letter, a joiner without its script. */
    @Test
    void refusesLabelsThatIdnaCannotHave() {
        for (String bad :
                new String[] {"ab--c\u00fc.example", "\u0301a.example", "\u0378.example", "a\u200db.example"}) {
            assertThat(Domain.parse(bad)).as(bad).isEmpty();
        }
        assertThat(Domain.parse("\u05d0a.example")).isEmpty(); // RFC 5893
        assertThat(Domain.of("fa\u00df.example").ascii()).isEqualTo("xn--fa-hia.example");
        assertThat(Domain.of("u\u0308.example")).isEqualTo(Domain.of("\u00fc.example"));
    }
}
