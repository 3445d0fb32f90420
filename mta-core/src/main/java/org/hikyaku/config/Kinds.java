package org.hikyaku.config;

import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.LocalDate;
import java.time.format.DateTimeParseException;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.hikyaku.mail.Address;
import org.hikyaku.mail.Domain;
import org.hikyaku.mail.DomainPattern;
import org.hikyaku.mail.IpLiteral;

/** The kinds of single values that settings have, and what is said to who writes one wrongly. */
final class Kinds {
    /** What came of a text. */
    sealed interface Result {}

    record Fits(Object value) implements Result {}

    record Wrong(String message) implements Result {}

    private static final Set<Class<?>> RECORDS = Set.of(Domain.class, DomainPattern.class, Cidr.class, Rate.class);

    private Kinds() {}

    /** Whether a record type is written as one value. */
    static boolean isScalar(Class<?> type) {
        return RECORDS.contains(type);
    }

    static Result read(Class<?> type, Optional<Bounds> bounds, String text) {
        if (type.isEnum()) {
            return choice(type, text);
        }
        return switch (type.getSimpleName()) {
            case "String" -> new Fits(text);
            case "boolean" -> flag(text);
            case "int", "long", "Integer" -> whole(type, bounds, text);
            case "double" -> inside(bounds, Scalars.decimal(text), text, "a number such as 0.1");
            case "Duration" -> time(bounds, text);
            case "Path" -> path(text);
            case "Domain" -> or(Domain.parse(text), text, "a domain name such as example.org");
            case "DomainPattern" ->
                or(
                        DomainPattern.parse(text),
                        text,
                        "a domain such as example.org, or .example.org for all below it too");
            case "Address" ->
                or(
                        Address.parse(text).filter(a -> a.domain().isPresent()),
                        text,
                        "an address such as \"anna@example.org\"");
            case "Cidr" ->
                or(
                        Cidr.parse(text),
                        text,
                        "a network such as \"192.0.2.0/24\" (no bits beyond its length) or an address");
            case "AddressPattern" ->
                or(
                        AddressPattern.parse(text),
                        text,
                        "an address, a domain, .domain for all below it too, /pattern/ (of RE2) or <>");
            case "HeaderPattern" ->
                or(HeaderPattern.parse(text), text, "the name of a field, or \"Name: pattern\" (of RE2)");
            case "LocalDate" -> date(text);
            case "Rate" -> or(Rate.parse(text), text, "messages in a time, such as \"20/s\" or \"1000/h\"");
            case "InetAddress" -> or(IpLiteral.parseAddress(text), text, "an IP address");
            case "Door" -> door(text);
            default -> throw new IllegalStateException("no kind of setting: " + type);
        };
    }

    private static Result choice(Class<?> type, String text) {
        List<String> names = Arrays.stream(type.getEnumConstants())
                .map(e -> ((Enum<?>) e).name().toLowerCase(Locale.ROOT))
                .toList();
        int index = names.indexOf(text);
        return index >= 0
                ? new Fits(type.getEnumConstants()[index])
                : new Wrong("must be one of " + String.join(", ", names) + ", not \"" + text + "\"");
    }

    private static Result flag(String text) {
        return switch (text) {
            case "true" -> new Fits(true);
            case "false" -> new Fits(false);
            default -> new Wrong("must be true or false, not \"" + text + "\"");
        };
    }

    private static Result whole(Class<?> type, Optional<Bounds> bounds, String text) {
        boolean size = bounds.map(Bounds::size).orElse(false);
        Optional<Long> number = size ? Scalars.size(text) : Scalars.whole(text);
        Result result = inside(
                bounds,
                number.map(Long::doubleValue),
                text,
                size ? "a size such as 64KiB, 50MiB or 50MB" : "a whole number");
        if (result instanceof Wrong || number.isEmpty()) {
            return result;
        }
        return new Fits(
                type == int.class || type == Integer.class ? (Object) Math.toIntExact(number.get()) : number.get());
    }

    private static Result time(Optional<Bounds> bounds, String text) {
        Optional<Duration> time = Scalars.time(text);
        if (time.isEmpty()) {
            return wrong(text, "a time with its unit, such as 30s, 5m, 1h20m, 5 days");
        }
        return bounds.isEmpty() || bounds.get().holds(time.get()) ? new Fits(time.get()) : outside(bounds.get(), text);
    }

    private static Result date(String text) {
        try {
            return new Fits(LocalDate.parse(text));
        } catch (DateTimeParseException e) {
            return wrong(text, "a day such as \"2026-12-01\"");
        }
    }

    private static Result path(String text) {
        try {
            return text.isBlank() ? wrong(text, "a file name") : new Fits(Path.of(text));
        } catch (InvalidPathException e) {
            return wrong(text, "a file name");
        }
    }

    private static Result door(String text) {
        boolean socket = text.startsWith("unix:/");
        if (socket && path(text.substring(5)) instanceof Fits fits) {
            return new Fits(new ListenerSettings.Door.Socket((Path) fits.value()));
        }
        return or(
                Scalars.endpoint(text).map(ListenerSettings.Door.Port::new),
                text,
                "address:port, such as \"0.0.0.0:25\" or \"[::]:25\" (or unix:/path, where mode = host)");
    }

    private static Result inside(Optional<Bounds> bounds, Optional<Double> number, String text, String wanted) {
        if (number.isEmpty()) {
            return wrong(text, wanted);
        }
        return bounds.isEmpty() || bounds.get().holds(number.get())
                ? new Fits(number.get())
                : outside(bounds.get(), text);
    }

    private static Result or(Optional<?> value, String text, String wanted) {
        return value.<Result>map(Fits::new).orElseGet(() -> wrong(text, wanted));
    }

    private static Result wrong(String text, String wanted) {
        return new Wrong("must be " + wanted + ", not \"" + text + "\"");
    }

    private static Result outside(Bounds bounds, String text) {
        return new Wrong("must be " + bounds.text() + ", not " + text);
    }
}
