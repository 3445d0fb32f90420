package org.hikyaku.admin;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import org.hikyaku.mail.Content;
import org.hikyaku.mail.SpoolId;
import org.hikyaku.queue.QueueAdmin;
import org.hikyaku.queue.QueueAdmin.Answer;
import org.hikyaku.queue.QueueAdmin.Filter;
import org.hikyaku.spool.StoredMessage;

/**
 * What an operator may ask of the running server.
 *
 * <p><i>Failure:</i> each message that could not be served is a line of the answer, which is then not ok; the rest is done.
 */
public final class Operator implements ControlHandler {
    private static final int HEADER_MAX = 64 * 1024;
    private static final int IDS_MAX = 10_000;

    private final QueueAdmin queue;
    private final Levers levers;

    /** What the main program does itself. */
    public interface Levers {
        /** Reads the configuration again. */
        ControlEnd reload();

        /** Facts for {@code hikyaku status}, in order. */
        Map<String, String> status();

        /** Begins to stop, and returns at once. */
        void stop(String by);
    }

    public Operator(QueueAdmin queue, Levers levers) {
        this.queue = queue;
        this.levers = levers;
    }

    @Override
    public ControlEnd handle(ControlRequest request, Consumer<Object> rows) {
        String by = request.asker();
        return switch (request.command()) {
            case "reload" -> levers.reload();
            case "status" -> status(rows);
            case "stop" -> {
                levers.stop(by);
                yield ControlEnd.done("the server stops");
            }
            case "queue-list" -> list(request, rows);
            case "queue-show" -> each(request, "", id -> show(id, rows));
            case "queue-retry" -> each(request, "due now", queue::retry);
            case "queue-hold" -> each(request, "held", id -> queue.hold(id, by));
            case "queue-release" -> each(request, "released", id -> queue.release(id, by));
            case "queue-remove" -> each(request, "removed", id -> queue.remove(id, by));
            default -> ControlEnd.failed("the server knows no command " + request.command());
        };
    }

    private ControlEnd status(Consumer<Object> rows) {
        Map<String, String> facts = new LinkedHashMap<>(levers.status());
        QueueAdmin.Counts counts = queue.counts();
        facts.put("queue.messages", String.valueOf(counts.messages()));
        facts.put("queue.recipients", String.valueOf(counts.recipients()));
        facts.put("queue.held", String.valueOf(counts.held()));
        facts.put("queue.waiting", String.valueOf(counts.waiting()));
        facts.put("queue.delivering", String.valueOf(counts.delivering()));
        facts.put("queue.unstored", String.valueOf(counts.unstored()));
        counts.longest()
                .forEach(site -> facts.put("queue.waiting[" + site.getKey() + "]", String.valueOf(site.getValue())));
        facts.forEach((name, value) -> rows.accept(Map.of("name", name, "value", value)));
        return ControlEnd.done();
    }

    private ControlEnd list(ControlRequest request, Consumer<Object> rows) {
        ControlRequest.Which which = request.which() == null ? ControlRequest.Which.any() : request.which();
        return switch (Chosen.filter(which)) {
            case Chosen.Wrong(String why) -> ControlEnd.failed(why);
            case Chosen.By(Filter filter) -> {
                try {
                    queue.list(filter, row -> {
                        rows.accept(QueueRow.of(row.message(), row.delivering(), ""));
                        return true;
                    });
                    yield ControlEnd.done();
                } catch (IOException e) {
                    yield ControlEnd.failed("the queue cannot be read: " + e.getMessage());
                }
            }
        };
    }

    private Answer show(SpoolId id, Consumer<Object> rows) {
        try {
            Optional<QueueAdmin.Row> row = queue.show(id);
            if (row.isEmpty()) {
                return new Answer.NoSuchMessage();
            }
            StoredMessage message = row.get().message();
            rows.accept(QueueRow.of(message, row.get().delivering(), header(message.content())));
            return new Answer.Done();
        } catch (IOException e) {
            return new Answer.StorageFailed(String.valueOf(e.getMessage()));
        }
    }

    /** The header of a message as far as it fits. */
    private static String header(Content content) throws IOException {
        ByteBuffer octets = ByteBuffer.allocate((int) Math.min(HEADER_MAX, content.size()));
        while (octets.hasRemaining()) {
            content.read(octets, octets.position());
        }
        String text = new String(octets.array(), StandardCharsets.UTF_8);
        int end = text.indexOf("\r\n\r\n");
        return end < 0 ? text : text.substring(0, end + 2);
    }

    private ControlEnd each(ControlRequest request, String done, Function<SpoolId, Answer> act) {
        List<String> wrong = new ArrayList<>();
        List<SpoolId> ids = chosen(request, wrong);
        int count = 0;
        for (SpoolId id : ids) {
            switch (act.apply(id)) {
                case Answer.Done d -> count++;
                case Answer.NoSuchMessage n -> wrong.add(id + ": no such message in the queue");
                case Answer.StorageFailed(String why) -> wrong.add(id + ": the spool failed: " + why);
            }
        }
        String summary = count + (count == 1 ? " message " : " messages ") + done;
        if (!wrong.isEmpty()) {
            if (!done.isEmpty()) {
                wrong.add(summary);
            }
            return ControlEnd.failed(wrong.toArray(String[]::new));
        }
        return done.isEmpty() ? ControlEnd.done() : ControlEnd.done(summary);
    }

    private List<SpoolId> chosen(ControlRequest request, List<String> wrong) {
        List<SpoolId> ids = new ArrayList<>();
        for (String text : request.idList()) {
            SpoolId.parse(text).ifPresentOrElse(ids::add, () -> wrong.add(text + ": not the id of a message"));
        }
        if (request.which() == null) {
            return ids;
        }
        switch (Chosen.filter(request.which())) {
            case Chosen.Wrong(String why) -> wrong.add(why);
            case Chosen.By(Filter filter) -> {
                try {
                    queue.list(filter, row -> ids.add(row.message().id()) && ids.size() < IDS_MAX);
                    if (ids.size() == IDS_MAX) {
                        wrong.add("only the first " + IDS_MAX + " messages are done; repeat the command for more");
                    }
                } catch (IOException e) {
                    wrong.add("the queue cannot be read: " + e.getMessage());
                }
            }
        }
        return ids;
    }
}
