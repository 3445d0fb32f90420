package org.hikyaku.it.dialog;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.hikyaku.sim.SimHost;
import org.hikyaku.sim.SimWorld;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** Every dialog of {@code src-it/dialogs}, held with the receiving side inside a simulated world. */
class DialogsTest {
    private static final Set<String> HAVE = Set.of("tls", "auth", "limits", "time", "grants", "verp", "customers");
    private static final int SEEDS = 2;

    static Path directory() {
        for (Path at = Path.of("").toAbsolutePath(); at != null; at = at.getParent()) {
            if (Files.isDirectory(at.resolve("src-it/dialogs"))) {
                return at.resolve("src-it/dialogs");
            }
        }
        throw new IllegalStateException("no src-it/dialogs above the working directory");
    }

    /** Those of the suite that ask for what we do not offer are left out. */
    @TestFactory
    Stream<DynamicTest> dialogs() throws IOException {
        Map<String, Server> servers = servers();
        return PlayDialogs.load(directory()).stream()
                .filter(dialog -> dialog.claim().isEmpty() || applies(dialog, servers.get(dialog.listener())))
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
            if (dialog.claim().isEmpty()) {
                assertThat(HAVE).containsAll(dialog.needs());
            }
            assertThat(Rig.PORTS).containsKey(dialog.listener());
        });
    }

    @Test
    void mostOfTheSuiteIsHeldWithUs() throws IOException {
        Map<String, Server> servers = servers();
        List<Dialog> suite = PlayDialogs.load(directory()).stream()
                .filter(dialog -> dialog.claim().isPresent())
                .toList();
        assertThat(suite).hasSizeGreaterThan(150);
        assertThat(suite.stream().filter(dialog -> applies(dialog, servers.get(dialog.listener()))))
                .hasSizeGreaterThan(115);
    }

    private static boolean applies(Dialog dialog, @Nullable Server server) {
        return server != null
                && new Applicable(Applicable.names(names(), server), true).hindrance(dialog, server) == null;
    }

    /** What our listeners offer. */
    private static Map<String, Server> servers() {
        Map<String, Server> servers = new LinkedHashMap<>();
        try (SimWorld sim = new SimWorld(1)) {
            SimHost client = sim.remote("client", "203.0.113.5");
            sim.run(Rig::new);
            for (String listener : List.of("mx", "submission", "submissions", "open", "spoken")) {
                sim.run(client, world -> {
                    try (WirePeer peer = new WirePeer(world, Rig.endpoint(listener))) {
                        servers.put(listener, Server.heard("", 0, listener.equals("submissions"), peer));
                    }
                });
            }
        }
        servers.put("lmtp", new Server("", 0, false, Map.of(), Map.of()));
        servers.put("proxied", new Server("", 0, false, Map.of(), Map.of()));
        return servers;
    }

    private static Map<String, String> names() {
        Map<String, String> names = new LinkedHashMap<>(Rig.NAMES);
        names.put("local", "joe@example.org");
        return Applicable.names(names, new Server("", 0, false, Map.of(), Map.of()));
    }

    private static void play(Dialog dialog, long seed) {
        try (SimWorld sim = new SimWorld(seed)) {
            SimHost client = sim.remote("client", "203.0.113.5");
            sim.run(Rig::new);
            sim.run(client, world -> {
                try (WirePeer peer = new WirePeer(world, Rig.endpoint(dialog.listener()))) {
                    new DialogPlayer(names()).play(dialog, peer);
                }
            });
        }
    }
}
