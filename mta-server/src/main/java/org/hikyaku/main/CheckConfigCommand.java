package org.hikyaku.main;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.hikyaku.config.Config;
import org.hikyaku.config.Problem;
import org.hikyaku.config.Reading;
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
            "Exit code 0 if the server would start with it, 1 if not; a line that begins with note: hinders no start."
        },
        mixinStandardHelpOptions = true)
final class CheckConfigCommand implements Callable<Integer> {
    /** Groups whose settings say nothing of who lives here, where mail goes and which files there are. */
    private static final Set<String> APART = Set.of(
            "queue",
            "limits",
            "spool",
            "log",
            "dns",
            "outbound",
            "control",
            "sendmail",
            "listeners",
            "extensions",
            "suppression");
    /** How a problem begins that has no file. */
    private static final Pattern SETTING = Pattern.compile("([a-z_]+(?:\\.[a-z0-9_-]+)+): ");

    @Mixin
    private ConfigOption config = new ConfigOption();

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() {
        PrintWriter err = spec.commandLine().getErr();
        List<String> problems = new ArrayList<>();
        switch (config.read()) {
            case Reading.Good(Config good) -> files(good, problems, err);
            case Reading.Bad bad -> {
                bad.problems().forEach(problem -> problems.add(problem.toString()));
                bad.understood()
                        .filter(understood -> bad.problems().stream().noneMatch(CheckConfigCommand::misleads))
                        .ifPresent(understood -> files(understood, problems, err));
            }
        }
        problems.forEach(err::println);
        if (problems.isEmpty()) {
            spec.commandLine().getOut().println(config.file() + " is fine");
            return Exit.OK;
        }
        err.println(ConfigOption.count(problems.size()));
        return Exit.PROBLEM;
    }

    /** Whether what is read by the default in place of the mistake might be taken for a mistake itself. */
    private static boolean misleads(Problem problem) {
        String group = problem.key().split("[.\\[]", 2)[0];
        return !APART.contains(group) || problem.message().startsWith("no such setting");
    }

    private void files(Config read, List<String> problems, PrintWriter err) {
        boolean ownKeys = read.tls().certificate().isEmpty(); // made at the first start
        HostPlaces places = HostPlaces.look(read);
        places.notes().forEach(note -> err.println("note: " + note));
        Stream.concat(
                        Snapshot.load(new RealDisk(), new RealClock(), read, !ownKeys).problems().stream(),
                        places.problems().stream())
                .map(this::placed)
                .forEach(problems::add);
    }

    /** With file and line before a setting, where a problem begins with one. */
    private String placed(String problem) {
        Matcher setting = SETTING.matcher(problem);
        return setting.lookingAt()
                ? config.placeOf(setting.group(1)).map(place -> place + ": ").orElse("") + problem
                : problem;
    }
}
