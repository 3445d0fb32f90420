package org.hikyaku.main;

import java.util.List;
import org.hikyaku.admin.ControlRequest;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import tools.jackson.databind.JsonNode;

/** {@code hikyaku suppression}: recipients elsewhere to whom nothing is sent any more. */
@Command(
        name = "suppression",
        description = {
            "Recipients elsewhere who are not there: their servers have said so again and again (suppression.after_failures).",
            "Users hear so at RCPT, senders of other mail by a notice, and the servers are not asked any more."
        },
        mixinStandardHelpOptions = true,
        synopsisSubcommandLabel = "COMMAND")
final class SuppressionCommand {
    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Command(name = "list", description = "Print the list, by address.", mixinStandardHelpOptions = true)
    int list(
            @Mixin ServerOption server,
            @Option(names = "--counted", description = "Those too of whom it was said too seldom yet.") boolean counted,
            @Option(
                            names = "--json",
                            description =
                                    "One JSON object a line: {\"address\":...,\"failures\":...,\"first\":...,\"last\":...,\"until\":...,\"by\":...,\"why\":...,\"spared\":...}.")
                    boolean json) {
        return server.print(
                ControlRequest.of("suppression-list", ServerOption.asker()).withFlag("counted", counted),
                json,
                SuppressionCommand::line,
                "Nobody is on the list.",
                spec);
    }

    @Command(name = "add", description = "Put addresses on the list.", mixinStandardHelpOptions = true)
    int add(
            @Mixin ServerOption server,
            @Parameters(paramLabel = "ADDRESS", arity = "1..*", description = "user@domain") List<String> addresses,
            @Option(
                            names = "--for",
                            paramLabel = "TIME",
                            defaultValue = "30d",
                            description = "12h, 30d. By default ${DEFAULT-VALUE}.")
                    String time,
            @Option(names = "--text", paramLabel = "WHY", defaultValue = "", description = "Shown in the list.")
                    String text,
            @Option(
                            names = {"-n", "--dry-run"},
                            description = "Look at what was asked, change nothing.")
                    boolean dry,
            @Option(names = "--json", description = "One JSON object a line, as of list.") boolean json) {
        ControlRequest request = new ControlRequest("suppression-add", ServerOption.asker(), addresses, null, null);
        return server.print(
                request.with("for", time).with("text", text).withFlag("dry", dry),
                json,
                SuppressionCommand::line,
                spec);
    }

    @Command(
            name = "remove",
            description = "Take addresses off the list, with what was counted.",
            mixinStandardHelpOptions = true)
    int remove(
            @Mixin ServerOption server,
            @Parameters(paramLabel = "ADDRESS", arity = "1..*", description = "As the list has them.")
                    List<String> addresses,
            @Option(
                            names = {"-n", "--dry-run"},
                            description = "Say whether they are there, change nothing.")
                    boolean dry) {
        ControlRequest request = new ControlRequest("suppression-remove", ServerOption.asker(), addresses, null, null);
        return server.ask(
                request.withFlag("dry", dry),
                row -> {},
                spec.commandLine().getOut(),
                spec.commandLine().getErr());
    }

    static String line(JsonNode row) {
        String until = row.path("until").asString();
        String why = row.path("why").asString();
        return String.format(
                "%-40s %3d  %s by %s%s%s",
                row.path("address").asString(),
                row.path("failures").asLong(),
                until.isEmpty() ? "counted" : "until " + until,
                row.path("by").asString(),
                why.isEmpty() ? "" : ": " + why,
                row.path("spared").asBoolean()
                        ? " (without effect: its domain is ours, or named in the settings)"
                        : "");
    }
}
