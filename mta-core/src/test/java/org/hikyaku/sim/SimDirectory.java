package org.hikyaku.sim;

import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** A directory twice: the names as programs see them, and as the medium holds them. */
final class SimDirectory implements SimNode {
    final TreeMap<String, SimNode> seen = new TreeMap<>();
    final TreeMap<String, SimNode> held = new TreeMap<>();
    private @Nullable SimDirectory heldIn;
    private @Nullable String heldAs;

    @Override
    public void heldAs(@Nullable SimDirectory directory, @Nullable String name) {
        heldIn = directory;
        heldAs = name;
    }

    @Override
    public @Nullable SimDirectory heldIn() {
        return heldIn;
    }

    @Override
    public @Nullable String heldName() {
        return heldAs;
    }
}
