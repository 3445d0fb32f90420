package org.hikyaku.fuzz;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.hikyaku.mail.Address;
import org.hikyaku.smtp.Command;
import org.hikyaku.smtp.CommandLimits;
import org.hikyaku.smtp.CommandParser;
import org.hikyaku.smtp.DataFramer;
import org.hikyaku.smtp.LineFramer;

/** Lines, commands and the octets after DATA: wherever the stream is cut, the same is read, and data end where they end. */
final class FramingFuzz {
    private static final int SIZE_MAX = 4096;
    private static final int LINE_MAX = 200;

    private FramingFuzz() {}

    static void commands(byte[] octets) throws Exception {
        List<String> whole = new ArrayList<>();
        lines(new LineFramer(CommandLimits.LONGEST), octets, 0, octets.length, whole);
        List<String> cut = new ArrayList<>();
        LineFramer framer = new LineFramer(CommandLimits.LONGEST);
        Cuts.each(octets, (array, from, to) -> lines(framer, array, from, to, cut));
        assertThat(cut).isEqualTo(whole);
    }

    private static void lines(LineFramer framer, byte[] array, int from, int to, List<String> out) {
        for (int at = from; at < to; at = framer.position()) {
            LineFramer.Found found = framer.read(array, at, to);
            if (found == LineFramer.Found.LINE) {
                byte[] line = Arrays.copyOfRange(framer.array(), framer.start(), framer.end());
                assertThat(new String(line, ISO_8859_1)).doesNotContain("\r", "\n", "\0");
                Command command = CommandParser.parse(framer.array(), framer.start(), framer.end());
                again(command);
                out.add(command + " " + new String(line, ISO_8859_1));
            } else if (found != LineFramer.Found.MORE) {
                out.add(found.name());
            }
        }
    }

    /** What was read as an address is an address that can be said again. */
    private static void again(Command command) {
        if (command instanceof Command.Mail mail) {
            assertThat(said("MAIL FROM:<" + mail.sender() + ">"))
                    .isInstanceOfSatisfying(
                            Command.Mail.class,
                            read -> assertThat(read.sender()).isEqualTo(mail.sender()));
        } else if (command instanceof Command.Rcpt rcpt
                && rcpt.recipient().domain().isPresent()) {
            Address recipient = rcpt.recipient();
            assertThat(said("RCPT TO:<" + recipient + ">"))
                    .isInstanceOfSatisfying(
                            Command.Rcpt.class,
                            read -> assertThat(read.recipient()).isEqualTo(recipient));
        }
    }

    private static Command said(String line) {
        byte[] octets = line.getBytes(UTF_8);
        return CommandParser.parse(octets, 0, octets.length);
    }

    static void data(byte[] octets) throws Exception {
        data(octets, false);
        data(octets, true);
    }

    private static void data(byte[] octets, boolean fix) throws Exception {
        ByteArrayOutputStream whole = new ByteArrayOutputStream();
        DataFramer one = new DataFramer(SIZE_MAX, LINE_MAX, fix, whole::write);
        int read = one.read(octets, 0, octets.length);
        int end = end(octets);
        assertThat(one.ended()).isEqualTo(end >= 0);
        assertThat(read).isEqualTo(end >= 0 ? end : octets.length);

        ByteArrayOutputStream pieces = new ByteArrayOutputStream();
        DataFramer other = new DataFramer(SIZE_MAX, LINE_MAX, fix, pieces::write);
        int[] consumed = new int[1];
        Cuts.each(octets, (array, from, to) -> {
            if (!other.ended()) {
                consumed[0] += other.read(array, from, to) - from;
            }
        });
        assertThat(consumed[0]).isEqualTo(read);
        assertThat(facts(other)).isEqualTo(facts(one));
        if (!one.isFaulty() && one.ended()) {
            assertThat(pieces.toByteArray()).isEqualTo(whole.toByteArray());
            check(octets, end, whole.toByteArray(), one.hasBareLineEnd());
        }
    }

    /** What was taken has no bare line end, and where nothing was mended is the text without its stuffed dots. */
    private static void check(byte[] octets, int end, byte[] taken, boolean mended) {
        String text = new String(taken, ISO_8859_1);
        assertThat(text.replace("\r\n", "")).doesNotContain("\r", "\n");
        if (!mended) {
            String sent = "\r\n" + new String(octets, 0, end - ".\r\n".length(), ISO_8859_1);
            assertThat("\r\n" + text).isEqualTo(sent.replace("\r\n.", "\r\n"));
        }
    }

    private static List<Object> facts(DataFramer framer) {
        return List.of(
                framer.ended(),
                framer.size(),
                framer.isTooBig(),
                framer.hasLineTooLong(),
                framer.hasBareLineEnd(),
                framer.hasEightBit());
    }

    /** The index after the first CRLF . CRLF, the begin of the data counting as after a CRLF; -1 when there is none. */
    private static int end(byte[] octets) {
        int at = ("\r\n" + new String(octets, ISO_8859_1)).indexOf("\r\n.\r\n");
        return at < 0 ? -1 : at + ".\r\n".length();
    }
}
