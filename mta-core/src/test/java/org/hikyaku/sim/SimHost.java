package org.hikyaku.sim;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.IOException;
import java.net.InetAddress;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import org.hikyaku.world.World;

/** A machine: addresses, a disk and events that outlive its processes; one process at a time. */
public final class SimHost {
    private final SimWorld sim;
    private final String name;
    private final Set<InetAddress> addresses;
    private final SimMedium medium = new SimMedium();
    private final SimEvents events;
    private final SimLuck luck;
    private final SimRandom random;
    private final SimProcesses programs = new SimProcesses();
    private final Map<Integer, Optional<String>> users = new LinkedHashMap<>();
    private Duration usersTake = Duration.ZERO;
    private int usersAsked;
    private OptionalInt caller = OptionalInt.empty();
    private SimProcess process;
    private SimDisk disk;
    private World world;
    private SimCertificate certificate;

    SimHost(SimWorld sim, String name, Set<InetAddress> addresses, SimLuck luck, SimRandom random) {
        this.sim = sim;
        this.name = name;
        this.addresses = new LinkedHashSet<>(addresses);
        this.events = new SimEvents(sim.scheduler());
        this.luck = luck;
        this.certificate = new SimCertificate(List.of(("certificate of " + name).getBytes(US_ASCII)), Set.of());
        this.random = random;
        this.process = new SimProcess(this, sim.scheduler());
        this.disk = new SimDisk(process, medium, luck, random.fork("disk"));
        this.world = makeWorld();
    }

    private World makeWorld() {
        SimProcess writer = process;
        return new World(
                sim.clock(),
                disk,
                new SimNet(process, sim.fabric(), sim.luck(), random.fork("net")),
                new SimResolver(process, sim.zones(), luck, random.fork("dns")),
                new SimTasks(process),
                new SimEntropy(random.fork("entropy")),
                (event, values) -> {
                    writer.point("event");
                    events.record(event, values);
                },
                programs.of(process, random.fork("programs")));
    }

    public String name() {
        return name;
    }

    public Set<InetAddress> addresses() {
        return addresses;
    }

    /** It has this address, too, for connections that leave from there. */
    public void alsoAt(InetAddress address) {
        addresses.add(address);
    }

    /** The World of the process that lives now; after a crash another one. */
    public World world() {
        return world;
    }

    public SimDisk disk() {
        return disk;
    }

    public SimProcesses programs() {
        return programs;
    }

    public SimEvents events() {
        return events;
    }

    /** Whose processes connect to Unix sockets from now on; empty: the kernel does not tell. */
    public void calls(OptionalInt uid) {
        caller = uid;
    }

    OptionalInt caller() {
        return caller;
    }

    /** A user of this host has this name from now on; empty: its list of users does not answer for him. */
    public void user(int uid, Optional<String> name) {
        users.put(uid, name);
    }

    /** Its list of users takes so long to answer from now on. */
    public void usersTake(Duration time) {
        usersTake = time;
    }

    /** How often its list of users was asked. */
    public int usersAsked() {
        return usersAsked;
    }

    String userName(int uid) throws IOException {
        usersAsked++;
        if (usersTake.isPositive()) {
            world.tasks().sleep(usersTake);
        }
        return users.getOrDefault(uid, Optional.of(Integer.toString(uid)))
                .orElseThrow(() -> new IOException("the list of users does not answer"));
    }

    /** What this host shows as a TLS server, from now on. At first one that no client finds valid. */
    public void certificate(SimCertificate shown) {
        certificate = shown;
    }

    SimCertificate certificate() {
        return certificate;
    }

    /** Names of the tasks (not loops) that have not ended. */
    public Set<String> tasks() {
        Set<String> names = new LinkedHashSet<>();
        process.tasks().stream().filter(task -> !task.isLoop).forEach(task -> names.add(task.name));
        return names;
    }

    SimClock clock() {
        return sim.clock();
    }

    SimProcess process() {
        return process;
    }

    /** Ends the process; with {@code power} the machine too: what was not forced is at the seed's mercy. */
    void crash(boolean power) {
        luck.occurred(SimFault.CRASH);
        sim.scheduler().unwind(process);
        if (power) {
            medium.crash(random.fork("crash"), luck.tally());
        } else {
            medium.processEnded();
        }
        process = new SimProcess(this, sim.scheduler());
        disk = new SimDisk(process, medium, luck, random.fork("disk"));
        world = makeWorld();
    }
}
