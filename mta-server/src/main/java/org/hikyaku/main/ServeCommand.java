package org.hikyaku.main;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code hikyaku serve}. */
@Command(
        name = "serve",
        description = {
            "Run the server in the foreground, with its log on standard output.",
            "TERM and INT end it after what it is doing; HUP has it read its configuration again."
        },
        mixinStandardHelpOptions = true)
final class ServeCommand implements Callable<Integer> {
    @Mixin
    private ConfigOption config = new ConfigOption();

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() {
        return Daemon.run(config.file(), spec.commandLine().getErr(), started -> {});
    }
}
