package org.hikyaku.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The archive of classes that the build puts beside the jars: used where it fits, else nobody hears of it. */
class LauncherIT {
    @TempDir
    Path home;

    private Path installed = Path.of("");
    private Path archive = Path.of("");
    private String expected = "";

    /** Elsewhere, with blanks in the path, the times of the files kept. */
    @BeforeEach
    void install() throws IOException, InterruptedException {
        Path built = Path.of(System.getProperty("hikyaku.root", "..")).resolve("mta-server/target/dist");
        installed = home.resolve("an installation");
        try (Stream<Path> all = Files.walk(built)) {
            for (Path path : all.toList()) {
                Files.copy(
                        path, installed.resolve(built.relativize(path).toString()), StandardCopyOption.COPY_ATTRIBUTES);
            }
        }
        archive = installed.resolve("lib/serve.aot");
        Path aside = Files.move(archive, home.resolve("aside"));
        expected = serve("");
        Files.move(aside, archive);
        assertThat(expected).contains("nowhere.conf").contains("exit code 78");
    }

    /** What a start with a missing configuration prints, and its exit code. */
    private String serve(String options) throws IOException, InterruptedException {
        ProcessBuilder builder = new ProcessBuilder(
                        installed.resolve("bin/hikyaku").toString(),
                        "serve",
                        "-c",
                        home.resolve("nowhere.conf").toString())
                .redirectErrorStream(true);
        builder.environment().put("HIKYAKU_OPTS", options);
        Process process = builder.start();
        process.getOutputStream().close();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return said + "exit code " + process.waitFor();
    }

    @Test
    void aCopiedInstallationTakesItsClassesFromTheArchive() throws IOException, InterruptedException {
        Path loaded = home.resolve("loaded");
        assertThat(serve("-Xlog:class+load:file=" + loaded)).isEqualTo(expected);
        assertThat(Files.readString(loaded)).contains("org.hikyaku.main.Main source: shared objects file");
    }

    @Test
    void anArchiveThatDoesNotFitIsPassedOverInSilence() throws IOException, InterruptedException {
        assertThat(serve("-XX:+UseZGC")).as("another collector").isEqualTo(expected);
        assertThat(serve("-XX:-UseCompactObjectHeaders")).as("another layout").isEqualTo(expected);
        Path jar;
        try (Stream<Path> all = Files.list(installed.resolve("lib"))) {
            jar = all.filter(file -> file.toString().endsWith(".jar"))
                    .findFirst()
                    .orElseThrow();
        }
        Files.setLastModifiedTime(jar, FileTime.from(Instant.EPOCH));
        assertThat(serve("")).as("other times of the files").isEqualTo(expected);
    }

    @Test
    void aForeignOrDamagedArchiveIsPassedOverInSilence() throws IOException, InterruptedException {
        byte[] good = Files.readAllBytes(archive);
        byte[] flipped = good.clone();
        flipped[300] ^= 0x55;
        Files.delete(archive);
        for (byte[] bad : new byte[][] {
            {},
            "no archive at all\n".getBytes(StandardCharsets.US_ASCII),
            Arrays.copyOf(good, 100_000),
            Arrays.copyOf(good, good.length / 2),
            flipped
        }) {
            Files.write(archive, bad);
            assertThat(serve("")).as(bad.length + " octets").isEqualTo(expected);
        }
    }
}
