package org.hikyaku.dns;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.hikyaku.world.Resolver.Answer;
import org.jspecify.annotations.NullMarked;
import org.xbill.DNS.CNAMERecord;
import org.xbill.DNS.DClass;
import org.xbill.DNS.Flags;
import org.xbill.DNS.MXRecord;
import org.xbill.DNS.Message;
import org.xbill.DNS.Name;
import org.xbill.DNS.Rcode;
import org.xbill.DNS.Record;
import org.xbill.DNS.Section;
import org.xbill.DNS.TXTRecord;
import org.xbill.DNS.Type;

/** DNS answers: any octets are an answer, a 'no', an alias, or no message at all; never a bug. */
@NullMarked
public final class AnswerFuzz {
    private static final int[] TYPES = {Type.MX, Type.A, Type.AAAA, Type.TLSA, Type.TXT, Type.PTR};

    private AnswerFuzz() {}

    public static void run(byte[] octets) throws IOException {
        Message message;
        try {
            message = new Message(octets);
        } catch (IOException noMessage) {
            return;
        }
        if (AnswerReader.failure(message, "server").isPresent()) {
            return;
        }
        Record question = message.getQuestion();
        Name name = question == null ? Name.fromConstantString("a.example.") : question.getName();
        for (int type : TYPES) {
            AnswerReader.Reading reading = AnswerReader.read(message, name, type);
            if (reading instanceof AnswerReader.Reading.Done done
                    && done.answer() instanceof Answer.Found found
                    && (found.ttl().isNegative() || found.records().isEmpty())) {
                throw new AssertionError("found nothing, or for less than no time: " + found);
            }
        }
    }

    public static List<byte[]> seeds() {
        List<byte[]> seeds = new ArrayList<>();
        try {
            Name name = Name.fromString("a.example.");
            Name host = Name.fromString("mx.a.example.");
            seeds.add(answer(name, Type.MX, new MXRecord(name, DClass.IN, 300, 10, host)));
            seeds.add(answer(
                    name,
                    Type.A,
                    new CNAMERecord(name, DClass.IN, 60, host),
                    Record.fromString(host, Type.A, DClass.IN, 60, "192.0.2.1", Name.root)));
            seeds.add(answer(name, Type.TXT, new TXTRecord(name, DClass.IN, 60, List.of("v=spf1 -all", "x"))));
            seeds.add(answer(
                    name,
                    Type.TLSA,
                    Record.fromString(name, Type.TLSA, DClass.IN, 60, "3 1 1 0123456789abcdef", Name.root)));
            Message no = new Message();
            no.getHeader().setFlag(Flags.QR);
            no.getHeader().setRcode(Rcode.NXDOMAIN);
            no.addRecord(Record.newRecord(name, Type.MX, DClass.IN), Section.QUESTION);
            no.addRecord(
                    Record.fromString(name, Type.SOA, DClass.IN, 60, "ns.example. m.example. 1 2 3 4 5", Name.root),
                    Section.AUTHORITY);
            seeds.add(no.toWire());
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
        return seeds;
    }

    private static byte[] answer(Name name, int type, Record... records) {
        Message message = new Message();
        message.getHeader().setFlag(Flags.QR);
        message.addRecord(Record.newRecord(name, type, DClass.IN), Section.QUESTION);
        for (Record record : records) {
            message.addRecord(record, Section.ANSWER);
        }
        return message.toWire();
    }
}
