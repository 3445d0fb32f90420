package org.hikyaku.town;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;
import org.hikyaku.config.Config;
import org.hikyaku.config.ConfigReader;
import org.hikyaku.mail.IpLiteral;
import org.hikyaku.mail.SpoolId;
import org.hikyaku.main.Assembly;
import org.hikyaku.main.Hooks;
import org.hikyaku.main.StartFailure;
import org.hikyaku.world.Disk;
import org.hikyaku.world.World;
import org.jspecify.annotations.Nullable;

/** The program under test: the whole of it, as it runs in a real process, given a World. */
final class TownProgram {
    static final String PASSWORD = "pencil";
    /** Who logs in. */
    static final String USER = "alice@town.example";
    /** His mailbox cannot be written, and one day his account is gone. */
    static final String LEAVER = "carol@town.example";

    /** The keys of PASSWORD: salt and numbers of RFC 7677 3. */
    private static final String KEYS =
            "{SCRAM-SHA-256}4096,W22ZaJ0SNY7soEsUEjb6gQ==,WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=,wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU=";

    private static final String STAYERS = "alice@town.example:" + KEYS + "\nbob@town.example:" + KEYS + "\n";

    private static final String SETTINGS = """
            hostname = mx.town.example
            data_dir = /data
            listeners = {
              mx { endpoints = ["192.0.2.1:25"], mode = mx, tls = offer }
              submission { endpoints = ["192.0.2.1:587"], mode = submission, tls = require, auth = require }
              submissions.endpoints = []
            }
            limits { hops_max = 30, draft_memory = 2 MiB }
            relay.trusted_networks = ["203.0.113.5/32"]
            local { domains = [town.example], postmaster = "alice@town.example", maildir_root = /data/mail }
            auth.users = /data/users
            on_demand.customers.away { domains = [kept.example], users = ["bob@town.example"], networks = [], keep = true }
            spool { segment_size = SEGMENT_SIZE, inline_max = 16 KiB, reserve = 1 MiB }
            delivery.routes {
              "gate.example" { host = gate.example, port = 587, tls = verified, user = town, password_file = /data/gate-password }
              "sealed.example" { host = "198.51.100.13", port = 25, tls = verified }
              "keyless.example" { host = gate.example, port = 587, tls = verified, user = town, password_file = /data/missing }
            }
            delivery.rules = [
              { to = ["@closed.example"], fail = "550 5.7.1 Nothing goes there" }
              { to = ["@discard.example"], agent = discard }
              { to = ["@ruled.example"], hold = "for ruled.example" }
              { from = ["writer@d9.example"], size_min = 18000B, hold = "large" }
              { from = ["/writer@.*/"], headers = ["X-Town: SIGNED"], hosts = [ { host = "SIGNED_HOST", port = 25, tls = none } ] }
              { from = ["writer@d7.example", "writer@d8.example"], source = warm }
              { to = ["@d1.example"], fallback = [ { host = "198.51.100.63", port = 25, tls = none } ] }
            ]
            sources.warm.addresses = [ WARM ]
            suppression { after_failures = 1, apart = 0s }
            sites.any.replies = [
              { codes = ["451"], texts = ["not now"], meaning = busy, then = suspend, time = 10m }
              { texts = ["come again"], meaning = greylist, then = retry_soon, time = 3m }
              { texts = ["not you"], meaning = rate_limit, then = slow_down }
            ] ${sites.any.replies}
            queue { expire_after = 1 day, expire_bounces_after = 1 day, notify_after = 4 hours }
            """;

    /** Much mail in small segments. */
    private static final Configs SMALL_SEGMENTS = Configs.of("64 KiB");

    private static final Configs LARGE_SEGMENTS = Configs.of("1 MiB");

    private final Plant plant;
    private final Configs configs;
    private Config config;
    private @Nullable Assembly running;
    private String lastFailure = "";

    TownProgram(Plant plant, boolean smallSegments) {
        this.plant = plant;
        this.configs = smallSegments ? SMALL_SEGMENTS : LARGE_SEGMENTS;
        this.config = configs.first;
    }

    /** The rules of one day and those of the next. */
    private record Configs(Config first, Config then) {
        static Configs of(String segmentSize) {
            return new Configs(read(segmentSize, "198.51.100.61"), read(segmentSize, "198.51.100.62"));
        }

        private static Config read(String segmentSize, String signedHost) {
            return ConfigReader.fromText(SETTINGS.replace("SEGMENT_SIZE", segmentSize)
                    .replace("SIGNED_HOST", signedHost)
                    .replace("WARM", warm()));
        }

        private static String warm() {
            return Ways.POOL.entrySet().stream()
                    .map(each -> "{ address = \"" + IpLiteral.number(each.getKey()) + "\", warm_up { since = \""
                            + each.getValue().since() + "\", per_day = "
                            + each.getValue().perDay() + " } }")
                    .collect(Collectors.joining(", "));
        }
    }

    /** What an operator does once: the files. */
    void prepare(World world) throws IOException {
        Disk disk = world.disk();
        disk.makeDirectories(Path.of("/data"));
        disk.forceDirectory(Path.of("/"));
        write(disk, "/data/users", STAYERS + LEAVER + ":" + KEYS + "\n");
        disk.makeDirectories(Path.of("/data/mail/town.example"));
        write(disk, "/data/mail/town.example/carol", "in the way of a mailbox");
        write(disk, "/data/gate-password", "sesame\n");
        for (String directory : List.of("/data/mail/town.example", "/data/mail", "/data")) {
            disk.forceDirectory(Path.of(directory));
        }
    }

    private static void write(Disk disk, String name, String text) throws IOException {
        try (Disk.File file = disk.create(Path.of(name))) {
            file.write(0, ByteBuffer.wrap(text.getBytes(StandardCharsets.US_ASCII)));
            file.force();
        }
    }

    void start(World world) {
        try {
            running = Assembly.start(plant.in(world), config, Hooks.simulated(plant.spool()));
        } catch (StartFailure e) {
            running = null;
            lastFailure = String.join("; ", e.problems());
        }
    }

    /** A user less, and another smart host for what is signed. */
    void reload(World world) throws IOException {
        if (world.disk().exists(Path.of("/data/users"))) { // not after a crash in the middle of it
            world.disk().delete(Path.of("/data/users"));
        }
        write(world.disk(), "/data/users", STAYERS);
        world.disk().forceDirectory(Path.of("/data"));
        Assembly assembly = Objects.requireNonNull(running);
        List<String> problems = assembly.reload(configs.then);
        config = configs.then;
        if (!problems.isEmpty()) {
            throw new IllegalStateException("reload refused: " + problems);
        }
    }

    Assembly assembly() {
        return Objects.requireNonNull(running);
    }

    boolean isRunning() {
        return running != null;
    }

    String lastFailure() {
        return lastFailure;
    }

    /** Messages that are not finished; called from outside of all tasks. */
    int unfinished() {
        Assembly assembly = running;
        return assembly == null
                ? -1
                : assembly.spool().ids(null, Integer.MAX_VALUE).size();
    }

    /** Whether there are none; asked at every turn of a task. */
    boolean isFinished() {
        Assembly assembly = running;
        return assembly != null && assembly.spool().ids(null, 1).isEmpty();
    }

    /** What is left, for the report of a failed seed. */
    List<String> describeUnfinished() throws IOException {
        Assembly assembly = Objects.requireNonNull(running);
        List<String> out = new ArrayList<>();
        for (SpoolId id : assembly.spool().ids(null, 20)) {
            out.add("unfinished "
                    + assembly.spool()
                            .peek(id)
                            .map(message -> id + " to " + message.envelope().recipients() + " held '" + message.held()
                                    + "' " + message.states())
                            .orElse(id + " cannot be read"));
        }
        return out;
    }

    void stop() {
        Assembly assembly = running;
        if (assembly != null) {
            assembly.stop();
        }
    }
}
