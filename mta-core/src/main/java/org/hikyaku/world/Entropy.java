package org.hikyaku.world;

/** Chance: unpredictable in the real world, seeded in the simulated one. Safe from any task or loop. */
public interface Entropy {
    void fill(byte[] target);

    /** A whole number from 0 up to, not including, {@code bound}. */
    int below(int bound);

    long nextLong();
}
