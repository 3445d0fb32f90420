package org.hikyaku.main;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.function.UnaryOperator;
import org.hikyaku.config.Config;
import org.hikyaku.config.ConfigReader;
import org.hikyaku.sim.SimWorld;
import org.junit.jupiter.api.Test;

/** The whole program in a simulated outside. */
class AssemblyTest {
    private static Config config(String reserve) {
        return ConfigReader.fromText("""
                hostname = mx.example.org
                data_dir = /data
                local { domains = [example.org], postmaster = "anna@elsewhere.example" }
                spool.reserve = %s
                listeners { submission.endpoints = [], submissions.endpoints = [] }
                """.formatted(reserve));
    }

    @Test
    void aReloadReachesTheSpool() {
        try (SimWorld sim = new SimWorld(1)) {
            sim.run(world -> {
                try {
                    Assembly assembly =
                            Assembly.start(world, config("1MiB"), Hooks.simulated(UnaryOperator.identity()));
                    assertThat(assembly.spool().hasRoom(1)).isTrue();
                    List<String> problems = assembly.reload(config("1024GiB"));
                    assertThat(problems).isEmpty();
                    assertThat(assembly.spool().hasRoom(1)).isFalse();
                    assembly.stop();
                } catch (StartFailure e) {
                    throw new AssertionError(String.join("; ", e.problems()), e);
                }
            });
        }
    }
}
