package org.hikyaku.main;

import org.hikyaku.admin.ControlRequest;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import tools.jackson.databind.JsonNode;

/** {@code hikyaku quirks}: what other servers offer and cannot do. */
@Command(
        name = "quirks",
        description = {
            "What was noticed of other servers' faults: what they offer and break over, and so is not used there for a while.",
            "The settings delivery.quirks say for how long, and what is never used where. A restart forgets what was noticed."
        },
        mixinStandardHelpOptions = true,
        synopsisSubcommandLabel = "COMMAND")
final class QuirksCommand {
    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Command(
            name = "list",
            description = {
                "Show what was noticed.",
                "suspected: mail goes without it, to see whether that helps; watched: that helped once, mail goes with it",
                "until it breaks again; learnt: mail goes without it for the time that is shown."
            },
            mixinStandardHelpOptions = true)
    int list(
            @Mixin ServerOption server,
            @Option(
                            names = "--json",
                            description =
                                    "One JSON object a line: {\"address\":...,\"host\":...,\"feature\":...,\"state\":...,\"seconds\":...,\"why\":...}.")
                    boolean json) {
        ControlRequest all = ControlRequest.of("quirks-list", ServerOption.asker());
        return server.print(all, json, QuirksCommand::line, "Nothing was noticed.", spec);
    }

    @Command(
            name = "forget",
            description = "Forget what was noticed of a server: all is tried again there.",
            mixinStandardHelpOptions = true)
    int forget(
            @Mixin ServerOption server,
            @Parameters(paramLabel = "HOST", description = "Its name, its address, or [address]:port.") String host) {
        return server.ask(
                ControlRequest.of("quirks-forget", ServerOption.asker()).with("host", host),
                row -> {},
                spec.commandLine().getOut(),
                spec.commandLine().getErr());
    }

    private static String line(JsonNode row) {
        return String.format(
                "%-12s %-10s %7d s  %s %s: %s",
                row.path("feature").asString(),
                row.path("state").asString(),
                row.path("seconds").asLong(),
                row.path("host").asString(),
                row.path("address").asString(),
                row.path("why").asString());
    }
}
