package org.hikyaku.queue;

import java.time.Duration;

/**
 * What an attempt taught about its site as a whole.
 *
 * @param rest for {@link Kind#REST}
 */
public record Lesson(Kind kind, Duration rest) {
    public static final Lesson WORKED = new Lesson(Kind.WORKED, Duration.ZERO);
    public static final Lesson NOTHING = new Lesson(Kind.NOTHING, Duration.ZERO);
    public static final Lesson SLOW_DOWN = new Lesson(Kind.SLOW_DOWN, Duration.ZERO);

    /** What it says of the site, the weightiest last. */
    public enum Kind {
        NOTHING,
        /** It took or answered what it was given. */
        WORKED,
        /** It wants less at once. */
        SLOW_DOWN,
        /** It is to be left alone. */
        REST
    }

    /** Left alone for {@code time}. */
    public static Lesson rest(Duration time) {
        return new Lesson(Kind.REST, time);
    }

    /** The weightier of both. */
    public Lesson and(Lesson other) {
        int order = kind.compareTo(other.kind);
        return order > 0 || (order == 0 && rest.compareTo(other.rest) >= 0) ? this : other;
    }
}
