package org.hikyaku.mime;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** RFC 2047 2 and 5. */
class EncodedWordsTest {
    private static String decoded(String word) {
        assertThat(word).startsWith("=?utf-8?B?").endsWith("?=").hasSizeLessThanOrEqualTo(75);
        return new String(Base64.getDecoder().decode(word.substring(10, word.length() - 2)), StandardCharsets.UTF_8);
    }

    @Test
    void eachWordIsShortAndEndsWithALetter() {
        for (String text : new String[] {"Jörg", "a" + "ü".repeat(100), "飛脚".repeat(50), "🙂".repeat(30) + "x"}) {
            String encoded = EncodedWords.of(text);
            assertThat(encoded.lines()).allMatch(line -> line.length() <= 76);
            assertThat(Arrays.stream(encoded.split("\r\n "))
                            .map(EncodedWordsTest::decoded)
                            .collect(Collectors.joining()))
                    .isEqualTo(text);
        }
    }

    @Test
    void onlyWhatIsPrintedAsciiIsPlain() {
        assertThat(EncodedWords.isPlain("Cron Daemon")).isTrue();
        assertThat(EncodedWords.isPlain("J\u00f6rg")).isFalse();
        assertThat(EncodedWords.isPlain("a\rb")).isFalse();
        assertThat(EncodedWords.of("\ud800")).isEqualTo("=?utf-8?B?Pw==?=");
    }
}
