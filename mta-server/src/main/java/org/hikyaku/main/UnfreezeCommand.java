package org.hikyaku.main;

import java.io.PrintWriter;
import java.util.concurrent.Callable;
import org.hikyaku.admin.ControlRequest;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import tools.jackson.databind.JsonNode;

/** {@code hikyaku unfreeze}: opens the account of a user again. */
@Command(
        name = "unfreeze",
        description = {
            "Let a user log in and send again.",
            "What was held stays so, to be looked at: hikyaku queue release, bounce or remove 'user = USER and state = frozen';",
            "or --release lets all of it go."
        },
        mixinStandardHelpOptions = true)
final class UnfreezeCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Mixin
    private ServerOption server = new ServerOption();

    @Parameters(paramLabel = "USER", description = "As hikyaku freeze lists him.")
    private String user = "";

    @Option(
            names = "--local",
            description = "The name as it is, not as the users file has it, also when he is no longer on the list.")
    private boolean local;

    @Option(names = "--release", description = "And let go what the freeze has held.")
    private boolean release;

    @Option(
            names = {"-n", "--dry-run"},
            description = "Say how many messages would go; touch nothing.")
    private boolean dry;

    @Option(names = "--json", description = "One JSON object.")
    private boolean json;

    @Override
    public Integer call() {
        PrintWriter out = spec.commandLine().getOut();
        PrintWriter err = spec.commandLine().getErr();
        ControlRequest request = ControlRequest.of("unfreeze", ServerOption.asker())
                .with("user", user)
                .withFlag("local", local)
                .withFlag("release", release)
                .withFlag("dry", dry);
        return server.ask(request, row -> tell(row, out, err), out, err);
    }

    private void tell(JsonNode row, PrintWriter out, PrintWriter err) {
        if (json) {
            out.println(row);
            return;
        }
        boolean would = row.path("dry_run").asBoolean();
        out.println(row.path("user").asString()
                + (would ? " would be free again: " : " is free again: ")
                + row.path("messages").asLong() + " messages released");
        FreezeCommand.problems(row, err);
    }
}
