package org.hikyaku.real;

import java.security.SecureRandom;
import org.hikyaku.world.Entropy;

/** Chance that nobody can foretell: the operating system's. */
public final class RealEntropy implements Entropy {
    private final SecureRandom random = new SecureRandom();

    @Override
    public void fill(byte[] target) {
        random.nextBytes(target);
    }

    @Override
    public int below(int bound) {
        return random.nextInt(bound);
    }

    @Override
    public long nextLong() {
        return random.nextLong();
    }
}
