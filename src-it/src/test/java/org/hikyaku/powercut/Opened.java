package org.hikyaku.powercut;

import java.io.IOException;
import java.lang.reflect.Proxy;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentSkipListMap;
import org.hikyaku.config.ConfigReader;
import org.hikyaku.config.SpoolSettings;
import org.hikyaku.mail.Content;
import org.hikyaku.mail.SpoolId;
import org.hikyaku.real.RealClock;
import org.hikyaku.real.RealDisk;
import org.hikyaku.real.RealEntropy;
import org.hikyaku.real.RealTasks;
import org.hikyaku.spool.JournalSpool;
import org.hikyaku.spool.RecipientState;
import org.hikyaku.spool.StoredMessage;
import org.hikyaku.world.Event;
import org.hikyaku.world.Events;
import org.hikyaku.world.Net;
import org.hikyaku.world.Resolver;
import org.hikyaku.world.World;

/**
 * What the spool's own recovery finds in a directory.
 *
 * @param messages by id
 * @param states the crash states that recovery met, by their number in docs/spool.md
 * @param damage what it called damaged: a power cut must never look so
 */
record Opened(Map<String, Message> messages, Set<String> states, List<String> damage) {
    private static final long MEMORY = 8 << 20;
    private static final Duration LIMIT = Duration.ofMinutes(1);
    private static final SpoolSettings SETTINGS = ConfigReader.fromText("""
                    hostname = mx.cut.example
                    auth.users = "/users"
                    local.postmaster = "box0@cut.example"
                    local.domains = [cut.example]
                    spool { segment_size = 1MiB, inline_max = 16KiB, reserve = 0B }
                    """).spool();

    /**
     * @param waiting addresses of recipients not finished
     * @param sender empty for a notice
     */
    record Message(String sender, List<String> waiting, String held, String text) {}

    static Opened of(Path spool) throws IOException {
        Map<Event, List<String>> events = new ConcurrentSkipListMap<>();
        Events log =
                (event, values) -> events.computeIfAbsent(event, e -> Collections.synchronizedList(new ArrayList<>()))
                        .add(Arrays.toString(values));
        World world = new World(
                new RealClock(),
                new RealDisk(),
                nothing(Net.class),
                nothing(Resolver.class),
                new RealTasks(log),
                new RealEntropy(),
                log);
        Map<String, Message> found = new TreeMap<>();
        List<String> damage = new ArrayList<>();
        JournalSpool open = JournalSpool.open(world, spool, SETTINGS, MEMORY);
        try {
            List<SpoolId> told = Collections.synchronizedList(new ArrayList<>());
            open.recover(message -> told.add(message.id())).join(LIMIT);
            List<SpoolId> all = open.ids(null, Integer.MAX_VALUE);
            if (!told.stream().sorted().toList().equals(all)) {
                damage.add("told of " + told + " and holds " + all);
            }
            for (SpoolId id : all) {
                try {
                    found.put(id.toString(), read(open, id));
                } catch (IOException e) {
                    damage.add(id + ": " + e.getMessage());
                }
            }
        } finally {
            open.close();
        }
        damage.addAll(events.getOrDefault(Event.SPOOL_RECORD_DAMAGED, List.of()));
        damage.addAll(events.getOrDefault(Event.TASK_DIED, List.of()));
        return new Opened(found, states(events), damage);
    }

    /** By their number alone. */
    private static Set<String> states(Map<Event, List<String>> events) {
        TreeSet<String> states = new TreeSet<>();
        for (String values : events.getOrDefault(Event.SPOOL_CRASH_STATE, List.of())) {
            states.add(values.substring(1, values.indexOf(',')));
        }
        return states;
    }

    private static Message read(JournalSpool spool, SpoolId id) throws IOException {
        StoredMessage whole = spool.read(id).orElseThrow(() -> new IOException("told, and not there"));
        List<String> waiting = new ArrayList<>();
        for (int i = 0; i < whole.states().size(); i++) {
            if (whole.states().get(i).status() == RecipientState.Status.PENDING) {
                waiting.add(whole.envelope().recipients().get(i).address().toString());
            }
        }
        return new Message(whole.envelope().sender().toString(), waiting, whole.held(), text(whole.content()));
    }

    private static String text(Content content) throws IOException {
        ByteBuffer all = ByteBuffer.allocate(Math.toIntExact(content.size()));
        while (all.hasRemaining()) {
            if (content.read(all, all.position()) < 1) {
                throw new IOException("shorter than its size");
            }
        }
        return new String(all.array(), StandardCharsets.ISO_8859_1);
    }

    private static <T> T nothing(Class<T> type) {
        return type.cast(Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, (self, method, given) -> {
            throw new UnsupportedOperationException(method.getName());
        }));
    }
}
