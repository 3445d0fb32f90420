package org.hikyaku.smtp.client;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.hikyaku.mail.Address;
import org.hikyaku.mail.Recipient;
import org.hikyaku.mail.Wishes;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** RFC 4954 5: AUTH= of MAIL towards the next server. */
class SubmitterTest {
    private static String mail(String submitter, boolean loggedIn) {
        List<Recipient> recipients =
                Stream.of("b@there.example").map(Address::of).map(Recipient::of).toList();
        Wishes wishes = Wishes.NONE.withSubmitter(submitter);
        Transaction transaction =
                new Transaction(Address.of("a@here.example"), recipients, 0, wishes, 0, 1, Body.ofData(false), false);
        return Lines.mail(transaction, ServerOffer.NOTHING, loggedIn);
    }

    @ParameterizedTest
    @CsvSource({
        "joe@here.example, AUTH=joe@here.example",
        "j+o=e@here.example, AUTH=j+2Bo+3De@here.example",
        "<>, AUTH=<>"
    })
    void whoSubmittedIsSaidToAServerWeLoggedInTo(String submitter, String said) {
        assertThat(mail(submitter, true)).endsWith(" " + said);
    }

    @ParameterizedTest
    @CsvSource({"joe@here.example, false", "<>, false", "'', true"})
    void toOthersNothingIsSaidNorWhereNothingWasHeard(String submitter, boolean loggedIn) {
        assertThat(mail(submitter, loggedIn).toUpperCase(Locale.ROOT)).doesNotContain("AUTH");
    }
}
