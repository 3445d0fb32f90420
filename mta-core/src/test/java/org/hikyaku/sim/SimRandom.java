package org.hikyaku.sim;

/** A generator of our own (SplitMix64), so that a seed means the same in every JVM. For the holder of the baton only. */
public final class SimRandom {
    private static final long GAMMA = 0x9E3779B97F4A7C15L;
    private long state;

    public SimRandom(long seed) {
        this.state = seed;
    }

    /** A generator of its own for {@code purpose}: what one part draws does not shift what another part draws. */
    public SimRandom fork(String purpose) {
        return new SimRandom(mix(next() ^ purpose.hashCode()));
    }

    public long next() {
        state += GAMMA;
        return mix(state);
    }

    /** From 0 up to, not including, {@code bound}. */
    public int below(int bound) {
        if (bound <= 0) {
            throw new IllegalArgumentException("bound " + bound);
        }
        return (int) (((next() >>> 32) * bound) >>> 32);
    }

    /** From {@code least} up to {@code most}, both included. */
    public long between(long least, long most) {
        return least + Long.remainderUnsigned(next(), most - least + 1);
    }

    /** True with probability {@code p}; draws nothing when {@code p} is 0. */
    public boolean chance(double p) {
        return p > 0 && (next() >>> 11) * 0x1.0p-53 < p;
    }

    static long mix(long z) {
        long a = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
        long b = (a ^ (a >>> 27)) * 0x94D049BB133111EBL;
        return b ^ (b >>> 31);
    }
}
