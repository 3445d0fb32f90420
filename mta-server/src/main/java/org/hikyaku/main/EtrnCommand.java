package org.hikyaku.main;

import java.util.List;
import java.util.concurrent.Callable;
import org.hikyaku.admin.ControlRequest;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import tools.jackson.databind.JsonNode;

/** {@code hikyaku etrn}: ask a server for the mail that it keeps for us. */
@Command(
        name = "etrn",
        description = {
            "Ask a server that keeps mail for us to send it now (ETRN, RFC 1985); it comes over connections of its own.",
            "HOST is one of on_demand.providers, with its login and domains, or host[:port]."
        },
        mixinStandardHelpOptions = true)
final class EtrnCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Mixin
    private ServerOption server = new ServerOption();

    @Parameters(index = "0", paramLabel = "HOST", description = "Whom to ask.")
    private String host = "";

    @Parameters(
            index = "1..*",
            arity = "0..*",
            paramLabel = "DOMAIN",
            description =
                    "example.com, @example.com for all below it too, or #queue; by default those of the provider.")
    private List<String> domains = List.of();

    @Option(names = "--json", description = "One JSON object a line: {\"node\":...,\"taken\":...,\"reply\":...}.")
    private boolean json;

    @Override
    public Integer call() {
        ControlRequest request = new ControlRequest("etrn", ServerOption.asker(), domains, null, null);
        return server.print(request.with("host", host), json, EtrnCommand::line, spec);
    }

    private static String line(JsonNode row) {
        return row.path("node").asString() + ": " + row.path("reply").asString();
    }
}
