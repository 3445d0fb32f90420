package org.hikyaku.it.dialog;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.hikyaku.sim.SimHost;
import org.hikyaku.sim.SimWorld;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** Every dialog of {@code src-it/dialogs}, held with the receiving side inside a simulated world. */
class DialogsTest {
    private static final Set<String> HAVE = Set.of("tls", "auth", "limits", "time", "grants");
    private static final int SEEDS = 2;

    static Path directory() {
        for (Path at = Path.of("").toAbsolutePath(); at != null; at = at.getParent()) {
            if (Files.isDirectory(at.resolve("src-it/dialogs"))) {
                return at.resolve("src-it/dialogs");
            }
        }
        throw new IllegalStateException("no src-it/dialogs above the working directory");
    }

    @TestFactory
    Stream<DynamicTest> dialogs() throws IOException {
        return PlayDialogs.load(directory()).stream()
                .map(dialog -> DynamicTest.dynamicTest(dialog.name(), () -> {
                    for (long seed = 1; seed <= SEEDS; seed++) {
                        play(dialog, seed);
                    }
                }));
    }

    @Test
    void dialogsAskOnlyForWhatIsHere() throws IOException {
        List<Dialog> all = PlayDialogs.load(directory());
        assertThat(all).hasSizeGreaterThan(60);
        assertThat(all).allSatisfy(dialog -> {
            assertThat(HAVE).containsAll(dialog.needs());
            assertThat(Rig.PORTS).containsKey(dialog.listener());
        });
    }

    private static void play(Dialog dialog, long seed) {
        try (SimWorld sim = new SimWorld(seed)) {
            SimHost client = sim.remote("client", "203.0.113.5");
            sim.run(Rig::new);
            sim.run(client, world -> {
                try (WirePeer peer = new WirePeer(world, Rig.endpoint(dialog.listener()))) {
                    new DialogPlayer(Rig.NAMES).play(dialog, peer);
                }
            });
        }
    }
}
