package org.hikyaku.main;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.hikyaku.config.AddressSettings;
import org.hikyaku.config.Config;
import org.hikyaku.table.SrsKeys;
import org.hikyaku.world.Event;
import org.hikyaku.world.Tasks;
import org.hikyaku.world.World;
import org.jspecify.annotations.Nullable;

/**
 * Keeps the keys of {@code addresses.srs} young while the server runs: a task that looks once an hour, from the first
 * configuration on that has SRS.
 *
 * <p><i>Failure:</i> the keys in force stay, the event SRS_KEYS_KEPT tells why, and the next hour it is tried again.
 */
final class SrsRenewal {
    private static final Duration LOOK = Duration.ofHours(1);

    private final World world;
    private final AtomicReference<Snapshot> inForce;
    private final AtomicReference<Tasks.@Nullable Task> task = new AtomicReference<>();

    SrsRenewal(World world, AtomicReference<Snapshot> inForce) {
        this.world = world;
        this.inForce = inForce;
    }

    /** Makes the first key, or a new one where that is due; with a domain for SRS. Waits for the disk. */
    static void renew(World world, Config config) throws IOException {
        AddressSettings.Srs srs = config.addresses().srs();
        if (srs.domain().isPresent()) {
            SrsKeys.renew(world, file(config), srs.keyLife(), srs.validFor());
        }
    }

    /** A configuration is in force: from now on its keys are looked after. One task calls it at a time. */
    void follow(Config config) {
        if (config.addresses().srs().domain().isPresent() && task.get() == null) {
            task.set(world.tasks().start("srs keys", this::work));
        }
    }

    void close() {
        Tasks.Task running = task.get();
        if (running != null) {
            running.cancel();
        }
    }

    private void work() {
        while (true) {
            world.tasks().sleep(LOOK);
            Snapshot now = inForce.get();
            if (now.config().addresses().srs().domain().isPresent()) {
                look(now);
            }
        }
    }

    private void look(Snapshot now) {
        Path file = file(now.config());
        List<String> problems = new ArrayList<>();
        try {
            renew(world, now.config());
            SrsKeys keys = SrsKeys.read(world.disk(), file, problems);
            if (problems.isEmpty()) {
                inForce.compareAndSet(now, now.with(keys)); // else a reload has just read them
            }
        } catch (IOException e) {
            problems.add(String.valueOf(e.getMessage()));
        }
        problems.forEach(why -> world.events().emit(Event.SRS_KEYS_KEPT, file, why));
    }

    private static Path file(Config config) {
        return SrsKeys.file(config.keysDirectory());
    }
}
