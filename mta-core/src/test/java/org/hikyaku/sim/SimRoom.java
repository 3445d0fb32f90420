package org.hikyaku.sim;

/** What the files that have a name take of a disk. */
final class SimRoom {
    private long pages;

    void add(int more) {
        pages += more;
    }

    long octets() {
        return pages * SimInode.PAGE;
    }
}
