package org.hikyaku.main;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code hikyaku demo}: what {@code mvn -P run} starts. */
@Command(
        name = "demo",
        description = {
            "Run a server to try, on ports 2525, 2587 and 2465 of this machine alone.",
            "Makes a configuration, a certificate and a user in a directory that is not there yet."
        },
        mixinStandardHelpOptions = true)
final class DemoCommand implements Callable<Integer> {
    @Option(
            names = "--directory",
            paramLabel = "DIR",
            description = "Where everything is kept. Default: ${DEFAULT-VALUE}")
    private Path directory = Path.of("data");

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() throws IOException {
        PrintWriter out = spec.commandLine().getOut();
        DemoHome home = DemoHome.prepare(directory.toAbsolutePath().normalize());
        return Daemon.run(home.config(), spec.commandLine().getErr(), started -> out.println(home.whatNext()));
    }
}
