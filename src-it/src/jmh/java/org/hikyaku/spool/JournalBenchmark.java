package org.hikyaku.spool;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.hikyaku.mail.Address;
import org.hikyaku.mail.Envelope;
import org.hikyaku.mail.Recipient;
import org.hikyaku.mail.SpoolId;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** A batch of messages from their octets to the buffer that is written: draft, frame, checksums. No disk. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class JournalBenchmark {
    private static final int MESSAGES = 16;

    /** Octets of the message. */
    @Param({"4096", "65536"})
    int size;

    private final Index index = new Index();
    private final DraftMemory memory = new DraftMemory(1L << 30);
    private final Segment tail = new Segment(1, 42, 0, null, 1L << 30, 8192, 8192);
    private final byte[] prepended = "Received: from load.example\r\n".getBytes(StandardCharsets.US_ASCII);
    private final Envelope envelope = new Envelope(
            Address.of("sender@load.example"),
            List.of(Recipient.of(Address.of("rcpt@sink.example"))),
            false,
            false);
    private final Origin origin = new Origin(Origin.Kind.SMTP, "192.0.2.7", "", "s1");
    private final Instant now = Instant.ofEpochMilli(1_800_000_000_000L);
    private final List<RecipientState> states = List.of(RecipientState.fresh(now));
    private final Batch batch = new Batch(1);
    private final ChangeEncoder encoder = new ChangeEncoder(index, batch, null);
    private byte[] body = {};
    private long next;

    @Setup
    public void make() {
        body = new byte[size];
        Arrays.fill(body, (byte) 'x');
    }

    @Benchmark
    @OperationsPerInvocation(MESSAGES)
    public ByteBuffer batchOfMessages() throws IOException, ChangeEncoder.MustFlush {
        batch.clear();
        for (int i = 0; i < MESSAGES; i++) {
            SpoolDraft draft = new SpoolDraft(new SpoolId(++next), now, 1 << 20, memory, null);
            draft.append(body, 0, body.length);
            encoder.begin(Segment.location(tail.number, tail.end + batch.length()));
            encoder.encode(Change.of(
                    new Change.Entry.Accept(draft, prepended, envelope, origin, now, states, "")));
            encoder.commit();
            draft.release();
        }
        return batch.finish(tail);
    }
}
