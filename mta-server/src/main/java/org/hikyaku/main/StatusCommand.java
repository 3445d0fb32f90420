package org.hikyaku.main;

import java.io.PrintWriter;
import java.util.concurrent.Callable;
import org.hikyaku.admin.ControlRequest;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import tools.jackson.databind.JsonNode;

/** {@code hikyaku status}. */
@Command(
        name = "status",
        description = "Show what the server does: queue, counters of events since its start.",
        mixinStandardHelpOptions = true)
final class StatusCommand implements Callable<Integer> {
    @Mixin
    private ServerOption server = new ServerOption();

    @Option(names = "--json", description = "One JSON object a line: {\"name\":...,\"value\":...}.")
    private boolean json = false;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() {
        PrintWriter out = spec.commandLine().getOut();
        return server.ask(
                ControlRequest.of("status", ServerOption.asker()),
                row -> out.println(json ? row.toString() : line(row)),
                out,
                spec.commandLine().getErr());
    }

    private static String line(JsonNode row) {
        return String.format(
                "%-32s %s", row.path("name").asString(), row.path("value").asString());
    }
}
