package org.hikyaku.bounce;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;
import org.hikyaku.mail.Domain;
import org.hikyaku.mail.SpoolId;

/** Writes the notice to the postmaster that the spool is damaged. Pure; ASCII only, what is beyond it shows as '?'. */
public final class DamageWriter {
    private static final DateTimeFormatter DATE = DateTimeFormatter.ofPattern("EEE, d MMM yyyy HH:mm:ss Z", Locale.ROOT)
            .withZone(ZoneOffset.UTC);

    private DamageWriter() {}

    /** The whole notice: {@code incidents} are a paragraph each, {@code more} were left out. */
    public static byte[] write(Domain hostname, SpoolId notice, Instant now, List<String> incidents, int more) {
        Lines out = new Lines();
        out.field("From", "Mail Delivery System <mailer-daemon@" + hostname + ">");
        out.field("To", "Postmaster <postmaster@" + hostname + ">");
        out.field("Subject", "Damage in the mail spool of " + hostname);
        out.field("Date", DATE.format(now));
        out.field("Message-ID", "<" + notice + ".damage@" + hostname + ">");
        out.field("Auto-Submitted", "auto-generated"); // RFC 3834 5
        out.field("MIME-Version", "1.0");
        out.field("Content-Type", "text/plain; charset=us-ascii");
        out.line("");
        out.paragraph(
                "",
                "Something that was stored in the mail spool of " + hostname + " is not what was written, or is gone."
                        + " Disk, memory or a hand may be the cause; the rest of the spool goes on. What was found:");
        for (String incident : incidents) {
            out.line("");
            out.paragraph("    ", ascii(incident));
        }
        if (more > 0) {
            out.line("");
            out.paragraph("    ", "and " + more + " more, see the log (spool-record-damaged)");
        }
        out.line("");
        out.paragraph(
                "",
                "A message that cannot be read is held: it is neither delivered nor returned to its sender. Look at it"
                        + " with `hikyaku queue show`, and when you have told its sender, take it out with `hikyaku"
                        + " queue remove`. Look at the disk, too.");
        return out.bytes();
    }

    private static String ascii(String text) {
        return new String(text.getBytes(StandardCharsets.US_ASCII), StandardCharsets.US_ASCII);
    }
}
