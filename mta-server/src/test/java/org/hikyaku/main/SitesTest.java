package org.hikyaku.main;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.UnaryOperator;
import org.hikyaku.admin.ControlEnd;
import org.hikyaku.admin.ControlRequest;
import org.hikyaku.config.Config;
import org.hikyaku.config.ConfigReader;
import org.hikyaku.sim.SimWorld;
import org.hikyaku.world.Disk;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What {@code hikyaku sites} tells of mail that does not go out. */
class SitesTest {
    private static final Path DROP = Path.of("/drop");
    private static final Config CONFIG = ConfigReader.fromText("""
            hostname = mail.example.org
            data_dir = /data
            local { domains = [example.org], postmaster = "anna@elsewhere.example" }
            sendmail.drop_directory = /drop
            sites.dead { domains = [dead.example], connections = 3 }
            queue.retry = [10m]
            listeners { submission.endpoints = [], submissions.endpoints = [] }
            """);

    private final SimWorld sim = new SimWorld(1);
    private @Nullable Assembly server;

    /** Two messages for the dead site, one for a domain of no rule; the hosts of neither are there. */
    @BeforeEach
    void begin() throws IOException {
        sim.zones().mx("dead.example", 10, "mx.dead.example").address("mx.dead.example", "198.51.100.1");
        sim.zones().mx("also.example", 10, "mx.also.example").address("mx.also.example", "198.51.100.2");
        sim.disk().makeDirectories(DROP);
        leave("m1", "x@dead.example");
        leave("m2", "y@dead.example");
        leave("m3", "z@also.example");
        sim.disk().settle();
        sim.run(world -> {
            try {
                server = Assembly.start(world, CONFIG, Hooks.simulated(UnaryOperator.identity()));
            } catch (StartFailure e) {
                throw new AssertionError(String.join("; ", e.problems()), e);
            }
        });
        sim.runFor(Duration.ofSeconds(50));
    }

    @AfterEach
    void end() {
        sim.close();
    }

    private void leave(String name, String to) throws IOException {
        Path file = DROP.resolve(name);
        try (Disk.File open = sim.disk().create(file)) {
            open.write(
                    0, ByteBuffer.wrap(("hikyaku-drop 1\nto " + to + "\n\nhi\n").getBytes(StandardCharsets.US_ASCII)));
            open.force();
        }
        sim.disk().own(file, 1001);
    }

    private Told sites(String name) {
        return Told.ask(
                sim,
                Objects.requireNonNull(server),
                ControlRequest.of("sites", "test").with("name", name));
    }

    @Test
    void theSitesThatMailWaitsForAreShownAndTheHostsThatArePassedBy() {
        Told told = sites("");
        assertThat(told.end().ok()).isTrue();
        assertThat(told.rows()).anySatisfy(row -> assertThat(row.get("site")).isEqualTo("site:dead"));
        Map<String, Object> dead = told.rows().stream()
                .filter(row -> "site:dead".equals(row.get("site")))
                .findFirst()
                .orElseThrow();
        assertThat(dead.get("later")).isEqualTo(2);
        assertThat(dead.get("due")).isEqualTo(0);
        assertThat(dead.get("window_max")).isEqualTo(3);
        assertThat((Long) dead.get("next_seconds")).isBetween(500L, 700L);
        assertThat(told.rows().stream().filter(row -> row.containsKey("passed_by")))
                .extracting(row -> row.get("passed_by"))
                .containsExactlyInAnyOrder("mx.dead.example [198.51.100.1]:25", "mx.also.example [198.51.100.2]:25");
        assertThat(told.rows().stream().filter(row -> row.containsKey("passed_by")))
                .allSatisfy(row -> {
                    assertThat((Long) row.get("seconds")).isBetween(1L, 60L);
                    assertThat((String) row.get("why")).contains("UNREACHABLE");
                });
    }

    @Test
    void aDomainARuleAndASiteAreNames() {
        for (String name : List.of("dead.example", ".example", "dead", "site:dead")) {
            assertThat(sites(name).rows())
                    .as(name)
                    .anySatisfy(row -> assertThat(row.get("site")).isEqualTo("site:dead"));
        }
        assertThat(sites("dead.example").rows())
                .noneSatisfy(row -> assertThat(String.valueOf(row)).contains("also"));
        assertThat(sites("mx.also.example").rows())
                .singleElement()
                .satisfies(row -> assertThat(row.get("domain")).isEqualTo("also.example"));
    }

    @Test
    void ofWhatNothingIsKnownNothingIsShown() {
        Told told = sites("nowhere.example");
        assertThat(told.rows()).isEmpty();
        assertThat(told.end()).isEqualTo(ControlEnd.done());
        assertThat(sites("ead.example").rows()).as("no name but a part of one").isEmpty();
    }

    @Test
    void aHostIsFoundByItsAddress() {
        for (String name : List.of("198.51.100.2", "198.51.100.2:25", "[198.51.100.2]:25")) {
            assertThat(sites(name).rows())
                    .as(name)
                    .singleElement()
                    .satisfies(row -> assertThat(row.get("domain")).isEqualTo("also.example"));
        }
    }
}
