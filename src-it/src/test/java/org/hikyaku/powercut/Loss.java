package org.hikyaku.powercut;

import java.util.Random;

/**
 * How a power cut treats what was not forced: the rule by which one image is drawn.
 *
 * @param kept what ended before this line is on the disk, as if it had been written in the order of the calls
 * @param data the chance of each other sector
 * @param names the chance of each other name
 * @param grain octets that reach the disk together: a sector or a page
 * @param atomic whether a rename is one step, as on a journaled file system, or two
 */
record Loss(String kind, int kept, double data, double names, int grain, boolean atomic) {
    private static final int SECTOR = 512;
    private static final int PAGE = 4096;

    static Loss nothingMore() {
        return new Loss("nothing more", 0, 0, 0, SECTOR, false);
    }

    static Loss everything() {
        return new Loss("everything", Op.Span.NEVER, 1, 1, PAGE, true);
    }

    /**
     * One of the ways, by chance.
     *
     * @param last the line where the newest write began that was not forced
     */
    static Loss any(Random chance, int cut, int last) {
        boolean atomic = chance.nextInt(3) > 0;
        int grain = chance.nextBoolean() ? SECTOR : PAGE;
        return switch (chance.nextInt(8)) {
            case 0 -> nothingMore();
            case 1 -> new Loss("everything", cut, 0.5, 0.5, grain, atomic);
            case 2 -> new Loss("names only", 0, 0, 1, grain, atomic);
            case 3 -> new Loss("data only", 0, 1, 0, grain, atomic);
            case 4 -> new Loss("prefix", cut - 1 - chance.nextInt(Math.min(cut, 2_000)), 0, 0, grain, atomic);
            case 5 ->
                new Loss("last write torn", last, 0.5 + chance.nextDouble() / 2, chance.nextInt(2), SECTOR, atomic);
            case 6 -> new Loss("few", 0, 0.1, 0.1, grain, atomic);
            default -> new Loss("any", 0, chance.nextDouble(), chance.nextDouble(), grain, atomic);
        };
    }
}
