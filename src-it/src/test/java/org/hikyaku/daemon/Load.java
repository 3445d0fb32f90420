package org.hikyaku.daemon;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BiConsumer;
import java.util.function.Supplier;

/** Some clients at once. */
public final class Load {
    private final AtomicBoolean stop = new AtomicBoolean();
    private final List<Thread> clients = new ArrayList<>();
    private final ConcurrentLinkedQueue<Throwable> wrong = new ConcurrentLinkedQueue<>();

    private Load() {}

    /**
     * Begins at once.
     *
     * @param next asked for each message, by many threads
     * @param taken told of each that got its 250, with the id in it, by many threads
     */
    public static <M extends Mail> Load of(int clients, Daemon server, Supplier<M> next, BiConsumer<String, M> taken) {
        Load load = new Load();
        for (int i = 0; i < clients; i++) {
            Client<M> client = new Client<>(server.port(), load.stop, next, taken);
            load.clients.add(Thread.ofPlatform()
                    .uncaughtExceptionHandler((thread, e) -> load.wrong.add(e))
                    .start(client));
        }
        return load;
    }

    /** Has them stop behind the message they are at, and waits for it; throws when one of them got a wrong reply. */
    public void end() throws InterruptedException {
        stop.set(true);
        for (Thread client : clients) {
            client.join();
        }
        if (!wrong.isEmpty()) {
            throw new IllegalStateException("a client: " + wrong.element(), wrong.element());
        }
    }
}
