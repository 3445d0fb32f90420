package org.hikyaku.main;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.function.Consumer;
import org.hikyaku.admin.ControlEnd;
import org.hikyaku.admin.ControlRequest;
import org.hikyaku.config.Config;
import org.hikyaku.config.Reading;
import picocli.CommandLine.Mixin;
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

    /** Asks the server and prints what it says at the end; the exit code. */
    int ask(ControlRequest request, Consumer<JsonNode> rows, PrintWriter out, PrintWriter err) {
        try {
            ControlEnd end = new ControlClient(find(err)).ask(request, rows);
            end.messages().forEach(end.ok() ? out::println : err::println);
            return end.ok() ? Exit.OK : Exit.PROBLEM;
        } catch (ControlClient.NoServer e) {
            err.println("hikyaku: " + e.getMessage());
            return Exit.UNAVAILABLE;
        }
    }

    /** A configuration that was broken since the start still tells where the socket is. */
    private Path find(PrintWriter err) {
        if (!socket.isEmpty()) {
            return Path.of(socket).toAbsolutePath();
        }
        return switch (config.read()) {
            case Reading.Good(Config good) -> good.controlSocket();
            case Reading.Bad bad -> {
                err.println("hikyaku: " + ConfigOption.count(bad) + "; see hikyaku check-config");
                yield bad.understood()
                        .map(Config::controlSocket)
                        .orElse(Path.of("/var/lib/hikyaku/control/hikyaku.sock"));
            }
        };
    }

    /** Who asks, for the log. */
    static String asker() {
        return System.getProperty("user.name", "unknown");
    }
}
