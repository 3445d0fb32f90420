package org.hikyaku.drop;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** bin/sendmail as cron, mail programs and scripts call it. */
class SendmailScriptTest {
    @TempDir
    Path directory = Path.of("/");

    private String said = "";

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

    /** The script beside a hikyaku that says what a server would. */
    private int besideServer(String says, int ends, String input, String... arguments) throws Exception {
        Path bin = Files.createDirectories(directory.resolve("bin"));
        Files.copy(script(), bin.resolve("sendmail"), StandardCopyOption.REPLACE_EXISTING);
        Path fake = bin.resolve("hikyaku");
        Files.writeString(fake, "#!/bin/sh\ncat > '" + bin + "/asked'\nprintf '" + says + "'\nexit " + ends + "\n");
        Files.setPosixFilePermissions(fake, PosixFilePermissions.fromString("rwx------"));
        Path drop = Files.createDirectories(directory.resolve("drop"));
        List<String> command =
                new ArrayList<>(List.of("/bin/sh", bin.resolve("sendmail").toString()));
        command.addAll(List.of(arguments));
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().put("HIKYAKU_DROP", drop.toString());
        builder.environment().put("HIKYAKU_SUBMIT", bin.resolve("socket").toString());
        builder.redirectInput(Files.writeString(bin.resolve("input"), input).toFile());
        Process process = builder.start();
        said = new String(process.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
        return process.waitFor();
    }

    private long countLeft() throws IOException {
        try (Stream<Path> files = Files.list(directory.resolve("drop"))) {
            return files.count();
        }
    }

    @Test
    void withVARecipientWhoIsNotHereIsToldAtOnceAndNothingIsLeft() throws Exception {
        String greeting = "220 m ESMTP\\r\\n250-m\\r\\n250-SIZE 1\\r\\n250 HELP\\r\\n";
        String unknown = greeting
                + "250 2.1.5 <anna@example.org>\\r\\n550 5.1.1 No such user\\r\\n252 2.0.0 Not here\\r\\n221 Bye\\r\\n";
        try (ServerSocketChannel socket = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            Files.createDirectories(directory.resolve("bin"));
            socket.bind(UnixDomainSocketAddress.of(directory.resolve("bin/socket")));
            assertThat(besideServer(unknown, 0, "b\n", "-v", "anna", "bob", "N <x@y>", "c@d.example"))
                    .isEqualTo(67);
            assertThat(said.lines())
                    .containsExactlyInAnyOrder(
                            "anna: <anna@example.org>",
                            "bob: 550 5.1.1 No such user",
                            "c@d.example: 252 2.0.0 Not here",
                            "sendmail: nothing is sent");
            assertThat(Files.readString(directory.resolve("bin/asked")))
                    .isEqualTo("EHLO localhost\r\nVRFY anna\r\nVRFY bob\r\nVRFY c@d.example\r\nQUIT\r\n");
            assertThat(countLeft()).isZero();
            assertThat(besideServer(
                            greeting + "250 2.1.5 <anna@example.org>\\r\\n221 Bye\\r\\n", 0, "b\n", "-v", "anna"))
                    .isZero();
            assertThat(besideServer("", 75, "b\n", "-v", "anna")).isZero(); // nobody to ask: the directory, as ever
            assertThat(countLeft()).isEqualTo(2);
        }
        assertThat(besideServer(unknown, 0, "", "-bv", "anna", "bob", "c@d.example"))
                .isEqualTo(67);
        assertThat(besideServer("", 75, "", "-bv", "anna")).isEqualTo(75);
        assertThat(besideServer("", 3, "", "-bs")).isEqualTo(3);
        assertThat(countLeft()).isEqualTo(2);
    }

    /** errors_per_session_max ends a session of too many who are not here; what it has said by then is known. */
    @Test
    void manyAreAskedForInSessionsOfTenAndWhatWasSaidIsToldThoughTheServerGoesAway() throws Exception {
        String greeting = "220 m ESMTP\\r\\n250 HELP\\r\\n";
        String[] asked = Stream.concat(Stream.of("-bv"), IntStream.range(0, 25).mapToObj(i -> "u" + i))
                .toArray(String[]::new);
        assertThat(besideServer(greeting + "250 2.1.5 <u@h.example>\\r\\n".repeat(10) + "221 Bye\\r\\n", 0, "", asked))
                .isZero();
        assertThat(said.lines()).hasSize(25).startsWith("u0: <u@h.example>").endsWith("u24: <u@h.example>");
        assertThat(Files.readAllLines(directory.resolve("bin/asked")))
                .containsExactly("EHLO localhost", "VRFY u20", "VRFY u21", "VRFY u22", "VRFY u23", "VRFY u24", "QUIT");

        String gone = greeting + "250 2.1.5 <u@h.example>\\r\\n";
        assertThat(besideServer(gone + "550 5.1.1 No\\r\\n421 4.7.0 Too many errors\\r\\n", 75, "", asked))
                .isEqualTo(67);
        assertThat(said.lines()).containsExactlyInAnyOrder("u0: <u@h.example>", "u1: 550 5.1.1 No");
        assertThat(besideServer(gone, 75, "", asked)).isEqualTo(75);
        assertThat(said.lines()).containsExactly("u0: <u@h.example>");
        assertThat(besideServer(gone, 0, "", asked)).isEqualTo(75);
        assertThat(besideServer("421 4.3.2 stopping\\r\\n", 75, "", asked)).isEqualTo(75);
        assertThat(besideServer(greeting + "221 Bye\\r\\n", 0, "", "-bv", "no plain one"))
                .isZero();
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
