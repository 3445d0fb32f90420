package org.hikyaku.main;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.hikyaku.admin.ControlRequest;
import org.hikyaku.config.Times;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code hikyaku queue ...}. */
@Command(
        name = "queue",
        description = "See and move the messages that are on their way.",
        mixinStandardHelpOptions = true,
        synopsisSubcommandLabel = "COMMAND")
final class QueueCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() {
        spec.commandLine().usage(spec.commandLine().getErr());
        return Exit.USAGE;
    }

    @Command(
            name = "list",
            description = "Print messages, oldest first; * marks those being delivered.",
            mixinStandardHelpOptions = true)
    int list(
            @Mixin ServerOption server,
            @Mixin Which which,
            @Option(names = "--json", description = "One JSON object a line.") boolean json) {
        PrintWriter out = spec.commandLine().getOut();
        QueueTable table = new QueueTable(out);
        int code = server.ask(
                ControlRequest.onWhich("queue-list", ServerOption.asker(), which.which()),
                row -> {
                    if (json) {
                        out.println(row);
                    } else {
                        table.row(row);
                    }
                },
                out,
                spec.commandLine().getErr());
        if (code == Exit.OK && !json) {
            table.end();
        }
        return code;
    }

    @Command(
            name = "show",
            description = "Print all that is known of messages, and their headers.",
            mixinStandardHelpOptions = true)
    int show(
            @Mixin ServerOption server,
            @Option(names = "--json", description = "One JSON object a line.") boolean json,
            @Parameters(paramLabel = "ID", arity = "1..*", description = "Messages.") List<String> ids) {
        PrintWriter out = spec.commandLine().getOut();
        return server.ask(
                ControlRequest.onIds("queue-show", ServerOption.asker(), ids),
                row -> {
                    if (json) {
                        out.println(row);
                    } else {
                        QueueTable.show(out, row);
                    }
                },
                out,
                spec.commandLine().getErr());
    }

    @Command(name = "retry", description = "Try messages now.", mixinStandardHelpOptions = true)
    int retry(@Mixin ServerOption server, @Mixin Chosen chosen) {
        return move("queue-retry", server, chosen);
    }

    @Command(
            name = "hold",
            description = "Keep messages from being delivered until they are released.",
            mixinStandardHelpOptions = true)
    int hold(@Mixin ServerOption server, @Mixin Chosen chosen) {
        return move("queue-hold", server, chosen);
    }

    @Command(name = "release", description = "Let held messages go on.", mixinStandardHelpOptions = true)
    int release(@Mixin ServerOption server, @Mixin Chosen chosen) {
        return move("queue-release", server, chosen);
    }

    @Command(
            name = "remove",
            description = "Take messages out of the queue for good; the sender hears nothing.",
            mixinStandardHelpOptions = true)
    int remove(@Mixin ServerOption server, @Mixin Chosen chosen) {
        return move("queue-remove", server, chosen);
    }

    private int move(String command, ServerOption server, Chosen chosen) {
        PrintWriter err = spec.commandLine().getErr();
        boolean byIds = !chosen.ids.isEmpty();
        boolean byWhat = chosen.all || !chosen.which.which().equals(ControlRequest.Which.any());
        if (byIds == byWhat) {
            err.println("hikyaku: name messages by their ids, or by --from, --to..., or all by --all");
            return Exit.USAGE;
        }
        String by = ServerOption.asker();
        ControlRequest request = byIds
                ? ControlRequest.onIds(command, by, chosen.ids)
                : ControlRequest.onWhich(command, by, chosen.which.which());
        return server.ask(request, row -> {}, spec.commandLine().getOut(), err);
    }

    /** Messages by what they are. */
    static final class Which {
        @Option(names = "--from", paramLabel = "TEXT", description = "Whose sender holds this.")
        private @Nullable String from = null;

        @Option(names = "--to", paramLabel = "TEXT", description = "With a waiting recipient that holds this.")
        private @Nullable String to = null;

        @Option(names = "--domain", paramLabel = "DOMAIN", description = "With a waiting recipient of this domain.")
        private @Nullable String domain = null;

        @Option(names = "--older", paramLabel = "TIME", description = "That came at least so long ago: 30m, 2h, 3d.")
        private @Nullable String older = null;

        @Option(names = "--state", paramLabel = "STATE", description = "held, deferred (tried before) or fresh.")
        private @Nullable String state = null;

        @Spec(Spec.Target.MIXEE)
        private CommandSpec command = CommandSpec.create();

        ControlRequest.Which which() {
            return new ControlRequest.Which(from, to, domain, older == null ? null : seconds(older), state);
        }

        private long seconds(String text) {
            return Times.parse(text)
                    .orElseThrow(() ->
                            new ParameterException(command.commandLine(), text + ": not a time such as 30m or 3d"))
                    .toSeconds();
        }
    }

    /** Which messages. */
    static final class Chosen {
        @Parameters(paramLabel = "ID", arity = "0..*", description = "Messages.")
        private List<String> ids = new ArrayList<>();

        @Option(names = "--all", description = "Every message.")
        private boolean all = false;

        @Mixin
        private Which which = new Which();
    }
}
