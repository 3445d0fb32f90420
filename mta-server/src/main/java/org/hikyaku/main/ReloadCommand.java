package org.hikyaku.main;

import java.io.PrintWriter;
import java.util.concurrent.Callable;
import org.hikyaku.admin.ControlRequest;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code hikyaku reload}. */
@Command(
        name = "reload",
        description = {
            "Have the server read configuration and certificates again.",
            "If anything is wrong, it is printed, the server goes on with what it has, and the exit code is 1."
        },
        mixinStandardHelpOptions = true)
final class ReloadCommand implements Callable<Integer> {
    @Mixin
    private ServerOption server = new ServerOption();

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() {
        PrintWriter out = spec.commandLine().getOut();
        return server.ask(
                ControlRequest.of("reload", ServerOption.asker()),
                row -> {},
                out,
                spec.commandLine().getErr());
    }
}
