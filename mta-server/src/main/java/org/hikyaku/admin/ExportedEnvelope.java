package org.hikyaku.admin;

import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.hikyaku.mail.Address;
import org.hikyaku.mail.Diagnosis;
import org.hikyaku.mail.Envelope;
import org.hikyaku.mail.Notify;
import org.hikyaku.mail.Recipient;
import org.hikyaku.mail.SpoolId;
import org.hikyaku.operate.Importer;
import org.hikyaku.operate.Mark;
import org.hikyaku.spool.Origin;
import org.hikyaku.spool.RecipientState;
import org.hikyaku.spool.StoredMessage;
import tools.jackson.databind.JsonNode;

/**
 * Envelope and state of a message as docs/queue-export.md has them, both ways.
 *
 * <p><i>Failure:</i> {@link Unfit} for what makes no sense, with the field that is wrong.
 */
final class ExportedEnvelope {
    private static final String FORMAT = "hikyaku-queue-1";
    /** With wishes, which a reader of the former must not pass over. */
    private static final String FORMAT_WISHES = "hikyaku-queue-2";

    private static final int TEXT_MAX = 4_096;
    private static final int ATTEMPTS_MAX = 1_000_000;

    private ExportedEnvelope() {}

    /** No envelope. */
    static final class Unfit extends Exception {
        private static final long serialVersionUID = 1;

        Unfit(String why) {
            super(why, null, false, false);
        }
    }

    static Map<String, Object> write(StoredMessage message) {
        String held = Mark.unmoved(message.held());
        Map<String, Object> out = new LinkedHashMap<>();
        out.put("format", hasWishes(message.envelope()) ? FORMAT_WISHES : FORMAT);
        out.put("id", message.id().toString());
        out.put("arrived", message.arrival().toString());
        out.put("size", message.content().size());
        out.put("sender", message.envelope().sender().toString());
        out.put("held", Mark.describe(held));
        out.put("mark", Mark.parse(held).isPresent() ? held : "");
        out.put("needs_8bit", message.envelope().needs8Bit());
        out.put("needs_utf8", message.envelope().needsUtf8());
        out.put("priority", message.envelope().priority());
        if (!message.envelope().wishes().isNone()) {
            out.put("wishes", ExportedWishes.write(message.envelope().wishes()));
        }
        out.put("via", message.origin().kind().name().toLowerCase(Locale.ROOT));
        out.put("client", message.origin().client());
        out.put("user", message.origin().user());
        out.put("session", message.origin().session());
        if (!message.origin().listener().isEmpty()) {
            out.put("listener", message.origin().listener());
        }
        List<Map<String, Object>> recipients = new ArrayList<>();
        for (int i = 0; i < message.states().size(); i++) {
            recipients.add(write(
                    message.envelope().recipients().get(i), message.states().get(i)));
        }
        out.put("recipients", recipients);
        return out;
    }

    private static boolean hasWishes(Envelope envelope) {
        return !envelope.wishes().isNone()
                || envelope.recipients().stream().anyMatch(to -> !to.wanted().equals(Notify.NONE));
    }

    private static Map<String, Object> write(Recipient to, RecipientState state) {
        Map<String, Object> out = new LinkedHashMap<>();
        out.put("address", to.address().toString());
        out.put("original", to.original().toString());
        ExportedWishes.write(out, to.wanted());
        out.put("state", state.status().name().toLowerCase(Locale.ROOT));
        out.put("attempts", state.attempts());
        out.put("due", state.due().toString());
        out.put("noticed", state.noticed());
        if (state.ruled()) {
            out.put("ruled", true);
        }
        out.put("status", state.last().status());
        out.put("text", state.last().text());
        out.put("remote", state.last().remote());
        out.put("reply", state.last().reply());
        return out;
    }

    /** @param recipients those of the envelope, that came apart from it */
    static Importer.Given read(JsonNode from, List<JsonNode> recipients) throws Unfit {
        if (!List.of(FORMAT, FORMAT_WISHES).contains(text(from, "format"))) {
            throw new Unfit("format: not " + FORMAT + " or " + FORMAT_WISHES);
        }
        SpoolId id = SpoolId.parse(text(from, "id")).orElseThrow(() -> new Unfit("id: not the id of a message"));
        String sender = text(from, "sender");
        List<Recipient> to = new ArrayList<>();
        List<RecipientState> states = new ArrayList<>();
        for (JsonNode each : recipients) {
            to.add(new Recipient(address(each, "address"), address(each, "original"), ExportedWishes.notify(each)));
            states.add(state(each));
        }
        if (states.stream().allMatch(state -> state.status().isFinished())) {
            throw new Unfit("recipients: none is owed a copy");
        }
        Envelope envelope = new Envelope(
                sender.isEmpty() ? Address.NULL : address(from, "sender"),
                to,
                truth(from, "needs_8bit"),
                truth(from, "needs_utf8"),
                (int) number(from.path("priority"), "priority", -Envelope.PRIORITY_MAX, Envelope.PRIORITY_MAX),
                ExportedWishes.read(from.path("wishes")));
        Origin origin = new Origin(
                kind(Origin.Kind.class, from, "via"),
                text(from, "client"),
                text(from, "user"),
                text(from, "session"),
                from.has("listener") ? text(from, "listener") : "");
        return new Importer.Given(
                id,
                number(from.path("size"), "size", 0, Long.MAX_VALUE),
                time(from, "arrived"),
                envelope,
                origin,
                states,
                held(from));
    }

    private static RecipientState state(JsonNode from) throws Unfit {
        return new RecipientState(
                kind(RecipientState.Status.class, from, "state"),
                (int) number(from.path("attempts"), "attempts", 0, ATTEMPTS_MAX),
                time(from, "due"),
                new Diagnosis(text(from, "status"), text(from, "text"), text(from, "remote"), text(from, "reply")),
                truth(from, "noticed"),
                from.has("ruled") && truth(from, "ruled"));
    }

    /** A mark as it was, if it is one that can be taken over; else the words. */
    private static String held(JsonNode from) throws Unfit {
        String words = text(from, "held");
        String mark = text(from, "mark");
        return Mark.parse(mark).filter(Mark::isPortable).isPresent() ? mark : words.isEmpty() ? "" : Mark.reason(words);
    }

    private static Address address(JsonNode from, String field) throws Unfit {
        String text = text(from, field);
        if (text.equalsIgnoreCase("postmaster")) {
            return Address.barePostmaster();
        }
        return Address.parse(text).orElseThrow(() -> new Unfit(field + ": not an address"));
    }

    private static <E extends Enum<E>> E kind(Class<E> type, JsonNode from, String field) throws Unfit {
        try {
            return Enum.valueOf(type, text(from, field).toUpperCase(Locale.ROOT));
        } catch (IllegalArgumentException e) {
            throw new Unfit(field + ": none of those that are known");
        }
    }

    /** Years that a spool can keep. */
    private static Instant time(JsonNode from, String field) throws Unfit {
        try {
            Instant time = Instant.parse(text(from, field));
            if (time.isBefore(Instant.EPOCH) || time.isAfter(Instant.parse("9999-12-31T00:00:00Z"))) {
                throw new Unfit(field + ": before 1970 or after 9999");
            }
            return time;
        } catch (DateTimeException e) {
            throw new Unfit(field + ": not a time of ISO 8601");
        }
    }

    /** A missing one is 0: archives of the first servers have no priority. */
    private static long number(JsonNode value, String field, long least, long most) throws Unfit {
        if (value.isMissingNode() && least <= 0) {
            return 0;
        }
        if (!value.isIntegralNumber() || !value.canConvertToLong() || value.asLong() < least || value.asLong() > most) {
            throw new Unfit(field + ": not a number from " + least + " to " + most);
        }
        return value.asLong();
    }

    private static boolean truth(JsonNode from, String field) throws Unfit {
        if (!from.path(field).isBoolean()) {
            throw new Unfit(field + ": not true or false");
        }
        return from.path(field).asBoolean();
    }

    private static String text(JsonNode from, String field) throws Unfit {
        JsonNode value = from.path(field);
        if (value.isMissingNode() && field.equals("mark")) {
            return "";
        }
        boolean fit = value.isString()
                && value.asString().length() <= TEXT_MAX
                && value.asString().chars().noneMatch(c -> Character.isISOControl(c) && c != '\t');
        if (!fit) {
            throw new Unfit(field + ": not one line of at most " + TEXT_MAX + " characters");
        }
        return value.asString();
    }
}
