package org.hikyaku.operate;

import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.ToLongFunction;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.hikyaku.config.Nearest;
import org.hikyaku.mail.Domain;

/** What a term of a query means. Pure. */
final class Terms {
    private static final Pattern MEASURE = Pattern.compile("([0-9]{1,12}(?:\\.[0-9]{1,6})?)([A-Za-z]*)");
    private static final List<String> ON_TEXT = List.of("=", "!=", "~", "!~");
    private static final List<String> ON_NUMBERS = List.of("=", "!=", "<", "<=", ">", ">=");
    private static final List<String> ON_STATES = List.of("=", "!=");

    private Terms() {}

    /** A test, or why the value makes no sense. */
    sealed interface Made {
        record Good(Predicate<Facts> test) implements Made {}

        record Bad(String why) implements Made {}
    }

    static List<String> operators(Field field) {
        return switch (field.kind) {
            case TEXT, DOMAIN -> ON_TEXT;
            case AGE, LATER, SIZE, NUMBER -> ON_NUMBERS;
            case STATE -> ON_STATES;
        };
    }

    static Made make(Field field, String operator, String value) {
        return switch (field.kind) {
            case TEXT -> new Made.Good(onText(field.texts, operator, value));
            case DOMAIN -> domain(field, operator, value);
            case AGE ->
                number(
                        millis(value),
                        operator,
                        f -> f.age().toMillis(),
                        value + ": not a time such as 90s, 30m, 2h or 3d");
            case LATER -> later(operator, value);
            case SIZE ->
                number(
                        octets(value),
                        operator,
                        f -> f.message().content().size(),
                        value + ": not a size such as 500, 20KiB or 1.5MiB");
            case NUMBER -> number(count(value), operator, f -> f.progress().attempts(), value + ": not a number");
            case STATE -> state(operator, value);
        };
    }

    private static Made domain(Field field, String operator, String value) {
        if (operator.contains("~")) {
            return new Made.Good(onText(field.texts, operator, value));
        }
        Optional<Domain> domain = Domain.parse(value);
        return domain.isEmpty() && !value.isEmpty()
                ? new Made.Bad(value + ": not a domain" + (value.contains("*") ? "; ~ takes patterns" : ""))
                : new Made.Good(
                        onText(field.texts, operator, domain.map(Domain::ascii).orElse("")));
    }

    /** Of what is not kept nothing is true: a command for what is sent soon means no other mail. */
    private static Made later(String operator, String value) {
        Optional<Instant> at = instant(value);
        Made made = number(
                at.map(Instant::toEpochMilli).or(() -> millis(value)),
                operator,
                f -> f.keptUntil().orElse(f.now()).toEpochMilli()
                        - (at.isPresent() ? 0 : f.now().toEpochMilli()),
                value + ": not a time such as 30m or 2d from now, or 2026-12-24T18:00:00Z");
        return made instanceof Made.Good(Predicate<Facts> test)
                ? new Made.Good(f -> f.keptUntil().isPresent() && test.test(f))
                : made;
    }

    private static Optional<Instant> instant(String text) {
        try {
            return Optional.of(Instant.parse(text));
        } catch (DateTimeException e) {
            return Optional.empty();
        }
    }

    private static Made state(String operator, String value) {
        Optional<State> state = State.parse(value);
        if (state.isEmpty()) {
            return new Made.Bad("no state " + value
                    + Nearest.to(value.toLowerCase(Locale.ROOT), State.labels())
                            .map(near -> "; did you mean " + near + "?")
                            .orElse("; there are " + String.join(", ", State.labels())));
        }
        boolean same = operator.equals("=");
        return new Made.Good(facts -> (facts.state() == state.get()) == same);
    }

    private static Predicate<Facts> onText(Function<Facts, List<String>> texts, String operator, String value) {
        Predicate<String> one = operator.endsWith("~") ? like(value) : text -> text.equalsIgnoreCase(value);
        boolean wanted = !operator.startsWith("!");
        return facts -> texts.apply(facts).stream().anyMatch(one) == wanted;
    }

    /** Contains it; with * or ? the whole is like that. Without case. */
    private static Predicate<String> like(String value) {
        if (!value.contains("*") && !value.contains("?")) {
            String part = value.toLowerCase(Locale.ROOT);
            return text -> text.toLowerCase(Locale.ROOT).contains(part);
        }
        return text -> globs(value.toLowerCase(Locale.ROOT), text.toLowerCase(Locale.ROOT));
    }

    /** Whether the whole text is like the pattern; costs at most their product. */
    static boolean globs(String pattern, String text) {
        int p = 0;
        int star = -1;
        int mark = 0;
        for (int t = 0; t < text.length(); ) {
            if (p < pattern.length()
                    && (pattern.charAt(p) == '?' || pattern.charAt(p) == text.charAt(t))
                    && pattern.charAt(p) != '*') {
                p++;
                t++;
            } else if (p < pattern.length() && pattern.charAt(p) == '*') {
                star = p++;
                mark = t;
            } else if (star >= 0) {
                p = star + 1;
                t = ++mark;
            } else {
                return false;
            }
        }
        while (p < pattern.length() && pattern.charAt(p) == '*') {
            p++;
        }
        return p == pattern.length();
    }

    private static Made number(Optional<Long> wanted, String operator, ToLongFunction<Facts> is, String why) {
        if (wanted.isEmpty()) {
            return new Made.Bad(why);
        }
        long value = wanted.get();
        return new Made.Good(
                switch (operator) {
                    case "=" -> f -> is.applyAsLong(f) == value;
                    case "!=" -> f -> is.applyAsLong(f) != value;
                    case "<" -> f -> is.applyAsLong(f) < value;
                    case "<=" -> f -> is.applyAsLong(f) <= value;
                    case ">" -> f -> is.applyAsLong(f) > value;
                    default -> f -> is.applyAsLong(f) >= value;
                });
    }

    static Optional<Long> millis(String text) {
        return measured(text, unit -> switch (unit) {
            case "s", "" -> 1_000L;
            case "m", "min" -> Duration.ofMinutes(1).toMillis();
            case "h" -> Duration.ofHours(1).toMillis();
            case "d" -> Duration.ofDays(1).toMillis();
            case "w" -> Duration.ofDays(7).toMillis();
            default -> 0L;
        });
    }

    static Optional<Long> octets(String text) {
        return measured(text, unit -> switch (unit) {
            case "", "b" -> 1L;
            case "k", "kib" -> 1L << 10;
            case "kb" -> 1_000L;
            case "m", "mib" -> 1L << 20;
            case "mb" -> 1_000_000L;
            case "g", "gib" -> 1L << 30;
            case "gb" -> 1_000_000_000L;
            default -> 0L;
        });
    }

    private static Optional<Long> count(String text) {
        return measured(text, unit -> unit.isEmpty() ? 1L : 0L);
    }

    private static Optional<Long> measured(String text, ToLongFunction<String> unit) {
        Matcher matcher = MEASURE.matcher(text);
        if (!matcher.matches()) {
            return Optional.empty();
        }
        long one = unit.applyAsLong(matcher.group(2).toLowerCase(Locale.ROOT));
        return one == 0 ? Optional.empty() : Optional.of(Math.round(Double.parseDouble(matcher.group(1)) * one));
    }
}
