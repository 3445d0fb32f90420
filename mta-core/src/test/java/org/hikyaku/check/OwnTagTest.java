package org.hikyaku.check;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.hikyaku.config.Config;
import org.hikyaku.mail.Address;
import org.hikyaku.policy.Question;
import org.junit.jupiter.api.Test;

/** Whether a user whom Dovecot alone knows sends as himself, with a tag; RFC 6409 6.1. */
class OwnTagTest {
    private static final String ANNA = "anna@here.example";
    private static final Config CONFIG = DovecotBed.config("local.sub_address_separator = \"+-\"");

    @Test
    void heMayThoughNobodyHasWrittenToHimLately() throws Exception {
        DovecotBed.with(1, DovecotBed::usual, CONFIG, bed -> {
            assertThat(bed.mail(ANNA, "Anna+shop@here.example")).isEmpty();
            assertThat(bed.asked()).containsExactly("anna+shop@here.example", ANNA);
            assertThat(bed.ask(bed.message("From: anna+shop@here.example"), bed.of(ANNA, "")))
                    .isEmpty();
            assertThat(bed.asked()).hasSize(2);
            bed.pass(Duration.ofHours(2));
            assertThat(bed.ask(bed.message("From: anna+shop@here.example"), bed.of(ANNA, "")))
                    .isEmpty();
            assertThat(bed.asked()).hasSize(4);
        });
    }

    /** What looks like a tag may be somebody's name. */
    @Test
    void asAnotherHeMayNot() throws Exception {
        DovecotBed.with(1, DovecotBed::usual, CONFIG, bed -> {
            assertThat(bed.mail(ANNA, "anna-maria@here.example")).contains("553 5.7.1");
            assertThat(bed.ask(bed.message("From: anna-maria@here.example"), bed.of(ANNA, "")))
                    .contains("553 5.7.1");
            assertThat(bed.mail("joe@here.example", "joe-x@here.example")).isEmpty();
            assertThat(bed.mail("joe@here.example", ANNA)).contains("553 5.7.1");
            assertThat(bed.asked()).containsExactly("anna-maria@here.example", ANNA, "joe-x@here.example");
        });
    }

    /** {@link HostSenderCheck} decides by what was asked for. */
    @Test
    void soItIsAskedForAUserOfThisHost() throws Exception {
        DovecotBed.with(1, DovecotBed::usual, CONFIG, bed -> {
            for (String from : new String[] {"anna-maria@here.example", "anna+x@here.example", ANNA}) {
                bed.ask(new Question.Sender(Address.of(from), 0), bed.of("", "anna"));
            }
            assertThat(bed.asked()).containsExactly("anna-maria@here.example", ANNA, "anna+x@here.example");
            assertThat(bed.directory().home(Address.of("anna-maria@here.example")))
                    .contains(Address.of("anna-maria@here.example"));
            assertThat(bed.directory().home(Address.of("anna+x@here.example"))).contains(Address.of(ANNA));
        });
    }

    @Test
    void whereDovecotIsNotNeededItIsNotAsked() throws Exception {
        DovecotBed.with(1, DovecotBed::usual, CONFIG, bed -> {
            assertThat(bed.mail(ANNA, ANNA)).isEmpty();
            assertThat(bed.mail(ANNA, "annabel@here.example")).contains("553 5.7.1");
            assertThat(bed.mail(ANNA, "anna+x@elsewhere.example")).contains("553 5.7.1");
            assertThat(bed.asked()).isEmpty();
        });
    }

    @Test
    void whileDovecotIsAwayItIsPutOff() throws Exception {
        DovecotBed.with(1, (dovecot, line) -> dovecot.hangUp(), CONFIG, bed -> {
            assertThat(bed.mail(ANNA, "anna+x@here.example")).contains("451 4.3.0");
            assertThat(bed.mail(ANNA, ANNA)).isEmpty();
        });
    }
}
