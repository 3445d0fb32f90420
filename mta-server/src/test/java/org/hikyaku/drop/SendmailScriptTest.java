package org.hikyaku.drop;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** bin/sendmail as cron, mail programs and scripts call it. */
class SendmailScriptTest {
    @TempDir
    Path directory = Path.of("/");

    private static Path script() {
        Path here = Path.of("src/main/dist/bin/sendmail").toAbsolutePath();
        return Files.exists(here)
                ? here
                : Path.of("mta-server/src/main/dist/bin/sendmail").toAbsolutePath();
    }

    private int sendmail(String input, String... arguments) throws Exception {
        List<String> command = new ArrayList<>(List.of("/bin/sh", script().toString()));
        command.addAll(List.of(arguments));
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().put("HIKYAKU_DROP", directory.toString());
        Process process = builder.start();
        try (var in = process.getOutputStream()) {
            in.write(input.getBytes(StandardCharsets.ISO_8859_1));
        } catch (IOException e) {
            assertThat(process.waitFor()).isNotZero(); // it did not read on
        }
        process.getInputStream().readAllBytes();
        return process.waitFor();
    }

    private String left() throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            List<Path> all = files.toList();
            assertThat(all).hasSize(1);
            assertThat(all.getFirst().getFileName().toString()).matches("m[A-Za-z0-9]{20}");
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(all.getFirst())))
                    .isEqualTo("rw-r-----");
            String text = Files.readString(all.getFirst(), StandardCharsets.ISO_8859_1);
            Files.delete(all.getFirst());
            return text;
        }
    }

    private void assertNothingLeft() throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            assertThat(files).isEmpty();
        }
    }

    @Test
    void theWaysItIsCalled() throws Exception {
        String text = "Subject: s\n\nbody\n";
        assertThat(sendmail(text, "-i", "-FCronDaemon", "-B8BITMIME", "-oem", "root"))
                .isZero(); // cron of Debian
        assertThat(left()).isEqualTo("hikyaku-drop 1\nname CronDaemon\nto root\n\n" + text);
        assertThat(sendmail(text, "-t", "-i")).isZero(); // PHP, git send-email
        assertThat(left()).isEqualTo("hikyaku-drop 1\nfields\n\n" + text);
        assertThat(sendmail(text, "-oi", "-f", "a@b", "--", "c@d", "-e@f")).isZero(); // mutt
        assertThat(left()).isEqualTo("hikyaku-drop 1\nsender a@b\nto c@d\nto -e@f\n\n" + text);
        assertThat(sendmail(text, "-odi", "-oi", "-ti", "-fa@b", "-F", "A B", "-bm"))
                .isZero();
        assertThat(left()).isEqualTo("hikyaku-drop 1\nsender a@b\nname A B\nfields\n\n" + text);
        assertThat(sendmail(text, "-r", "", "-O", "IgnoreDots=true", "-N", "never", "-v", "x@y"))
                .isZero();
        assertThat(left()).isEqualTo("hikyaku-drop 1\nsender \nto x@y\n\n" + text);
    }

    @Test
    void aDotAloneEndsTheMessageUnlessDotsAreIgnored() throws Exception {
        assertThat(sendmail("a\n..\n.x\n.\nb\n", "x@y")).isZero();
        assertThat(left()).endsWith("\n\na\n..\n.x\n");
        assertThat(sendmail("a\n.\nb\n", "-i", "x@y")).isZero();
        assertThat(left()).endsWith("\n\na\n.\nb\n");
    }

    @Test
    void everyOctetIsKept() throws Exception {
        StringBuilder all = new StringBuilder("a: b\n\n");
        for (char c = 0; c < 256; c++) {
            all.append(c);
        }
        for (String way : List.of("-i", "-v")) {
            assertThat(sendmail(all.toString(), way, "x@y")).isZero();
            assertThat(left()).isEqualTo("hikyaku-drop 1\nto x@y\n\n" + all);
        }
    }

    @Test
    void whatIsWrongIsToldByExitCodeAndNothingIsLeft() throws Exception {
        assertThat(sendmail("a: b\n\n")).isEqualTo(64);
        assertThat(sendmail("a: b\n\n", "-y", "x@y")).isEqualTo(64);
        assertThat(sendmail("a: b\n\n", "-f", "a@b\nto c@d", "x@y")).isEqualTo(64);
        assertThat(sendmail("a: b\n\n", "x@y\nfields")).isEqualTo(64);
        assertThat(sendmail("", "-bt")).isEqualTo(69);
        assertNothingLeft();
        Files.delete(directory);
        assertThat(sendmail("a: b\n\n", "x@y")).isEqualTo(75);
        Files.createDirectory(directory);
    }
}
