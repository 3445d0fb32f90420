package org.hikyaku.mail;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class HeaderScanTest {
    private static HeaderFacts scan(String message, int step) {
        HeaderScan scan = new HeaderScan(1000);
        byte[] octets = message.getBytes(UTF_8);
        for (int i = 0; i < octets.length; i += step) {
            scan.feed(octets, i, Math.min(step, octets.length - i));
        }
        return scan.facts();
    }

    private static HeaderFacts scan(String message) {
        HeaderFacts whole = scan(message, 10_000);
        for (int step = 1; step < 12; step++) {
            assertThat(scan(message, step)).isEqualTo(whole);
        }
        return whole;
    }

    @Test
    void countsAndFinds() {
        HeaderFacts facts = scan(
                "Received: a\r\n\tb\r\nRECEIVED:c\r\nFrom: Joe\r\n <joe@a.example>\r\nDate : now\r\nMessage-Id: <1@x>\r\n\r\nReceived: no\r\nFrom: x@y\r\n");
        assertThat(facts.receivedCount()).isEqualTo(2);
        assertThat(facts.from()).containsExactly(Address.of("joe@a.example"));
        assertThat(facts.fromReadable()).isTrue();
        assertThat(facts.hasDate()).isTrue();
        assertThat(facts.messageId()).isEqualTo("<1@x>");
        assertThat(facts.bodyAtOnce()).isFalse();
        assertThat(facts.eightBit()).isFalse();
    }

    @Test
    void aMessageWithoutHeader() {
        assertThat(scan("Hello you\r\n").bodyAtOnce()).isTrue();
        assertThat(scan("\r\nHello: you\r\n").bodyAtOnce()).isFalse();
        assertThat(scan("\r\nDate: you\r\n").hasDate()).isFalse();
        assertThat(scan("").bodyAtOnce()).isFalse();
    }

    /** RFC 6409 4.2. */
    @Test
    void domainsOfOneLabelAreFound() {
        assertThat(scan("From: <a@mail>\r\nTo: b@far.example, c@home\r\nCc: d@home, e@[192.0.2.1]\r\n\r\n")
                        .oneLabel())
                .containsExactly(Domain.of("mail"), Domain.of("home"));
        assertThat(scan("Sender: \"x@y\" <a@far.example> (at x@z)\r\nSubject: a@home\r\nReply-To: b@h.example\r\n\r\n")
                        .oneLabel())
                .isEmpty();
        assertThat(scan("Bcc: <a @ home>\r\n\r\nTo: a@body\r\n").oneLabel()).containsExactly(Domain.of("home"));
    }

    @Test
    void bulkSaysSoInPrecedence() {
        assertThat(scan("Precedence: Bulk\r\n\r\n").bulk()).isTrue();
        assertThat(scan("precedence:list\r\nDate: x\r\n\r\n").bulk()).isTrue();
        assertThat(scan("Precedence: first-class\r\n\r\n").bulk()).isFalse();
        assertThat(scan("Subject: Precedence: bulk\r\n\r\nPrecedence: bulk\r\n").bulk())
                .isFalse();
    }

    @Test
    void twoFromFieldsCannotBeRead() {
        assertThat(scan("From: a@b.example\r\nFrom: c@d.example\r\n\r\n").fromReadable())
                .isFalse();
    }

    @Test
    void aHeaderOverTheLimitIsNoted() {
        assertThat(scan("Subject: " + "x".repeat(990) + "\r\n\r\n").tooBig()).isTrue();
        assertThat(scan("Subject: x\r\n\r\n" + "x".repeat(2000)).tooBig()).isFalse();
    }

    @Test
    void lettersBeyondAsciiInTheHeaderOnly() {
        assertThat(scan("Subject: \u00e9\r\n\r\n").eightBit()).isTrue();
        assertThat(scan("Subject: e\r\n\r\n\u00e9").eightBit()).isFalse();
    }

    /** RFC 5322 3.4 and 4.4. */
    @Test
    void readsAddressLists() {
        assertThat(AddressList.parse(
                        " a@b.example, \"x, y\" <c@d.example> (note \\) more), group: e@f.example, g@h.example;"))
                .contains(List.of(
                        Address.of("a@b.example"),
                        Address.of("c@d.example"),
                        Address.of("e@f.example"),
                        Address.of("g@h.example")));
        assertThat(AddressList.parse("\"a b\"@c.example")).contains(List.of(Address.of("\"a b\"@c.example")));
        assertThat(AddressList.parse("<@x.example:a@b.example>")).contains(List.of(Address.of("a@b.example")));
        assertThat(AddressList.parse("J\u00f6rg M\u00fcller <j@b.example>"))
                .contains(List.of(Address.of("j@b.example")));
        assertThat(AddressList.parse("undisclosed:;")).contains(List.of());
    }

    @Test
    void guessesNothing() {
        for (String bad : new String[] {
            "a@b.example <c@d.example",
            "joe",
            "a@b c@d",
            "<a@b> <c@d>",
            "a@b, (",
            "\"a",
            "<a@b>, joe",
            "a@b; c@d",
            "<a@b> x"
        }) {
            assertThat(AddressList.parse(bad)).as(bad).isEmpty();
        }
    }

    /** RFC 5322 3.6.2: one mailbox. */
    @Test
    void theSenderFieldIsReadWhereItIsOne() {
        HeaderFacts one = scan("Sender: Ann\r\n <ann@a.example>\r\nFrom: b@b.example\r\n\r\n");
        assertThat(one.sender()).contains(Address.of("ann@a.example"));
        assertThat(one.hasSender()).isTrue();
        assertThat(scan("From: b@b.example\r\n\r\nSender: c@c.example\r\n").hasSender())
                .isFalse();
        for (String unfit : List.of(
                "Sender: a@a.example, b@b.example\r\n",
                "Sender: a@a.example\r\nSender: a@a.example\r\n",
                "Sender: who\r\n",
                "Sender:\r\n")) {
            assertThat(scan(unfit + "\r\n").hasSender()).as(unfit).isTrue();
            assertThat(scan(unfit + "\r\n").sender()).as(unfit).isEmpty();
        }
    }
}
