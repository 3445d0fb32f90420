package org.hikyaku.fuzz;

import java.util.Arrays;
import java.util.SplittableRandom;

/** Cuts octets into pieces, at places that follow from the octets: the same octets are always cut alike. */
final class Cuts {
    /** Takes a piece. */
    interface Piece {
        void take(byte[] array, int from, int to) throws Exception;
    }

    private Cuts() {}

    /** Gives {@code octets} piece by piece, each at another offset of a larger array, which is spoilt after each. */
    static void each(byte[] octets, Piece piece) throws Exception {
        SplittableRandom random = new SplittableRandom(Arrays.hashCode(octets));
        int most = random.nextBoolean() ? 3 : 40;
        for (int at = 0; at < octets.length; ) {
            int length = Math.min(octets.length - at, 1 + random.nextInt(most));
            int offset = random.nextInt(5);
            byte[] array = new byte[offset + length + random.nextInt(5)];
            System.arraycopy(octets, at, array, offset, length);
            piece.take(array, offset, offset + length);
            Arrays.fill(array, (byte) 0x55);
            at += length;
        }
    }
}
