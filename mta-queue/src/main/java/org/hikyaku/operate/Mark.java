package org.hikyaku.operate;

import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Why a message is held, where that means more than waiting for a release. Kept in the text of the hold that the spool
 * stores, so that a mark lasts exactly when its hold does (docs/queue.md, Marks): {@code @trash;until=...;op=...;by=...}.
 *
 * @param until when it takes effect: the trash is emptied, the bounce is sent; null for what waits for ever
 * @param operation the number of the operation that set it
 * @param by the operator
 * @param text of a bounce: what the sender is told; of a freeze: whether its end leaves what it holds
 * @param places of a bounce: the recipients given up; empty: all
 * @param before of a bounce of some: the hold that the others fall back to
 */
public record Mark(
        Kind kind,
        @Nullable Instant until,
        long operation,
        String by,
        String text,
        List<Integer> places,
        String before) {
    private static final char SIGN = '@';
    /** Of a freeze whose end leaves what it holds, to be looked at: that of a user, or of another host. */
    private static final String LEAVES = "leaves";
    /** Characters of a {@link Key}. */
    private static final int KEY = 32;

    public Mark {
        places = List.copyOf(places);
    }

    /** What it means. */
    public enum Kind {
        TRASH,
        BOUNCE,
        FROZEN,
        /** Being moved to another host. */
        MOVING,
        /** Just imported, not yet released. */
        IMPORTED
    }

    static Mark trash(Instant until, long operation, String by) {
        return new Mark(Kind.TRASH, until, operation, by, "", List.of(), "");
    }

    /** @param leaves whether the end of the freeze leaves what it holds */
    static Mark frozen(long operation, String by, boolean leaves) {
        return new Mark(Kind.FROZEN, null, operation, by, leaves ? LEAVES : "", List.of(), "");
    }

    /** Of a message that is being moved; {@code former} is its hold, which a release gives back. */
    static Mark moving(long operation, String by, String former) {
        return new Mark(Kind.MOVING, null, operation, by, former, List.of(), "");
    }

    /** Of a message whose import is not finished; {@code former} is the hold that it gets then. */
    static Mark imported(Key key, String by, String former) {
        return new Mark(Kind.IMPORTED, null, 0, by, key + former, List.of(), "");
    }

    /** Of an import: which message it is. */
    Optional<Key> key() {
        return kind == Kind.IMPORTED && text.length() >= KEY ? Key.parse(text.substring(0, KEY)) : Optional.empty();
    }

    /** Of a move or an import: the hold without it. */
    String former() {
        return switch (kind) {
            case MOVING -> text;
            case IMPORTED -> text.length() >= KEY ? text.substring(KEY) : "";
            default -> held();
        };
    }

    /** The hold of a message as if it were not being moved. */
    public static String unmoved(String held) {
        return parse(held)
                .filter(mark -> mark.kind == Kind.MOVING)
                .map(Mark::former)
                .orElse(held);
    }

    /** Whether it holds a message whose import is not finished. */
    public static boolean isImported(String held) {
        return parse(held).filter(mark -> mark.kind == Kind.IMPORTED).isPresent();
    }

    /** Whether it means the same in another queue. */
    public boolean isPortable() {
        return switch (kind) {
            case TRASH, BOUNCE -> until != null;
            case FROZEN -> true;
            case MOVING, IMPORTED -> false;
        };
    }

    /** The text of the hold. */
    public String held() {
        StringBuilder out = new StringBuilder().append(SIGN).append(kind.name().toLowerCase(Locale.ROOT));
        if (until != null) {
            out.append(";until=").append(until.toEpochMilli());
        }
        if (operation != 0) {
            out.append(";op=").append(operation);
        }
        out.append(";by=").append(escape(by));
        if (!text.isEmpty()) {
            out.append(";text=").append(escape(text));
        }
        if (!places.isEmpty()) {
            out.append(";places=").append(places.stream().map(String::valueOf).collect(Collectors.joining(",")));
        }
        if (!before.isEmpty()) {
            out.append(";before=").append(escape(before));
        }
        return out.toString();
    }

    /** The mark in the text of a hold; empty for any other text. */
    public static Optional<Mark> parse(String held) {
        if (held.isEmpty() || held.charAt(0) != SIGN) {
            return Optional.empty();
        }
        String[] parts = held.substring(1).split(";", -1);
        try {
            Kind kind = Kind.valueOf(parts[0].toUpperCase(Locale.ROOT));
            Mark mark = new Mark(kind, null, 0, "", "", List.of(), "");
            for (int i = 1; i < parts.length; i++) {
                int equals = parts[i].indexOf('=');
                mark = mark.with(parts[i].substring(0, equals), parts[i].substring(equals + 1));
            }
            return Optional.of(mark);
        } catch (IllegalArgumentException | IndexOutOfBoundsException | DateTimeException e) {
            return Optional.empty();
        }
    }

    /** The same, but the others fall back to this hold. */
    Mark before(String hold) {
        return new Mark(kind, until, operation, by, text, places, hold);
    }

    /** The freeze that keeps a message of this hold, those of its recipients whom a bounce will leave, or what is not moved. */
    static Optional<Mark> freeze(String held) {
        return parse(held).flatMap(mark -> switch (mark.kind) {
            case FROZEN -> Optional.of(mark);
            case BOUNCE -> freeze(mark.before);
            case MOVING -> freeze(mark.text);
            case TRASH, IMPORTED -> Optional.empty();
        });
    }

    static boolean isFrozen(String held) {
        return freeze(held).isPresent();
    }

    /** Whether the {@link #freeze} in it is one that keeps a message no longer when it is over: that of a sender. */
    static boolean isThawable(String held) {
        return freeze(held).filter(mark -> !mark.text.equals(LEAVES)).isPresent();
    }

    /** Whether such a freeze is all that it is. */
    static boolean isLifted(String held) {
        return isThawable(held) && thawed(held).isEmpty();
    }

    /** The hold of a message from another host: a freeze there is none here. */
    static String fromElsewhere(String held) {
        return refrozen(held, mark -> frozen(mark.operation, mark.by, true).held());
    }

    /** The same without the {@link #freeze} in it. */
    static String thawed(String held) {
        return refrozen(held, mark -> "");
    }

    /** The same with another in the place of the {@link #freeze} in it. */
    static String refrozen(String held, Mark freeze) {
        return refrozen(held, mark -> freeze.held());
    }

    private static String refrozen(String held, Function<Mark, String> another) {
        if (!isFrozen(held)) {
            return held;
        }
        return parse(held)
                .map(mark -> switch (mark.kind) {
                    case BOUNCE -> mark.before(refrozen(mark.before, another)).held();
                    case MOVING ->
                        moving(mark.operation, mark.by, refrozen(mark.text, another))
                                .held();
                    case FROZEN, TRASH, IMPORTED -> another.apply(mark);
                })
                .orElse(held);
    }

    /** Whether both are the same move or bounce, though the {@link #freeze} in it may have ended or given way to another. */
    static boolean isSameAround(String held, String other) {
        String bare = thawed(other);
        return isFrozen(other) && !bare.isEmpty() && bare.equals(thawed(held));
    }

    private Mark with(String name, String value) {
        return switch (name) {
            case "until" ->
                new Mark(kind, Instant.ofEpochMilli(Long.parseLong(value)), operation, by, text, places, before);
            case "op" -> new Mark(kind, until, Long.parseLong(value), by, text, places, before);
            case "by" -> new Mark(kind, until, operation, unescape(value), text, places, before);
            case "text" -> new Mark(kind, until, operation, by, unescape(value), places, before);
            case "before" -> before(unescape(value));
            case "places" -> {
                List<Integer> all = new ArrayList<>();
                for (String place : value.split(",", -1)) {
                    all.add(Integer.valueOf(place));
                }
                yield new Mark(kind, until, operation, by, text, all, before);
            }
            default -> this;
        };
    }

    /** A reason that a person gave, so that it is never read as a mark. */
    public static String reason(String given) {
        String plain = given.strip();
        while (plain.startsWith("@")) {
            plain = plain.substring(1);
        }
        return plain.isEmpty() ? "operator" : plain;
    }

    /** What a person reads. */
    public static String describe(String held) {
        return parse(held).map(Mark::described).orElse(held);
    }

    private String described() {
        return switch (kind) {
            case TRASH -> "in the trash until " + until + ", removed by " + by;
            case BOUNCE -> "bounces at " + until + ", by " + by + ": " + text;
            case FROZEN -> "sender frozen by " + by;
            case MOVING -> "being moved to another host by " + by;
            case IMPORTED -> "being imported by " + by;
        };
    }

    static String escape(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }

    static String unescape(String text) {
        return URLDecoder.decode(text, StandardCharsets.UTF_8);
    }
}
