package org.hikyaku.queue;

/** What an attempt taught about its site as a whole, the weightiest last. */
public enum Lesson {
    NOTHING,
    /** It took or answered what it was given. */
    WORKED,
    /** It wants less at once. */
    SLOW_DOWN;

    /** The weightier of both. */
    public Lesson and(Lesson other) {
        return compareTo(other) >= 0 ? this : other;
    }
}
