package org.hikyaku.mail;

/**
 * What the sender wants to be told of one recipient (RFC 3461 4.1, 4.2).
 *
 * @param when a sum of {@link #SUCCESS}, {@link #FAILURE} and {@link #DELAY}; {@link #UNSAID} when NOTIFY was not said, 0 for NEVER
 * @param original ORCPT, decoded: a type of address, a semicolon, the address; empty when it was not said
 */
public record Notify(int when, String original) {
    public static final int SUCCESS = 1;
    public static final int FAILURE = 2;
    public static final int DELAY = 4;
    public static final int UNSAID = 8;

    /** Nothing was said. */
    public static final Notify NONE = new Notify(UNSAID, "");

    public Notify {
        if (when < 0 || when > UNSAID) {
            throw new IllegalArgumentException("notify " + when);
        }
    }

    /** NOTIFY was said. */
    public boolean isSaid() {
        return when != UNSAID;
    }

    public boolean isNever() {
        return when == 0;
    }

    /** RFC 3461 5.2.2, 5.2.3: only who asked for it is told of a success. */
    public boolean ofSuccess() {
        return when == UNSAID ? false : (when & SUCCESS) != 0;
    }

    /** RFC 3461 5.2.6. */
    public boolean ofFailure() {
        return when == UNSAID || (when & FAILURE) != 0;
    }

    /** RFC 3461 5.2.5. */
    public boolean ofDelay() {
        return when == UNSAID || (when & DELAY) != 0;
    }

    public Notify withOriginal(String typed) {
        return new Notify(when, typed);
    }

    public Notify with(int another) {
        return new Notify(another, original);
    }

    /** For each of the addresses behind an alias of several: the success was told when it was followed (5.2.7.3 c). */
    public Notify withoutSuccess() {
        return ofSuccess() ? new Notify(when & ~SUCCESS, original) : this;
    }
}
