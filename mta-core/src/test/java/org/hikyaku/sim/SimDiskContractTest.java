package org.hikyaku.sim;

import java.nio.file.Path;
import org.hikyaku.world.Disk;
import org.junit.jupiter.api.AfterEach;

class SimDiskContractTest extends DiskContract {
    private final SimWorld sim = new SimWorld(1);

    @Override
    protected Path root() {
        return Path.of("/");
    }

    @Override
    protected Disk disk() {
        return sim.disk();
    }

    @AfterEach
    void close() {
        sim.close();
    }
}
