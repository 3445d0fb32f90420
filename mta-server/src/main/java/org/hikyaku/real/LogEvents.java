package org.hikyaku.real;

import java.time.Clock;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Supplier;
import org.hikyaku.config.Config;
import org.hikyaku.config.Config.LogFormat;
import org.hikyaku.world.Event;
import org.hikyaku.world.Events;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Events as lines of the log, and counted.
 *
 * <p>A line is one line whatever a stranger put into a value: control characters and quotes are escaped, long values cut.
 *
 * <p><i>Failure:</i> a log that cannot be written loses lines, nothing else.
 */
public final class LogEvents implements Events {
    private static final int VALUE_MAX = 1000;
    private static final int FRAMES_MAX = 8;
    private static final DateTimeFormatter TO_SECOND =
            DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss", Locale.ROOT);
    private static final DateTimeFormatter ZONE = DateTimeFormatter.ofPattern("XXX", Locale.ROOT);

    private final Logger logger = LoggerFactory.getLogger("hikyaku");
    private final Map<Event, LongAdder> counts = new EnumMap<>(Event.class);
    private final Supplier<Config.Log> settings;
    private final Clock clock;
    private volatile Second second = new Second(Long.MIN_VALUE, "", "");

    private record Second(long epochSecond, String text, String zone) {}

    /** @param settings asked for every line, so that a reload holds at once */
    public LogEvents(Supplier<Config.Log> settings) {
        this(settings, Clock.system(ZoneId.systemDefault()));
    }

    LogEvents(Supplier<Config.Log> settings, Clock clock) {
        this.settings = settings;
        this.clock = clock;
        for (Event event : Event.values()) {
            counts.put(event, new LongAdder());
        }
    }

    @Override
    public void emit(Event event, @Nullable Object... values) {
        counts.getOrDefault(event, new LongAdder()).increment();
        Config.Log wanted = settings.get();
        Event.Level least = Event.Level.valueOf(wanted.level().name());
        if (event.level().compareTo(least) < 0) {
            return;
        }
        String line = line(wanted.format(), event, values);
        switch (event.level()) {
            case DEBUG -> logger.debug(line);
            case INFO -> logger.info(line);
            case WARN -> logger.warn(line);
            case ERROR -> logger.error(line);
        }
    }

    /** How often each event came since the start. */
    public Map<Event, Long> counts() {
        Map<Event, Long> out = new LinkedHashMap<>();
        counts.forEach((event, count) -> out.put(event, count.sum()));
        return out;
    }

    String line(LogFormat format, Event event, @Nullable Object... values) {
        boolean json = format == LogFormat.JSON;
        StringBuilder line = new StringBuilder(160);
        if (json) {
            time(line.append("{\"time\":\"")).append("\",\"level\":\"");
            line.append(event.level().name().toLowerCase(Locale.ROOT));
            line.append("\",\"event\":\"").append(event.label()).append('"');
        } else {
            time(line).append(' ').append(event.level()).append(' ').append(event.label());
        }
        for (int i = 0; i < event.fields().size(); i++) {
            Object value = i < values.length ? values[i] : null;
            if (value != null && json) {
                line.append(",\"").append(event.fields().get(i)).append("\":");
                number(line, value);
            } else if (value != null) {
                line.append(' ').append(event.fields().get(i)).append('=');
                plain(line, text(value));
            }
        }
        return json ? line.append('}').toString() : line.toString();
    }

    /** The second is put into words once for all its lines. */
    private StringBuilder time(StringBuilder line) {
        Instant now = clock.instant();
        Second known = second;
        if (known.epochSecond() != now.getEpochSecond()) {
            ZonedDateTime here = now.atZone(clock.getZone());
            known = new Second(now.getEpochSecond(), TO_SECOND.format(here), ZONE.format(here));
            second = known;
        }
        int millis = now.getNano() / 1_000_000;
        line.append(known.text()).append('.');
        line.append((char) ('0' + millis / 100))
                .append((char) ('0' + millis / 10 % 10))
                .append((char) ('0' + millis % 10));
        return line.append(known.zone());
    }

    private static void number(StringBuilder line, Object value) {
        if (value instanceof Integer || value instanceof Long || value instanceof Boolean) {
            line.append(value);
        } else {
            quoted(line, text(value));
        }
    }

    /** In quotes only where a reader would else not see where it ends. */
    private static void plain(StringBuilder line, String text) {
        boolean bare = !text.isEmpty();
        for (int i = 0; bare && i < text.length(); i++) {
            char c = text.charAt(i);
            bare = c > ' ' && c != '"' && c != '=' && c != '\\' && !isControl(c);
        }
        if (bare) {
            line.append(text);
        } else {
            quoted(line, text);
        }
    }

    private static void quoted(StringBuilder line, String text) {
        line.append('"');
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '"' || c == '\\') {
                line.append('\\').append(c);
            } else if (isControl(c)) {
                line.append(String.format("\\u%04x", (int) c));
            } else {
                line.append(c);
            }
        }
        line.append('"');
    }

    /** Control characters of ASCII and Latin-1, and what ends a line or turns its direction in Unicode. */
    private static boolean isControl(int c) {
        return c < ' '
                || (c >= 0x7f && c < 0xa0)
                || c == 0x2028
                || c == 0x2029
                || (c >= 0x202a && c <= 0x202e)
                || (c >= 0x2066 && c <= 0x2069);
    }

    private static String text(Object value) {
        String text = value instanceof Throwable cause ? causes(cause) : value.toString();
        return text.length() <= VALUE_MAX ? text : text.substring(0, VALUE_MAX) + "...";
    }

    /** What, and where: a line's worth of a stack trace. */
    private static String causes(Throwable thrown) {
        StringBuilder out = new StringBuilder(thrown.toString());
        StackTraceElement[] frames = thrown.getStackTrace();
        for (int i = 0; i < Math.min(FRAMES_MAX, frames.length); i++) {
            out.append(i == 0 ? " at " : " < ")
                    .append(frames[i].getFileName())
                    .append(':')
                    .append(frames[i].getLineNumber());
        }
        Throwable cause = thrown.getCause();
        return cause == null ? out.toString() : out + " because of " + cause;
    }
}
