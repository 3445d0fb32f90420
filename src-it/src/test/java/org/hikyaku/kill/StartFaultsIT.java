package org.hikyaku.kill;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What keeps a spool from being opened, on a real disk. */
class StartFaultsIT {
    @TempDir
    Path home;

    private static Process start(String verb, Path directory) throws IOException {
        return new ProcessBuilder(command(verb, directory))
                .redirectErrorStream(true)
                .start();
    }

    private static List<String> command(String verb, Path directory) {
        return List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                SpoolHolder.class.getName(),
                verb,
                directory.toString());
    }

    private static BufferedReader lines(Process process) {
        return new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
    }

    @Test
    void aSecondProcessIsRefusedAlsoByASymbolicLinkAndAKilledOneLeavesNoLock() throws Exception {
        Path spool = home.resolve("spool");
        Path link = Files.createSymbolicLink(home.resolve("link"), home.resolve("spool"));
        Process first = start("hold", spool);
        try {
            assertThat(lines(first).readLine()).isEqualTo("open 0");
            for (Path path : List.of(spool, link)) {
                Process second = start("hold", path);
                assertThat(lines(second).readLine())
                        .startsWith("refused: the spool " + path + " is in use by another process");
                assertThat(second.waitFor(30, TimeUnit.SECONDS)).isTrue();
                assertThat(second.exitValue()).isEqualTo(1);
            }
        } finally {
            first.destroyForcibly().waitFor();
        }
        Process third = start("hold", link);
        assertThat(lines(third).readLine()).isEqualTo("open 0");
        third.getOutputStream().close();
        assertThat(third.waitFor(30, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void aSpoolThatIsAFileOrMayNotBeEnteredIsRefusedByItsName() throws Exception {
        Path file = Files.createFile(home.resolve("file"));
        assertThatThrownBy(() -> SpoolHolder.open(file))
                .isInstanceOf(IOException.class)
                .hasMessageContaining(file.toString());
        Assumptions.assumeFalse("root".equals(System.getProperty("user.name")), "root may enter everything");
        Path closed = Files.createDirectory(
                home.resolve("closed"),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("r-x------")));
        assertThatThrownBy(() -> SpoolHolder.open(closed))
                .isInstanceOf(IOException.class)
                .hasMessageContaining(closed.toString());
    }

    /** Needs root: a small file system of its own, in a mount namespace that ends with the process. */
    @Test
    void onARealFullDiskItStartsFinishesWhatItHasAndTakesMailAgain() throws Exception {
        Assumptions.assumeTrue("root".equals(System.getProperty("user.name")), "mounting needs root");
        Path disk = Files.createDirectory(home.resolve("disk"));
        String script = "mount -t tmpfs -o size=2m tmpfs " + disk + " || exit 77; exec \"$@\"";
        List<String> command = new ArrayList<>(List.of("unshare", "-m", "sh", "-c", script, "sh"));
        command.addAll(command("fill", disk.resolve("spool")));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        List<String> said = lines(process).lines().toList();
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        Assumptions.assumeTrue(process.exitValue() != 77, "no mounts allowed here");
        assertThat(said).as("%s", said).hasSize(5);
        assertThat(said.get(0)).startsWith("full after ");
        int stored = Integer.parseInt(said.get(0).substring(11));
        assertThat(stored).isGreaterThan(50);
        assertThat(said.get(1)).isEqualTo("room for large false");
        assertThat(said.get(2)).isEqualTo("stores after a start true");
        assertThat(said.get(3)).isEqualTo("finished " + stored + " of " + stored);
        assertThat(said.get(4)).isEqualTo("again true");
    }
}
