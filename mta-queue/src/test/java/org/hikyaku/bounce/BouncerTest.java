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
        assertThat(Bouncer.silence(Report.Kind.FAILED, false, Address.NULL, true, header("")))
                .isPresent();
    }

    @Test
    void aSenderOfOursWhoDoesNotExistIsNotTold() {
        assertThat(Bouncer.silence(Report.Kind.FAILED, false, ANN, false, header("")))
                .isPresent();
        assertThat(Bouncer.silence(Report.Kind.FAILED, false, ANN, true, header("")))
                .isEmpty();
    }

    /** RFC 3834 2. */
    @Test
    void machinesHearOfFailuresButNotOfDelays() {
        for (String field :
                new String[] {"Auto-Submitted: auto-generated", "Precedence: Bulk", "precedence:\r\n list"}) {
            assertThat(Bouncer.silence(Report.Kind.DELAYED, false, ANN, true, header(field + "\r\n")))
                    .as(field)
                    .isPresent();
            assertThat(Bouncer.silence(Report.Kind.FAILED, false, ANN, true, header(field + "\r\n")))
                    .as(field)
                    .isEmpty();
        }
        assertThat(Bouncer.silence(Report.Kind.DELAYED, false, ANN, true, header("Auto-Submitted: no\r\n")))
                .isEmpty();
    }

    /** RFC 2852 4.1.3, RFC 3461 4.1: who asked for it is told, a program too. */
    @Test
    void machinesThatAskedForItHearOfDelays() {
        Original automatic = header("Auto-Submitted: auto-generated\r\nPrecedence: bulk\r\n");
        assertThat(Bouncer.silence(Report.Kind.DELAYED, true, ANN, true, automatic))
                .isEmpty();
        assertThat(Bouncer.silence(Report.Kind.DELAYED, true, Address.NULL, true, automatic))
                .isPresent();
        assertThat(Bouncer.silence(Report.Kind.DELAYED, true, ANN, false, automatic))
                .isPresent();
    }
}
