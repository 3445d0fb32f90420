package org.hikyaku.bounce;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import org.hikyaku.mail.Address;
import org.junit.jupiter.api.Test;

class BouncerTest {
    private static final Address ANN = Address.of("ann@a.example");

    private static Original header(String text) {
        return new Original(Original.Form.HEADER, text.getBytes(StandardCharsets.US_ASCII));
    }

    /** RFC 5321 4.5.5, 6.1. */
    @Test
    void theNullSenderIsNeverTold() {
        assertThat(Bouncer.silence(Report.Kind.FAILED, Address.NULL, true, header("")))
                .isPresent();
    }

    @Test
    void aSenderOfOursWhoDoesNotExistIsNotTold() {
        assertThat(Bouncer.silence(Report.Kind.FAILED, ANN, false, header(""))).isPresent();
        assertThat(Bouncer.silence(Report.Kind.FAILED, ANN, true, header(""))).isEmpty();
    }

    /** RFC 3834 2. */
    @Test
    void machinesHearOfFailuresButNotOfDelays() {
        for (String field :
                new String[] {"Auto-Submitted: auto-generated", "Precedence: Bulk", "precedence:\r\n list"}) {
            assertThat(Bouncer.silence(Report.Kind.DELAYED, ANN, true, header(field + "\r\n")))
                    .as(field)
                    .isPresent();
            assertThat(Bouncer.silence(Report.Kind.FAILED, ANN, true, header(field + "\r\n")))
                    .as(field)
                    .isEmpty();
        }
        assertThat(Bouncer.silence(Report.Kind.DELAYED, ANN, true, header("Auto-Submitted: no\r\n")))
                .isEmpty();
    }
}
