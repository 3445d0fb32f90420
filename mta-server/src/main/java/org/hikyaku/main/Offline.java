package org.hikyaku.main;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.hikyaku.admin.ControlEnd;
import org.hikyaku.admin.ControlHandler;
import org.hikyaku.admin.ControlRequest;
import org.hikyaku.admin.QueueDesk;
import org.hikyaku.admin.Rows;
import org.hikyaku.config.Config;
import org.hikyaku.dns.DnsResolver;
import org.hikyaku.operate.Operations;
import org.hikyaku.queue.QueueManager;
import org.hikyaku.real.NetSettings;
import org.hikyaku.real.NettyNet;
import org.hikyaku.real.RealClock;
import org.hikyaku.real.RealDisk;
import org.hikyaku.real.RealEntropy;
import org.hikyaku.real.RealTasks;
import org.hikyaku.spool.JournalSpool;
import org.hikyaku.tls.Keys;
import org.hikyaku.world.Events;
import org.hikyaku.world.Tasks;
import org.hikyaku.world.World;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/**
 * The queue without a server: opens the spool itself, under its lock, and answers as the server would. Delivers nothing and
 * logs nothing.
 *
 * <p><i>Failure:</i> an {@link IOException} when there is no spool, when it is in use, or when it belongs to another user, for whom
 * what we write would be unreadable.
 */
final class Offline implements Asked, AutoCloseable {
    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final int LINES = 16;

    private final World world;
    private final NettyNet net;
    private final JournalSpool spool;
    private final Operations operations;

    private Offline(World world, NettyNet net, JournalSpool spool, Operations operations) {
        this.world = world;
        this.net = net;
        this.spool = spool;
        this.operations = operations;
    }

    static Offline open(Config config) throws IOException {
        checkOwner(config.spoolDirectory());
        Events silent = (event, values) -> {};
        RealClock clock = new RealClock();
        RealTasks tasks = new RealTasks(silent);
        NettyNet net = new NettyNet(NetSettings.standard(false), () -> Keys.none("TLSv1.2"), silent);
        DnsResolver resolver = new DnsResolver(config::dns, clock, tasks);
        World world = new World(clock, new RealDisk(), net, resolver, tasks, new RealEntropy(), silent);
        try {
            return open(world, net, config);
        } catch (IOException e) {
            net.close();
            throw e;
        }
    }

    private static Offline open(World world, NettyNet net, Config config) throws IOException {
        JournalSpool spool;
        try {
            spool = JournalSpool.open(
                    world,
                    config.spoolDirectory(),
                    config.spool(),
                    config.limits().draftMemory());
        } catch (IOException e) {
            throw new IOException(e.getMessage() + " (does the server run? then leave --offline out)", e);
        }
        try {
            QueueManager queue = new QueueManager(world, spool, () -> config, () -> {
                throw new IllegalStateException("no notices are sent offline");
            });
            Operations operations = Operations.open(world, queue.admin(), () -> config, config.operationsDirectory());
            CompletableFuture<Boolean> told = new CompletableFuture<>();
            Tasks.Task visits = spool.recover(queue);
            world.tasks().start("visits", () -> told.complete(visits.join(Duration.ofDays(1))));
            told.join();
            return new Offline(world, net, spool, operations);
        } catch (IOException e) {
            spool.close();
            throw e;
        }
    }

    private static void checkOwner(Path directory) throws IOException {
        if (!Files.isDirectory(directory)) {
            throw new IOException("there is no spool " + directory);
        }
        String owner = Files.getOwner(directory).getName();
        String user = System.getProperty("user.name", "");
        if (!owner.equals(user)) {
            throw new IOException(
                    "the spool " + directory + " belongs to the user " + owner + "; run this as him, not as " + user);
        }
    }

    World world() {
        return world;
    }

    ControlHandler handler() {
        return new QueueDesk(operations);
    }

    @Override
    public ControlEnd ask(ControlRequest request, ControlClient.Ear ear) {
        Tasks.Mailbox<byte[]> lines = world.tasks().mailbox(LINES);
        CompletableFuture<ControlEnd> end = new CompletableFuture<>();
        world.tasks().start("speaker", () -> speak(ear, lines));
        world.tasks().start("offline " + request.command(), () -> {
            try {
                end.complete(handler().handle(request, new Direct(ear, lines)));
            } catch (RuntimeException e) {
                end.complete(ControlEnd.failed(String.valueOf(e.getMessage())));
            } finally {
                lines.close();
            }
        });
        return end.join();
    }

    private static void speak(ControlClient.Ear ear, Tasks.Mailbox<byte[]> lines) {
        try {
            ear.speak(line -> {
                if (!lines.put(line.getBytes(StandardCharsets.UTF_8))) {
                    throw new ControlClient.NotHeard();
                }
            });
        } catch (ControlClient.NotHeard e) {
            return; // the answer is there already
        } catch (IOException e) {
            lines.close();
        }
    }

    /** Rows without a socket between. */
    private record Direct(ControlClient.Ear ear, Tasks.Mailbox<byte[]> lines) implements Rows {
        @Override
        public void row(Object row) {
            ear.row(JSON.valueToTree(row));
        }

        @Override
        public void progress(long looked, long done) {
            ear.progress(looked, done);
        }

        @Override
        public byte @Nullable [] line() {
            byte[] line = lines.take();
            if (line == null) {
                throw new IllegalStateException("the input ended");
            }
            return line;
        }
    }

    @Override
    public void close() {
        operations.close();
        spool.close();
        net.close();
    }
}
