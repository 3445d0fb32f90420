package org.hikyaku.tls;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.hikyaku.config.Config;
import org.hikyaku.sim.SimWorld;
import org.hikyaku.world.Clock;
import org.hikyaku.world.Entropy;
import org.hikyaku.world.Event;
import org.hikyaku.world.World;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FirstCertificateTest {
    private static final Entropy ENTROPY = new Entropy() {
        @Override
        public void fill(byte[] target) {
            Arrays.fill(target, (byte) 7);
        }

        @Override
        public int below(int bound) {
            return 0;
        }

        @Override
        public long nextLong() {
            return 0;
        }
    };

    private final FolderDisk disk = new FolderDisk();
    private final List<Event> said = new ArrayList<>();
    private Instant now = Instant.now();
    private final Clock clock = new Clock() {
        @Override
        public Instant now() {
            return now;
        }

        @Override
        public long nanos() {
            return 0;
        }
    };
    private final FirstCertificate first =
            new FirstCertificate(disk, clock, ENTROPY, (event, values) -> said.add(event));

    @TempDir
    Path data;

    @Test
    void onceMadeItOutlivesThePower() {
        for (long seed = 0; seed < 30; seed++) {
            try (SimWorld sim = new SimWorld(seed)) {
                byte[][] made = new byte[2][];
                sim.run(world -> {
                    world.disk().makeDirectories(Path.of("/data"));
                    world.disk().forceDirectory(Path.of("/"));
                    made[0] = made(world);
                });
                sim.crash();
                sim.run(world -> made[1] = world.disk().readAll(FirstCertificate.file(Path.of("/data")), 100_000));
                assertThat(made[1]).as("seed " + seed).isEqualTo(made[0]);
            }
        }
    }

    private static byte[] made(World world) throws IOException {
        Path file = new FirstCertificate(world.disk(), world.clock(), world.entropy(), world.events())
                .ensure(Path.of("/data"), "mx.example");
        return world.disk().readAll(file, 100_000);
    }

    @Test
    void itIsMadeOnceAndServesTheHostName() throws Exception {
        Path file = first.ensure(data, "mx.example");
        byte[] before = Files.readAllBytes(file);
        assertThat(first.ensure(data, "mx.example")).isEqualTo(file);
        assertThat(Files.readAllBytes(file)).isEqualTo(before);
        assertThat(said).containsExactly(Event.CERTIFICATE_MADE);

        Config.Tls tls =
                new Config.Tls(Optional.empty(), Optional.empty(), List.of(), Optional.empty(), "TLSv1.2", true);
        KeyLoader.Loaded loaded = new KeyLoader(disk, clock).load(tls, file);
        assertThat(loaded.problems()).isEmpty();
        ServerKey key = loaded.keys().all().getFirst();
        assertThat(key.names()).containsExactly("mx.example");
        assertThat(key.key().getAlgorithm()).isIn("EC", "ECDSA");
        key.leaf().verify(key.leaf().getPublicKey());
    }

    @Test
    void itsBytesLastBeforeItsNameAndItsNameAtTheEnd() throws Exception {
        first.ensure(data, "mx.example");
        assertThat(disk.deeds)
                .containsExactly(
                        "force directory " + data.getFileName(),
                        "force self-signed.pem.new",
                        "rename self-signed.pem",
                        "force directory keys");
    }

    @Test
    void itIsMadeAnewForAnotherNameWhenDamagedAndBeforeItRunsOut() throws Exception {
        Path file = first.ensure(data, "mx.example");
        first.ensure(data, "other.example");
        Files.writeString(file, "-----BEGIN CERTIFICATE-----\n");
        first.ensure(data, "other.example");
        assertThat(said).hasSize(3);
        now = now.plus(Duration.ofDays(3640));
        first.ensure(data, "other.example");
        assertThat(said).hasSize(4);
    }

    @Test
    void whatACrashLeftBehindIsNoHindrance() throws Exception {
        Files.createDirectories(data.resolve("keys"));
        Files.writeString(data.resolve("keys/self-signed.pem.new"), "half a k");
        first.ensure(data, "mx.example");
        assertThat(disk.list(data.resolve("keys"))).containsExactly("self-signed.pem");
    }
}
