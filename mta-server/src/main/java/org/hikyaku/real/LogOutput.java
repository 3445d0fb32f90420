package org.hikyaku.real;

import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.time.Duration;
import java.util.Arrays;

/**
 * The stream behind the log: what is written is gathered, and one thread writes it a few milliseconds later, so that a
 * thousand lines cost one system call and no loop waits for each of them. A bounded number of octets waits; at the bound
 * writers do.
 *
 * <p>{@link #flush} does nothing; {@link #close} writes what is left, and what comes after it goes straight through. An end in
 * order of the process, by whatever way, closes.
 *
 * <p><i>Failure:</i> octets that the target does not take are lost, nothing else. A process that is killed loses the last few
 * milliseconds of its log.
 */
public final class LogOutput extends OutputStream {
    private static final int WAITING_MAX = 1 << 20;
    private static final int FIRST = 16 * 1024;
    private static final Duration GATHER = Duration.ofMillis(10);
    private static final long END_MILLIS = 5_000;

    private final OutputStream target;
    private final Thread writer;
    private byte[] waiting = new byte[FIRST];
    private byte[] spare = new byte[FIRST];
    private int count;
    private boolean closed;

    public LogOutput(OutputStream target) {
        this.target = target;
        this.writer = Thread.ofPlatform().daemon().name("log").unstarted(this::run);
    }

    /** From now on standard output goes through one. */
    public static void begin() {
        PrintStream plain = System.out;
        LogOutput output = new LogOutput(plain);
        output.start();
        Runtime.getRuntime().addShutdownHook(Thread.ofPlatform().name("log end").unstarted(output::close));
        System.setOut(new PrintStream(output, false, plain.charset()));
    }

    void start() {
        writer.start();
    }

    @Override
    public void write(int octet) throws IOException {
        write(new byte[] {(byte) octet}, 0, 1);
    }

    @Override
    public void write(byte[] octets, int offset, int length) throws IOException {
        synchronized (this) {
            boolean patient = true;
            while (!closed && count > 0 && count + length > WAITING_MAX && patient) {
                patient = waitABit(0);
            }
            if (!closed) {
                add(octets, offset, length);
                return;
            }
        }
        target.write(octets, offset, length);
        target.flush();
    }

    private void add(byte[] octets, int offset, int length) {
        if (count + length > waiting.length) {
            waiting = Arrays.copyOf(waiting, Math.max(count + length, waiting.length * 2));
        }
        System.arraycopy(octets, offset, waiting, count, length);
        if (count == 0) {
            notifyAll();
        }
        count += length;
    }

    @Override
    public void flush() {
        // the writer does, soon
    }

    /** Writes all that waits; does nothing a second time. */
    @Override
    public void close() {
        synchronized (this) {
            closed = true;
            notifyAll();
        }
        try {
            writer.join(END_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void run() {
        boolean more = true;
        while (more) {
            more = writeSome();
        }
    }

    /** False at the end. */
    private boolean writeSome() {
        byte[] full;
        int length;
        synchronized (this) {
            while (count == 0 && !closed) {
                waitABit(0);
            }
            if (count < WAITING_MAX / 2 && !closed) {
                waitABit(GATHER.toMillis());
            }
            full = waiting;
            length = count;
            waiting = spare;
            spare = full;
            count = 0;
            notifyAll();
            if (length == 0) {
                return !closed;
            }
        }
        try {
            target.write(full, 0, length);
            target.flush();
        } catch (IOException e) {
            return true; // nowhere to tell it
        }
        return true;
    }

    /** False when interrupted: then nobody waits, and the bound may be passed. */
    @SuppressWarnings("WaitNotInLoop") // every caller looks again
    private boolean waitABit(long millis) {
        try {
            wait(millis);
            return true;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }
}
