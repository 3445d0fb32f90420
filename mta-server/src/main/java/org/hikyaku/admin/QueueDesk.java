package org.hikyaku.admin;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import org.hikyaku.config.SiteRules;
import org.hikyaku.mail.Address;
import org.hikyaku.mail.Content;
import org.hikyaku.mail.SpoolId;
import org.hikyaku.operate.Choice;
import org.hikyaku.operate.Operation;
import org.hikyaku.operate.Operations;
import org.hikyaku.operate.Query;
import org.hikyaku.operate.Result;
import org.hikyaku.operate.Reversals;
import org.hikyaku.operate.Verb;
import org.hikyaku.operate.Watcher;
import org.hikyaku.queue.QueueAdmin;

/**
 * The commands {@code queue ...} as requests: reads what is asked, has it done, tells it in rows.
 *
 * <p><i>Failure:</i> each message that could not be served is a row with {@code left}; the answer is then not ok, the rest is done.
 */
public final class QueueDesk implements ControlHandler {
    private static final int HEADER_MAX = 64 * 1024;
    /** Rows of a dry run. */
    private static final int SAMPLE = 10;
    /** Senders who are named in an answer. */
    private static final int NAMED = 10;

    private final Operations operations;

    public QueueDesk(Operations operations) {
        this.operations = operations;
    }

    /** Ends a request that makes no sense. */
    private static final class Wrong extends Exception {
        private static final long serialVersionUID = 1;

        Wrong(String why) {
            super(why, null, false, false);
        }
    }

    @Override
    public ControlEnd handle(ControlRequest request, Rows rows) {
        try {
            return switch (request.command()) {
                case "queue-list" -> list(request, rows, false);
                case "queue-show" -> list(request, rows, true);
                case "queue-operations" -> operations(rows);
                case "queue-frozen" -> {
                    operations.frozen().forEach(sender -> rows.row(Map.of("frozen", sender)));
                    yield ControlEnd.done();
                }
                case "queue-export" -> new ExportDesk(operations).export(choice(request), rows);
                case "queue-import" -> new ImportDesk(operations, rows).take(request);
                default -> change(request, rows);
            };
        } catch (Wrong e) {
            return ControlEnd.wrong(String.valueOf(e.getMessage()));
        } catch (IOException e) {
            return ControlEnd.failed(String.valueOf(e.getMessage()));
        }
    }

    // Looking

    private ControlEnd list(ControlRequest request, Rows rows, boolean header) throws Wrong {
        long most = request.option("limit").isEmpty() ? Long.MAX_VALUE : number(request, "limit");
        Teller teller = new Teller(rows, operations.sites(), most, header, true);
        try {
            operations.list(choice(request), teller);
        } catch (Teller.Enough e) {
            return ControlEnd.done();
        }
        return teller.lefts == 0 && (!header || teller.matches > 0) ? ControlEnd.done() : ControlEnd.failed();
    }

    private ControlEnd operations(Rows rows) throws IOException {
        Reversals reversals = operations.reversals();
        for (Operation each : reversals.all()) {
            Map<String, Object> row = new LinkedHashMap<>();
            row.put("operation", each.number());
            row.put("at", each.at().toString());
            row.put("by", each.by());
            row.put("command", each.command());
            row.put("arguments", each.what());
            row.put("state", each.state());
            row.put("changed", each.done());
            row.put("undo_until", each.undoUntil().toString());
            row.put("undone_by", each.undoneBy());
            row.put("final", each.isFinal());
            row.put("obstacle", reversals.obstacle(each).orElse(""));
            rows.row(row);
        }
        return ControlEnd.done();
    }

    // Doing

    private ControlEnd change(ControlRequest request, Rows rows) throws Wrong, IOException {
        Verb verb = verb(request);
        boolean known = verb instanceof Verb.Undo || verb instanceof Verb.Freeze || verb instanceof Verb.Thaw;
        Choice choice = known ? new Choice.By(Query.all()) : choice(request);
        boolean dry = request.flag("dry");
        Teller teller = new Teller(rows, operations.sites(), dry ? SAMPLE : 0, false, false);
        Result result = operations.run(verb, choice, request.asker(), arguments(request), dry, teller);
        rows.row(row(request, verb, result, dry, teller.lefts));
        if (teller.lefts > 0 || result.failure().isPresent()) {
            return ControlEnd.failed();
        }
        return switch (verb) {
            case Verb.Freeze f -> ControlEnd.done(); // also of who is frozen already
            case Verb.Thaw(List<String> senders) -> thawed(senders, result);
            case Verb.Undo(long number)
            when !result.isSomething() ->
                ControlEnd.failed("nothing is left of operation " + number + " that could be taken back");
            default -> result.isSomething() ? ControlEnd.done() : ControlEnd.failed();
        };
    }

    /** Who was not frozen is told, but for a thaw given again for what the first has left. */
    private static ControlEnd thawed(List<String> senders, Result result) {
        List<String> never = senders.stream()
                .filter(each -> !result.senders().contains(each.strip().toLowerCase(Locale.ROOT)))
                .toList();
        return never.isEmpty() || (result.matched() > 0 && never.size() == senders.size())
                ? ControlEnd.done()
                : ControlEnd.failed(never.stream()
                        .limit(NAMED)
                        .map(each -> each + " is not frozen")
                        .toArray(String[]::new));
    }

    static Map<String, Object> row(ControlRequest request, Verb verb, Result result, boolean dry, long lefts) {
        Map<String, Object> row = new LinkedHashMap<>();
        row.put("command", request.command().substring("queue-".length()));
        row.put("operation", result.operation());
        row.put("dry_run", dry);
        row.put("looked", result.looked());
        row.put("matched", result.matched());
        row.put("changed", result.done());
        row.put("left", lefts);
        row.put("undo_until", result.undoUntil().map(Object::toString).orElse(""));
        row.put("stopped", result.failure().orElse(""));
        row.put("final", verb.isFinal());
        if (verb instanceof Verb.Undo(long number)) {
            row.put("undoes", number);
        }
        if (verb instanceof Verb.Freeze || verb instanceof Verb.Thaw) {
            row.put("senders", verb.senders());
        }
        row.put("senders_changed", result.senders());
        return row;
    }

    private Verb verb(ControlRequest request) throws Wrong, IOException {
        return switch (request.command()) {
            case "queue-hold" -> new Verb.Hold(request.option("text").orElse("by " + request.asker()));
            case "queue-release" -> new Verb.Release();
            case "queue-retry" -> new Verb.Retry();
            case "queue-remove" -> new Verb.Remove(request.flag("now"));
            case "queue-bounce" -> new Verb.Bounce(text(request), request.flag("now"));
            case "queue-redirect" -> new Verb.Redirect(to(request));
            case "queue-freeze-sender" -> new Verb.Freeze(senders(request));
            case "queue-thaw-sender" -> new Verb.Thaw(senders(request));
            case "queue-take" -> new Verb.Take();
            case "queue-moved" -> new Verb.Moved(number(request, "taken"));
            case "queue-undo" -> new Verb.Undo(undone(request));
            default -> throw new Wrong("the server knows no command " + request.command());
        };
    }

    private long undone(ControlRequest request) throws Wrong, IOException {
        if (request.option("operation").isPresent()) {
            return number(request, "operation");
        }
        return operations
                .reversals()
                .last()
                .map(Operation::number)
                .orElseThrow(() -> new Wrong("there is no operation that changed something and can be undone"));
    }

    private static String text(ControlRequest request) throws Wrong {
        String text = request.option("text").orElse("").strip();
        if (text.isEmpty() || text.length() > 1000 || text.chars().anyMatch(Character::isISOControl)) {
            throw new Wrong("a bounce needs --text: one line of at most 1000 characters that tells the sender why");
        }
        return text;
    }

    private static Address to(ControlRequest request) throws Wrong {
        String given = request.option("to").orElse("");
        Optional<Address> to = Address.parse(given).filter(a -> a.domain().isPresent());
        return to.orElseThrow(() -> new Wrong("--to " + given + ": not an address"));
    }

    /** Senders by name; or of messages, those of a query or of ids: who is logged in by his user, else by the address. */
    private List<String> senders(ControlRequest request) throws Wrong {
        List<String> given = request.idList();
        if (request.query() == null) {
            for (String each : given) {
                boolean wrong = each.isBlank()
                        || each.contains(" ")
                        || each.equals("@")
                        || each.length() > 320
                        || (each.indexOf('@') > 0 && Address.parse(each).isEmpty());
                if (wrong) {
                    throw new Wrong(each + ": not an address, @domain or user");
                }
            }
            if (given.isEmpty()) {
                throw new Wrong("name a sender: an address, @domain or user");
            }
            return given;
        }
        TreeSet<String> senders = new TreeSet<>();
        operations.list(choice(request), new Watcher() {
            @Override
            public void match(QueueAdmin.Row row, List<Integer> places) {
                String user = row.message().origin().user();
                String address = row.message().envelope().sender().toString();
                if (!user.isEmpty() || !address.isEmpty()) {
                    senders.add(user.isEmpty() ? address : user);
                }
            }

            @Override
            public void left(SpoolId id, String why) {}

            @Override
            public void progress(long looked, long done) {}
        });
        if (senders.isEmpty() || senders.size() > 1000) {
            throw new Wrong("the query leads to " + senders.size() + " senders; 1 to 1000 can be frozen at once");
        }
        return List.copyOf(senders);
    }

    private static Choice choice(ControlRequest request) throws Wrong {
        if (request.option("taken").isPresent()) {
            return new Choice.Taken(number(request, "taken"));
        }
        if (request.query() != null) {
            return switch (Query.parse(request.query())) {
                case Query.Parsed.Good(Query query) -> new Choice.By(query);
                case Query.Parsed.Wrong wrong -> throw new Wrong(wrong.shown(request.query()));
            };
        }
        List<SpoolId> ids = new ArrayList<>();
        for (String text : request.idList()) {
            ids.add(SpoolId.parse(text).orElseThrow(() -> new Wrong(text + ": not the id of a message")));
        }
        if (ids.isEmpty()) {
            throw new Wrong("name messages by their ids or by a query");
        }
        return new Choice.Ids(ids);
    }

    private static long number(ControlRequest request, String option) throws Wrong {
        String text = request.option(option).orElse("");
        if (!text.matches("[0-9]{1,18}")) {
            throw new Wrong(option + " " + text + ": not a number");
        }
        return Long.parseLong(text);
    }

    private static String arguments(ControlRequest request) {
        String which = request.query() == null ? String.join(" ", request.idList()) : request.query();
        String more = request.option("to").map(to -> " --to " + to).orElse("")
                + request.option("text").map(text -> " --text " + text).orElse("")
                + (request.flag("now") ? " --now" : "")
                + request.option("taken")
                        .map(taken -> "what operation " + taken + " took")
                        .orElse("")
                + request.option("operation").orElse("");
        String all = which + more;
        return all.length() > 500 ? all.substring(0, 500) + "..." : all.strip();
    }

    /** Makes rows of what it hears. */
    static final class Teller implements Watcher {
        private final Rows rows;
        private final SiteRules sites;
        private final long most;
        private final boolean header;
        private final boolean ends;
        long matches;
        long lefts;

        /**
         * @param most rows of messages
         * @param ends whether nothing is of interest behind them
         */
        Teller(Rows rows, SiteRules sites, long most, boolean header, boolean ends) {
            this.rows = rows;
            this.sites = sites;
            this.most = most;
            this.header = header;
            this.ends = ends;
        }

        /** Ends a list at its limit. */
        static final class Enough extends RuntimeException {
            private static final long serialVersionUID = 1;

            Enough() {
                super("enough", null, false, false);
            }
        }

        @Override
        public void match(QueueAdmin.Row row, List<Integer> places) {
            matches++;
            if (matches <= most) {
                rows.row(QueueRow.of(row, sites, header ? header(row) : ""));
            }
            if (matches == most && ends) {
                throw new Enough();
            }
        }

        /** The header of a message as far as it fits. */
        private String header(QueueAdmin.Row row) {
            try {
                Content content = row.message().content();
                ByteBuffer octets = ByteBuffer.allocate((int) Math.min(HEADER_MAX, content.size()));
                while (octets.hasRemaining() && content.read(octets, octets.position()) > 0) {}
                String text = new String(octets.array(), 0, octets.position(), StandardCharsets.UTF_8);
                int end = text.indexOf("\r\n\r\n");
                return end < 0 ? text : text.substring(0, end + 2);
            } catch (IOException e) {
                left(row.message().id(), "its body cannot be read: " + e.getMessage());
                return "";
            }
        }

        @Override
        public void left(SpoolId id, String why) {
            lefts++;
            rows.row(Map.of("id", id.toString(), "left", why));
        }

        @Override
        public void progress(long looked, long done) {
            rows.progress(looked, done);
        }
    }
}
