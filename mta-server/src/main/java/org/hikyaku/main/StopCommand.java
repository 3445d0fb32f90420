package org.hikyaku.main;

import java.io.PrintWriter;
import java.util.concurrent.Callable;
import org.hikyaku.admin.ControlRequest;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code hikyaku stop}. */
@Command(
        name = "stop",
        description = "Have the server finish what it is doing and end.",
        mixinStandardHelpOptions = true)
final class StopCommand implements Callable<Integer> {
    @Mixin
    private ServerOption server = new ServerOption();

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() {
        PrintWriter out = spec.commandLine().getOut();
        return server.ask(
                ControlRequest.of("stop", ServerOption.asker()),
                row -> {},
                out,
                spec.commandLine().getErr());
    }
}
