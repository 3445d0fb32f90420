package org.hikyaku.sim;

import java.util.ArrayList;
import org.hikyaku.mail.Domain;
import org.hikyaku.world.Resolver;

/** The DNS as one process asks it: slow, and by seed out of order. */
final class SimResolver implements Resolver {
    private final SimProcess process;
    private final SimZones zones;
    private final SimLuck luck;
    private final SimRandom random;

    SimResolver(SimProcess process, SimZones zones, SimLuck luck, SimRandom random) {
        this.process = process;
        this.zones = zones;
        this.luck = luck;
        this.random = random;
    }

    @Override
    public Answer ask(Domain name, Type type) {
        process.point("dns");
        Answer answer = answer(name, type);
        process.scheduler().history().add(process.scheduler().now(), "dns", name + " " + type);
        return answer;
    }

    private Answer answer(Domain name, Type type) {
        if (luck.strikes(SimFault.DNS_TIMEOUT)) {
            pause(random.between(5_000, 10_000));
            return new Answer.Unknown(Cause.TIMEOUT, "simulated time-out for " + name);
        }
        pause(random.chance(0.5) ? 0 : random.between(1, 150));
        if (luck.strikes(SimFault.DNS_SERVFAIL)) {
            return new Answer.Unknown(Cause.SERVFAIL, "simulated SERVFAIL for " + name);
        }
        return zones.answer(name, type);
    }

    private void pause(long milliseconds) {
        if (milliseconds > 0) {
            SimScheduler scheduler = process.scheduler();
            scheduler.await(process, new ArrayList<>(), "the DNS", scheduler.now() + milliseconds * 1_000_000);
        }
    }
}
