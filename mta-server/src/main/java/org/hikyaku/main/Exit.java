package org.hikyaku.main;

/** The exit codes of all commands; those from 64 on are those of sysexits.h. */
final class Exit {
    /** Done. */
    static final int OK = 0;

    /** What was asked could not be done, or not all of it; the reason is on standard error. */
    static final int PROBLEM = 1;

    /** The command line is wrong. */
    static final int USAGE = 2;

    /** EX_UNAVAILABLE: no server answers on the control socket. */
    static final int UNAVAILABLE = 69;

    /** EX_OSERR: the server could not start for a reason outside the configuration: a port taken, a disk not writable. */
    static final int SYSTEM = 71;

    /** EX_CONFIG: the configuration is wrong; to start again without a change is of no use. */
    static final int CONFIG = 78;

    private Exit() {}
}
