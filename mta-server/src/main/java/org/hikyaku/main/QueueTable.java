package org.hikyaku.main;

import java.io.PrintWriter;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import tools.jackson.databind.JsonNode;

/** Rows of the queue as a person reads them. Control characters of strangers never reach the terminal. */
final class QueueTable {
    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm", Locale.ROOT).withZone(ZoneId.systemDefault());

    private final PrintWriter out;
    private long messages;
    private long octets;

    QueueTable(PrintWriter out) {
        this.out = out;
    }

    /** A message (with a star while it is being delivered): a line for it, and one or two for each recipient that still waits. */
    void row(PrintWriter to, PrintWriter err, JsonNode row) {
        if (left(err, row)) {
            return;
        }
        if (messages == 0) {
            to.println("ID             ARRIVED           SIZE     STATE     SENDER");
        }
        messages++;
        octets += row.path("size").asLong();
        String kept = text(row, "release").isEmpty() ? "" : "kept until " + time(row, "release");
        String held = text(row, "held").isEmpty() ? kept : text(row, "held");
        to.printf(
                "%-14s %-17s %-8s %-9s %s%s%n",
                text(row, "id") + (row.path("delivering").asBoolean() ? "*" : ""),
                time(row, "arrived"),
                size(row.path("size").asLong()),
                text(row, "state"),
                sender(row),
                held.isEmpty() ? "" : "  (" + held + ")");
        for (JsonNode each : row.path("recipients")) {
            if (each.path("state").asString().equals("pending")) {
                recipient(to, each);
            }
        }
    }

    /** Tells of a message that was not served; false when the row is of another kind. */
    static boolean left(PrintWriter err, JsonNode row) {
        if (row.has("left") && row.has("id")) {
            err.println("hikyaku: " + text(row, "id") + ": " + text(row, "left"));
            return true;
        }
        return false;
    }

    /** What came of a command. */
    static void result(PrintWriter out, PrintWriter err, JsonNode row) {
        long changed = row.path("changed").asLong();
        long matched = row.path("matched").asLong();
        String count = changed
                + (matched == changed ? "" : " of " + matched)
                + (matched == 1 ? " message" : " messages")
                + senders(row);
        String command = text(row, "command")
                + (row.has("undoes") ? " of operation " + row.path("undoes").asLong() : "");
        if (row.path("dry_run").asBoolean()) {
            out.println(command + ": " + count + " would be changed; nothing was touched");
            return;
        }
        String undo = text(row, "undo_until").isEmpty()
                ? ""
                : ", hikyaku queue undo " + row.path("operation").asLong() + " takes it back until "
                        + time(row, "undo_until");
        out.println(command + ": " + count + " changed; operation "
                + row.path("operation").asLong() + undo);
        if (!text(row, "stopped").isEmpty()) {
            err.println("hikyaku: stopped early: " + text(row, "stopped"));
        }
    }

    /** Those whose freeze an undo has begun or ended; else the operator has named them himself. */
    private static String senders(JsonNode row) {
        int count = row.has("undoes") ? row.path("senders_changed").size() : 0;
        return count == 0 ? "" : " and " + count + (count == 1 ? " frozen sender" : " frozen senders");
    }

    /** An operation, and whether it can be undone. */
    static void operation(PrintWriter out, JsonNode row) {
        long undone = row.path("undone_by").asLong();
        boolean cannot = !text(row, "obstacle").isEmpty();
        out.printf(
                "%6d  %s  %-8s %s %s: %d changed, %s, %s%n",
                row.path("operation").asLong(),
                time(row, "at"),
                text(row, "by"),
                text(row, "command"),
                text(row, "arguments"),
                row.path("changed").asLong(),
                undone == 0 ? text(row, "state") : "undone by " + undone,
                cannot ? "cannot be undone" : "undo until " + time(row, "undo_until"));
    }

    private static String time(JsonNode row, String field) {
        return TIME.format(Instant.parse(row.path(field).asString()));
    }

    void end() {
        out.println(
                messages == 0
                        ? "No messages."
                        : messages + (messages == 1 ? " message, " : " messages, ") + size(octets));
    }

    /** All of one message. */
    static void show(PrintWriter out, JsonNode row) {
        out.println("Id:         " + text(row, "id"));
        out.println("Arrived:    " + time(row, "arrived"));
        out.println("Size:       " + row.path("size").asLong() + " octets");
        out.println("State:      " + text(row, "state"));
        out.println("Sender:     " + sender(row));
        String user = text(row, "user");
        out.println("Came by:    " + text(row, "via") + " " + text(row, "client")
                + (user.isEmpty() ? "" : " user " + user));
        if (!text(row, "release").isEmpty()) {
            out.println("Kept until: " + time(row, "release"));
        }
        if (!text(row, "held").isEmpty()) {
            out.println("Held:       " + text(row, "held"));
        }
        out.println("Recipients:");
        for (JsonNode to : row.path("recipients")) {
            recipient(out, to);
        }
        if (!text(row, "header").isEmpty()) {
            out.println();
            row.path("header")
                    .asString()
                    .lines()
                    .forEach(line -> out.println("    " + clean(line.replace("\t", "    "))));
        }
        out.println();
    }

    private static void recipient(PrintWriter out, JsonNode to) {
        String original = text(to, "original");
        String state = text(to, "state");
        String next = state.equals("pending") ? "next try " + due(to.path("due").asString()) : state;
        out.println("    " + text(to, "address") + (original.isEmpty() ? "" : " (for " + original + ")") + "  " + next
                + ", attempts " + to.path("attempts").asInt());
        if (!text(to, "error").isEmpty()) {
            String remote = text(to, "remote");
            String meaning = text(to, "meaning").replace('_', ' ');
            out.println("        " + (remote.isEmpty() ? "" : remote + ": ") + text(to, "error")
                    + (meaning.isEmpty() ? "" : " [" + meaning + "]"));
        }
    }

    private static String sender(JsonNode row) {
        String from = text(row, "sender");
        return from.isEmpty() ? "<>" : from;
    }

    private static String due(String time) {
        Duration left = Duration.between(Instant.now(), Instant.parse(time));
        if (left.isNegative() || left.isZero()) {
            return "now";
        }
        long minutes = left.toMinutes();
        return "in " + (minutes >= 60 ? minutes / 60 + "h" + minutes % 60 + "m" : minutes + 1 + "m");
    }

    private static String size(long octets) {
        return octets < 1 << 10
                ? octets + "B"
                : octets < 1 << 20 ? (octets >> 10) + "KiB" : String.format(Locale.ROOT, "%.1fMiB", octets / 1048576.0);
    }

    private static String text(JsonNode row, String field) {
        return clean(row.path(field).asString());
    }

    private static String clean(String text) {
        return text.replaceAll("\\p{Cntrl}|[\\u202a-\\u202e\\u2066-\\u2069]", "?");
    }
}
