package org.hikyaku.main;

import java.util.concurrent.Callable;
import org.hikyaku.admin.ControlRequest;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import tools.jackson.databind.JsonNode;

/** {@code hikyaku grant}: an address may relay for a while. */
@Command(
        name = "grant",
        description = {
            "Let an address send to anywhere for a while, without a login: what POP before SMTP needs.",
            "A reload keeps grants, a restart of the server forgets them. Without an address: list them."
        },
        mixinStandardHelpOptions = true)
final class GrantCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Mixin
    private ServerOption server = new ServerOption();

    @Parameters(arity = "0..1", paramLabel = "IP", description = "The address of one host.")
    private String address = "";

    @Option(
            names = "--for",
            paramLabel = "TIME",
            description = "90s, 30m, 2h: at most 24h. By default ${DEFAULT-VALUE}.")
    private String time = "30m";

    @Option(names = "--revoke", description = "Take the grant back.")
    private boolean revoke;

    @Option(names = "--json", description = "List one JSON object a line: {\"address\":...,\"seconds\":...}.")
    private boolean json;

    @Override
    public Integer call() {
        if (address.isEmpty() && revoke) {
            spec.commandLine().getErr().println("hikyaku: whose grant is to be taken back?");
            return Exit.USAGE;
        }
        String command = address.isEmpty() ? "grant-list" : revoke ? "grant-revoke" : "grant";
        ControlRequest request = ControlRequest.of(command, ServerOption.asker());
        if (!address.isEmpty()) {
            request = request.with("address", address).with("for", time);
        }
        return server.print(
                request, json, GrantCommand::line, address.isEmpty() ? "No address has a grant." : "", spec);
    }

    private static String line(JsonNode row) {
        return String.format(
                "%-39s %6d s",
                row.path("address").asString(), row.path("seconds").asLong());
    }
}
