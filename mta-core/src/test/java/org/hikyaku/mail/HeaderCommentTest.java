package org.hikyaku.mail;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** RFC 5322 3.2.2. */
class HeaderCommentTest {
    @ParameterizedTest
    @CsvSource({
        "(a) b, 3",
        "(a (b) c) d, 9",
        "'(a \\) b) c', 8",
        "'(a \\\\) b', 6",
        "(a (b) c, -1",
        "'(a \\)', -1",
        "'(\\', -1"
    })
    void aCommentEndsWhereItsOwnParenthesisCloses(String text, int end) {
        assertThat(HeaderComment.end(text, 0)).isEqualTo(end);
    }
}
