package org.hikyaku.sim;

import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import org.hikyaku.world.Event;
import org.jspecify.annotations.Nullable;

/**
 * The events of a host, over all its crashes: counted, the last lines kept, listeners told.
 *
 * <p><i>Failure:</i> an event with too many or too few values fails the run.
 */
public final class SimEvents {
    private static final int LINES_MAX = 500;

    private final SimScheduler scheduler;
    private final Map<Event, Long> counts = new EnumMap<>(Event.class);
    private final ArrayDeque<String> lines = new ArrayDeque<>();
    private BiConsumer<Event, @Nullable Object[]> listener = (event, values) -> {};

    SimEvents(SimScheduler scheduler) {
        this.scheduler = scheduler;
    }

    void record(Event event, @Nullable Object... values) {
        if (values.length != event.fields().size()) {
            throw scheduler.fail(
                    event + " wants the values " + event.fields() + ", got " + Arrays.toString(values), null);
        }
        counts.merge(event, 1L, Long::sum);
        String line = line(event, values);
        scheduler.history().add(scheduler.now(), "event", line);
        if (lines.size() == LINES_MAX) {
            lines.removeFirst();
        }
        lines.addLast(line);
        listener.accept(event, values);
    }

    /** How often {@code event} was emitted. */
    public long count(Event event) {
        return counts.getOrDefault(event, 0L);
    }

    /** The last lines, {@code message-queued id=... from=...}. */
    public List<String> lines() {
        return List.copyOf(lines);
    }

    /** Has {@code listener} hear every event, on the emitter's task or loop; instead of the one before. */
    public void listen(BiConsumer<Event, @Nullable Object[]> listener) {
        this.listener = listener;
    }

    private static String line(Event event, @Nullable Object[] values) {
        StringBuilder out = new StringBuilder(event.label());
        for (int i = 0; i < values.length; i++) {
            if (values[i] != null) {
                out.append(' ').append(event.fields().get(i)).append('=').append(values[i]);
            }
        }
        return out.toString();
    }
}
