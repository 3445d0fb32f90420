package org.hikyaku.sim;

class SimTasksContractTest extends TasksContract {
    private static final int SEEDS = 30;

    @Override
    protected void inTask(Body body) {
        for (long seed = 0; seed < SEEDS; seed++) {
            try (SimWorld sim = new SimWorld(seed)) {
                sim.run(world -> body.run(world.tasks(), world.clock()));
            }
        }
    }
}
