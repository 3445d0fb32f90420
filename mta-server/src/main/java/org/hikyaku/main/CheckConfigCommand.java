package org.hikyaku.main;

import java.io.PrintWriter;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.hikyaku.config.Config;
import org.hikyaku.real.RealClock;
import org.hikyaku.real.RealDisk;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code hikyaku check-config}. */
@Command(
        name = "check-config",
        description = {
            "Read the configuration and the files it names, and print every mistake as file:line: setting: message.",
            "Exit code 0 if the server would start with it, 1 if not."
        },
        mixinStandardHelpOptions = true)
final class CheckConfigCommand implements Callable<Integer> {
    @Mixin
    private ConfigOption config = new ConfigOption();

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() {
        PrintWriter err = spec.commandLine().getErr();
        Optional<Config> read = config.readOrComplain(err);
        if (read.isEmpty()) {
            return Exit.PROBLEM;
        }
        boolean ownKeys = read.get().tls().certificate().isEmpty(); // made at the first start
        List<String> problems = Snapshot.load(new RealDisk(), new RealClock(), read.get(), !ownKeys)
                .problems();
        problems.forEach(err::println);
        if (problems.isEmpty()) {
            spec.commandLine().getOut().println(config.file() + " is fine");
        }
        return problems.isEmpty() ? Exit.OK : Exit.PROBLEM;
    }
}
