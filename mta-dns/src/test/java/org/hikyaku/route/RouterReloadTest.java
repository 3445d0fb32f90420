package org.hikyaku.route;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.hikyaku.config.Config;
import org.hikyaku.config.ConfigReader;
import org.hikyaku.mail.Address;
import org.hikyaku.sim.SimFaults;
import org.hikyaku.sim.SimWorld;
import org.hikyaku.table.RouteTables;
import org.hikyaku.world.Disk;
import org.hikyaku.world.World;
import org.junit.jupiter.api.Test;

/** Attempts that go on over reloads, in many orders: nobody gets rules that are neither his own nor those in force. */
class RouterReloadTest {
    private static final int RELOADS = 6;
    private static final Asked ASKED = new Asked(
            new Mail(1, Address.of("s@x.example"), "", "", "", 100, Head.unread()), Address.of("r@y.example"), false);

    private static final List<Config> CONFIGS =
            IntStream.rangeClosed(0, RELOADS).mapToObj(RouterReloadTest::config).toList();

    /** Each with a reply of its own; of two in four the rule is for senders in a file. */
    private static Config config(int number) {
        String from = namesFiles(number) ? "from_files = [/etc/senders], " : "";
        return ConfigReader.fromText("""
                hostname = mail.here.example
                data_dir = /var/lib/hikyaku
                auth.users = /etc/hikyaku/users
                local { domains = [here.example], postmaster = "anna@here.example" }
                delivery.rules = [ { %sfail = "550 5.7.1 rules %d" } ]
                """.formatted(from, number));
    }

    private static boolean namesFiles(int number) {
        return number % 4 >= 2;
    }

    /** What is in force, as the whole program has it: the router hears first. */
    private static final class House {
        final World world;
        final Router router;
        final List<String> wrong = new ArrayList<>();
        /** The last that the router was told of, or is being told of. */
        int newest;

        int current;
        int asked;

        House(World world) {
            this.world = world;
            this.router = new Router(world, CONFIGS.getFirst(), RouteTables.NONE);
        }

        void reloads() {
            for (int next = 1; next <= RELOADS; next++) {
                world.tasks().sleep(Duration.ofMillis(world.entropy().below(40)));
                RouteTables tables =
                        RouteTables.load(world.disk(), CONFIGS.get(next)).tables();
                newest = next;
                router.reload(CONFIGS.get(next), tables);
                world.tasks().sleep(Duration.ofMillis(world.entropy().below(3)));
                current = next;
            }
        }

        /** An attempt: it keeps the settings that it has begun with, and asks several times. */
        void attempt() {
            for (int round = 0; round < 8; round++) {
                int begun = current;
                for (int i = world.entropy().below(4); i >= 0; i--) {
                    int before = newest;
                    int got = Integer.parseInt(router.explain(ASKED, CONFIGS.get(begun))
                            .way()
                            .replaceAll("fail 550 5\\.7\\.1 rules |mx y\\.example", "")
                            .transform(text -> text.isEmpty() ? "-1" : text));
                    boolean lost = begun < before - 1 && namesFiles(begun); // the files that it knew are gone
                    if (lost ? got < before || got > newest : got != begun) {
                        wrong.add("begun under " + begun + ", " + before + " to " + newest + " in force, got " + got);
                    }
                    asked++;
                    world.tasks().sleep(Duration.ofMillis(world.entropy().below(60)));
                }
            }
        }
    }

    @Test
    void inWhateverOrderTheyAskEachGetsHisOwnRulesOrThoseInForce() {
        int asked = 0;
        for (long seed = 0; seed < 150; seed++) {
            try (SimWorld sim = new SimWorld(seed, SimFaults.none())) {
                House[] house = new House[1];
                sim.run(world -> {
                    world.disk().makeDirectories(Path.of("/etc"));
                    try (Disk.File file = world.disk().create(Path.of("/etc/senders"))) {
                        file.write(0, ByteBuffer.wrap("x.example\n".getBytes(StandardCharsets.US_ASCII)));
                    }
                    house[0] = new House(world);
                    world.tasks().start("reloads", house[0]::reloads);
                    for (int i = 0; i < 4; i++) {
                        world.tasks().start("attempt", house[0]::attempt);
                    }
                });
                sim.runFor(Duration.ofMinutes(1));
                assertThat(house[0].wrong).as("seed %s", seed).isEmpty();
                assertThat(house[0].current).isEqualTo(RELOADS);
                assertThat(sim.host().tasks()).isEmpty();
                asked += house[0].asked;
            }
        }
        assertThat(asked).isGreaterThan(5_000);
    }
}
