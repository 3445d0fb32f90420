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

/** {@code hikyaku freeze}: closes the account of a user. */
@Command(
        name = "freeze",
        description = {
            "Close the account of a user, or list those that are closed.",
            "His logins are refused, his open sessions end, all his mail is held, what waits and what comes, until hikyaku",
            "unfreeze. Look at it with: hikyaku queue list 'user = USER and state = frozen'."
        },
        mixinStandardHelpOptions = true)
final class FreezeCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Mixin
    private ServerOption server = new ServerOption();

    @Parameters(
            arity = "0..1",
            paramLabel = "USER",
            description = "The name he logs in with; a bare one is looked up as at a login. Or of a user of this host.")
    private String user = "";

    @Option(
            names = "--local",
            description =
                    "The name as it is, without looking for it in the users file or whether he was seen: a user of this host, who sends"
                            + " by sendmail, or one of Dovecot or of tokens of whom there is no session, no mail and nothing sent within the"
                            + " last hour.")
    private boolean local;

    @Option(names = "--text", paramLabel = "WHY", description = "Shown in the list.")
    private String text = "";

    @Option(
            names = {"-n", "--dry-run"},
            description = "Say how many messages and sessions that would be; touch nothing.")
    private boolean dry;

    @Option(names = "--json", description = "One JSON object a line.")
    private boolean json;

    @Override
    public Integer call() {
        if (user.isEmpty()) {
            ControlRequest all = ControlRequest.of("freeze-list", ServerOption.asker());
            return server.print(all, json, FreezeCommand::line, "Nobody is frozen.", spec);
        }
        PrintWriter out = spec.commandLine().getOut();
        PrintWriter err = spec.commandLine().getErr();
        ControlRequest request = ControlRequest.of("freeze", ServerOption.asker())
                .with("user", user)
                .with("text", text)
                .withFlag("local", local)
                .withFlag("dry", dry);
        return server.ask(request, row -> tell(row, out, err), out, err);
    }

    private void tell(JsonNode row, PrintWriter out, PrintWriter err) {
        if (json) {
            out.println(row);
            return;
        }
        boolean would = row.path("dry_run").asBoolean();
        String name = row.path("user").asString();
        out.println(name + (would ? " would be frozen: " : " is frozen: ")
                + row.path("messages").asLong() + " messages held, "
                + row.path("sessions").asLong() + " sessions ended");
        if (!row.path("listed").asBoolean() && !row.path("local").asBoolean()) {
            err.println("hikyaku: no user of that name is in the users file");
        }
        problems(row, err);
    }

    static void problems(JsonNode row, PrintWriter err) {
        if (row.path("left").asLong() > 0) {
            err.println("hikyaku: " + row.path("left").asLong() + " messages were left as they are; try again");
        }
        String stopped = row.path("stopped").asString();
        if (!stopped.isEmpty()) {
            err.println("hikyaku: stopped: " + stopped + "; try again");
        }
    }

    private static String line(JsonNode row) {
        return String.format(
                "%-40s %-6s since %s by %s%s",
                row.path("user").asString(),
                row.path("state").asString(),
                row.path("since").asString(),
                row.path("by").asString(),
                row.path("why").asString().isEmpty()
                        ? ""
                        : ": " + row.path("why").asString());
    }
}
