package org.hikyaku.main;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.hikyaku.admin.ControlEnd;
import org.hikyaku.admin.ControlServer;
import org.hikyaku.admin.EtrnDesk;
import org.hikyaku.admin.ExplainDesk;
import org.hikyaku.admin.FreezeDesk;
import org.hikyaku.admin.GrantDesk;
import org.hikyaku.admin.Operator;
import org.hikyaku.admin.QuirkDesk;
import org.hikyaku.admin.SiteDesk;
import org.hikyaku.admin.SuppressionDesk;
import org.hikyaku.config.Changes;
import org.hikyaku.config.Config;
import org.hikyaku.config.Problem;
import org.hikyaku.config.Reading;
import org.hikyaku.dns.DnsResolver;
import org.hikyaku.real.LogEvents;
import org.hikyaku.real.LogOutput;
import org.hikyaku.real.NetSettings;
import org.hikyaku.real.NettyNet;
import org.hikyaku.real.RealClock;
import org.hikyaku.real.RealDisk;
import org.hikyaku.real.RealEntropy;
import org.hikyaku.real.RealHttps;
import org.hikyaku.real.RealProcesses;
import org.hikyaku.real.RealTasks;
import org.hikyaku.tls.KeyLoader;
import org.hikyaku.tls.Keys;
import org.hikyaku.world.Event;
import org.hikyaku.world.FileTrouble;
import org.hikyaku.world.World;

/**
 * The server as a process: the real World, the Assembly in it, the control socket, and the signals that end it (TERM, INT)
 * or have it read its configuration again (HUP).
 *
 * <p><i>Failure:</i> whatever hinders the start is printed as it is for people, and the exit code says of which kind it is. A
 * reload that fails changes nothing.
 */
final class Daemon implements Operator.Levers {
    private final Path file;
    private final RealClock clock = new RealClock();
    private final RealDisk disk = new RealDisk();
    private final RealEntropy entropy = new RealEntropy();
    private final LogEvents events;
    private final CountDownLatch ending = new CountDownLatch(1);
    private final Instant started = clock.now();
    private final NettyNet net;
    private final World world;
    private volatile Config config;
    private volatile Keys keys = Keys.none("TLSv1.2");
    private volatile Running running = new Running.NotYet();

    /** How far it is. */
    private sealed interface Running {
        record NotYet() implements Running {}

        record Up(Assembly assembly) implements Running {}
    }

    private Daemon(Path file, Config config) {
        this.file = file;
        this.config = config;
        this.events = new LogEvents(() -> this.config.log());
        this.net = new NettyNet(NetSettings.standard(config.tls().nativeEngine()), () -> this.keys, events);
        RealTasks tasks = new RealTasks(events);
        DnsResolver resolver = new DnsResolver(() -> this.config.dns(), clock, tasks);
        RealHttps https = new RealHttps(Optional.empty());
        this.world = new World(clock, disk, net, resolver, tasks, entropy, events, new RealProcesses(), https);
    }

    /** Runs the server until it is told to end; the exit code. {@code ready} runs once it takes mail. */
    static int run(Path file, PrintWriter err, Consumer<Config> ready) {
        return switch (ConfigOption.read(file)) {
            case Reading.Bad bad -> {
                bad.problems().forEach(err::println);
                err.println("hikyaku: " + ConfigOption.count(bad) + "; the server does not start");
                yield Exit.CONFIG;
            }
            case Reading.Good(Config config) -> {
                LogOutput.begin();
                LogSetup.apply(config.log().format());
                yield new Daemon(file, config).run(err, ready);
            }
        };
    }

    private int run(PrintWriter err, Consumer<Config> ready) {
        long begin = clock.nanos();
        Signals.on("TERM", () -> stop("SIGTERM"));
        Signals.on("INT", () -> stop("SIGINT"));
        Signals.on("HUP", this::reload);
        events.emit(Event.SERVER_STARTING, VersionCommand.version(), file);
        try {
            Assembly assembly = Assembly.start(world, config, Hooks.real(this::takeKeys));
            running = new Running.Up(assembly);
            try {
                serve(assembly, begin, ready);
            } finally {
                end(assembly);
            }
            return Exit.OK;
        } catch (StartFailure e) {
            return complain(err, e.problems(), Exit.SYSTEM);
        } catch (IOException e) {
            return complain(err, List.of(FileTrouble.of(e)), Exit.SYSTEM);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Exit.OK;
        }
    }

    private void serve(Assembly assembly, long begin, Consumer<Config> ready) throws IOException, InterruptedException {
        ControlServer control = ControlServer.open(
                world,
                config.controlSocket(),
                new Operator(
                        assembly.operations(),
                        new GrantDesk(assembly.grants(), world),
                        new SiteDesk(assembly.operations().queue(), assembly.smtp()),
                        new QuirkDesk(assembly.quirks()),
                        new EtrnDesk(assembly.etrn(), assembly::config),
                        new ExplainDesk(assembly.explainer(), assembly::route),
                        new FreezeDesk(assembly.operations().accounts(), assembly.doors(), world),
                        new SuppressionDesk(assembly.suppressions(), assembly::isSpared),
                        this));
        long millis = Duration.ofNanos(clock.nanos() - begin).toMillis();
        events.emit(Event.SERVER_READY, places(assembly), millis);
        SystemdNotify.tell("READY=1");
        ready.accept(config);
        ending.await();
        SystemdNotify.tell("STOPPING=1");
        control.close();
    }

    /** {@code mx=[0.0.0.0]:25}, with the ports that were chosen where 0 was asked. */
    private String places(Assembly assembly) {
        return config.listeners().keySet().stream()
                .flatMap(name -> assembly.listeners().endpoints(name).stream().map(place -> name + "=" + place))
                .collect(Collectors.joining(" "));
    }

    private void end(Assembly assembly) {
        assembly.stop();
        net.close();
    }

    private static int complain(PrintWriter err, List<String> problems, int code) {
        problems.forEach(problem -> err.println("hikyaku: " + problem));
        err.println("hikyaku: the server does not start");
        return code;
    }

    private Optional<String> takeKeys(Keys fresh) {
        Optional<String> unfit = net.problem(fresh);
        if (unfit.isEmpty()) {
            keys = fresh;
            new KeyLoader.Loaded(fresh, List.of()).report(events, clock);
        }
        return unfit;
    }

    @Override
    public void stop(String by) {
        if (ending.getCount() > 0) {
            events.emit(Event.SERVER_STOPPING, by);
        }
        ending.countDown();
    }

    /** One at a time, and everything is looked at before anything is put in force. */
    @Override
    public synchronized ControlEnd reload() {
        return switch (running) {
            case Running.NotYet n -> ControlEnd.failed("the server is still starting");
            case Running.Up(Assembly assembly) ->
                switch (ConfigOption.read(file)) {
                    case Reading.Bad bad ->
                        rejected(bad.problems().stream().map(Problem::toString).toList());
                    case Reading.Good(Config fresh) -> reload(assembly, fresh);
                };
        };
    }

    private ControlEnd reload(Assembly assembly, Config fresh) {
        Changes changes = Changes.between(config, fresh);
        Config next = Changes.inForce(config, fresh);
        List<String> problems = assembly.reload(next);
        if (!problems.isEmpty()) {
            return rejected(problems);
        }
        config = next;
        events.emit(Event.CONFIG_RELOADED, String.join(",", changes.now()), String.join(",", changes.atRestart()));
        List<String> said = new ArrayList<>();
        said.add("read again; "
                + (changes.now().isEmpty()
                        ? changes.atRestart().isEmpty() ? "no setting has changed" : "nothing new is in force"
                        : "in force: " + String.join(", ", changes.now())));
        if (!changes.atRestart().isEmpty()) {
            said.add("changed, but in force only after a restart: " + String.join(", ", changes.atRestart()));
        }
        return ControlEnd.done(said.toArray(String[]::new));
    }

    private ControlEnd rejected(List<String> problems) {
        events.emit(Event.CONFIG_REJECTED, String.join("; ", problems));
        List<String> said = new ArrayList<>(problems);
        said.add("nothing is changed: the server goes on with what it had");
        return ControlEnd.failed(said.toArray(String[]::new));
    }

    @Override
    public Map<String, String> status() {
        Map<String, String> facts = new LinkedHashMap<>();
        facts.put("version", VersionCommand.version());
        facts.put("started", started.toString());
        facts.put("config", file.toString());
        if (running instanceof Running.Up(Assembly assembly)) {
            facts.put("sessions", String.valueOf(assembly.listeners().sessions()));
        }
        events.counts().forEach((event, count) -> {
            if (count > 0) {
                facts.put("events." + event.name().toLowerCase(Locale.ROOT), String.valueOf(count));
            }
        });
        return facts;
    }
}
