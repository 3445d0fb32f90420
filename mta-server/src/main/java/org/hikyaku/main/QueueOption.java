package org.hikyaku.main;

import java.io.PrintWriter;
import java.util.function.Consumer;
import org.hikyaku.admin.ControlRequest;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import tools.jackson.databind.JsonNode;

/** How a queue command reaches the queue and how it speaks. */
final class QueueOption {
    @Mixin
    private ServerOption server = new ServerOption();

    @Option(names = "--json", description = "One JSON object a line (docs/operating.md has the fields).")
    private boolean json = false;

    boolean isJson() {
        return json;
    }

    ServerOption server() {
        return server;
    }

    /** Hears an answer; rows go to {@code rows} whatever the options say. */
    ControlClient.Ear talk(Consumer<JsonNode> rows) {
        return new Talk(rows, !json);
    }

    /** Asks; rows go to {@code people}, or as they are to standard output. The exit code. */
    int ask(CommandSpec spec, ControlRequest request, Consumer<JsonNode> people) {
        PrintWriter out = spec.commandLine().getOut();
        PrintWriter err = spec.commandLine().getErr();
        Consumer<JsonNode> rows = json ? row -> out.println(row.toString()) : people;
        Consumer<JsonNode> read = row -> {
            rows.accept(row);
            if (out.checkError()) {
                throw new NobodyReads();
            }
        };
        try {
            return server.ask(request, new Talk(read, !json), out, err);
        } catch (NobodyReads e) {
            return Exit.OK;
        }
    }

    /** Whoever read our output has seen enough, as head does. */
    private static final class NobodyReads extends RuntimeException {
        private static final long serialVersionUID = 1;

        NobodyReads() {
            super("nobody reads", null, false, false);
        }
    }

    /** Rows for people stand below the line of progress, which is wiped for them. */
    private static final class Talk implements ControlClient.Ear {
        private final Consumer<JsonNode> rows;
        private final boolean terminal;
        private boolean shown;

        @SuppressWarnings("SystemConsoleNull") // Java 25 answers null again where there is no terminal
        Talk(Consumer<JsonNode> rows, boolean forPeople) {
            this.rows = rows;
            this.terminal =
                    forPeople && System.console() != null && System.console().isTerminal();
        }

        @Override
        public void row(JsonNode row) {
            if (shown) {
                System.err.print("\r\u001b[K");
                shown = false;
            }
            rows.accept(row);
        }

        @Override
        public void progress(long looked, long done) {
            if (terminal) {
                System.err.print(
                        "\r\u001b[K" + looked + " messages looked at" + (done > 0 ? ", " + done + " changed" : ""));
                System.err.flush();
                shown = true;
            }
        }
    }
}
