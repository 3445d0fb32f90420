package org.hikyaku.peers;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The peers of {@code src-it/peers}, running, once for all tests of a run: namespaces and work directory are its own, so
 * that two runs do not meet. At the end all logs are copied to {@code src-it/target/peers} and the rest is removed.
 *
 * <p><i>Failure:</i> without root or with a program missing every test fails and says what to do.
 */
final class Kit implements AutoCloseable {
    private static final List<String> PROGRAMS = List.of(
            "ip", "setpriv", "named", "postfix", "dovecot", "doveadm", "mutt", "swaks", "msmtp", "curl", "python3",
            "strace", "openssl", "perl", "tar");

    private final Path root =
            Path.of(System.getProperty("hikyaku.root", "..")).toAbsolutePath().normalize();
    private final String namespace = "hkp" + ProcessHandle.current().pid();
    private final Path work;
    private final Path installed;

    private Kit() throws IOException {
        demand();
        work = Files.createTempDirectory(Path.of("/tmp"), "hkp");
        Files.setPosixFilePermissions(work, PosixFilePermissions.fromString("rwxr-xr-x"));
        installed = work.resolve("hikyaku");
        script("peers.sh", "up", work.toString()).good();
        // as a host has it: owned by root, readable by the service user, wherever the checkout lies
        Command.run(List.of("cp", "-r", dist().toString(), installed.toString()))
                .good();
        Command.run(List.of("chmod", "-R", "go=rX", installed.toString())).good();
    }

    static Kit open() {
        try {
            return new Kit();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void demand() {
        if (!Command.run(List.of("id", "-u")).output().strip().equals("0")) {
            throw new IllegalStateException("the tests of profile `peers` make network namespaces and need root");
        }
        String path = System.getenv("PATH") + ":/usr/sbin:/sbin";
        List<String> missing = new ArrayList<>();
        for (String program : PROGRAMS) {
            if (Stream.of(path.split(":", -1)).noneMatch(dir -> Files.isExecutable(Path.of(dir, program)))) {
                missing.add(program);
            }
        }
        if (!missing.isEmpty()) {
            throw new IllegalStateException("missing: " + missing + "; run src-it/peers/install.sh as root first");
        }
    }

    private Path dist() {
        Path dist = root.resolve("mta-server/target/dist");
        if (!Files.isExecutable(dist.resolve("bin/hikyaku"))) {
            throw new IllegalStateException("not built: " + dist + " (mvn -Ppeers verify makes it)");
        }
        return dist;
    }

    Path root() {
        return root;
    }

    Path work() {
        return work;
    }

    Path launcher() {
        return installed.resolve("bin/hikyaku");
    }

    Path authority() {
        return work.resolve("tls/ca.pem");
    }

    /** One of the scripts of {@code src-it/peers}. */
    Command script(String name, String... arguments) {
        return script(name, List.of(arguments), "");
    }

    Command script(String name, List<String> arguments, String input) {
        List<String> command =
                new ArrayList<>(List.of(root.resolve("src-it/peers/" + name).toString()));
        command.addAll(arguments);
        return Command.run(command, input, Map.of("HK_NS", namespace));
    }

    /** The words that put a command into the namespace of Hikyaku ({@code mta}) or of its peers. */
    List<String> in(String which, List<String> command) {
        List<String> all = new ArrayList<>(List.of("ip", "netns", "exec", namespace + "-" + which));
        all.addAll(command);
        return all;
    }

    /** Runs a command as another host would. */
    Command peer(String input, List<String> command) {
        return Command.run(in("peers", command), input);
    }

    /** Runs a Python program of {@code src-it/peers/clients} as another host would. */
    Command client(String program, String input, String... arguments) {
        List<String> command = new ArrayList<>(List.of("python3", clientProgram(program)));
        command.addAll(List.of(arguments));
        return peer(input, command);
    }

    String clientProgram(String program) {
        return root.resolve("src-it/peers/clients").resolve(program).toString();
    }

    /** The one message in Postfix's mailbox of {@code user} that holds {@code mark}, awaited. */
    String atPostfix(String user, String mark, HikyakuServer server) {
        return Waiting.until(
                mark + " at Postfix",
                () -> inMaildir(work.resolve("postfix/mail").resolve(user), mark),
                server::lastWords);
    }

    /** The one message in a Maildir that holds {@code mark}. A second copy fails the test. */
    static Optional<String> inMaildir(Path maildir, String mark) {
        List<String> found = new ArrayList<>();
        Path fresh = maildir.resolve("new");
        if (Files.isDirectory(fresh)) {
            try (Stream<Path> files = Files.list(fresh)) {
                for (Path file : files.toList()) {
                    String text = Files.readString(file, StandardCharsets.ISO_8859_1);
                    if (text.contains(mark)) {
                        found.add(new String(text.getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8));
                    }
                }
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        assertThat(found).as("copies of " + mark).hasSizeLessThan(2);
        return found.stream().findFirst();
    }

    @Override
    public void close() throws IOException {
        script("peers.sh", "down", work.toString());
        Path kept = root.resolve("src-it/target/peers");
        Files.createDirectories(kept);
        try (Stream<Path> all = Files.walk(work)) {
            for (Path file : all.filter(f -> f.getFileName().toString().matches("log|.*\\.log|.*\\.conf"))
                    .toList()) {
                Files.copy(
                        file,
                        kept.resolve(work.relativize(file).toString().replace('/', '-')),
                        StandardCopyOption.REPLACE_EXISTING);
            }
        }
        try (Stream<Path> all = Files.walk(work)) {
            for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(path);
            }
        }
    }
}
