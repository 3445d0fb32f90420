package org.hikyaku.operate;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.hikyaku.mail.Address;
import org.hikyaku.mail.Content;
import org.hikyaku.mail.Diagnosis;
import org.hikyaku.mail.Envelope;
import org.hikyaku.mail.Recipient;
import org.hikyaku.mail.SpoolId;
import org.hikyaku.spool.Origin;
import org.hikyaku.spool.RecipientState;
import org.hikyaku.spool.StoredMessage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class QueryTest {
    private static final Instant NOW = Instant.parse("2026-11-21T12:00:00Z");
    private static final Diagnosis TIMED_OUT = new Diagnosis("4.4.1", "connection timed out", "mx1.b.example", "");
    private static final Diagnosis GREY = new Diagnosis("4.7.1", "", "mx.e.example", "451 4.7.1 come again later");

    /** Three hours old, 20 KiB; bob was tried twice, eve five times, joe has his copy. */
    private static StoredMessage message(String held) {
        List<Recipient> to = List.of(
                Recipient.of(Address.of("bob@b.example")),
                new Recipient(Address.of("eve@e.example"), Address.of("evelyn@list.example")),
                Recipient.of(Address.of("joe@done.example")));
        List<RecipientState> states = new ArrayList<>();
        states.add(new RecipientState(RecipientState.Status.PENDING, 2, NOW, TIMED_OUT, false));
        states.add(new RecipientState(RecipientState.Status.PENDING, 5, NOW, GREY, false));
        states.add(new RecipientState(RecipientState.Status.DELIVERED, 1, NOW, TIMED_OUT, false));
        return new StoredMessage(
                new SpoolId(77),
                NOW.minus(Duration.ofHours(3)),
                new Envelope(Address.of("Ann@c.example"), to, false, false),
                new Origin(Origin.Kind.SUBMISSION, "192.0.2.7", "ann", "s1"),
                states,
                held,
                new Sized(20 << 10));
    }

    private record Sized(long size) implements Content {
        @Override
        public int read(ByteBuffer target, long position) {
            throw new IllegalStateException("a query never reads the body");
        }
    }

    private static List<Integer> places(String text, String held, boolean active) {
        return switch (Query.parse(text)) {
            case Query.Parsed.Good(Query query) -> query.places(Facts.of(message(held), active, NOW));
            case Query.Parsed.Wrong wrong -> throw new AssertionError(wrong.shown(text));
        };
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "all | 0 1",
                "domain = example.com | ",
                "domain = B.example | 0",
                "domain ~ example | 0 1",
                "domain ~ *.example | 0 1",
                "domain != b.example | 1",
                "domain = done.example | ",
                "recipient = bob@b.example | 0",
                "recipient = evelyn@list.example | 1",
                "recipient ~ EVE | 1",
                "sender = ann@c.example and age > 2h | 0 1",
                "sender = <> | ",
                "sender != <> | 0 1",
                "sender_domain = c.example | 0 1",
                "age>2h and age<4h | 0 1",
                "age > 3.5h | ",
                "age <= 180m | 0 1",
                "age = 10800 | 0 1",
                "until > 0s | ",
                "until < 100d | ",
                "not until > 0s | 0 1",
                "size >= 20KiB and size < 1MiB | 0 1",
                "size > 20k | ",
                "error ~ \"timed out\" | 0",
                "error ~ 'TIMED OUT' or code = 451 | 0 1",
                "code = 4.7.1 | 1",
                "code ~ 4.7.* | 1",
                "code ~ 4.* | 0 1",
                "remote ~ mx1 | 0",
                "attempts >= 5 | 1",
                "attempts = 2 or attempts = 5 | 0 1",
                "user = ann and client = 192.0.2.7 and via = submission | 0 1",
                "state = deferred | 0 1",
                "state != deferred | ",
                "not state = held and not (domain = b.example or age > 1d) | 1",
                "NOT domain = b.example AND attempts > 1 | 1",
                "domain = b.example and error ~ again | ",
                "id = 000000000002d | 0 1",
            })
    void aQueryIsAskedOfEachRecipientByHimself(String text, String expected) {
        List<Integer> wanted = expected == null || expected.isBlank()
                ? List.of()
                : List.of(expected.split(" ")).stream().map(Integer::valueOf).toList();
        assertThat(places(text, "", false)).as(text).isEqualTo(wanted);
    }

    @Test
    void statesAreToldApart() {
        String trash = Mark.trash(NOW, 3, "root").held();
        assertThat(places("state = active", "", true)).hasSize(2);
        assertThat(places("state = held", "operator", true)).hasSize(2);
        assertThat(places("state = damaged", "damaged: its body is lost", false))
                .hasSize(2);
        assertThat(places("state = frozen", Mark.frozen(3, "root", false).held(), false))
                .hasSize(2);
        assertThat(places("state = trash", trash, false)).hasSize(2);
        assertThat(places("state = trash or all", trash, false)).hasSize(2);
    }

    /** So that no command touches the trash unasked. */
    @ParameterizedTest
    @ValueSource(strings = {"all", "state != held", "not state = waiting", "sender ~ ann", "held ~ trash"})
    void theTrashMatchesOnlyAQueryThatNamesIt(String text) {
        assertThat(places(text, Mark.trash(NOW, 3, "root").held(), false)).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "sendr = x | 1 | no field sendr; did you mean sender?",
                "age > 2h and domian = x | 14 | no field domian; did you mean domain?",
                "age ~ 2h | 5 | age is compared by = != < <= > >=",
                "age > soon | 7 | soon: not a time",
                "age > 2x | 7 | 2x: not a time",
                "until > soon | 9 | soon: not a time such as 30m",
                "size > 5y | 8 | 5y: not a size",
                "attempts > many | 12 | many: not a number",
                "state = hold | 9 | no state hold; did you mean held?",
                "state = x | 9 | there are trash, bouncing",
                "domain = *.x | 10 | ~ takes patterns",
                "sender | 7 | is expected after sender",
                "sender = | 9 | a value is missing",
                "sender = 'a | 10 | the quote is not closed",
                "(age > 1h | 10 | a ) for the ( of column 1",
                "age > 1h) | 9 | no ( for this )",
                "age > 1h age < 2h | 10 | and, or, or the end",
                "age > 1h and | 13 | a term is missing",
                "'' | 1 | a field is expected",
                "all nd age > 1h | 5 | and, or, or the end",
                "zzzzzz = 1 | 1 | there are id, sender",
            })
    void whatIsWrongIsToldWithItsColumn(String text, int column, String why) {
        assertThat(Query.parse(text)).as(text).isInstanceOfSatisfying(Query.Parsed.Wrong.class, wrong -> {
            assertThat(wrong.why()).contains(why);
            assertThat(wrong.column()).isEqualTo(column);
        });
    }

    @Test
    void theMarkStandsUnderTheWrongPlace() {
        String text = "age > 2h and domian = x";
        assertThat(((Query.Parsed.Wrong) Query.parse(text)).shown(text).lines().toList())
                .containsExactly(
                        "column 14: no field domian; did you mean domain?", "    " + text, " ".repeat(17) + "^");
    }

    @Test
    void anEmptyOrEndlessQueryIsWrong() {
        assertThat(Query.parse("")).isInstanceOf(Query.Parsed.Wrong.class);
        assertThat(Query.parse("(".repeat(5000))).isInstanceOf(Query.Parsed.Wrong.class);
        assertThat(Query.parse("not ".repeat(5000) + "all")).isInstanceOf(Query.Parsed.Wrong.class);
        assertThat(Query.parse("x".repeat(Query.LENGTH_MAX + 1))).isInstanceOf(Query.Parsed.Wrong.class);
    }

    @Test
    void quotesHoldAnythingAndAPlainValueEqualsSignsToo() {
        assertThat(places("sender = bounce+ann=c.example@x", "", false)).isEmpty();
        assertThat(places("held = \"a \\\"b\\\" c\"", "a \"b\" c", false)).hasSize(2);
    }

    /** A pattern of many stars must not take for ever. */
    @Test
    void aHostilePatternEndsSoon() {
        assertThat(Terms.globs("*a".repeat(2000) + "b", "a".repeat(20_000))).isFalse();
        assertThat(Terms.globs("a*b?d*", "aXXbcd")).isTrue();
    }

    @Test
    void aMarkIsReadAsItWasWrittenAndNoReasonIsReadAsAMark() {
        Mark mark =
                new Mark(Mark.Kind.BOUNCE, NOW, 12, "an;na=x", "No such; user = 50% é", List.of(0, 7), "@frozen;by=x");
        assertThat(Mark.parse(mark.held())).contains(mark);
        assertThat(Mark.parse("operator")).isEmpty();
        assertThat(Mark.parse("@nonsense;x")).isEmpty();
        assertThat(Mark.parse("@trash;until")).isEmpty();
        assertThat(Mark.parse(Mark.reason(mark.held()))).isEmpty();
        assertThat(Mark.reason(" @@")).isEqualTo("operator");
    }
}
