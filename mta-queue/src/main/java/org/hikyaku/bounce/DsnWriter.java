package org.hikyaku.bounce;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.hikyaku.mail.Address;
import org.hikyaku.mail.Diagnosis;
import org.hikyaku.mail.Domain;
import org.hikyaku.mail.Recipient;
import org.hikyaku.smtp.OriginalRecipient;

/**
 * Writes delivery status notifications: multipart/report (RFC 6522) of a text for people, the fields of RFC 3464 for
 * programs, and the message or its header; in the forms of RFC 6533 where addresses or headers go beyond ASCII. Pure.
 *
 * <p>Towards a sender with an ASCII address, whose server may not know SMTPUTF8, all that goes beyond ASCII is
 * encoded; only a returned 8 bit body stays as it is, and is labelled so.
 */
public final class DsnWriter {
    private static final DateTimeFormatter DATE = DateTimeFormatter.ofPattern("EEE, d MMM yyyy HH:mm:ss Z", Locale.ROOT)
            .withZone(ZoneOffset.UTC);
    private static final Pattern STATUS = Pattern.compile("[245]\\.(0|[1-9][0-9]{0,2})\\.(0|[1-9][0-9]{0,2})");
    private static final Pattern MESSAGE_ID = Pattern.compile("<[\\x21-\\x3b\\x3d\\x3f-\\x7e]{1,300}>");

    private final Report report;
    private final Wording words;
    /** Letters beyond ASCII stand as they are. */
    private final boolean raw;

    private DsnWriter(Report report) {
        this.report = report;
        this.words = Wording.of(report.kind());
        this.raw = report.to().isInternational();
    }

    public static Dsn write(Report report) {
        return new DsnWriter(report).write();
    }

    private Dsn write() {
        byte[] text = text();
        byte[] status = status();
        byte[] original = original();
        String boundary = boundary(text, status, original);
        Lines out = new Lines();
        header(out, boundary);
        out.line("").line("--" + boundary).octets(text);
        out.line("--" + boundary).octets(status);
        if (report.original().form() != Original.Form.UNREADABLE) {
            out.line("--" + boundary).octets(original);
        }
        byte[] octets = out.line("--" + boundary + "--").bytes();
        return new Dsn(octets, !is7Bit(octets), raw);
    }

    private void header(Lines out, String boundary) {
        String whom = report.affected().size() == 1
                ? shown(report.affected().getFirst().recipient().original())
                : report.affected().size() + " recipients";
        out.field("From", "Mail Delivery System <mailer-daemon@" + report.hostname() + ">");
        out.field("To", "<" + report.to() + ">");
        boolean named = raw || whom.chars().allMatch(c -> c < 0x7f);
        out.field("Subject", words.subject() + ": your mail" + (named ? " to " + whom : ""));
        out.field("Date", date(report.now()));
        out.field("Message-ID", "<" + report.notice() + ".dsn@" + report.hostname() + ">");
        messageId().ifPresent(id -> out.field("In-Reply-To", id).field("References", id));
        out.field("Auto-Submitted", "auto-replied"); // RFC 3834 5
        out.field("MIME-Version", "1.0");
        out.line("Content-Type: multipart/report; report-type=delivery-status;");
        out.line(" boundary=\"" + boundary + "\"");
    }

    /** The message's own id, if it is one that may stand in a header. */
    private Optional<String> messageId() {
        return report.original().field("Message-ID").flatMap(value -> {
            Matcher m = MESSAGE_ID.matcher(value);
            return m.find() ? Optional.of(m.group()) : Optional.empty();
        });
    }

    // The part for people

    private byte[] text() {
        Lines lines = new Lines();
        lines.paragraph("", "This is the mail system of " + report.hostname() + ".")
                .line("");
        lines.paragraph("", introduction()).line("");
        subject().ifPresent(s -> lines.paragraph("    ", "Subject: " + s));
        lines.paragraph("    ", "Received here: " + date(report.arrival()));
        for (Report.Affected one : report.affected()) {
            lines.line("");
            recipient(lines, one);
        }
        lines.line("");
        lines.paragraph("", ending());
        byte[] text = lines.bytes();
        boolean plain = is7Bit(text);
        return new Lines()
                .line("Content-Type: text/plain; charset=" + (plain ? "us-ascii" : "utf-8"))
                .line("Content-Transfer-Encoding: " + (plain ? "7bit" : "quoted-printable"))
                .line("")
                .octets(plain ? text : Lines.quotedPrintable(text))
                .line("")
                .bytes();
    }

    private String introduction() {
        String whom = report.affected().size() == 1 ? "address" : "addresses";
        String until = report.retryUntil().map(t -> " until " + date(t)).orElse("");
        return words.introduction()
                .replace("{whom}", whom)
                .replace("{age}", span(report.age()))
                .replace("{until}", until);
    }

    private void recipient(Lines lines, Report.Affected one) {
        Recipient recipient = one.recipient();
        Diagnosis why = one.why();
        lines.line("<" + shown(recipient.original()) + ">");
        if (!recipient.original().equals(recipient.address())) {
            lines.paragraph("    ", "(on to <" + shown(recipient.address()) + ">)");
        }
        Advice advice = Advice.of(why, one.meaning());
        switch (report.kind()) {
            case FAILED -> lines.paragraph("    ", advice.happened());
            case DELAYED -> lines.paragraph("    ", "For now: " + advice.happened());
            case DELIVERED, RELAYED, EXPANDED -> {}
        }
        if (!why.text().isBlank()) {
            lines.paragraph("    ", Lines.clean(why.text()));
        }
        if (!why.reply().isBlank()) {
            String who = why.remote().isBlank() ? "The other side" : Lines.clean(why.remote());
            lines.paragraph("    ", who + " replied: " + Lines.clean(why.reply()));
        }
        Meaning.of(one.meaning()).ifPresent(means -> lines.paragraph("    ", "That reply means: " + means));
        if (report.kind() == Report.Kind.FAILED) {
            lines.paragraph("    ", "What to do: " + advice.todo());
        }
    }

    private String ending() {
        return switch (report.original().form()) {
            case WHOLE -> "Your message is attached.";
            case HEADER -> "The header of your message is attached.";
            case UNREADABLE -> "Your message could not be attached.";
        };
    }

    /** The subject, if it can be shown as it is. */
    private Optional<String> subject() {
        return report.original()
                .field("Subject")
                .map(Lines::clean)
                .filter(s -> !s.isEmpty() && !s.contains("=?") && s.chars().allMatch(c -> c < 0x7f));
    }

    private static String span(Duration age) {
        long hours = Math.max(0, age.toHours());
        if (hours < 1) {
            return "less than an hour";
        }
        return hours < 48 ? hours + (hours == 1 ? " hour" : " hours") : age.toDays() + " days";
    }

    /** An address as people write it, with the domain in its own letters. */
    private static String shown(Address address) {
        return address.domain()
                .filter(d -> address.isInternational())
                .map(d -> address.toString().substring(0, address.toString().lastIndexOf('@') + 1) + d.unicode())
                .orElse(address.toString());
    }

    // The part for programs

    private byte[] status() {
        Lines fields = new Lines();
        // RFC 3461 6.3 (a): when ENVID was said, and only then
        if (!report.wishes().envelopeId().isEmpty()) {
            fields.field("Original-Envelope-Id", report.wishes().envelopeId());
        }
        fields.field("Reporting-MTA", "dns; " + report.hostname()); // RFC 3464 2.2.2
        fields.field("Arrival-Date", date(report.arrival()));
        report.wishes().deadline().ifPresent(by -> fields.field("Deliver-By-Date", date(by.at()))); // RFC 2852 5
        report.wishes()
                .release()
                .ifPresent(release -> fields.field("Future-Release-Request", release.said())); // RFC 4865 5.1.2
        fields.field("X-Hikyaku-Id", report.message().toString());
        for (Report.Affected one : report.affected()) {
            fields.line("");
            fieldsOf(fields, one);
        }
        String type = report.isInternational() ? "message/global-delivery-status" : "message/delivery-status";
        return part(type, fields.bytes(), true);
    }

    /** RFC 3464 2.3. */
    private void fieldsOf(Lines fields, Report.Affected one) {
        Recipient recipient = one.recipient();
        Diagnosis why = one.why();
        // RFC 3461 6.3 (d): when ORCPT was said, and only then
        if (!recipient.wanted().original().isEmpty()) {
            fields.field(
                    "Original-Recipient",
                    OriginalRecipient.field(recipient.wanted().original(), true));
        }
        fields.field("Final-Recipient", typed(recipient.address()));
        fields.field("Action", words.action());
        fields.field("Status", STATUS.matcher(why.status()).matches() ? why.status() : words.status());
        remoteName(why).ifPresent(name -> fields.field("Remote-MTA", "dns; " + name));
        if (!why.reply().isBlank()) {
            fields.field("Diagnostic-Code", "smtp; " + (raw ? Lines.clean(why.reply()) : Lines.ascii(why.reply())));
        } else if (!why.text().isBlank()) {
            fields.field("Diagnostic-Code", "X-Hikyaku; " + (raw ? Lines.clean(why.text()) : Lines.ascii(why.text())));
        }
        if (!one.meaning().isEmpty()) {
            fields.field("X-Hikyaku-Class", one.meaning()); // RFC 3464 2.4
        }
        fields.field("Last-Attempt-Date", date(report.now()));
        report.retryUntil().ifPresent(t -> fields.field("Will-Retry-Until", date(t)));
    }

    /** RFC 3464 2.3.1, 2.3.2; the type utf-8 is RFC 6533 3. */
    private static String typed(Address address) {
        return (address.isInternational() ? "utf-8; " : "rfc822; ") + address;
    }

    /** RFC 3464 2.3.5: the name only, and none when no other host took part. */
    private static Optional<Domain> remoteName(Diagnosis why) {
        String first = why.remote().strip().split("[\\s(]", 2)[0];
        int bracket = first.indexOf('[');
        return Domain.parse(bracket > 0 ? first.substring(0, bracket) : first);
    }

    // The message

    private byte[] original() {
        Original original = report.original();
        boolean utf8 = original.isHeaderUtf8();
        return switch (original.form()) {
            case UNREADABLE -> new byte[0];
            case HEADER -> part(utf8 ? "message/global-headers" : "text/rfc822-headers", original.octets(), true);
            case WHOLE -> part(utf8 ? "message/global" : "message/rfc822", original.octets(), utf8);
        };
    }

    /**
     * One part with its header. RFC 2046 5.2.1 forbids to encode message/rfc822; RFC 6532 3.5 allows it for
     * message/global.
     */
    private byte[] part(String type, byte[] octets, boolean mayEncode) {
        Lines part = new Lines().line("Content-Type: " + type);
        boolean plain = is7Bit(octets);
        if (plain || raw || !mayEncode) {
            part.line("Content-Transfer-Encoding: " + (plain ? "7bit" : "8bit"))
                    .line("")
                    .octets(octets);
        } else {
            part.line("Content-Transfer-Encoding: base64").line("").octets(Lines.base64(octets));
        }
        return part.line("").bytes();
    }

    /** A boundary that is in none of the parts (RFC 2046 5.1.1). */
    private String boundary(byte[]... parts) {
        for (int n = 0; ; n++) {
            String boundary = "=_" + report.notice() + "_" + n;
            boolean free = true;
            for (byte[] part : parts) {
                free &= !new String(part, StandardCharsets.ISO_8859_1).contains(boundary);
            }
            if (free) {
                return boundary;
            }
        }
    }

    private static String date(Instant time) {
        return DATE.format(time);
    }

    private static boolean is7Bit(byte[] octets) {
        for (byte octet : octets) {
            if (octet < 0) {
                return false;
            }
        }
        return true;
    }
}
