package org.hikyaku.main;

import java.io.Console;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.ConnectException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.hikyaku.admin.ControlEnd;
import org.hikyaku.admin.ControlRequest;
import org.hikyaku.config.Config;
import org.hikyaku.config.Reading;
import org.hikyaku.real.RealDisk;
import org.hikyaku.real.RealEntropy;
import org.hikyaku.sasl.PasswordHash;
import org.hikyaku.sasl.ScramKeys;
import org.hikyaku.table.Users;
import org.hikyaku.table.UsersFile;
import org.hikyaku.world.FileTrouble;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code hikyaku user ...}: changes the users file itself, then has a running server read it. */
@Command(
        name = "user",
        description = "See and change who may log in and has a mailbox.",
        mixinStandardHelpOptions = true,
        synopsisSubcommandLabel = "COMMAND")
final class UserCommand implements Callable<Integer> {
    private static final int PASSWORD_LINE_MAX = 1024;
    private static final String UNREAD = "hikyaku: the server has not read it";

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() {
        spec.commandLine().usage(spec.commandLine().getErr());
        return Exit.USAGE;
    }

    @Command(
            name = "add",
            description = "Add a user. The password is asked for, or read from standard input if that is no terminal.",
            mixinStandardHelpOptions = true)
    int add(
            @Mixin UsersOption users,
            @Parameters(
                            paramLabel = "USER",
                            description = "user@domain, or a name alone: one person in every local domain.")
                    String name,
            @Mixin KeysOption keys) {
        return users.change(
                spec, name + " is added", file -> withPassword(keys, (hash, sha1) -> file.add(name, hash, sha1)));
    }

    @Command(name = "passwd", description = "Give a user another password.", mixinStandardHelpOptions = true)
    int passwd(
            @Mixin UsersOption users,
            @Parameters(paramLabel = "USER", description = "As listed.") String name,
            @Mixin KeysOption keys) {
        return users.change(
                spec,
                "the password of " + name + " is changed",
                file -> withPassword(keys, (hash, sha1) -> file.changePassword(name, hash, sha1)));
    }

    @Command(
            name = "remove",
            description = "Take a user out. His mailbox stays on the disk.",
            mixinStandardHelpOptions = true)
    int remove(@Mixin UsersOption users, @Parameters(paramLabel = "USER", description = "As listed.") String name) {
        return users.change(spec, name + " is removed", file -> file.remove(name));
    }

    @Command(name = "list", description = "Print the users, one a line.", mixinStandardHelpOptions = true)
    int list(@Mixin UsersOption users) {
        Optional<UsersFile> file = users.file(spec.commandLine().getErr());
        if (file.isEmpty()) {
            return Exit.PROBLEM;
        }
        Users.Loaded loaded = file.get().load();
        loaded.problems().forEach(spec.commandLine().getErr()::println);
        loaded.users().all().forEach(user -> spec.commandLine().getOut().println(user.name()));
        return loaded.problems().isEmpty() ? Exit.OK : Exit.PROBLEM;
    }

    @SuppressWarnings("SystemConsoleNull") // Java 25 answers null again where there is no terminal
    private static Optional<String> withPassword(KeysOption keys, Use use) throws IOException {
        Console console = System.console();
        Optional<String> password = console != null && console.isTerminal() ? asked(console) : Optional.of(readLine());
        if (password.isEmpty()) {
            return Optional.of("the two passwords differ; nothing is changed");
        }
        Optional<PasswordHash> hash =
                password.get().isEmpty() ? Optional.empty() : UsersFile.hash(password.get(), new RealEntropy());
        return hash.isEmpty()
                ? Optional.of("a password has 1 to 255 octets and no control characters; nothing is changed")
                : use.apply(hash.get(), keys.of(password.get()));
    }

    private static String readLine() throws IOException {
        return new LineReader(System.in, PASSWORD_LINE_MAX).next().replaceFirst("\r$", "");
    }

    private static Optional<String> asked(Console console) {
        char[] first = console.readPassword("Password: ");
        char[] again = console.readPassword("Again: ");
        boolean same = first != null && again != null && Arrays.equals(first, again);
        return same ? Optional.of(new String(first)) : Optional.empty();
    }

    /** What is done with a password. */
    private interface Use {
        Optional<String> apply(PasswordHash hash, Optional<ScramKeys> sha1) throws IOException;
    }

    /** A change of the file: empty when done, else why not. */
    interface Change {
        Optional<String> apply(UsersFile file) throws IOException;
    }

    /** Which keys beside those for SCRAM-SHA-256. */
    static final class KeysOption {
        @Option(
                names = "--scram-sha-1",
                description = "Keep keys for SCRAM-SHA-1 too, for mail programs that know no SCRAM-SHA-256.")
        private boolean sha1;

        Optional<ScramKeys> of(String password) {
            return sha1 ? Optional.of(UsersFile.sha1Keys(password, new RealEntropy())) : Optional.empty();
        }
    }

    /** Which file. */
    static final class UsersOption {
        @Mixin
        private ConfigOption config = new ConfigOption();

        @Option(
                names = "--file",
                paramLabel = "FILE",
                description = "The users file, instead of that of the configuration. No server is told to read it.")
        private String given = "";

        Optional<UsersFile> file(PrintWriter err) {
            if (!given.isEmpty()) {
                return Optional.of(new UsersFile(new RealDisk(), Path.of(given).toAbsolutePath()));
            }
            // a missing users file is a mistake in the configuration that this very command mends
            Optional<Config> read = understood(err);
            Optional<UsersFile> file = read.flatMap(c -> c.auth().users()).map(f -> new UsersFile(new RealDisk(), f));
            if (read.isPresent() && file.isEmpty()) {
                err.println("hikyaku: auth.users is not set in " + config.file());
            }
            return file;
        }

        private Optional<Config> understood(PrintWriter err) {
            return switch (config.read()) {
                case Reading.Good(Config good) -> Optional.of(good);
                case Reading.Bad bad -> {
                    if (bad.understood().isEmpty()) {
                        err.println(ConfigOption.lines(bad));
                    }
                    yield bad.understood();
                }
            };
        }

        int change(CommandSpec spec, String done, Change change) {
            PrintWriter err = spec.commandLine().getErr();
            Optional<UsersFile> file = file(err);
            if (file.isEmpty()) {
                return Exit.PROBLEM;
            }
            try {
                Optional<String> refused = change.apply(file.get());
                if (refused.isPresent()) {
                    err.println("hikyaku: " + refused.get());
                    return Exit.PROBLEM;
                }
            } catch (IOException e) {
                err.println("hikyaku: " + FileTrouble.of(e));
                return Exit.PROBLEM;
            }
            spec.commandLine().getOut().println(done);
            return given.isEmpty() ? tellServer(err) : Exit.OK;
        }

        /** A server that does not run will read the file when it starts; of any other it is told when it does not read it now. */
        private int tellServer(PrintWriter err) {
            return switch (config.read()) {
                case Reading.Good(Config good) -> tellServer(good.controlSocket(), err);
                case Reading.Bad bad -> {
                    Optional<Path> socket = config.socketOf(bad);
                    if (socket.isPresent()) {
                        yield tellServer(socket.get(), err);
                    }
                    err.println(UNREAD + ": it is not known which server is meant:");
                    err.println(ConfigOption.lines(bad));
                    err.println("hikyaku: mend that, then hikyaku reload");
                    yield Exit.PROBLEM;
                }
            };
        }

        private static int tellServer(Path socket, PrintWriter err) {
            if (Files.notExists(socket)) {
                return Exit.OK;
            }
            try {
                ControlEnd end =
                        new ControlClient(socket).ask(ControlRequest.of("reload", ServerOption.asker()), row -> {});
                if (!end.ok()) {
                    err.println(UNREAD + ":");
                    end.messages().forEach(err::println);
                }
                return end.ok() ? Exit.OK : Exit.PROBLEM;
            } catch (ControlClient.NoServer e) {
                if (e.getCause() instanceof ConnectException) { // refused: the socket of a server that is dead
                    return Exit.OK;
                }
                err.println(UNREAD + ": " + e.getMessage());
                return Exit.PROBLEM;
            }
        }
    }
}
