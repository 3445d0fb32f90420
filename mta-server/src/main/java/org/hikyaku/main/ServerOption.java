package org.hikyaku.main;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.hikyaku.admin.ControlEnd;
import org.hikyaku.admin.ControlRequest;
import org.hikyaku.config.Config;
import org.hikyaku.config.Reading;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import tools.jackson.databind.JsonNode;

/** How a command finds the running server: {@code --socket}, or the socket that the configuration names. */
final class ServerOption {
    @Mixin
    private ConfigOption config = new ConfigOption();

    @Option(
            names = "--socket",
            paramLabel = "FILE",
            description = "The control socket, instead of that of the configuration.")
    private String socket = "";

    /** Asks the server, and prints what it says at the end; the exit code. */
    int ask(ControlRequest request, ControlClient.Ear ear, PrintWriter out, PrintWriter err) {
        Optional<ControlClient> client = client(err);
        return client.isEmpty() ? Exit.CONFIG : ask(client.get(), request, ear, out, err);
    }

    /** Asks the server, and prints each row of its answer on a line: as it is, or as {@code line} words it. */
    int print(ControlRequest request, boolean json, Function<JsonNode, String> line, CommandSpec spec) {
        return print(request, json, line, "", spec);
    }

    /** As the other one; {@code none} tells a person that there is no row. */
    int print(ControlRequest request, boolean json, Function<JsonNode, String> line, String none, CommandSpec spec) {
        PrintWriter err = spec.commandLine().getErr();
        Optional<ControlClient> client = client(err);
        return client.isEmpty() ? Exit.CONFIG : print(client.get(), request, json, line, none, spec);
    }

    static int print(
            Asked asked,
            ControlRequest request,
            boolean json,
            Function<JsonNode, String> line,
            String none,
            CommandSpec spec) {
        PrintWriter out = spec.commandLine().getOut();
        PrintWriter err = spec.commandLine().getErr();
        AtomicInteger rows = new AtomicInteger();
        int code = ask(
                asked,
                request,
                row -> {
                    rows.incrementAndGet();
                    out.println(json ? row.toString() : line.apply(row));
                },
                json ? err : out, // what is not a row
                err);
        if (code == Exit.OK && rows.get() == 0 && !json && !none.isEmpty()) {
            err.println(none); // what reads the rows reads none
        }
        return code;
    }

    /** Who asks the server; empty after it has been printed why it is not known where that is. */
    Optional<ControlClient> client(PrintWriter err) {
        return find(err).map(ControlClient::new);
    }

    static int ask(Asked asked, ControlRequest request, ControlClient.Ear ear, PrintWriter out, PrintWriter err) {
        try {
            return told(asked.ask(request, ear), out, err);
        } catch (ControlClient.NoServer e) {
            err.println("hikyaku: " + e.getMessage());
            return Exit.UNAVAILABLE;
        }
    }

    /** Prints the last line of an answer; the exit code. */
    static int told(ControlEnd end, PrintWriter out, PrintWriter err) {
        if (end.ok()) {
            end.messages().forEach(out::println);
            return Exit.OK;
        }
        end.messages().forEach(message -> err.println("hikyaku: " + message));
        return end.usage() ? Exit.USAGE : Exit.PROBLEM;
    }

    /** The configuration; empty after its problems have been printed. */
    Optional<Config> config(PrintWriter err) {
        return config.readOrComplain(err);
    }

    /** A configuration that was broken since the start still tells where the socket is; without one, no server is meant. */
    private Optional<Path> find(PrintWriter err) {
        if (!socket.isEmpty()) {
            return Optional.of(Path.of(socket).toAbsolutePath());
        }
        return switch (config.read()) {
            case Reading.Good(Config good) -> Optional.of(good.controlSocket());
            case Reading.Bad bad -> {
                Optional<Path> found = config.socketOf(bad);
                if (found.isEmpty()) {
                    err.println(ConfigOption.lines(bad));
                    err.println(
                            "hikyaku: so it is not known which server is meant; nothing was asked. --socket names one");
                } else {
                    err.println("hikyaku: " + ConfigOption.count(bad) + "; see hikyaku check-config");
                }
                yield found;
            }
        };
    }

    /** Who asks, for the log. */
    static String asker() {
        return System.getProperty("user.name", "unknown");
    }
}
