package org.hikyaku.sim;

import org.jspecify.annotations.Nullable;

/** What a name leads to. It knows the name under which the medium holds it: at most one. */
sealed interface SimNode permits SimInode, SimDirectory {
    void heldAs(@Nullable SimDirectory directory, @Nullable String name);

    @Nullable
    SimDirectory heldIn();

    @Nullable
    String heldName();
}
