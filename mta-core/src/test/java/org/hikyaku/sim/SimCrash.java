package org.hikyaku.sim;

/** Unwinds every task of a crashed process. Nobody but the simulator catches it: who catches Throwable is found. */
public final class SimCrash extends Error {
    private static final long serialVersionUID = 1;

    SimCrash() {
        super("the process crashed", null, false, false);
    }
}
