package org.hikyaku.world;

/**
 * Everything that lies outside the program. Made in two places only: the real one and the simulated one; the same
 * program runs in both.
 *
 * <p>No monitor or lock is held across a call of anything here that may wait.
 */
public record World(
        Clock clock,
        Disk disk,
        Net net,
        Resolver resolver,
        Tasks tasks,
        Entropy entropy,
        Events events,
        Processes processes,
        Https https) {
    /** One without web. */
    public World(
            Clock clock,
            Disk disk,
            Net net,
            Resolver resolver,
            Tasks tasks,
            Entropy entropy,
            Events events,
            Processes processes) {
        this(clock, disk, net, resolver, tasks, entropy, events, processes, Https.none());
    }

    /** One without programs and web. */
    public World(Clock clock, Disk disk, Net net, Resolver resolver, Tasks tasks, Entropy entropy, Events events) {
        this(clock, disk, net, resolver, tasks, entropy, events, Processes.none());
    }
}
