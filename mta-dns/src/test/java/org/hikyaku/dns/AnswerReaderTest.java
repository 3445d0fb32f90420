package org.hikyaku.dns;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import org.hikyaku.dns.AnswerReader.Reading;
import org.hikyaku.world.Resolver.Answer;
import org.hikyaku.world.Resolver.Cause;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.xbill.DNS.DClass;
import org.xbill.DNS.Flags;
import org.xbill.DNS.Message;
import org.xbill.DNS.Name;
import org.xbill.DNS.Opcode;
import org.xbill.DNS.Record;
import org.xbill.DNS.Section;
import org.xbill.DNS.Type;

/** Answers that are none. */
class AnswerReaderTest {
    private static final Name NAME = Name.fromConstantString("a.example.");

    /** Mail to its domain is neither given up (as with a null MX, or no record at all) nor does anything break. */
    @ParameterizedTest
    @CsvSource({"MX", "A", "AAAA", "CNAME"})
    void aRecordWithoutDataIsNoAnswer(String word) throws IOException {
        int type = Type.value(word);
        Message message = new Message(answer(type));
        assertThat(AnswerReader.failure(message, "server")).isEmpty();
        Reading reading = AnswerReader.read(message, NAME, word.equals("CNAME") ? Type.MX : type);
        assertThat(reading).isInstanceOfSatisfying(Reading.Done.class, done -> {
            assertThat(done.ttl()).isZero();
            assertThat(done.answer())
                    .isInstanceOfSatisfying(
                            Answer.Unknown.class,
                            unknown -> assertThat(unknown.cause()).isEqualTo(Cause.BROKEN));
        });
    }

    /** With an opcode by which such a record is read. */
    private static byte[] answer(int type) throws IOException {
        Message message = new Message();
        message.getHeader().setFlag(Flags.QR);
        message.getHeader().setOpcode(Opcode.UPDATE);
        message.addRecord(Record.newRecord(NAME, type, DClass.IN), Section.QUESTION);
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.write(message.toWire());
        out.write(NAME.toWire());
        out.write(new byte[] {0, (byte) type, 0, DClass.IN, 0, 0, 0, 60, 0, 0});
        byte[] octets = out.toByteArray();
        octets[7] = 1; // one answer
        return octets;
    }
}
