package org.hikyaku.queue;

/** What an attempt taught about its site as a whole, the weightiest last. */
public enum Lesson {
    NOTHING,
    /** It took or answered what it was given. */
    WORKED,
    /** It broke off or fell silent in the middle of mail: it may have too much at once. */
    STRAINED,
    /** It says that it wants less. */
    SLOW_DOWN;

    /** The weightier of both. */
    public Lesson and(Lesson other) {
        return compareTo(other) >= 0 ? this : other;
    }
}
