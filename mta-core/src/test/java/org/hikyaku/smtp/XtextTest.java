package org.hikyaku.smtp;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class XtextTest {
    /** RFC 3461 4. */
    @Test
    void whatStandsInNoParameterIsWrittenInHex() {
        assertThat(Xtext.encode("a+b=c d~!")).isEqualTo("a+2Bb+3Dc+20d~!");
        assertThat(Xtext.decode("a+2Bb+3Dc+20d~!")).contains("a+b=c d~!");
    }

    @Test
    void whatIsNoXtextOrNotPrintableIsNotRead() {
        for (String wrong :
                List.of("a+", "a+2", "a+2b", "a+GG", "a=b", "a b", "a+0A", "a+0D+0A", "a+7F", "\u00e4", "a+00")) {
            assertThat(Xtext.decode(wrong)).as(wrong).isEmpty();
        }
    }

    /** RFC 6533 3. */
    @Test
    void lettersBeyondAsciiAreWrittenAsPoints() {
        assertThat(Xtext.encodeUnitext("\u7528+\\@\u4f8b", true)).isEqualTo("\\x{7528}\\x{2B}\\x{5C}@\\x{4F8B}");
        assertThat(Xtext.encodeUnitext("\u7528=x", false)).isEqualTo("\u7528\\x{3D}x");
        assertThat(Xtext.decodeUnitext("\\x{7528}\\x{2B}\\x{5C}@\u4f8b")).contains("\u7528+\\@\u4f8b");
        assertThat(Xtext.decodeUnitext("\\x{1F600}")).contains("\ud83d\ude00");
    }

    @Test
    void whatIsNoUnitextIsNotRead() {
        for (String wrong :
                List.of("\\", "\\x", "\\x{", "\\x{}", "\\x{1}", "\\x{0A}", "\\x{D800}", "\\x{110000}", "a b", "a+b")) {
            assertThat(Xtext.decodeUnitext(wrong)).as(wrong).isEmpty();
        }
    }

    /** RFC 3461 4.2, RFC 6533 3. */
    @Test
    void orcptComesOutAsItWentIn() {
        for (String value :
                List.of("rfc822;Joe+2Bx@b.example", "x400;/C=us".replace("=", "+3D"), "utf-8;\\x{7528}@b.example")) {
            assertThat(OriginalRecipient.write(OriginalRecipient.read(value).orElseThrow(), false))
                    .isEqualTo(value);
        }
        String international =
                OriginalRecipient.read("UTF-8;\\x{7528}@b.example").orElseThrow();
        assertThat(OriginalRecipient.write(international, true)).isEqualTo("UTF-8;\u7528@b.example");
        assertThat(OriginalRecipient.field(international, true)).isEqualTo("UTF-8; \u7528@b.example");
        assertThat(OriginalRecipient.field(international, false)).isEqualTo("UTF-8; \\x{7528}@b.example");
    }

    @Test
    void orcptWithoutTypeOrAddressIsNotRead() {
        for (String wrong :
                List.of("joe@b.example", ";joe", "rfc822;", "a b;c", "r@d;x", "rfc822;" + "a".repeat(500))) {
            assertThat(OriginalRecipient.read(wrong)).as(wrong).isEmpty();
        }
    }
}
