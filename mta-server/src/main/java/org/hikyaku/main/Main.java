package org.hikyaku.main;

import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** The command {@code hikyaku}. Its exit codes are those of {@link Exit}. */
@Command(
        name = "hikyaku",
        description = "A mail transfer agent.",
        mixinStandardHelpOptions = true,
        versionProvider = VersionCommand.Provider.class,
        synopsisSubcommandLabel = "COMMAND",
        subcommands = {
            ServeCommand.class,
            CheckConfigCommand.class,
            ReloadCommand.class,
            StatusCommand.class,
            StopCommand.class,
            QueueCommand.class,
            UserCommand.class,
            DemoCommand.class,
            VersionCommand.class,
            CommandLine.HelpCommand.class
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:done",
            "1:not done, or not all of it",
            "2:wrong command line",
            "69:no server answers",
            "71:the server cannot start: a port is taken, a directory not writable",
            "78:wrong configuration"
        })
public final class Main {
    private Main() {}

    public static void main(String[] args) {
        PrintWriter out = new PrintWriter(System.out, true, StandardCharsets.UTF_8);
        PrintWriter err = new PrintWriter(System.err, true, StandardCharsets.UTF_8);
        int code = run(out, err, args);
        out.flush();
        err.flush();
        System.exit(code);
    }

    /** Runs a command line; the exit code. */
    static int run(PrintWriter out, PrintWriter err, String... args) {
        CommandLine line = new CommandLine(new Main())
                .setOut(out)
                .setErr(err)
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setExecutionExceptionHandler((e, command, parsed) -> {
                    command.getErr().println("hikyaku: " + e);
                    return Exit.PROBLEM;
                });
        if (args.length == 0) {
            line.usage(err);
            return Exit.USAGE;
        }
        return line.execute(args);
    }
}
