package org.hikyaku.kill;

import java.io.IOException;
import java.lang.reflect.Proxy;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.hikyaku.config.SpoolSettings;
import org.hikyaku.mail.Address;
import org.hikyaku.mail.Envelope;
import org.hikyaku.mail.Recipient;
import org.hikyaku.mail.SpoolId;
import org.hikyaku.real.RealClock;
import org.hikyaku.real.RealDisk;
import org.hikyaku.real.RealEntropy;
import org.hikyaku.real.RealTasks;
import org.hikyaku.spool.Change;
import org.hikyaku.spool.Draft;
import org.hikyaku.spool.JournalSpool;
import org.hikyaku.spool.Origin;
import org.hikyaku.spool.RecipientState;
import org.hikyaku.spool.Spool;
import org.hikyaku.world.Event;
import org.hikyaku.world.Events;
import org.hikyaku.world.Net;
import org.hikyaku.world.Resolver;
import org.hikyaku.world.World;

/**
 * A spool on the real disk in a process of its own: {@code hold DIRECTORY} opens it and waits; {@code fill DIRECTORY} fills
 * the disk, finishes what it stored, and starts again in between. Says what happens on its output, a line each.
 */
final class SpoolHolder {
    private SpoolHolder() {}

    public static void main(String[] args) throws Exception {
        Path directory = Path.of(args[1]);
        try {
            if (args[0].equals("hold")) {
                JournalSpool spool = open(directory);
                say("open " + spool.size());
                System.in.read();
            } else {
                fill(directory);
            }
        } catch (IOException e) {
            say("refused: " + e.getMessage());
            System.exit(1);
        }
        System.exit(0);
    }

    private static void say(String text) {
        System.out.println(text);
        System.out.flush();
    }

    static JournalSpool open(Path directory) throws IOException {
        return open(directory, (event, values) -> {});
    }

    private static JournalSpool open(Path directory, Events events) throws IOException {
        World world = new World(
                new RealClock(),
                new RealDisk(),
                nothing(Net.class),
                nothing(Resolver.class),
                new RealTasks(events),
                new RealEntropy(),
                events);
        return JournalSpool.open(
                world,
                directory,
                new SpoolSettings(Optional.of(directory), 128 << 10, 16 << 10, 0, Duration.ofMillis(5), 16 << 20),
                4 << 20);
    }

    @SuppressWarnings("unchecked")
    private static <T> T nothing(Class<T> type) {
        return (T) Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, (self, method, args) -> {
            throw new UnsupportedOperationException(method.toString());
        });
    }

    private static void fill(Path directory) throws Exception {
        JournalSpool spool = open(directory);
        int stored = 0;
        while (store(spool).isEmpty()) {
            stored++;
        }
        say("full after " + stored);
        say("room for large " + spool.hasRoom(10 << 20));
        spool.close();
        BlockingQueue<Event> roomAgain = new LinkedBlockingQueue<>();
        spool = open(directory, (event, values) -> {
            if (event == Event.SPOOL_RECOVERED) {
                roomAgain.add(event);
            }
        }); // a start on the full disk
        say("stores after a start " + spool.isStoring());
        int finished = 0;
        for (SpoolId id : spool.ids(null, stored)) {
            Change removal = Change.of(new Change.Entry.Remove(id, "test"));
            finished += commit(spool, removal).isEmpty() ? 1 : 0;
        }
        say("finished " + finished + " of " + stored);
        String again = store(spool);
        while (again.startsWith("full") && roomAgain.poll(30, TimeUnit.SECONDS) != null) {
            again = store(spool);
        }
        say("again " + again.isEmpty());
        spool.close();
    }

    private static String store(Spool spool) throws Exception {
        Draft draft = spool.draft();
        byte[] body = "x".repeat(4_000).getBytes(StandardCharsets.US_ASCII);
        draft.append(body, 0, body.length);
        RealClock clock = new RealClock();
        return commit(
                spool,
                Change.of(new Change.Entry.Accept(
                        draft,
                        new byte[0],
                        new Envelope(
                                Address.of("a@a.example"),
                                List.of(Recipient.of(Address.of("b@b.example"))),
                                false,
                                false),
                        new Origin(Origin.Kind.SMTP, "192.0.2.7", "", "s1"),
                        clock.now(),
                        Collections.nCopies(1, RecipientState.fresh(clock.now())),
                        "")));
    }

    private static String commit(Spool spool, Change change) throws Exception {
        CompletableFuture<String> told = new CompletableFuture<>();
        spool.commit(change, null, new Spool.Done() {
            @Override
            public void stored() {
                told.complete("");
            }

            @Override
            public void failed(Spool.SpoolFailure why) {
                told.complete((why.full() ? "full: " : "failed: ") + why.text());
            }
        });
        return told.get();
    }
}
