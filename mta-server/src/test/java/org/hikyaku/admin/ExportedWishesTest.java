package org.hikyaku.admin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.hikyaku.mail.Notify;
import org.hikyaku.mail.Wishes;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.ObjectMapper;

/** What a sender asked for leaves a queue and comes into another as it was. */
class ExportedWishesTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Wishes ALL = Wishes.NONE
            .withBinary(true)
            .withRanked(true)
            .withVerp("-=")
            .with(Wishes.Tls.REQUIRED)
            .with(Wishes.Ret.HEADERS)
            .withEnvelopeId("QQ 314159+ä")
            .withSubmitter("joe@a.example")
            .withSolicitation("net.example:ADV")
            .with(new Wishes.Deadline(Instant.parse("2026-12-01T10:00:00Z"), true, true))
            .with(new Wishes.Release(Instant.parse("2026-11-30T10:00:00.250Z"), "for;3600"));

    @Test
    void eachWishComesAsItWas() throws ExportedEnvelope.Unfit {
        List<Wishes> some = List.of(
                Wishes.NONE,
                ALL,
                Wishes.NONE.with(Wishes.Tls.OPTIONAL),
                Wishes.NONE.with(Wishes.Ret.FULL),
                Wishes.NONE.withSubmitter("<>"),
                Wishes.NONE.with(new Wishes.Deadline(Instant.EPOCH, false, true)),
                Wishes.NONE.with(new Wishes.Deadline(Instant.EPOCH, true, false)));
        for (Wishes each : some) {
            String text = JSON.writeValueAsString(ExportedWishes.write(each));
            assertThat(ExportedWishes.read(JSON.readTree(text))).as(text).isEqualTo(each);
        }
        assertThat(ExportedWishes.write(Wishes.NONE)).isEmpty();
    }

    @Test
    void whatIsToBeToldOfARecipientComesAsItWas() throws ExportedEnvelope.Unfit {
        for (int when = 0; when <= Notify.UNSAID; when++) {
            for (String original : List.of("", "rfc822;joe+x@b.example", "utf-8;ü@b.example")) {
                Notify notify = new Notify(when, original);
                Map<String, Object> out = new LinkedHashMap<>();
                ExportedWishes.write(out, notify);
                String text = JSON.writeValueAsString(out);
                assertThat(ExportedWishes.notify(JSON.readTree(text))).as(text).isEqualTo(notify);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"tls\":\"perhaps\"}",
                "{\"ret\":3}",
                "{\"verp\":true}",
                "{\"verp\":\"+\"}",
                "{\"verp\":\"a b\"}",
                "{\"binary\":\"yes\"}",
                "{\"envelope_id\":\"a\\nb\"}",
                "{\"deliver_by\":\"tomorrow\"}",
                "{\"release\":7}"
            })
    void whatMakesNoSenseIsRefused(String text) {
        assertThatThrownBy(() -> ExportedWishes.read(JSON.readTree(text))).isInstanceOf(ExportedEnvelope.Unfit.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"{\"notify\":8}", "{\"notify\":-1}", "{\"notify\":\"never\"}", "{\"orcpt\":1}"})
    void whatMakesNoSenseOfARecipientIsRefused(String text) {
        assertThatThrownBy(() -> ExportedWishes.notify(JSON.readTree(text))).isInstanceOf(ExportedEnvelope.Unfit.class);
    }
}
