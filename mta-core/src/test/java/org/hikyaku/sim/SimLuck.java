package org.hikyaku.sim;

import java.util.Map;

/** Whether a fault strikes now; counts those that did and writes them into the history. */
final class SimLuck {
    private final SimRandom random;
    private final SimTally tally;
    private final SimHistory history;
    private final SimScheduler scheduler;
    private Map<SimFault, Double> chances;

    SimLuck(SimRandom random, SimFaults faults, SimTally tally, SimHistory history, SimScheduler scheduler) {
        this.random = random;
        this.chances = faults.copy();
        this.tally = tally;
        this.history = history;
        this.scheduler = scheduler;
    }

    void faults(SimFaults from) {
        chances = from.copy();
    }

    SimTally tally() {
        return tally;
    }

    boolean strikes(SimFault fault) {
        if (!random.chance(chances.getOrDefault(fault, 0.0))) {
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
