package org.hikyaku.operate;

import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;

/** THE table of what a query may speak of: the word, what it may be compared with, where the value comes from. */
enum Field {
    ID(Kind.TEXT, "the id of the message", f -> List.of(f.message().id().toString())),
    SENDER(Kind.TEXT, "the sender's address; <> is the null sender", f -> {
        String sender = f.message().envelope().sender().toString();
        return List.of(sender.isEmpty() ? "<>" : sender);
    }),
    SENDER_DOMAIN(
            Kind.DOMAIN,
            "the sender's domain",
            f -> f.message()
                    .envelope()
                    .sender()
                    .domain()
                    .map(d -> List.of(d.ascii()))
                    .orElse(List.of(""))),
    RECIPIENT(
            Kind.TEXT,
            "a recipient's address, as it is now or as the sender wrote it",
            f -> List.of(
                    f.recipient().address().toString(), f.recipient().original().toString())),
    DOMAIN(
            Kind.DOMAIN,
            "a recipient's domain",
            f -> f.recipient().address().domain().map(d -> List.of(d.ascii())).orElse(List.of(""))),
    AGE(Kind.AGE, "time since it came: 90s 30m 2h 3d", f -> List.of()),
    UNTIL(
            Kind.LATER,
            "until when its sender wants it kept, if he does: 2h (from now), 2026-12-24T18:00:00Z",
            f -> List.of()),
    SIZE(Kind.SIZE, "octets: 500 20KiB 1.5MiB", f -> List.of()),
    ERROR(Kind.TEXT, "what the last attempt said", f -> List.of(f.error())),
    CODE(Kind.TEXT, "its code: 451, or 4.7.1 (~ 4.7.*)", Facts::codes),
    REMOTE(Kind.TEXT, "the host that said so", f -> List.of(f.progress().last().remote())),
    STATE(Kind.STATE, String.join(" ", State.labels()), f -> List.of()),
    ATTEMPTS(Kind.NUMBER, "how often it was tried", f -> List.of()),
    USER(Kind.TEXT, "the login that sent it", f -> List.of(f.message().origin().user())),
    CLIENT(
            Kind.TEXT,
            "the address of the host that sent it",
            f -> List.of(f.message().origin().client())),
    VIA(
            Kind.TEXT,
            "smtp submission lmtp local notice",
            f -> List.of(f.message().origin().kind().name().toLowerCase(Locale.ROOT))),
    HELD(Kind.TEXT, "why it is held", f -> List.of(Mark.describe(f.message().held())));

    /** How values are read and compared. */
    enum Kind {
        TEXT,
        DOMAIN,
        AGE,
        LATER,
        SIZE,
        NUMBER,
        STATE
    }

    final Kind kind;
    final String help;

    @SuppressWarnings("ImmutableEnumChecker") // functions without state
    final Function<Facts, List<String>> texts;

    Field(Kind kind, String help, Function<Facts, List<String>> texts) {
        this.kind = kind;
        this.help = help;
        this.texts = texts;
    }

    String label() {
        return name().toLowerCase(Locale.ROOT);
    }

    static Optional<Field> parse(String word) {
        String name = word.toLowerCase(Locale.ROOT).replace('-', '_');
        return Stream.of(values()).filter(f -> f.label().equals(name)).findFirst();
    }

    static List<String> labels() {
        return Stream.of(values()).map(Field::label).toList();
    }
}
