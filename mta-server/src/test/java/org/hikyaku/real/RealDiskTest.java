package org.hikyaku.real;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.hikyaku.sim.DiskContract;
import org.hikyaku.world.Disk;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The contract of all disks, and what only a real one has: modes, other processes. */
class RealDiskTest extends DiskContract {
    @TempDir
    Path directory = Path.of("/");

    private final Disk disk = new RealDisk();

    @Override
    protected Path root() {
        return directory;
    }

    @Override
    protected Disk disk() {
        return disk;
    }

    private static String mode(Path path) throws IOException {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
    }

    @Test
    void nothingIsReadableByOthers() throws IOException {
        disk.create(directory.resolve("a")).close();
        disk.makeDirectories(directory.resolve("d/e"));
        disk.lock(directory.resolve("lock")).close();
        disk.createSecret(directory.resolve("secret")).close();
        assertThat(mode(directory.resolve("secret"))).isEqualTo("rw-------");
        // the umask may take of it, never add
        assertThat(mode(directory.resolve("a"))).matches("rw-[r-]-----");
        assertThat(mode(directory.resolve("lock"))).matches("rw-[r-]-----");
        assertThat(mode(directory.resolve("d"))).matches("rwx[r-]-[x-]---");
        assertThat(mode(directory.resolve("d/e"))).matches("rwx[r-]-[x-]---");
    }

    @Test
    void anotherProcessIsLockedOut() throws Exception {
        Path path = directory.resolve("lock");
        assertThat(lockInAnotherProcess(path)).isEqualTo("got it");
        try (Closeable lock = disk.lock(path)) {
            assertThat(lock).isNotNull();
            assertThat(lockInAnotherProcess(path))
                    .contains("locked by another process")
                    .contains(path.toString());
        }
    }

    @Test
    void aFileOpenedLockedIsLockedForAnotherProcess() throws Exception {
        Path path = Files.writeString(directory.resolve("box"), "text");
        try (Disk.File file = disk.openLocked(path).orElseThrow()) {
            assertThat(file.size()).isEqualTo(4);
            assertThat(lockInAnotherProcess(path)).contains("locked by another process");
        }
        assertThat(lockInAnotherProcess(path)).isEqualTo("got it");
    }

    @Test
    void aLinkIsNeitherFollowedNorOpenedLocked() throws IOException {
        Path path = Files.writeString(directory.resolve("box"), "text");
        Path link = Files.createSymbolicLink(directory.resolve("link"), path);
        Files.createLink(directory.resolve("second"), path);
        assertThat(disk.facts(link).kind()).isEqualTo(Disk.Kind.LINK);
        assertThat(disk.facts(path).links()).isEqualTo(2);
        assertThat(disk.facts(path).uid()).isEqualTo(Files.getAttribute(path, "unix:uid"));
        assertThatThrownBy(() -> disk.facts(directory.resolve("none")))
                .isInstanceOf(NoSuchFileException.class)
                .hasMessage(directory.resolve("none") + ": no such file or directory");
        assertThatThrownBy(() -> disk.openLocked(link)).hasMessageContaining("not a plain file");
    }

    private static String lockInAnotherProcess(Path path) throws IOException {
        Process other = new ProcessBuilder(
                        System.getProperty("java.home") + "/bin/java",
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        System.getProperty("java.class.path"),
                        RealDiskTest.class.getName(),
                        path.toString())
                .redirectErrorStream(true)
                .start();
        return new String(other.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8).trim();
    }

    /** The other process. */
    public static void main(String[] path) {
        try (Closeable lock = new RealDisk().lock(Path.of(path[0]))) {
            System.out.println(lock == null ? "nothing" : "got it");
        } catch (IOException e) {
            System.out.println(e.getMessage());
        }
    }

    @Test
    void writesAboveTheKernelBufferBoundAreWholeAndConsumed() throws IOException {
        byte[] pattern = new byte[3_000_001];
        for (int i = 0; i < pattern.length; i++) {
            pattern[i] = (byte) (i * 7 + i / 1000);
        }
        ByteBuffer first = ByteBuffer.wrap(pattern, 0, 5);
        ByteBuffer second = ByteBuffer.wrap(pattern, 5, pattern.length - 5);
        Path path = directory.resolve("big");
        try (Disk.File file = disk.create(path)) {
            file.write(0, first, second);
        }
        assertThat(first.hasRemaining() || second.hasRemaining()).isFalse();
        assertThat(Files.readAllBytes(path)).isEqualTo(pattern);
    }

    @Test
    void aFileThatSaysItIsEmptyIsReadToItsEnd() throws IOException {
        assertThat(disk.readAll(Path.of("/proc/self/status"), 100_000)).isNotEmpty();
        assertThatThrownBy(() -> disk.readAll(Path.of("/proc/self/status"), 10)).isInstanceOf(IOException.class);
    }
}
