package org.hikyaku.smtp.client;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.BiConsumer;
import java.util.stream.IntStream;
import org.hikyaku.smtp.client.Terms.Tls;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Property: into which TCP segments the server's replies are cut changes nothing of what the client does (RFC 2920 3.1). */
class CutRepliesTest {
    /** What a server says at once, and what the client is asked to do when it has heard it. */
    private record Step(String said, BiConsumer<Talk, List<String>> then) {}

    private static Step says(String said) {
        return new Step(said, (talk, log) -> {});
    }

    private static Step says(String said, BiConsumer<Talk, List<String>> then) {
        return new Step(said, then);
    }

    private static final Transaction TWO = Talk.mail("b@y.example", "c@y.example");
    private static final Transaction TWO_CHUNKED = Talk.chunked(Body.Octets.BINARY, "b@y.example", "c@y.example");

    private static void part(Talk talk, List<String> log, int octets, boolean last) {
        if (talk.conversation.wantsPart()) {
            log.add(new String(talk.conversation.beforePart(octets, last), StandardCharsets.US_ASCII));
            if (last) {
                talk.bodySent();
            }
        } else {
            log.add("no part wanted");
        }
    }

    private static final String GREETING = "220-hello\r\n220 mx ESMTP\r\n";
    private static final String OFFER =
            "250-mx\r\n250-PIPELINING\r\n250-SIZE 1000\r\n250-CHUNKING\r\n250-BINARYMIME\r\n250 8BITMIME\r\n";

    private static final List<List<Step>> DIALOGS = List.of(
            List.of(
                    says(GREETING),
                    says(OFFER, (talk, log) -> talk.begins(TWO)),
                    says("250 2.1.0 ok\r\n250-2.1.5 two\r\n250 2.1.5 lines\r\n550 5.1.1 no\r\n354 go\r\n"),
                    says("", (talk, log) -> talk.bodySent()),
                    says("250 2.0.0 queued\r\n", (talk, log) -> talk.begins(TWO_CHUNKED)),
                    says("250 ok\r\n250 ok\r\n452 4.5.3 enough\r\n", (talk, log) -> {
                        part(talk, log, 70, false);
                        part(talk, log, 30, true);
                    }),
                    says("250 70 octets\r\n250 2.0.0 queued\r\n", (talk, log) -> talk.begins(TWO))),
            List.of(
                    says(GREETING),
                    says(OFFER, (talk, log) -> talk.begins(TWO_CHUNKED)),
                    says("250 ok\r\n250 ok\r\n250 ok\r\n", (talk, log) -> {
                        part(talk, log, 70, false);
                        part(talk, log, 20, false);
                    }),
                    says("552-5.3.4 too\r\n552 5.3.4 big\r\n503 5.5.1 no\r\n", (talk, log) -> talk.begins(TWO)),
                    says("250 reset\r\n550 no\r\n550 no\r\n550 no\r\n503 nobody\r\n")),
            List.of(
                    says(GREETING),
                    says("500 what?\r\n"),
                    says("250 mx\r\n", (talk, log) -> talk.begins(TWO)),
                    says("250 ok\r\n"),
                    says("421 4.3.2 bye\r\n")),
            List.of(
                    says(GREETING),
                    says("250-mx\r\n250 STARTTLS\r\n"),
                    says("220 go\r\n", (talk, log) -> talk.secured()),
                    says(OFFER, (talk, log) -> talk.begins(TWO)),
                    says("250 ok\r\n250 ok\r\nnot a reply\r\n")),
            List.of(says("554-no\r\n554 go away\r\n"), says("221 bye\r\n")));

    /** All that the client does, with each thing said cut where {@code random} says; whole when it is null. */
    private static List<String> played(List<Step> dialog, int cutAt, @Nullable Random random) {
        Talk talk = new Talk(Talk.terms(Tls.IF_OFFERED));
        List<String> log = new ArrayList<>();
        int before = 0;
        for (Step step : dialog) {
            int length = step.said().length();
            int[] cuts = random == null
                    ? IntStream.of(cutAt - before)
                            .filter(at -> at > 0 && at < length)
                            .toArray()
                    : IntStream.range(1, Math.max(1, length))
                            .filter(at -> random.nextInt(3) == 0)
                            .toArray();
            int from = 0;
            for (int cut : Arrays.copyOf(cuts, cuts.length + 1)) {
                int to = cut == 0 ? length : cut;
                if (to > from) {
                    talk.saysRaw(step.said().substring(from, to));
                }
                from = to;
            }
            before += length;
            step.then().accept(talk, log);
            log.addAll(talk.heard());
            talk.acts.clear();
        }
        log.add("ready: " + talk.conversation.isReady());
        return log;
    }

    @Test
    void cutsChangeNothing() {
        Random random = new Random(8);
        for (List<Step> dialog : DIALOGS) {
            List<String> whole = played(dialog, 0, null);
            int length = dialog.stream().mapToInt(step -> step.said().length()).sum();
            for (int cut = 1; cut < length; cut++) {
                assertThat(played(dialog, cut, null)).as("cut at %s", cut).isEqualTo(whole);
            }
            for (int round = 0; round < 200; round++) {
                assertThat(played(dialog, 0, random)).isEqualTo(whole);
            }
        }
    }

    @Test
    void theDialogsComeToTheirEnds() {
        assertThat(played(DIALOGS.get(0), 0, null))
                .contains("DONE: taken 250, RECIPIENT REPLY 550", "DONE: taken 250, RECIPIENT REPLY 452")
                .contains("BDAT 70\r\n", "BDAT 30 LAST\r\n");
        assertThat(played(DIALOGS.get(1), 0, null))
                .contains("STOP", "RSET", "DONE: BODY REPLY 552, BODY REPLY 552")
                .contains("DONE: MAIL REPLY 550, MAIL REPLY 550");
        assertThat(played(DIALOGS.get(2), 0, null)).contains("HELO me.example", "CLOSE");
        assertThat(played(DIALOGS.get(3), 0, null))
                .contains("STARTTLS!", "DONE (no more): RECIPIENT GARBAGE, RECIPIENT GARBAGE");
        assertThat(played(DIALOGS.get(4), 0, null)).contains("QUIT", "CLOSE");
    }
}
