package org.hikyaku.table;

import java.util.Optional;

/** A look-up: one key, at most one value. Keys are in the form of {@code Address.localKey}. */
public interface Table<V> {
    Optional<V> find(String key);
}
