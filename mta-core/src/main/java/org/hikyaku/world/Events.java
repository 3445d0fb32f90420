package org.hikyaku.world;

import org.jspecify.annotations.Nullable;

/** Where everything that an operator may want to know goes. Never a password, never a body. Safe from anywhere. */
public interface Events {
    /**
     * Counts {@code event} and, when its level is on, logs one line.
     *
     * @param values in the order of {@link Event#fields}; as many, null for what is unknown
     */
    void emit(Event event, @Nullable Object... values);
}
