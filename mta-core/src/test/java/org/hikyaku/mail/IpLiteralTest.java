package org.hikyaku.mail;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class IpLiteralTest {
    /** RFC 5952 4 and its examples. */
    @ParameterizedTest
    @CsvSource({
        "2001:0db8:0000:0000:0001:0000:0000:0001, 2001:db8::1:0:0:1",
        "2001:db8:0:1:1:1:1:1, 2001:db8:0:1:1:1:1:1",
        "2001:DB8:0:0:0:0:2:1, 2001:db8::2:1",
        "2001:0:0:1:0:0:0:1, 2001:0:0:1::1",
        "0:0:0:0:0:0:0:0, ::",
        "0:0:0:0:0:0:0:1, ::1",
        "1:0:0:0:0:0:0:0, 1::",
        "fe80:0:0:0:aAaA:0:0:9, fe80::aaaa:0:0:9",
        "192.0.2.7, 192.0.2.7",
    })
    void anAddressHasOneText(String read, String written) {
        assertThat(IpLiteral.number(IpLiteral.parseAddress(read).orElseThrow())).isEqualTo(written);
    }

    @Test
    void aLiteralWrittenIsReadAgain() {
        IpLiteral six = IpLiteral.parse("[IPv6:2001:db8::7]").orElseThrow();
        assertThat(six.text()).isEqualTo("[IPv6:2001:db8::7]");
        assertThat(IpLiteral.parse(six.text())).contains(six);
    }
}
