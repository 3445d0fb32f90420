package org.hikyaku.main;

import java.util.ArrayList;
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

/** {@code hikyaku sites}: why mail does not go out. */
@Command(
        name = "sites",
        description = {
            "Show what waits for which receiver, what holds it up, and whom nothing goes to for a while.",
            "Deliveries are counted by site: the hosts that stand behind one or many domains. "
                    + "Without NAME the 50 sites with the most waiting, and every host that is passed by."
        },
        mixinStandardHelpOptions = true)
final class SitesCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Mixin
    private ServerOption server = new ServerOption();

    @Option(names = "--json", description = "One JSON object a line: a site, or a host that is passed by.")
    private boolean json;

    @Parameters(
            paramLabel = "NAME",
            arity = "0..1",
            description =
                    "A domain (.example.org: with all below), a rule of sites, or a site as this command shows it.")
    private String name = "";

    @Override
    public Integer call() {
        ControlRequest request =
                ControlRequest.of("sites", ServerOption.asker()).with("name", name);
        String none = name.isEmpty() ? "Nothing waits." : "Nothing waits for " + name + ".";
        return server.print(request, json, SitesCommand::line, none, spec);
    }

    private static String line(JsonNode row) {
        return row.has("site") ? site(row) : host(row);
    }

    private static String site(JsonNode row) {
        return String.format(
                "%s%n    %d due, %d later; %d under way of %d now, %d at most; connections: %d; %s",
                row.path("site").asString(),
                row.path("due").asInt(),
                row.path("later").asInt(),
                row.path("delivering").asInt(),
                row.path("window").asInt(),
                row.path("window_max").asInt(),
                row.path("connections").asInt(),
                String.join("; ", standing(row)));
    }

    /** What holds it up, if anything does. */
    private static List<String> standing(JsonNode row) {
        List<String> all = new ArrayList<>();
        if (row.has("served_by")) {
            all.add("what is due goes to " + row.path("served_by").asString());
        } else if (row.path("shut_seconds").asLong() > 0) {
            all.add("nothing goes for " + row.path("shut_seconds").asLong() + " s");
        } else if (row.path("due").asInt() == 0 && row.has("next_seconds")) {
            all.add("next attempt in " + row.path("next_seconds").asLong() + " s");
        } else if (row.path("delivering").asInt() >= row.path("window").asInt()) {
            all.add("as much under way as may be");
        } else {
            all.add("open");
        }
        if (row.path("pace_seconds").asDouble() > 0) {
            all.add("a message each " + row.path("pace_seconds").asDouble() + " s, as its replies have taught");
        }
        return all;
    }

    private static String host(JsonNode row) {
        return String.format(
                "passed by for %d s: %s%s: %s (found by mail for %s)",
                row.path("seconds").asLong(),
                row.path("passed_by").asString(),
                row.has("login") ? ", for the login of " + row.path("login").asString() : "",
                row.path("why").asString(),
                row.path("domain").asString());
    }
}
