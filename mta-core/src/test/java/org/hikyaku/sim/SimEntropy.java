package org.hikyaku.sim;

import org.hikyaku.world.Entropy;

/** Chance by seed. */
final class SimEntropy implements Entropy {
    private final SimRandom random;

    SimEntropy(SimRandom random) {
        this.random = random;
    }

    @Override
    public void fill(byte[] target) {
        for (int i = 0; i < target.length; i++) {
            target[i] = (byte) random.next();
        }
    }

    @Override
    public int below(int bound) {
        return random.below(bound);
    }

    @Override
    public long nextLong() {
        return random.next();
    }
}
