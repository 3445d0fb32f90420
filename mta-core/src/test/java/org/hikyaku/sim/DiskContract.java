package org.hikyaku.sim;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import org.hikyaku.world.Disk;
import org.junit.jupiter.api.Test;

/** What every {@link Disk} holds. Runs on the simulated and on the real one: what is proved on the first is true. */
public abstract class DiskContract {
    /** An existing, empty directory. */
    protected abstract Path root();

    protected abstract Disk disk();

    private static ByteBuffer octets(String text) {
        return ByteBuffer.wrap(text.getBytes(US_ASCII));
    }

    private Path make(String name, String text) throws IOException {
        Path path = root().resolve(name);
        try (Disk.File file = disk().create(path)) {
            file.write(0, octets(text));
        }
        return path;
    }

    private String text(Path path) throws IOException {
        return new String(disk().readAll(path, 1000), US_ASCII);
    }

    @Test
    void createIsExclusive() throws IOException {
        Path path = make("a", "first");
        assertThatThrownBy(() -> disk().create(path)).isInstanceOf(FileAlreadyExistsException.class);
        assertThat(text(path)).isEqualTo("first");
    }

    @Test
    void createNeedsItsDirectory() {
        assertThatThrownBy(() -> disk().create(root().resolve("none/a"))).isInstanceOf(NoSuchFileException.class);
    }

    @Test
    void openNeedsTheFile() {
        assertThatThrownBy(() -> disk().openRead(root().resolve("a"))).isInstanceOf(NoSuchFileException.class);
        assertThatThrownBy(() -> disk().openWrite(root().resolve("a"))).isInstanceOf(NoSuchFileException.class);
    }

    @Test
    void aFileOpenedForReadingIsNotWritten() throws IOException {
        Path path = make("a", "first");
        try (Disk.File file = disk().openRead(path)) {
            assertThatThrownBy(() -> file.write(0, octets("x"))).isInstanceOf(Exception.class);
        }
        assertThat(text(path)).isEqualTo("first");
    }

    @Test
    void writeGathersItsSourcesInOrderAndConsumesThem() throws IOException {
        Path path = root().resolve("a");
        ByteBuffer[] sources = {octets("one"), octets(""), octets("two"), octets("three")};
        try (Disk.File file = disk().create(path)) {
            file.write(0, sources);
            file.write(3, octets("TWO"));
            assertThat(file.size()).isEqualTo(11);
        }
        for (ByteBuffer source : sources) {
            assertThat(source.hasRemaining()).isFalse();
        }
        assertThat(text(path)).isEqualTo("oneTWOthree");
    }

    @Test
    void aLongWriteIsWhole() throws IOException {
        byte[] pattern = new byte[300_000];
        for (int i = 0; i < pattern.length; i++) {
            pattern[i] = (byte) (i * 31 + i / 256);
        }
        Path path = root().resolve("a");
        try (Disk.File file = disk().create(path)) {
            file.write(100, ByteBuffer.wrap(pattern, 0, 150_000), ByteBuffer.wrap(pattern, 150_000, 150_000));
            ByteBuffer read = ByteBuffer.allocate(pattern.length);
            while (read.hasRemaining() && file.read(read, 100 + read.position()) > 0) {
                assertThat(read.position()).isPositive();
            }
            assertThat(read.array()).isEqualTo(pattern);
        }
    }

    @Test
    void writingPastTheEndLeavesZeros() throws IOException {
        Path path = root().resolve("a");
        try (Disk.File file = disk().create(path)) {
            file.write(5, octets("x"));
        }
        assertThat(disk().readAll(path, 10)).containsExactly(0, 0, 0, 0, 0, 'x');
    }

    @Test
    void readStopsAtTheEnd() throws IOException {
        Path path = make("a", "hello");
        try (Disk.File file = disk().openRead(path)) {
            ByteBuffer target = ByteBuffer.allocate(10);
            assertThat(file.read(target, 3)).isEqualTo(2);
            assertThat(target.position()).isEqualTo(2);
            assertThat(file.read(target, 5)).isEqualTo(-1);
            assertThat(file.read(target, 500)).isEqualTo(-1);
        }
    }

    @Test
    void setSizeCutsAndExtendsWithZeros() throws IOException {
        Path path = make("a", "hello");
        try (Disk.File file = disk().openWrite(path)) {
            file.setSize(2);
            assertThat(file.size()).isEqualTo(2);
            file.setSize(4);
            assertThat(file.size()).isEqualTo(4);
        }
        assertThat(disk().readAll(path, 10)).containsExactly('h', 'e', 0, 0);
    }

    @Test
    void renameReplacesItsTargetInOneStep() throws IOException {
        Path from = make("a", "new");
        Path to = make("b", "old");
        disk().rename(from, to);
        assertThat(disk().exists(from)).isFalse();
        assertThat(text(to)).isEqualTo("new");
        assertThatThrownBy(() -> disk().rename(from, to)).isInstanceOf(NoSuchFileException.class);
    }

    @Test
    void renameGoesBetweenDirectoriesAndAnOpenFileFollows() throws IOException {
        disk().makeDirectories(root().resolve("x/y"));
        Path from = make("a", "text");
        Path to = root().resolve("x/y/b");
        try (Disk.File file = disk().openWrite(from)) {
            disk().rename(from, to);
            file.write(4, octets("!"));
        }
        assertThat(text(to)).isEqualTo("text!");
    }

    @Test
    void aDeletedFileIsReadableWhileItIsOpen() throws IOException {
        Path path = make("a", "text");
        try (Disk.File file = disk().openRead(path)) {
            disk().delete(path);
            assertThat(disk().exists(path)).isFalse();
            assertThat(file.read(ByteBuffer.allocate(4), 0)).isEqualTo(4);
        }
        assertThatThrownBy(() -> disk().delete(path)).isInstanceOf(NoSuchFileException.class);
    }

    @Test
    void listIsSorted() throws IOException {
        for (String name : new String[] {"b", "a", "c10", "c9", "B"}) {
            make(name, "");
        }
        disk().makeDirectories(root().resolve("aa"));
        assertThat(disk().list(root())).containsExactly("B", "a", "aa", "b", "c10", "c9");
        assertThatThrownBy(() -> disk().list(root().resolve("none"))).isInstanceOf(NoSuchFileException.class);
    }

    @Test
    void makeDirectoriesMakesAllAndAgainIsNoError() throws IOException {
        Path deep = root().resolve("a/b/c");
        disk().makeDirectories(deep);
        disk().makeDirectories(deep);
        assertThat(disk().exists(deep)).isTrue();
        make("f", "");
        assertThatThrownBy(() -> disk().makeDirectories(root().resolve("f"))).isInstanceOf(IOException.class);
    }

    @Test
    void readAllHasALimit() throws IOException {
        Path path = make("a", "hello");
        assertThat(disk().readAll(path, 5)).hasSize(5);
        assertThatThrownBy(() -> disk().readAll(path, 4))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("a");
        assertThat(disk().readAll(make("empty", ""), 0)).isEmpty();
    }

    @Test
    void forceAndForceDirectoryAreTaken() throws IOException {
        Path path = root().resolve("a");
        try (Disk.File file = disk().create(path)) {
            file.write(0, octets("x"));
            file.force();
        }
        disk().forceDirectory(root());
        assertThat(text(path)).isEqualTo("x");
        assertThatThrownBy(() -> disk().forceDirectory(root().resolve("none"))).isInstanceOf(IOException.class);
    }

    @Test
    void aLockExcludesUntilItIsClosed() throws IOException {
        Path path = root().resolve("lock");
        try (Closeable lock = disk().lock(path)) {
            assertThat(lock).isNotNull();
            assertThatThrownBy(() -> disk().lock(path))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("locked");
        }
        disk().lock(path).close();
    }

    @Test
    void factsAreOfTheNameItself() throws IOException {
        Path path = make("a", "hello");
        Disk.Facts facts = disk().facts(path);
        assertThat(facts.kind()).isEqualTo(Disk.Kind.FILE);
        assertThat(facts.size()).isEqualTo(5);
        assertThat(facts.links()).isEqualTo(1);
        assertThat(disk().facts(root()).kind()).isEqualTo(Disk.Kind.DIRECTORY);
        assertThatThrownBy(() -> disk().facts(root().resolve("none"))).isInstanceOf(NoSuchFileException.class);
    }

    @Test
    void aFileIsOpenedLockedOnceUntilItIsClosed() throws IOException {
        Path path = make("a", "hello");
        try (Disk.File first = disk().openLocked(path).orElseThrow()) {
            first.write(5, octets("!"));
            assertThat(disk().openLocked(path)).isEmpty();
        }
        try (Disk.File next = disk().openLocked(path).orElseThrow()) {
            assertThat(next.size()).isEqualTo(6);
        }
        assertThatThrownBy(() -> disk().openLocked(root().resolve("none"))).isInstanceOf(NoSuchFileException.class);
        assertThatThrownBy(() -> disk().openLocked(root())).isInstanceOf(IOException.class);
    }

    @Test
    void aClosedFileIsOfNoUseAndCloseMayBeRepeated() throws IOException {
        Disk.File file = disk().create(root().resolve("a"));
        file.close();
        file.close();
        assertThatThrownBy(() -> file.write(0, octets("x"))).isInstanceOf(IOException.class);
        assertThatThrownBy(file::size).isInstanceOf(IOException.class);
    }

    @Test
    void freeBytesIsAskedOfADirectory() throws IOException {
        assertThat(disk().freeBytes(root())).isPositive();
        assertThatThrownBy(() -> disk().freeBytes(root().resolve("none"))).isInstanceOf(IOException.class);
    }
}
