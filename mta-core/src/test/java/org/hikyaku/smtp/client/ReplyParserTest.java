package org.hikyaku.smtp.client;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.hikyaku.smtp.Extension;
import org.hikyaku.smtp.Reply;
import org.junit.jupiter.api.Test;

class ReplyParserTest {
    private final ReplyParser parser = new ReplyParser();

    private List<Reply> read(String text) {
        byte[] octets = text.getBytes(StandardCharsets.ISO_8859_1);
        return parser.read(octets, 0, octets.length);
    }

    @Test
    void repliesComeWholeWhateverThePieces() {
        String text = "250-one\r\n250 two\r\n354\r\n550 5.1.1 no\r\n";
        List<Reply> oneByOne = new ArrayList<>();
        for (int i = 0; i < text.length(); i++) {
            oneByOne.addAll(read(text.substring(i, i + 1)));
        }
        assertThat(oneByOne).isEqualTo(new ReplyParserTest().read(text)).hasSize(3);
        assertThat(oneByOne.get(0)).isEqualTo(new Reply(250, "", List.of("one", "two")));
        assertThat(oneByOne.get(1)).isEqualTo(new Reply(354, "", ""));
        assertThat(oneByOne.get(2)).isEqualTo(new Reply(550, "5.1.1", "no"));
    }

    @Test
    void theEnhancedCodeIsTakenFromEachLineWhenItsClassFits() { // RFC 2034 4
        assertThat(read("550-5.7.1 a\r\n550 5.7.1 b\r\n")).containsExactly(new Reply(550, "5.7.1", List.of("a", "b")));
        assertThat(read("550 2.0.0 odd\r\n")).containsExactly(new Reply(550, "", "2.0.0 odd"));
        assertThat(read("550 5.7.26\r\n")).containsExactly(new Reply(550, "5.7.26", ""));
        assertThat(read("250 2.5.1.9 version\r\n")).containsExactly(new Reply(250, "", "2.5.1.9 version"));
    }

    @Test
    void controlCharactersNeverReachTheLog() {
        assertThat(read("550 a\rb\u001b[31mc\u0000\r\n")).containsExactly(new Reply(550, "", "a?b?[31mc?"));
    }

    @Test
    void whatIsNoReplyBreaksTheParserForGood() {
        for (String bad :
                List.of("hello\r\n", "25\r\n", "250x\r\n", "199 x\r\n", "600 x\r\n", "250-a\r\n550 b\r\n", "\r\n")) {
            ReplyParser fresh = new ReplyParser();
            byte[] octets = (bad + "250 ok\r\n").getBytes(StandardCharsets.ISO_8859_1);
            assertThat(fresh.read(octets, 0, octets.length)).isEmpty();
            assertThat(fresh.broken()).isPresent();
        }
    }

    @Test
    void hugeRepliesAreCutOff() {
        assertThat(read("250 " + "x".repeat(5000))).isEmpty();
        assertThat(parser.broken()).isPresent();
        ReplyParser lines = new ReplyParser();
        byte[] octets = "250-x\r\n".repeat(1000).getBytes(StandardCharsets.ISO_8859_1);
        lines.read(octets, 0, octets.length);
        assertThat(lines.broken()).isPresent();
    }

    @Test
    void theOfferIsReadWithItsWordsAndUnknownOnesAreIgnored() {
        ServerOffer offer = ServerOffer.read(new Reply(
                250,
                "",
                List.of(
                        "them PIPELINING",
                        "size 1000",
                        "8BITMIME",
                        "X-NEW thing",
                        "AUTH=LOGIN",
                        "AUTH PLAIN login",
                        "")));
        assertThat(offer.extensions()).containsExactly(Extension.SIZE, Extension.EIGHTBITMIME, Extension.AUTH);
        assertThat(offer.sizeMax()).isEqualTo(1000);
        assertThat(offer.mechanisms()).containsExactly("LOGIN", "PLAIN");
        assertThat(ServerOffer.read(new Reply(250, "", List.of("t", "SIZE 99999999999999999999")))
                        .sizeMax())
                .isZero();
        assertThat(ServerOffer.read(new Reply(250, "", "t")).extensions()).isEmpty();
    }

    @Test
    void wordsBehindSmtputf8AreAsIfNotThere() { // RFC 6531 3.1
        ServerOffer offer = ServerOffer.read(new Reply(250, "", List.of("them", "SMTPUTF8 FULL 7")));
        assertThat(offer.extensions()).containsExactly(Extension.SMTPUTF8);
    }
}
