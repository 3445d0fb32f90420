package org.hikyaku.sim;

/**
 * THE list of what the simulated outside may do to a program. Each has a chance in {@link SimFaults} (of happening at
 * one opportunity) and a count in {@link SimTally}. {@code usual} is the chance in {@link SimFaults#hostile}.
 */
public enum SimFault {
    /** The process or the host ended at any world call; made by {@link SimWorld#crash} alone. */
    CRASH(0),

    /** At a crash: a sector that was written and not forced is not on disk. Without crash faults all of it is lost. */
    SECTOR_LOST(0),
    /** At a crash: a sector that was written and not forced is there all the same. */
    SECTOR_KEPT(0),
    /** At a crash: of one page some sectors are new and some old. */
    PAGE_TORN(0),
    /** At a crash: a file is shorter or longer than it was last seen. */
    SIZE_LOST(0),
    /** At a crash: a name made and not forced is gone, or one deleted and not forced is back. */
    NAME_LOST(0),
    /** At a crash: a change of a name lasted without having been forced. */
    NAME_KEPT(0),
    /** At a crash: a renamed file is under its old name. */
    RENAME_UNDONE(0),
    /** The kernel wrote dirty pages before it was asked to. */
    WRITEBACK_EARLY(0.02),
    /** A force threw; what it should have written is not on disk, and later forces succeed without it. */
    FORCE_FAILED(0.002),
    /** A force took seconds. */
    FORCE_SLOW(0.01),
    /** forceDirectory threw. */
    DIRECTORY_FORCE_FAILED(0.001),
    /** A write threw EIO, having written a part or nothing. */
    WRITE_FAILED(0.0005),
    /** A write threw ENOSPC, having written a part or nothing. */
    DISK_FULL(0.001),
    /** create, rename, delete or an open threw. */
    NAME_FAILED(0.0005),
    /** A read threw. Not in hostile: what was stored cannot then always be delivered in time. */
    READ_FAILED(0),
    /** A read gave one flipped bit, for good. Not in hostile: it may take a stored message away. */
    BIT_ROT(0),

    /** A connection was refused though somebody listens. */
    CONNECT_REFUSED(0.01),
    /** No route to the host. */
    CONNECT_UNREACHABLE(0.01),
    /** The connection was never answered. */
    CONNECT_TIMEOUT(0.01),
    /** A wire broke; octets on their way are lost, some or all. */
    RESET(0.002),
    /** Octets that their writer had handed to the kernel and then closed behind never came: a final reply lost. */
    LAST_OCTETS_LOST(0.01),
    /** What was written in one piece came in several. */
    SEGMENT_CUT(0.2),
    /** A segment took seconds. */
    SEGMENT_SLOW(0.005),
    /** The reader's window is small: writers see unsent() grow. */
    NARROW_WINDOW(0.05),
    /** A TLS handshake failed. */
    TLS_FAILED(0.01),
    /** Octets that came in clear after STARTTLS were dropped. */
    CLEAR_DROPPED(0),

    /** The DNS answered SERVFAIL. */
    DNS_SERVFAIL(0.02),
    /** The DNS did not answer. */
    DNS_TIMEOUT(0.02);

    private final double usual;

    SimFault(double usual) {
        this.usual = usual;
    }

    double usual() {
        return usual;
    }
}
