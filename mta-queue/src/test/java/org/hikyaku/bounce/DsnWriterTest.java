package org.hikyaku.bounce;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.hikyaku.bounce.MailParser.Entity;
import org.hikyaku.mail.Address;
import org.hikyaku.mail.Content;
import org.hikyaku.mail.Diagnosis;
import org.hikyaku.mail.Domain;
import org.hikyaku.mail.Notify;
import org.hikyaku.mail.Recipient;
import org.hikyaku.mail.SpoolId;
import org.hikyaku.mail.Wishes;
import org.junit.jupiter.api.Test;

class DsnWriterTest {
    private static final Instant ARRIVAL = Instant.parse("2026-03-01T08:05:09Z");
    private static final Instant NOW = Instant.parse("2026-03-01T12:10:00Z");
    private static final String MESSAGE = "Received: from a by b\r\n"
            + "Message-ID:\r\n <one.two@a.example>\r\n"
            + "Subject: Lunch on Friday\r\n"
            + "\r\n"
            + "At noon?\r\n";
    private static final Diagnosis NO_SUCH_USER =
            new Diagnosis("5.1.1", "", "mx.b.example [192.0.2.9]", "550 5.1.1 <bob@b.example>: no such user");

    private Address to = Address.of("ann@a.example");
    private byte[] message = MESSAGE.getBytes(StandardCharsets.UTF_8);
    private int wholeMax = 10_000;
    private Wishes wishes = Wishes.NONE;

    private static Report.Affected to(String recipient, Diagnosis why) {
        return new Report.Affected(Recipient.of(Address.of(recipient)), why);
    }

    private Dsn write(Report.Kind kind, Report.Affected... affected) {
        return DsnWriter.write(new Report(
                kind,
                Domain.of("mx.a.example"),
                new SpoolId(77),
                to,
                NOW,
                new SpoolId(42),
                ARRIVAL,
                kind == Report.Kind.DELAYED ? Optional.of(ARRIVAL.plusSeconds(432_000)) : Optional.empty(),
                List.of(affected),
                Original.of(content(message), wholeMax),
                wishes));
    }

    private static Content content(byte[] octets) {
        return new Content() {
            @Override
            public long size() {
                return octets.length;
            }

            @Override
            public int read(ByteBuffer target, long position) {
                int count = Math.min(7, Math.min(target.remaining(), octets.length - (int) position));
                target.put(octets, (int) position, count);
                return count;
            }
        };
    }

    /** RFC 6522 3, RFC 5322 3.6, RFC 3834 3.1. */
    @Test
    void isAMultipartReportOfThreePartsWithItsOwnHeader() {
        Dsn dsn = write(Report.Kind.FAILED, to("bob@b.example", NO_SUCH_USER));
        Entity mail = MailParser.read(dsn.octets());
        assertThat(mail.type()).isEqualTo("multipart/report");
        assertThat(mail.get("Content-Type")).contains("report-type=delivery-status");
        assertThat(mail.get("MIME-Version")).isEqualTo("1.0");
        assertThat(mail.get("From")).isEqualTo("Mail Delivery System <mailer-daemon@mx.a.example>");
        assertThat(mail.get("To")).isEqualTo("<ann@a.example>");
        assertThat(mail.get("Subject")).isEqualTo("Not delivered: your mail to bob@b.example");
        assertThat(ZonedDateTime.parse(mail.get("Date"), DateTimeFormatter.RFC_1123_DATE_TIME)
                        .toInstant())
                .isEqualTo(NOW);
        assertThat(mail.get("Message-ID")).isEqualTo("<" + new SpoolId(77) + ".dsn@mx.a.example>");
        assertThat(mail.get("References")).isEqualTo("<one.two@a.example>");
        assertThat(mail.get("In-Reply-To")).isEqualTo("<one.two@a.example>");
        assertThat(mail.get("Auto-Submitted")).isEqualTo("auto-replied");
        assertThat(mail.parts().stream().map(Entity::type))
                .containsExactly("text/plain", "message/delivery-status", "message/rfc822");
        assertThat(dsn.needs8Bit()).isFalse();
        assertThat(dsn.needsUtf8()).isFalse();
    }

    /** RFC 3464 2.4: fields of our own begin with X-. */
    @Test
    void theClassOfAReplyIsTold() {
        Diagnosis vague = new Diagnosis("5.0.0", "", "mx.b.example", "554 mailbox is over its quota");
        Report.Affected full = new Report.Affected(Recipient.of(Address.of("bob@b.example")), vague, "mailbox_full");
        Entity mail = MailParser.read(write(Report.Kind.FAILED, full, to("eve@e.example", NO_SUCH_USER))
                .octets());
        List<Map<String, String>> groups = MailParser.groups(mail.parts().get(1).decoded());
        assertThat(groups.get(1)).containsEntry("x-hikyaku-class", "mailbox_full");
        assertThat(groups.get(2)).doesNotContainKey("x-hikyaku-class");
        String text = new String(mail.parts().get(0).decoded(), StandardCharsets.UTF_8);
        assertThat(text)
                .contains("That reply means: the mailbox is full (mailbox_full).")
                .contains("Tell the person by another way");
    }

    /** RFC 3464 2.2, 2.3. */
    @Test
    void theFieldsTellOfTheMessageAndOfEachRecipient() {
        Report.Affected forwarded = new Report.Affected(
                new Recipient(
                        Address.of("carl@c.example"),
                        Address.of("all@a.example"),
                        new Notify(Notify.FAILURE, "rfc822;All@a.example")),
                Diagnosis.ours("4.4.7", "Given up after 5 days: no answer"));
        Entity mail = MailParser.read(write(Report.Kind.FAILED, to("bob@b.example", NO_SUCH_USER), forwarded)
                .octets());
        List<Map<String, String>> groups = MailParser.groups(mail.parts().get(1).decoded());
        assertThat(groups).hasSize(3);
        assertThat(groups.get(0))
                .containsEntry("reporting-mta", "dns; mx.a.example")
                .containsEntry("arrival-date", "Sun, 1 Mar 2026 08:05:09 +0000");
        assertThat(groups.get(1))
                .containsEntry("final-recipient", "rfc822; bob@b.example")
                .containsEntry("action", "failed")
                .containsEntry("status", "5.1.1")
                .containsEntry("remote-mta", "dns; mx.b.example")
                .containsEntry("diagnostic-code", "smtp; 550 5.1.1 <bob@b.example>: no such user")
                .containsEntry("last-attempt-date", "Sun, 1 Mar 2026 12:10:00 +0000")
                .doesNotContainKeys("original-recipient", "will-retry-until");
        assertThat(groups.get(2))
                .containsEntry("original-recipient", "rfc822; All@a.example")
                .containsEntry("final-recipient", "rfc822; carl@c.example")
                .containsEntry("status", "4.4.7")
                .containsEntry("diagnostic-code", "X-Hikyaku; Given up after 5 days: no answer")
                .doesNotContainKey("remote-mta");
        assertThat(mail.get("Subject")).isEqualTo("Not delivered: your mail to 2 recipients");
    }

    /** RFC 3461 6.3 (a), (d): what was not said is not in the notice. */
    @Test
    void envelopeIdAndOriginalRecipientAreThoseThatWereSaidOrNone() {
        Report.Affected forwarded = new Report.Affected(
                new Recipient(Address.of("carl@c.example"), Address.of("all@a.example")), NO_SUCH_USER);
        List<Map<String, String>> plain = groups(write(Report.Kind.FAILED, forwarded));
        assertThat(plain.get(0)).doesNotContainKey("original-envelope-id");
        assertThat(plain.get(1)).doesNotContainKey("original-recipient");
        wishes = Wishes.NONE.withEnvelopeId("QQ 314+159");
        assertThat(groups(write(Report.Kind.FAILED, forwarded)).get(0))
                .containsEntry("original-envelope-id", "QQ 314+159");
    }

    /** RFC 6533 3. */
    @Test
    void anInternationalOriginalRecipientIsToldInItsOwnLetters() {
        Report.Affected one = new Report.Affected(
                new Recipient(
                        Address.of("carl@c.example"),
                        Address.of("carl@c.example"),
                        new Notify(Notify.UNSAID, "utf-8;用户@c.example")),
                NO_SUCH_USER);
        Dsn dsn = write(Report.Kind.FAILED, one);
        assertThat(dsn.needsUtf8()).isFalse();
        assertThat(MailParser.read(dsn.octets()).parts().get(1).type()).isEqualTo("message/global-delivery-status");
        assertThat(groups(dsn).get(1)).containsEntry("original-recipient", "utf-8; 用户@c.example");
    }

    /** RFC 3464 2.3.3, RFC 3461 5.2. */
    @Test
    void successHasItsOwnWordsActionAndStatus() {
        Diagnosis taken = new Diagnosis("2.0.0", "", "mx.b.example [192.0.2.9]", "250 2.0.0 queued");
        Map<Report.Kind, String> actions = Map.of(
                Report.Kind.DELIVERED, "delivered", Report.Kind.RELAYED, "relayed", Report.Kind.EXPANDED, "expanded");
        actions.forEach((kind, action) -> {
            Dsn dsn = write(kind, to("bob@b.example", taken));
            assertThat(groups(dsn).get(1))
                    .containsEntry("action", action)
                    .containsEntry("status", "2.0.0")
                    .containsEntry("remote-mta", "dns; mx.b.example")
                    .containsEntry("diagnostic-code", "smtp; 250 2.0.0 queued")
                    .doesNotContainKey("will-retry-until");
            String text = MailParser.read(dsn.octets()).parts().getFirst().text();
            assertThat(text.replaceAll("\\s+", " "))
                    .contains("You asked to be told")
                    .doesNotContain("What to do", "not take it", "{");
        });
    }

    private static List<Map<String, String>> groups(Dsn dsn) {
        return MailParser.groups(MailParser.read(dsn.octets()).parts().get(1).decoded());
    }

    @Test
    void thePersonReadsWhatHappenedToWhomWhatWasRepliedAndWhatToDo() {
        String text = MailParser.read(write(Report.Kind.FAILED, to("bob@b.example", NO_SUCH_USER))
                        .octets())
                .parts()
                .getFirst()
                .text();
        assertThat(text.replaceAll("\\s+", " "))
                .contains("could not be delivered")
                .contains("Subject: Lunch on Friday")
                .contains("<bob@b.example> There is no such address.")
                .contains("mx.b.example [192.0.2.9] replied: 550 5.1.1 <bob@b.example>: no such user")
                .contains("What to do: Check the spelling");
        assertThat(text.lines()).allMatch(line -> line.length() <= 78);
    }

    /** RFC 3464 2.3.3, 2.3.9. */
    @Test
    void aDelaySaysUntilWhenWeTry() {
        Entity mail = MailParser.read(
                write(Report.Kind.DELAYED, to("bob@b.example", new Diagnosis("4.4.1", "no answer", "mx.b.example", "")))
                        .octets());
        assertThat(mail.get("Subject")).startsWith("Delayed: ");
        assertThat(mail.parts().getFirst().text().replaceAll("\\s+", " "))
                .contains("for 4 hours now", "You need not do anything", "until Fri, 6 Mar 2026 08:05:09 +0000")
                .doesNotContain("What to do");
        assertThat(MailParser.groups(mail.parts().get(1).decoded()).get(1))
                .containsEntry("action", "delayed")
                .containsEntry("status", "4.4.1")
                .containsEntry("will-retry-until", "Fri, 6 Mar 2026 08:05:09 +0000");
    }

    @Test
    void theMessageGoesBackWholeUpToTheBoundAndBeyondItItsHeader() {
        Entity whole = MailParser.read(write(Report.Kind.FAILED, to("bob@b.example", NO_SUCH_USER))
                        .octets())
                .parts()
                .get(2);
        assertThat(whole.decoded()).isEqualTo(message);
        wholeMax = message.length - 1;
        Entity header = MailParser.read(write(Report.Kind.FAILED, to("bob@b.example", NO_SUCH_USER))
                        .octets())
                .parts()
                .get(2);
        assertThat(header.type()).isEqualTo("text/rfc822-headers");
        assertThat(header.text()).isEqualTo(MESSAGE.substring(0, MESSAGE.indexOf("\r\n\r\n") + 2));
    }

    @Test
    void anEndlessHeaderIsCutAtALine() {
        message = ("X-Long: " + "a".repeat(100) + "\r\n").repeat(2000).getBytes(StandardCharsets.US_ASCII);
        wholeMax = 0;
        String header = MailParser.read(write(Report.Kind.FAILED, to("bob@b.example", NO_SUCH_USER))
                        .octets())
                .parts()
                .get(2)
                .text();
        assertThat(header).hasSizeBetween(65_000, 65_536).endsWith("a\r\n");
    }

    @Test
    void aMessageThatCannotBeReadIsLeftOut() {
        Content broken = new Content() {
            @Override
            public long size() {
                return 100;
            }

            @Override
            public int read(ByteBuffer target, long position) throws IOException {
                throw new IOException("damaged");
            }
        };
        Dsn dsn = DsnWriter.write(new Report(
                Report.Kind.FAILED,
                Domain.of("mx.a.example"),
                new SpoolId(1),
                to,
                NOW,
                new SpoolId(2),
                ARRIVAL,
                Optional.empty(),
                List.of(to("bob@b.example", NO_SUCH_USER)),
                Original.of(broken, 1000),
                Wishes.NONE));
        Entity mail = MailParser.read(dsn.octets());
        assertThat(mail.parts()).hasSize(2);
        assertThat(mail.find("References")).isNull();
        assertThat(mail.parts().getFirst().text()).contains("could not be attached");
    }

    /** RFC 2046 5.1.1. */
    @Test
    void theBoundaryIsInNoPartEvenIfTheMessageGuessesIt() {
        String guess = "=_" + new SpoolId(77) + "_";
        message = (MESSAGE + "--" + guess + "0\r\n--" + guess + "1--\r\n").getBytes(StandardCharsets.US_ASCII);
        Entity mail = MailParser.read(
                write(Report.Kind.FAILED, to("bob@b.example", NO_SUCH_USER)).octets());
        assertThat(mail.parts()).hasSize(3);
        assertThat(mail.parts().get(2).decoded()).isEqualTo(message);
    }

    /** RFC 2046 5.2.1: message/rfc822 is never encoded. */
    @Test
    void an8BitBodyStaysAndIsLabelled() {
        message = (MESSAGE + "Grüße\r\n").getBytes(StandardCharsets.UTF_8);
        Dsn dsn = write(Report.Kind.FAILED, to("bob@b.example", NO_SUCH_USER));
        Entity original = MailParser.read(dsn.octets()).parts().get(2);
        assertThat(original.type()).isEqualTo("message/rfc822");
        assertThat(original.get("Content-Transfer-Encoding")).isEqualTo("8bit");
        assertThat(original.decoded()).isEqualTo(message);
        assertThat(dsn.needs8Bit()).isTrue();
        assertThat(dsn.needsUtf8()).isFalse();
    }

    /** RFC 6533 3, 4; towards an ASCII address all of it 7 bit. */
    @Test
    void internationalAddressesAndHeadersTravelEncodedToAnAsciiSender() {
        message = MESSAGE.replace("Lunch", "Grüße").getBytes(StandardCharsets.UTF_8);
        Dsn dsn = write(Report.Kind.FAILED, to("用户@例え.jp", Diagnosis.ours("5.1.1", "nobody of that name")));
        Entity mail = MailParser.read(dsn.octets());
        assertThat(mail.parts().stream().map(Entity::type))
                .containsExactly("text/plain", "message/global-delivery-status", "message/global");
        assertThat(MailParser.groups(mail.parts().get(1).decoded()).get(1))
                .containsEntry("final-recipient", "utf-8; 用户@xn--r8jz45g.jp");
        assertThat(mail.parts().getFirst().text()).contains("<用户@例え.jp>");
        assertThat(mail.parts().get(2).decoded()).startsWith(message);
        assertThat(mail.get("Subject")).isEqualTo("Not delivered: your mail");
        assertThat(dsn.needs8Bit()).isFalse();
        assertThat(dsn.needsUtf8()).isFalse();
    }

    @Test
    void toAnInternationalSenderTheyTravelAsTheyAre() {
        to = Address.of("jürgen@a.example");
        message = MESSAGE.replace("Lunch", "Grüße").getBytes(StandardCharsets.UTF_8);
        wholeMax = 10;
        Dsn dsn = write(Report.Kind.FAILED, to("用户@b.example", NO_SUCH_USER));
        assertThat(dsn.needsUtf8()).isTrue();
        assertThat(dsn.needs8Bit()).isTrue();
        Entity mail = MailParser.read(dsn.octets());
        assertThat(mail.get("To"))
                .isEqualTo(
                        new String("<jürgen@a.example>".getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1));
        assertThat(mail.parts().stream().skip(1).map(Entity::type))
                .containsExactly("message/global-delivery-status", "message/global-headers");
        assertThat(mail.parts().get(1).get("Content-Transfer-Encoding")).isEqualTo("8bit");
    }

    @Test
    void aHeaderThatIsNoUtf8GoesBackEncodedAsAscii() {
        message = MESSAGE.replace("Lunch", "Gr\u00fc\u00dfe").getBytes(StandardCharsets.ISO_8859_1);
        wholeMax = 10;
        Entity header = MailParser.read(write(Report.Kind.FAILED, to("bob@b.example", NO_SUCH_USER))
                        .octets())
                .parts()
                .get(2);
        assertThat(header.type()).isEqualTo("text/rfc822-headers");
        assertThat(new String(header.decoded(), StandardCharsets.ISO_8859_1)).contains("Gr\u00fc\u00dfe");
    }

    @Test
    void whatARemoteSaysCannotBreakTheNotice() {
        Diagnosis wild = new Diagnosis(
                "banana", "", "evil\r\nX: y", "550 a\r\n\r\n--boundary\0 " + "x".repeat(5000) + " \ud800 é");
        message = "Message-ID: <a@b>\r\n X-Injected: <c@d>\r\nReferences: none\r\n\r\n"
                .getBytes(StandardCharsets.US_ASCII);
        Entity mail = MailParser.read(
                write(Report.Kind.FAILED, to("bob@b.example", wild)).octets());
        assertThat(mail.get("References")).isEqualTo("<a@b>");
        Map<String, String> fields =
                MailParser.groups(mail.parts().get(1).decoded()).get(1);
        assertThat(fields).containsEntry("status", "5.0.0").containsEntry("remote-mta", "dns; evil");
        assertThat(fields.get("diagnostic-code"))
                .hasSizeGreaterThan(5000)
                .contains("--boundary")
                .contains("?");
        assertThat(mail.parts()).hasSize(3);
    }

    /** RFC 3464 2.3.4. */
    @Test
    void aStatusWithLeadingZerosIsNotWritten() {
        Entity mail = MailParser.read(write(Report.Kind.FAILED, to("bob@b.example", Diagnosis.ours("5.01.1", "no")))
                .octets());
        assertThat(MailParser.groups(mail.parts().get(1).decoded()).get(1)).containsEntry("status", "5.0.0");
    }

    /** RFC 5322 2.1.1. */
    @Test
    void noLineThatWeWriteIsOver998Octets() {
        String reply = ("550 " + "\u00e9".repeat(3000) + " x").repeat(2);
        for (String sender : List.of("ann@a.example", "j\u00fcrgen@a.example")) {
            to = Address.of(sender);
            Dsn dsn = write(Report.Kind.FAILED, to("bob@b.example", new Diagnosis("5.1.1", "", "mx.b.example", reply)));
            assertThat(new String(dsn.octets(), StandardCharsets.ISO_8859_1).split("\r\n"))
                    .allMatch(line -> line.length() <= 998);
        }
    }

    @Test
    void everyStatusHasAdvice() {
        for (String status : List.of("5.1.1", "5.1.10", "5.2.2", "4.4.7", "5.7.26", "5.6.7", "5.5.4", "", "x")) {
            Advice advice = Advice.of(Diagnosis.ours(status, ""));
            assertThat(advice.happened()).as(status).isNotBlank();
            assertThat(advice.todo()).as(status).isNotBlank();
        }
        assertThat(Advice.of(Diagnosis.ours("5.1.10", "")).happened()).contains("takes no mail");
        assertThat(Advice.of(Diagnosis.ours("5.1.1", "")).happened()).contains("no such address");
        assertThat(Advice.of(Diagnosis.ours("5.7.26", "")).happened()).contains("own rules");
    }

    @Test
    void longAddressesStayWhole() {
        String address =
                "a".repeat(64) + "@" + "b".repeat(60) + "." + "c".repeat(60) + "." + "d".repeat(60) + ".example";
        Entity mail = MailParser.read(
                write(Report.Kind.FAILED, to(address, NO_SUCH_USER)).octets());
        assertThat(MailParser.groups(mail.parts().get(1).decoded()).get(1))
                .containsEntry("final-recipient", "rfc822; " + address);
    }
}
