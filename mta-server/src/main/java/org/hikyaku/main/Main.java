package org.hikyaku.main;

import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import org.hikyaku.admin.ControlRequest;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

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
            QueueCommand.class,
            UserCommand.class,
            FreezeCommand.class,
            UnfreezeCommand.class,
            GrantCommand.class,
            SitesCommand.class,
            QuirksCommand.class,
            SuppressionCommand.class,
            EtrnCommand.class,
            ExplainCommand.class,
            DemoCommand.class,
            RehearseCommand.class,
            VersionCommand.class,
            CommandLine.HelpCommand.class
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:done",
            "1:not done, or not all of it; of queue commands also: no message matched",
            "2:wrong command line",
            "69:no server answers",
            "71:the server cannot start: a port is taken, a directory not writable",
            "78:wrong configuration"
        })
public final class Main {
    @Spec
    private CommandSpec spec = CommandSpec.create();

    private Main() {}

    @Command(
            name = "reload",
            description = {
                "Have the server read configuration and certificates again.",
                "If anything is wrong, it is printed, the server goes on with what it has, and the exit code is 1."
            },
            mixinStandardHelpOptions = true)
    int reload(@Mixin ServerOption server) {
        return ask(server, "reload");
    }

    @Command(
            name = "stop",
            description = "Have the server finish what it is doing and end.",
            mixinStandardHelpOptions = true)
    int stop(@Mixin ServerOption server) {
        return ask(server, "stop");
    }

    @Command(
            name = "status",
            description = "Show what the server does: queue, counters of events since its start.",
            mixinStandardHelpOptions = true)
    int status(
            @Mixin ServerOption server,
            @Option(names = "--json", description = "One JSON object a line: {\"name\":...,\"value\":...}.")
                    boolean json) {
        PrintWriter out = spec.commandLine().getOut();
        return server.ask(
                ControlRequest.of("status", ServerOption.asker()),
                row -> out.println(
                        json
                                ? row.toString()
                                : String.format(
                                        "%-32s %s",
                                        row.path("name").asString(),
                                        row.path("value").asString())),
                out,
                spec.commandLine().getErr());
    }

    private int ask(ServerOption server, String command) {
        return server.ask(
                ControlRequest.of(command, ServerOption.asker()),
                row -> {},
                spec.commandLine().getOut(),
                spec.commandLine().getErr());
    }

    public static void main(String[] args) {
        PrintWriter out = new PrintWriter(System.out, true, StandardCharsets.UTF_8);
        PrintWriter err = new PrintWriter(System.err, true, StandardCharsets.UTF_8);
        int code = run(out, err, args);
        out.flush();
        err.flush();
        System.exit(code);
    }

    /** A wrong query is shown with its wrong place and nothing else; for the rest of the line the usage helps. */
    private static int wrong(CommandLine.ParameterException e, String[] args) {
        CommandLine command = e.getCommandLine();
        command.getErr().println(e.getMessage());
        if (!String.valueOf(e.getMessage()).startsWith("hikyaku: ")
                && !CommandLine.UnmatchedArgumentException.printSuggestions(e, command.getErr())) {
            command.usage(command.getErr());
        }
        return Exit.USAGE;
    }

    /** Runs a command line; the exit code. */
    static int run(PrintWriter out, PrintWriter err, String... args) {
        CommandLine line = new CommandLine(new Main())
                .setOut(out)
                .setErr(err)
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setParameterExceptionHandler(Main::wrong)
                .setExecutionExceptionHandler((e, command, parsed) -> {
                    command.getErr().println("hikyaku: " + e);
                    return Exit.PROBLEM;
                });
        Objects.requireNonNull(line.getSubcommands().get("queue"))
                .getCommandSpec()
                .usageMessage()
                .footer(QueueCommand.footer());
        if (args.length == 0) {
            line.usage(err);
            return Exit.USAGE;
        }
        return line.execute(args);
    }
}
