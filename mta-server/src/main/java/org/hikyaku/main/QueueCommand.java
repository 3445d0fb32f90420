package org.hikyaku.main;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.hikyaku.admin.ControlRequest;
import org.hikyaku.operate.Query;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import tools.jackson.databind.JsonNode;

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
            @Mixin QueueOption queue,
            @Mixin Which which,
            @Option(names = "--limit", paramLabel = "N", description = "At most so many.") @Nullable Long limit,
            @Option(names = "--ids", description = "The ids alone, one a line.") boolean ids) {
        PrintWriter out = out();
        if (limit != null && limit < 1) {
            throw new ParameterException(spec.commandLine(), "hikyaku: --limit " + limit + ": at least 1");
        }
        ControlRequest request = which.request("queue-list", "all").with("limit", limit == null ? null : "" + limit);
        if (ids) {
            return queue.ask(spec, request, row -> out.println(row.path("id").asString()));
        }
        QueueTable table = new QueueTable(out);
        int code = queue.ask(spec, request, row -> table.row(out, err(), row));
        if (code != Exit.USAGE && code != Exit.UNAVAILABLE && !queue.isJson()) {
            table.end();
        }
        return code;
    }

    @Command(
            name = "show",
            description = "Print all that is known of messages, and their headers.",
            mixinStandardHelpOptions = true)
    int show(@Mixin QueueOption queue, @Mixin Which which) {
        return queue.ask(spec, which.request("queue-show", null), row -> {
            if (!QueueTable.left(err(), row)) {
                QueueTable.show(out(), row);
            }
        });
    }

    @Command(name = "retry", description = "Try messages now.", mixinStandardHelpOptions = true)
    int retry(@Mixin QueueOption queue, @Mixin Change change, @Mixin Which which) {
        return change(queue, change, which.request("queue-retry", null));
    }

    @Command(
            name = "hold",
            description = "Keep messages from being delivered until they are released.",
            mixinStandardHelpOptions = true)
    int hold(
            @Mixin QueueOption queue,
            @Mixin Change change,
            @Mixin Which which,
            @Option(names = "--text", paramLabel = "WHY", description = "Shown in lists.") @Nullable String text) {
        return change(queue, change, which.request("queue-hold", null).with("text", text));
    }

    @Command(
            name = "release",
            description = "Let held messages go on; takes them out of the trash, stops bounces.",
            mixinStandardHelpOptions = true)
    int release(@Mixin QueueOption queue, @Mixin Change change, @Mixin Which which) {
        return change(queue, change, which.request("queue-release", null));
    }

    @Command(
            name = "remove",
            description = "Put messages into the trash; the sender hears nothing.",
            mixinStandardHelpOptions = true)
    int remove(
            @Mixin QueueOption queue,
            @Mixin Change change,
            @Mixin Which which,
            @Option(names = "--now", description = "For good, not into the trash.") boolean now) {
        return change(queue, change, which.request("queue-remove", null).withFlag("now", now));
    }

    @Command(
            name = "bounce",
            description = {
                "Give the recipients that match up, and tell the sender.",
                "The bounce is sent when the time to undo it (queue.undo_for) is over; until then the message waits."
            },
            mixinStandardHelpOptions = true)
    int bounce(
            @Mixin QueueOption queue,
            @Mixin Change change,
            @Mixin Which which,
            @Option(names = "--text", paramLabel = "WHY", description = "What the sender is told.", required = true)
                    String text,
            @Option(names = "--now", description = "At once; cannot be undone.") boolean now) {
        return change(
                queue,
                change,
                which.request("queue-bounce", null).with("text", text).withFlag("now", now));
    }

    @Command(
            name = "redirect",
            description = "Send the copies of the recipients that match to another address. No alias is followed.",
            mixinStandardHelpOptions = true)
    int redirect(
            @Mixin QueueOption queue,
            @Mixin Change change,
            @Mixin Which which,
            @Option(names = "--to", paramLabel = "ADDRESS", description = "The new recipient.", required = true)
                    String to) {
        return change(queue, change, which.request("queue-redirect", null).with("to", to));
    }

    @Command(
            name = "freeze-sender",
            description = {
                "Hold all mail of senders, what is in the queue and what will come, until they are thawed.",
                "A sender is an address, @domain, or the name of a user; or those of a query or of ids are meant."
            },
            mixinStandardHelpOptions = true)
    int freeze(
            @Mixin QueueOption queue,
            @Mixin Change change,
            @Parameters(paramLabel = "SENDER", arity = "1..*", description = "Senders, or a query.")
                    List<String> senders) {
        return change(queue, change, Which.senders("queue-freeze-sender", senders));
    }

    @Command(
            name = "thaw-sender",
            description = "End the freeze of senders; what was frozen goes on.",
            mixinStandardHelpOptions = true)
    int thaw(
            @Mixin QueueOption queue,
            @Mixin Change change,
            @Parameters(paramLabel = "SENDER", arity = "1..*", description = "Senders, as queue frozen lists them.")
                    List<String> senders) {
        return change(queue, change, Which.senders("queue-thaw-sender", senders));
    }

    @Command(name = "frozen", description = "Print the frozen senders, one a line.", mixinStandardHelpOptions = true)
    int frozen(@Mixin QueueOption queue) {
        ControlRequest request = ControlRequest.of("queue-frozen", ServerOption.asker());
        return queue.ask(spec, request, row -> out().println(row.path("frozen").asString()));
    }

    @Command(
            name = "undo",
            description =
                    "Take back what an operation did; without a number the last one that changed something and can be undone.",
            mixinStandardHelpOptions = true)
    int undo(
            @Mixin QueueOption queue,
            @Mixin Change change,
            @Parameters(paramLabel = "OPERATION", arity = "0..1", description = "As queue operations lists it.")
                    @Nullable
                    String operation) {
        ControlRequest request = ControlRequest.of("queue-undo", ServerOption.asker());
        return change(queue, change, request.with("operation", operation));
    }

    @Command(
            name = "operations",
            description = "Print the operations that are remembered, and whether they can be undone.",
            mixinStandardHelpOptions = true)
    int operations(@Mixin QueueOption queue) {
        ControlRequest request = ControlRequest.of("queue-operations", ServerOption.asker());
        return queue.ask(spec, request, row -> QueueTable.operation(out(), row));
    }

    @Command(
            name = "export",
            description = {
                "Write copies of messages, with envelope and state, to a tar archive that any tar can read.",
                "The queue keeps them, unless --remove says that they are moved. - is standard output."
            },
            mixinStandardHelpOptions = true)
    int export(
            @Mixin QueueOption queue,
            @Mixin Place place,
            @Option(
                            names = {"-o", "--output"},
                            paramLabel = "FILE",
                            description = "Must not be there yet; or -.",
                            required = true)
                    String file,
            @Option(
                            names = "--remove",
                            description = "Hold them meanwhile, and when the file is safe put them into the trash.")
                    boolean remove,
            @Mixin Which which) {
        if (remove && file.equals("-")) {
            throw new ParameterException(spec.commandLine(), "hikyaku: --remove needs a file, to know that it is safe");
        }
        ControlRequest request = which.request(remove ? "queue-take" : "queue-export", remove ? null : "all");
        return QueueMove.with(
                queue,
                place.offline,
                out(),
                err(),
                move -> remove ? move.move(file, request) : move.export(file, request));
    }

    @Command(
            name = "import",
            description = {
                "Take the messages of an archive of queue export: all, or none if it is damaged. - is standard input.",
                "Messages that were imported before are skipped; one that broke off is finished by importing again."
            },
            mixinStandardHelpOptions = true)
    int take(
            @Mixin QueueOption queue,
            @Mixin Place place,
            @Mixin Change change,
            @Parameters(paramLabel = "FILE", description = "The archive, or -.") String file) {
        return QueueMove.with(queue, place.offline, out(), err(), move -> move.take(file, change.dry));
    }

    private int change(QueueOption queue, Change change, ControlRequest request) {
        QueueTable table = new QueueTable(out());
        return queue.ask(spec, request.withFlag("dry", change.dry), row -> result(table, row));
    }

    private void result(QueueTable table, JsonNode row) {
        if (row.has("recipients")) {
            table.row(out(), err(), row);
        } else if (!QueueTable.left(err(), row)) {
            QueueTable.result(out(), err(), row);
        }
    }

    private PrintWriter out() {
        return spec.commandLine().getOut();
    }

    private PrintWriter err() {
        return spec.commandLine().getErr();
    }

    /** Of commands that change something. */
    static final class Change {
        @Option(
                names = {"-n", "--dry-run"},
                description = "Say how many messages would be touched, show the first; touch nothing.")
        private boolean dry = false;
    }

    /** Of commands that need no server. */
    static final class Place {
        @Option(names = "--offline", description = "Open the spool itself; the server must not run.")
        private boolean offline = false;
    }

    /** What stands under the help: how messages are named. */
    static String[] footer() {
        List<String> lines = new ArrayList<>(List.of(
                "",
                "Messages are named by their ids, by - (ids from standard input), or by a query:",
                "field operator value, joined by and, or, not, ( ); or all. The operators are",
                "= != ~ !~ on texts (~ contains, or a pattern with * and ?), = != < <= > >= on numbers.",
                "A query is asked of each recipient that still waits; the trash only when it says state = trash.",
                "Fields:"));
        Query.help().forEach(line -> lines.add("  " + line));
        lines.addAll(List.of(
                "",
                "  hikyaku queue list 'domain = example.com and age > 2h and error ~ \"timed out\"'",
                "  hikyaku queue remove --dry-run 'sender ~ *@spam.example and attempts > 3'",
                "",
                "Exit codes: 0 done, 1 no message matched or not all was done, 2 wrong command line or query,",
                "69 no server."));
        return lines.stream().map(line -> line.replace("%", "%%")).toArray(String[]::new);
    }
}
