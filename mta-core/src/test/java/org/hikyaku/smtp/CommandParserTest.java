package org.hikyaku.smtp;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.hikyaku.mail.Address;
import org.junit.jupiter.api.Test;

/** RFC 5321 4.1.1, 4.1.2; RFC 6531 3.3; RFC 4954 4. */
class CommandParserTest {
    private static Command parse(String line) {
        byte[] octets = line.getBytes(UTF_8);
        return CommandParser.parse(octets, 0, octets.length);
    }

    private static Reply fault(String line) {
        assertThat(parse(line)).as(line).isInstanceOf(Command.Faulty.class);
        return ((Command.Faulty) parse(line)).reply();
    }

    @Test
    void verbsHaveNoCaseAndMayTrailSpace() {
        assertThat(parse("quIt \t")).isEqualTo(new Command.Quit());
        assertThat(parse("ehlo mail.example ")).isEqualTo(new Command.Ehlo("mail.example"));
        assertThat(parse("NOOP whatever you say")).isEqualTo(new Command.Noop());
    }

    @Test
    void readsMailWithParameters() {
        assertThat(parse("MAIL FROM:<a@b.example> SIZE=10 body=8bitmime SMTPUTF8"))
                .isEqualTo(new Command.Mail(
                        Address.of("a@b.example"),
                        List.of(
                                new Parameter("SIZE", "10"),
                                new Parameter("BODY", "8bitmime"),
                                new Parameter("SMTPUTF8", null)),
                        false));
        assertThat(parse("mail from:<>")).isEqualTo(new Command.Mail(Address.NULL, List.of(), false));
        assertThat(parse("MAIL FROM:<> AUTH=<>"))
                .isEqualTo(new Command.Mail(Address.NULL, List.of(new Parameter("AUTH", "<>")), false));
    }

    /** RFC 3030 2; a size that cannot be read is told apart, for nothing may be read behind it. */
    @Test
    void readsTheSizeOfAChunk() {
        assertThat(parse("BDAT 86")).isEqualTo(new Command.Bdat(86, false));
        assertThat(parse("bdat 0 last ")).isEqualTo(new Command.Bdat(0, true));
        assertThat(parse("BDAT 999999999999999999")).isEqualTo(new Command.Bdat(999_999_999_999_999_999L, false));
        for (String bad : List.of(
                "BDAT",
                "BDAT ten",
                "BDAT -1",
                "BDAT +1",
                "BDAT 1 LAS",
                "BDAT 1  LAST",
                "BDAT 9999999999999999999",
                "BDAT LAST",
                "BDAT 1 LAST x",
                "BDAT  1",
                "BDAT \u0661")) {
            assertThat(parse(bad))
                    .as(bad)
                    .isInstanceOfSatisfying(
                            Command.Bdat.class,
                            bdat -> assertThat(bdat.octets()).isEqualTo(Command.Bdat.UNREADABLE));
        }
    }

    @Test
    void quotedLocalPartsMayHoldBracketsAndSpaces() {
        assertThat(parse("RCPT TO:<\"a> b\\\"@c\"@d.example>"))
                .isEqualTo(new Command.Rcpt(
                        Address.of("a> b\"@c", org.hikyaku.mail.Domain.of("d.example")), List.of(), false));
    }

    /** RFC 5321 4.1.1.3 and appendix C: read, and forgotten. */
    @Test
    void sourceRoutesAreForgotten() {
        assertThat(parse("RCPT TO:<@one.example,@two.example:joe@three.example>"))
                .isEqualTo(new Command.Rcpt(Address.of("joe@three.example"), List.of(), false));
        assertThat(fault("RCPT TO:<@one.example joe@three.example>").code()).isEqualTo(501);
    }

    @Test
    void postmasterNeedsNoDomain() {
        assertThat(parse("RCPT TO:<PostMaster>"))
                .isEqualTo(new Command.Rcpt(Address.barePostmaster(), List.of(), false));
    }

    @Test
    void literals() {
        assertThat(parse("RCPT TO:<a@[IPv6:2001:db8::1]>"))
                .isEqualTo(new Command.Rcpt(Address.of("a@[IPv6:2001:db8::1]"), List.of(), false));
        assertThat(parse("EHLO [192.0.2.1]")).isEqualTo(new Command.Ehlo("[192.0.2.1]"));
    }

    @Test
    void lettersBeyondAsciiAreNoticed() {
        assertThat(parse("MAIL FROM:<用户@例え.jp> SMTPUTF8")).isInstanceOfSatisfying(Command.Mail.class, m -> {
            assertThat(m.international()).isTrue();
            assertThat(m.sender().isInternational()).isTrue();
        });
        assertThat(parse("RCPT TO:<a@例え.jp>"))
                .isInstanceOfSatisfying(
                        Command.Rcpt.class, r -> assertThat(r.international()).isTrue());
        byte[] latin = {'N', 'O', 'O', 'P', ' ', (byte) 0xe9};
        assertThat(CommandParser.parse(latin, 0, latin.length)).isEqualTo(new Command.Faulty("", Replies.NOT_UTF8));
    }

    /** What a client says after an AUTH that was refused to it unseen is his password. */
    @Test
    void theWordOfAnUnknownCommandIsNotKeptForTheLog() {
        assertThat(parse("c2VjcmV0")).isEqualTo(new Command.Faulty("", Replies.UNKNOWN_COMMAND));
    }

    @Test
    void refusesWhatIsNoCommand() {
        for (String line : new String[] {
            "MAIL FROM: <a@b>",
            "MAIL FROM:a@b",
            "MAIL <a@b>",
            "MAIL FROM:<a@b",
            "MAIL FROM:<a@b>SIZE=1",
            "MAIL FROM:<a@b> SIZE=",
            "MAIL FROM:<a@b>  SIZE=1",
            "MAIL FROM:<a@b> -X=1",
            "MAIL FROM:<joe>",
            "RCPT TO:<>",
            "RCPT TO:<joe>",
            "RCPT TO:<a@b@c>",
            "RCPT",
            "EHLO",
            "EHLO a b",
            "HELO ",
            "DATA now",
            "QUIT now",
            "AUTH",
            "AUTH PLAIN a b",
            "VRFY",
            "STARTTLS x"
        }) {
            assertThat(fault(line).code()).as(line).isEqualTo(501);
        }
        for (String line : new String[] {"", " NOOP", "NOOP\tx", "FOO", "MAILFROM:<a@b>", "MAIL:FROM", "\u0001"}) {
            assertThat(fault(line).code()).as(line).isEqualTo(500);
        }
    }

    @Test
    void lineLimitsAreThoseOfTheVerb() {
        assertThat(parse("NOOP " + "x".repeat(505))).isEqualTo(new Command.Noop());
        assertThat(fault("NOOP " + "x".repeat(506))).isEqualTo(Replies.LINE_TOO_LONG);
        assertThat(CommandLimits.MAIL).isEqualTo(512 + 26 + 17 + 16 + 10 + 500 + 116 + 15 + 34 + 17 + 11 + 1007 + 9);
        assertThat(CommandLimits.RCPT).isGreaterThanOrEqualTo(1036); // RFC 3461 5.4
        assertThat(parse("RCPT TO:<a@b.example> ORCPT=rfc822;" + "x".repeat(493)))
                .isInstanceOf(Command.Rcpt.class);
        assertThat(parse("AUTH PLAIN " + "A".repeat(12275))).isInstanceOf(Command.Auth.class);
        assertThat(fault("AUTH PLAIN " + "A".repeat(12276))).isEqualTo(Replies.AUTH_LINE_TOO_LONG);
    }
}
