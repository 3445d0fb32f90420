package org.hikyaku.powercut;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.regex.Pattern;
import org.hikyaku.powercut.Op.Span;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StraceReaderTest {
    @TempDir
    Path folder;

    /** Lines with what stands in ' as strace writes octets. */
    private Recording read(String... lines) throws IOException {
        StringBuilder all = new StringBuilder();
        for (int i = 0; i < lines.length; i++) {
            String[] words = lines[i].split(" ", 2);
            String text = Pattern.compile("'([^']*)'")
                    .matcher(words[1])
                    .replaceAll(found -> hex(found.group(1)).replace("\\", "\\\\"));
            all.append(words[0])
                    .append(" 1700000000.00000")
                    .append(i)
                    .append(' ')
                    .append(text)
                    .append('\n');
        }
        return StraceReader.read(Files.writeString(folder.resolve("trace"), all), Path.of("/d"), Set.of("lock"));
    }

    private static String hex(String text) {
        StringBuilder out = new StringBuilder();
        for (byte octet : text.getBytes(StandardCharsets.US_ASCII)) {
            out.append("\\x").append(Character.forDigit(octet >> 4, 16)).append(Character.forDigit(octet & 15, 16));
        }
        return out.toString();
    }

    @Test
    void writesGoToThePlaceThatOpenSeekAndWriteLeft() throws IOException {
        Recording read = read(
                "1 openat(AT_FDCWD<'/'>, \"'/d/a'\", O_RDWR|O_CREAT|O_EXCL|O_CLOEXEC, 0640) = 5<'/d/a'>",
                "1 writev(5<'/d/a'>, [{iov_base=\"'ab'\", iov_len=2}, {iov_base=\"'c'\", iov_len=1}], 2) = 3",
                "1 write(5<'/d/a'>, \"'de'\", 2) = 2",
                "1 lseek(5<'/d/a'>, 4096, SEEK_SET) = 4096",
                "1 write(5<'/d/a'>, \"'f'\", 1) = 1",
                "1 pwrite64(5<'/d/a'>, \"'gh'\", 2, 512) = 1");

        assertThat(read.ops().stream().map(Object::toString))
                .containsExactly(
                        "Make[span=Span[begin=0, end=0], path=a, directory=false]",
                        "Write a 0+3",
                        "Write a 3+2",
                        "Write a 4096+1",
                        "Write a 512+1");
    }

    @Test
    void aCallSpansFromItsBeginToItsEndInOtherThreadsLines() throws IOException {
        Recording read = read(
                "1 fdatasync(5<'/d/a'> <unfinished ...>",
                "2 sendto(9<'socket:[7]'>, \"'250 2.0.0 Message taken as abc'\", 30, MSG_NOSIGNAL, NULL, 0) = 30",
                "1 <... fdatasync resumed>)   = 0",
                "1 fsync(5<'/d'> <unfinished ...>",
                "1 <... fsync resumed>) = ?",
                "1 +++ killed by SIGKILL +++");

        assertThat(read.ops())
                .containsExactly(new Op.Force(new Span(0, 2), "a"), new Op.Promise(new Span(1, 1), "abc"));
    }

    @Test
    void whatFailedOrLiesElsewhereIsLeftOut() throws IOException {
        assertThat(read(
                                "1 mkdir(\"'/d/x'\", 0750) = -1 EEXIST (File exists)",
                                "1 mkdir(\"'/dd/x'\", 0750) = 0",
                                "1 openat(AT_FDCWD<'/'>, \"'/d/lock'\", O_WRONLY|O_CREAT, 0640) = 4<'/d/lock'>",
                                "1 fsync(5<'/'>) = 0")
                        .ops())
                .isEmpty();
    }

    @Test
    void whatIsNotKnownIsRefused() {
        assertThatThrownBy(() -> read("1 fallocate(5<'/d/a'>, 0, 0, 4096) = 0"))
                .isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> read("1 fsync(5<'/d/a'>) = -1 EIO (Input/output error)"))
                .hasMessageContaining("a force failed");
        assertThatThrownBy(() -> read("1 write(5<'/d/a'>, \"'x'\"..., 2000) = 2000"))
                .hasMessageContaining("cut off");
    }
}
