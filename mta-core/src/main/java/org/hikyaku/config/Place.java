package org.hikyaku.config;

import org.jspecify.annotations.Nullable;

/**
 * Where a group of settings stands: to be told, never to be compared; any two are equal, so that a rule that was moved is no
 * other one.
 *
 * @param line 0 when it is not known
 */
public record Place(String file, int line) {
    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Place;
    }

    @Override
    public int hashCode() {
        return 0;
    }

    @Override
    public String toString() {
        return line > 0 ? file + ":" + line : file;
    }
}
