package org.hikyaku.real;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class LogOutputTest {
    private static final byte[] LINE = "a line of the log\n".getBytes(StandardCharsets.US_ASCII);

    /** What is written, and how often. */
    private static class Target extends OutputStream {
        final ByteArrayOutputStream all = new ByteArrayOutputStream();
        final AtomicInteger writes = new AtomicInteger();
        final Semaphore mayWrite = new Semaphore(Integer.MAX_VALUE);
        final CountDownLatch began = new CountDownLatch(1);

        @Override
        public void write(int octet) {
            all.write(octet);
        }

        @Override
        public void write(byte[] octets, int offset, int length) throws IOException {
            began.countDown();
            mayWrite.acquireUninterruptibly();
            writes.incrementAndGet();
            all.write(octets, offset, length);
        }
    }

    @Test
    void manyLinesAreWrittenInOrderWithFewCallsAndNoneIsLostAtTheEnd() throws Exception {
        Target target = new Target();
        LogOutput output = new LogOutput(target);
        output.start();
        StringBuilder expected = new StringBuilder();
        for (int i = 0; i < 10_000; i++) {
            String line = "line " + i + "\n";
            expected.append(line);
            output.write(line.getBytes(StandardCharsets.US_ASCII));
            output.flush();
        }
        output.close();
        assertThat(target.all.toString(StandardCharsets.US_ASCII)).isEqualTo(expected.toString());
        assertThat(target.writes.get()).isLessThan(1_000);
    }

    @Test
    void aLineIsWrittenSoonThoughNoOtherFollows() throws Exception {
        Target target = new Target();
        LogOutput output = new LogOutput(target);
        output.start();
        output.write(LINE);
        assertThat(target.began.await(10, TimeUnit.SECONDS)).isTrue();
        output.close();
    }

    @Test
    void atTheBoundWritersWaitAndNothingIsLost() throws Exception {
        Target target = new Target();
        target.mayWrite.drainPermits();
        LogOutput output = new LogOutput(target);
        output.start();
        AtomicInteger written = new AtomicInteger();
        byte[] much = new byte[64 * 1024];
        Thread writer = Thread.ofPlatform().start(() -> {
            for (int i = 0; i < 100; i++) {
                try {
                    output.write(much);
                } catch (IOException e) {
                    return;
                }
                written.incrementAndGet();
            }
        });
        assertThat(target.began.await(10, TimeUnit.SECONDS)).isTrue();
        assertThat(writer.join(java.time.Duration.ofMillis(200))).isFalse();
        assertThat(written.get()).isLessThan(60);
        target.mayWrite.release(1_000);
        writer.join();
        output.close();
        assertThat(target.all.size()).isEqualTo(100 * much.length);
    }

    @Test
    void whatComesAfterTheEndGoesStraightThrough() throws Exception {
        Target target = new Target();
        LogOutput output = new LogOutput(target);
        output.start();
        output.close();
        output.write(LINE);
        assertThat(target.all.toByteArray()).isEqualTo(LINE);
    }
}
