package org.hikyaku.sim;

/** Whether a fault strikes now; counts those that did and writes them into the history. */
final class SimLuck {
    private final SimRandom random;
    private final SimTally tally;
    private final SimHistory history;
    private final SimScheduler scheduler;
    private SimFaults faults;

    SimLuck(SimRandom random, SimFaults faults, SimTally tally, SimHistory history, SimScheduler scheduler) {
        this.random = random;
        this.faults = faults;
        this.tally = tally;
        this.history = history;
        this.scheduler = scheduler;
    }

    void faults(SimFaults from) {
        faults = from;
    }

    SimTally tally() {
        return tally;
    }

    boolean strikes(SimFault fault) {
        if (!random.chance(faults.of(fault))) {
            return false;
        }
        occurred(fault);
        return true;
    }

    void occurred(SimFault fault) {
        tally.add(fault);
        history.add(scheduler.now(), "fault", fault.name());
    }
}
