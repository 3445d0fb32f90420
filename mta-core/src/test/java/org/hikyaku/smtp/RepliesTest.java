package org.hikyaku.smtp;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.Field;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class RepliesTest {
    private static final Extension.Bounds BOUNDS =
            new Extension.Bounds(100, 200, 300, Optional.empty(), List.of(), false);

    /** RFC 2034 4: class of the enhanced code equals that of the reply, 3xx carry none; RFC 5321 4.5.3.1.5: 512 octets. */
    @Test
    void everyReplyOfTheTableIsWellFormed() throws IllegalAccessException {
        int seen = 0;
        for (Field field : Replies.class.getFields()) {
            Reply reply = (Reply) field.get(null);
            seen++;
            if (reply.code() >= 300 && reply.code() < 400) {
                assertThat(reply.enhanced()).isEmpty();
            } else {
                assertThat(reply.enhanced()).as(field.getName()).matches(reply.code() / 100 + "\\.\\d\\.\\d{1,2}");
            }
            for (String line :
                    new String(ReplyWriter.octets(reply), UTF_8).lines().toList()) {
                assertThat(line.length() + 2).isLessThanOrEqualTo(512);
                assertThat(line).matches("[ -~]+");
            }
        }
        assertThat(seen).isGreaterThan(50);
    }

    @Test
    void severalLinesRepeatTheCodes() {
        assertThat(new String(ReplyWriter.octets(new Reply(250, "2.0.0", List.of("a", "b"))), UTF_8))
                .isEqualTo("250-2.0.0 a\r\n250 2.0.0 b\r\n");
    }

    /** RFC 3207 4.2, RFC 4954 4: what is offered depends on TLS. */
    @Test
    void offerFollowsTheSituation() {
        var clear = new Extension.Situation(true, false, List.of("PLAIN"), BOUNDS, Extension.Door.PUBLIC);
        assertThat(Extension.offer(clear))
                .contains(
                        "STARTTLS",
                        "SIZE 100",
                        "8BITMIME",
                        "PIPELINING",
                        "SMTPUTF8",
                        "ENHANCEDSTATUSCODES",
                        "DSN",
                        "MT-PRIORITY",
                        "HELP")
                .contains("LIMITS RCPTMAX=200 MAILMAX=300")
                .doesNotContain("AUTH PLAIN", "REQUIRETLS", "EXPN");
        var secured = new Extension.Situation(true, true, List.of("PLAIN", "LOGIN"), BOUNDS, Extension.Door.PUBLIC);
        assertThat(Extension.offer(secured))
                .contains("AUTH PLAIN LOGIN", "REQUIRETLS")
                .doesNotContain("STARTTLS");
        assertThat(Extension.ofKeyword("8bitmime")).contains(Extension.EIGHTBITMIME);
    }
}
