package org.hikyaku.table;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.hikyaku.sasl.PasswordHash;
import org.hikyaku.sasl.PasswordHash.ScramHash;
import org.hikyaku.sasl.Scram;
import org.hikyaku.sasl.ScramDigest;
import org.hikyaku.sasl.ScramKeys;
import org.hikyaku.sim.SimWorld;
import org.hikyaku.world.Disk;
import org.hikyaku.world.World;
import org.junit.jupiter.api.Test;

/** Changes to the users file, on a disk that loses what was not forced. */
class UsersFileTest {
    private static final Path FILE = Path.of("/users");
    private static final String OLD =
            "# people\n\nbob@first.example:{BLF-CRYPT}$2y$05$abcdefghijklmnopqrstuuOQiyCxlgf/oeuTqixKmWdcYUh4Hjl0a:1000::x:y\n";

    private static void write(Disk disk, String text) throws IOException {
        try (Disk.File file = disk.create(FILE)) {
            file.write(0, ByteBuffer.wrap(text.getBytes(UTF_8)));
            file.force();
        }
        disk.forceDirectory(Path.of("/"));
    }

    private static String text(Disk disk) throws IOException {
        return new String(disk.readAll(FILE, 100_000), UTF_8);
    }

    private static PasswordHash hash(World world, String password) {
        return UsersFile.hash(password, world.entropy()).orElseThrow();
    }

    private static void inWorld(SimWorld.Body body) {
        try (SimWorld sim = new SimWorld(1)) {
            sim.run(body);
        }
    }

    @Test
    void aNewUserLogsInWithHisPasswordAndTheRestStays() {
        inWorld(world -> {
            write(world.disk(), OLD);
            UsersFile file = new UsersFile(world.disk(), FILE);
            assertThat(file.add("Anna@First.example", hash(world, "pencil"))).isEmpty();
            assertThat(text(world.disk()))
                    .startsWith(OLD + "anna@first.example:{SCRAM-SHA-256}50000,")
                    .endsWith("\n");
            Users users = file.load().users();
            assertThat(users.find("anna@first.example").orElseThrow().password().fits("pencil".getBytes(UTF_8)))
                    .isTrue();
            assertThat(world.disk().list(Path.of("/"))).doesNotContain(".users.new");
        });
    }

    @Test
    void aUserThatWasAddedOutlivesThePower() {
        PasswordHash[] hash = new PasswordHash[1];
        inWorld(world -> hash[0] = hash(world, "pencil"));
        for (long seed = 0; seed < 60; seed++) {
            try (SimWorld sim = new SimWorld(seed)) {
                sim.run(world -> {
                    write(world.disk(), OLD);
                    assertThat(new UsersFile(world.disk(), FILE).add("anna@first.example", hash[0]))
                            .isEmpty();
                });
                sim.crash();
                sim.run(world -> assertThat(text(world.disk()))
                        .as("seed " + sim.seed())
                        .startsWith(OLD + "anna@first.example:{SCRAM-SHA-256}"));
            }
        }
    }

    @Test
    void theFirstUserMakesTheFile() {
        inWorld(world -> {
            UsersFile file = new UsersFile(world.disk(), FILE);
            assertThat(file.add("anna@first.example", hash(world, "pencil"))).isEmpty();
            assertThat(file.load().users().all()).hasSize(1);
        });
    }

    @Test
    void aChangedPasswordKeepsTheFurtherFields() {
        inWorld(world -> {
            write(world.disk(), OLD);
            UsersFile file = new UsersFile(world.disk(), FILE);
            assertThat(file.changePassword("BOB@first.example", hash(world, "new")))
                    .isEmpty();
            assertThat(text(world.disk()))
                    .startsWith("# people\n\nbob@first.example:{SCRAM-SHA-256}")
                    .endsWith(":1000::x:y\n");
            Users.User bob = file.load().users().find("bob@first.example").orElseThrow();
            assertThat(bob.password().fits("new".getBytes(UTF_8))).isTrue();
            assertThat(bob.password().fits("secret".getBytes(UTF_8))).isFalse();
        });
    }

    @Test
    void aRemovedUserIsGoneAndCommentsStay() {
        inWorld(world -> {
            write(world.disk(), OLD);
            UsersFile file = new UsersFile(world.disk(), FILE);
            assertThat(file.remove("bob@first.example")).isEmpty();
            assertThat(text(world.disk())).isEqualTo("# people\n\n");
        });
    }

    @Test
    void whatTheFileDoesNotAllowIsRefusedAndChangesNothing() {
        inWorld(world -> {
            write(world.disk(), OLD);
            UsersFile file = new UsersFile(world.disk(), FILE);
            PasswordHash hash = hash(world, "x");
            assertThat(file.add("bob@first.example", hash).orElseThrow()).contains("already");
            for (String bad : List.of("", "a:b@first.example", "two words@first.example", "#x", "a@b@c", "x\ny")) {
                assertThat(file.add(bad, hash).orElseThrow()).as(bad).contains("no user name");
            }
            assertThat(file.changePassword("nobody@first.example", hash).orElseThrow())
                    .contains("is not in");
            assertThat(file.remove("nobody@first.example").orElseThrow()).contains("is not in");
            assertThat(text(world.disk())).isEqualTo(OLD);
        });
    }

    @Test
    void keysForScramSha1ComeAndGoWithThePassword() {
        inWorld(world -> {
            write(world.disk(), "a@first.example:x:1:2::/home:/bin/sh:nologin\n");
            UsersFile file = new UsersFile(world.disk(), FILE);
            PasswordHash hash = hash(world, "pencil");
            Optional<ScramKeys> sha1 = Optional.of(UsersFile.sha1Keys("pencil", world.entropy()));
            assertThat(file.changePassword("a@first.example", hash, sha1)).isEmpty();
            assertThat(text(world.disk())).contains(":1:2::/home:/bin/sh:nologin hikyaku_scram_sha_1=");
            assertThat(file.add("b@first.example", hash, sha1)).isEmpty();
            assertThat(file.load().problems()).isEmpty();
            assertThat(file.load().users().allHaveKeys(ScramDigest.SHA_1)).isTrue();
            assertThat(file.changePassword("a@first.example", hash)).isEmpty();
            assertThat(text(world.disk())).contains(":1:2::/home:/bin/sh:nologin\n");
            assertThat(file.load().users().allHaveKeys(ScramDigest.SHA_1)).isFalse();
        });
    }

    @Test
    void badPasswordsGetNoHash() {
        inWorld(world -> {
            assertThat(UsersFile.hash("", world.entropy())).isEmpty();
            assertThat(UsersFile.hash("a\nb", world.entropy())).isEmpty();
            assertThat(UsersFile.hash("x".repeat(256), world.entropy())).isEmpty();
            assertThat(hash(world, "same").text())
                    .as("a fresh salt")
                    .isNotEqualTo(hash(world, "same").text());
        });
    }

    @Test
    void aPowerLossLeavesTheOldFileOrTheNewOne() {
        Set<Integer> sizes = new TreeSet<>();
        PasswordHash cheap = new ScramHash(
                Scram.keys("pencil".getBytes(UTF_8), new byte[16], 4096).orElseThrow());
        for (long seed = 0; seed < 40; seed++) {
            try (SimWorld sim = new SimWorld(seed)) {
                sim.run(world -> write(world.disk(), OLD));
                sim.crashAfter(5 + seed % 20);
                sim.run(world -> new UsersFile(world.disk(), FILE).add("a@first.example", cheap));
                sim.crash();
                sim.run(world -> {
                    UsersFile file = new UsersFile(world.disk(), FILE);
                    Users.Loaded loaded = file.load();
                    assertThat(loaded.problems()).as("seed").isEmpty();
                    assertThat(text(world.disk())).startsWith(OLD);
                    sizes.add(loaded.users().all().size());
                    assertThat(file.add("b@first.example", cheap)).isEmpty();
                });
            }
        }
        assertThat(sizes).containsExactly(1, 2);
    }
}
