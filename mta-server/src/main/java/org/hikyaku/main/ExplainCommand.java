package org.hikyaku.main;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import org.hikyaku.admin.ControlEnd;
import org.hikyaku.admin.ControlRequest;
import org.hikyaku.admin.ExplainDesk;
import org.hikyaku.admin.Rows;
import org.hikyaku.config.Config;
import org.hikyaku.queue.Explainer;
import org.hikyaku.real.RealClock;
import org.hikyaku.real.RealDisk;
import org.hikyaku.route.Router;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** {@code hikyaku explain}: what becomes of an address. */
@Command(
        name = "explain",
        description = {
            "Show each step that an address goes through, with the rule that decided, where its mail ends, and which way it goes.",
            "Nothing is sent. The exit code is 1 if mail for it would be refused."
        },
        mixinStandardHelpOptions = true)
final class ExplainCommand implements Callable<Integer> {
    private static final JsonMapper JSON = JsonMapper.builder().build();

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Mixin
    private ServerOption server = new ServerOption();

    @Parameters(paramLabel = "ADDRESS", description = "The recipient.")
    private String address = "";

    @Option(
            names = "--from",
            paramLabel = "SENDER",
            description = "In mail of this sender. Default: <>, as bounces have.")
    private @Nullable String from;

    @Option(names = "--user", paramLabel = "NAME", description = "As sent by this user, who has logged in.")
    private @Nullable String user;

    @Option(names = "--client", paramLabel = "IP", description = "As sent from this host.")
    private @Nullable String client;

    @Option(names = "--listener", paramLabel = "NAME", description = "As come by this listener, for rules of routes.")
    private @Nullable String listener;

    @Option(names = "--size", paramLabel = "OCTETS", description = "Of this size, for rules of routes. Default: 0.")
    private @Nullable String size;

    @Option(
            names = "--header",
            paramLabel = "FIELD",
            description = "With this field, for rules of routes; may be given several times.")
    private List<String> headers = new ArrayList<>();

    @Option(names = "--offline", description = "By the configuration, without the server.")
    private boolean offline;

    @Option(names = "--json", description = "One JSON object a line (docs/addresses.md has the fields).")
    private boolean json;

    private boolean refused;

    @Override
    public Integer call() {
        PrintWriter out = spec.commandLine().getOut();
        PrintWriter err = spec.commandLine().getErr();
        ControlRequest request = ControlRequest.of("explain", ServerOption.asker())
                .with("address", address)
                .with("from", from)
                .with("user", user)
                .with("client", client)
                .with("listener", listener)
                .with("size", size)
                .with("header", headers.isEmpty() ? null : String.join("\n", headers));
        Consumer<JsonNode> row = node -> {
            refused |= node.path("end").asString("").equals("refused");
            out.println(json ? node.toString() : text(node));
        };
        int code = offline ? offline(request, row, err) : server.ask(request, row::accept, out, err);
        if (code == Exit.OK && refused && user == null && client == null && !json) {
            err.println("That is so in a stranger's mail; --user NAME or --client IP shows it for ours.");
        }
        return code == Exit.OK && refused ? Exit.PROBLEM : code;
    }

    private int offline(ControlRequest request, Consumer<JsonNode> row, PrintWriter err) {
        Optional<Config> config = server.config(err);
        if (config.isEmpty()) {
            return Exit.PROBLEM;
        }
        Snapshot.Loaded loaded = Snapshot.load(new RealDisk(), new RealClock(), config.get(), false);
        if (loaded.snapshot().isEmpty()) {
            loaded.problems().forEach(err::println);
            return Exit.PROBLEM;
        }
        Snapshot read = loaded.snapshot().get();
        List<JsonNode> lines = new ArrayList<>();
        ExplainDesk desk = new ExplainDesk(
                new Explainer(read::config, read::directory),
                asked -> Router.explain(asked, read.config(), read.routes()));
        ControlEnd end = desk.explain(request, new Rows() {
            @Override
            public void row(Object line) {
                lines.add(JSON.valueToTree(line));
            }

            @Override
            public void progress(long looked, long done) {}

            @Override
            public byte @Nullable [] line() {
                return null;
            }
        });
        lines.forEach(row);
        return ServerOption.told(end, spec.commandLine().getOut(), err);
    }

    private static String text(JsonNode row) {
        String who = row.path("address").asString();
        if (row.has("end")) {
            String note = row.path("note").asString();
            return "=> " + row.path("end").asString() + ": " + who + (note.isEmpty() ? "" : " (" + note + ")")
                    + ", sender " + row.path("sender").asString();
        }
        if (row.has("route")) {
            String source = row.path("source").asString();
            String fallback = row.path("fallback").asString();
            return who + ": route " + row.path("route").asString() + " ["
                    + row.path("where").asString() + "]" + (source.isEmpty() ? "" : ", from " + source)
                    + (fallback.isEmpty() ? "" : ", else " + fallback);
        }
        List<String> to = new ArrayList<>();
        row.path("to").forEach(each -> to.add(each.asString()));
        String where = row.path("where").asString();
        return who + ": " + row.path("step").asString()
                + (where.isEmpty() ? "" : " [" + where + "]")
                + (to.isEmpty() ? "" : " -> " + String.join(", ", to));
    }
}
