package org.hikyaku.admin;

import java.time.DateTimeException;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.hikyaku.mail.Notify;
import org.hikyaku.mail.Wishes;
import tools.jackson.databind.JsonNode;

/**
 * What a sender asked for by extensions as docs/queue-export.md has it, both ways; only what differs from nothing.
 *
 * <p><i>Failure:</i> {@link ExportedEnvelope.Unfit} for what makes no sense.
 */
final class ExportedWishes {
    private static final int TEXT_MAX = 1_024;

    private ExportedWishes() {}

    static Map<String, Object> write(Wishes wishes) {
        Map<String, Object> out = new LinkedHashMap<>();
        put(out, "binary", wishes.binary());
        put(out, "ranked", wishes.ranked());
        put(out, "verp", wishes.verp());
        put(out, "tls", wishes.tls() == Wishes.Tls.USUAL ? "" : name(wishes.tls()));
        put(out, "ret", wishes.ret() == Wishes.Ret.UNSAID ? "" : name(wishes.ret()));
        put(out, "envelope_id", wishes.envelopeId());
        put(out, "submitter", wishes.submitter());
        put(out, "solicitation", wishes.solicitation());
        wishes.deadline().ifPresent(deadline -> {
            out.put("deliver_by", deadline.at().toString());
            put(out, "deliver_by_returns", deadline.returns());
            put(out, "deliver_by_trace", deadline.trace());
        });
        wishes.release().ifPresent(release -> {
            out.put("release", release.at().toString());
            out.put("release_said", release.said());
        });
        return out;
    }

    private static void put(Map<String, Object> out, String field, boolean is) {
        if (is) {
            out.put(field, true);
        }
    }

    private static void put(Map<String, Object> out, String field, String text) {
        if (!text.isEmpty()) {
            out.put(field, text);
        }
    }

    private static String name(Enum<?> of) {
        return of.name().toLowerCase(Locale.ROOT);
    }

    /** Adds to a recipient's fields. */
    static void write(Map<String, Object> out, Notify notify) {
        if (notify.isSaid()) {
            out.put("notify", notify.when());
        }
        put(out, "orcpt", notify.original());
    }

    /** @param from the object, or nothing */
    static Wishes read(JsonNode from) throws ExportedEnvelope.Unfit {
        Wishes wishes = Wishes.NONE
                .withBinary(truth(from, "binary"))
                .withRanked(truth(from, "ranked"))
                .withVerp(verp(text(from, "verp")))
                .with(kind(Wishes.Tls.USUAL, from, "tls"))
                .with(kind(Wishes.Ret.UNSAID, from, "ret"))
                .withEnvelopeId(text(from, "envelope_id"))
                .withSubmitter(text(from, "submitter"))
                .withSolicitation(text(from, "solicitation"));
        if (from.has("deliver_by")) {
            wishes = wishes.with(new Wishes.Deadline(
                    time(from, "deliver_by"), truth(from, "deliver_by_returns"), truth(from, "deliver_by_trace")));
        }
        return from.has("release")
                ? wishes.with(new Wishes.Release(time(from, "release"), text(from, "release_said")))
                : wishes;
    }

    private static String verp(String signs) throws ExportedEnvelope.Unfit {
        if (!signs.isEmpty() && !Wishes.areVerpSigns(signs)) {
            throw new ExportedEnvelope.Unfit("verp: not two of " + Wishes.VERP_SIGNS);
        }
        return signs;
    }

    /** @param recipient all his fields */
    static Notify notify(JsonNode recipient) throws ExportedEnvelope.Unfit {
        JsonNode when = recipient.path("notify");
        boolean fit = when.isMissingNode() || (when.isInt() && when.asInt() >= 0 && when.asInt() < Notify.UNSAID);
        if (!fit) {
            throw new ExportedEnvelope.Unfit("notify: not a number from 0 to 7");
        }
        return new Notify(when.isMissingNode() ? Notify.UNSAID : when.asInt(), text(recipient, "orcpt"));
    }

    private static boolean truth(JsonNode from, String field) throws ExportedEnvelope.Unfit {
        JsonNode value = from.path(field);
        if (!value.isMissingNode() && !value.isBoolean()) {
            throw new ExportedEnvelope.Unfit(field + ": not true or false");
        }
        return value.asBoolean(false);
    }

    private static String text(JsonNode from, String field) throws ExportedEnvelope.Unfit {
        JsonNode value = from.path(field);
        if (value.isMissingNode()) {
            return "";
        }
        boolean fit = value.isString()
                && value.asString().length() <= TEXT_MAX
                && value.asString().chars().noneMatch(Character::isISOControl);
        if (!fit) {
            throw new ExportedEnvelope.Unfit(field + ": not one line of at most " + TEXT_MAX + " characters");
        }
        return value.asString();
    }

    private static <E extends Enum<E>> E kind(E otherwise, JsonNode from, String field) throws ExportedEnvelope.Unfit {
        String text = text(from, field);
        try {
            return text.isEmpty()
                    ? otherwise
                    : Enum.valueOf(otherwise.getDeclaringClass(), text.toUpperCase(Locale.ROOT));
        } catch (IllegalArgumentException e) {
            throw new ExportedEnvelope.Unfit(field + ": none of those that are known");
        }
    }

    private static Instant time(JsonNode from, String field) throws ExportedEnvelope.Unfit {
        try {
            return Instant.parse(text(from, field));
        } catch (DateTimeException e) {
            throw new ExportedEnvelope.Unfit(field + ": not a time of ISO 8601");
        }
    }
}
