package org.hikyaku.smtp;

import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import org.hikyaku.mail.HeaderScan;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.infra.Blackhole;

/** From octets to commands, and from octets to a message's octets: what each message passes through on its way in. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class FramingBenchmark {
    /** Octets of the message. */
    @Param({"4096", "65536"})
    int size;

    private byte[] commands = {};
    private byte[] message = {};
    private final LineFramer lines = new LineFramer(CommandLimits.LONGEST);

    @Setup
    public void make() {
        commands = ("MAIL FROM:<sender@load.example> SIZE=4096 BODY=8BITMIME\r\n"
                        + "RCPT TO:<rcpt@sink.example>\r\nDATA\r\n")
                .getBytes(StandardCharsets.US_ASCII);
        StringBuilder text = new StringBuilder("From: <sender@load.example>\r\nTo: <rcpt@sink.example>\r\n"
                + "Subject: a message\r\nMessage-ID: <1@load.example>\r\nDate: Sat, 21 Nov 2026 10:00:00 +0000\r\n\r\n");
        while (text.length() < size - 80) {
            text.append("abcdefghijklmnopqrstuvwxyz abcdefghijklmnopqrstuvwxyz 0123456789 0123\r\n");
        }
        message = text.append("..the end\r\n.\r\n").toString().getBytes(StandardCharsets.US_ASCII);
    }

    /** MAIL, RCPT and DATA in one segment. */
    @Benchmark
    public void threeCommands(Blackhole hole) {
        for (int at = 0; at < commands.length; at = lines.position()) {
            if (lines.read(commands, at, commands.length) == LineFramer.Found.LINE) {
                hole.consume(CommandParser.parse(lines.array(), lines.start(), lines.end()));
            }
        }
    }

    /** Line ends looked at, dots taken away, the header scanned. */
    @Benchmark
    public long message(Blackhole hole) {
        HeaderScan scan = new HeaderScan(1 << 20);
        DataFramer framer = new DataFramer(1 << 30, 1000, false, scan::feed);
        framer.read(message, 0, message.length);
        hole.consume(scan.facts());
        return framer.size();
    }
}
