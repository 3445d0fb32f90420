package org.hikyaku.real;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.hikyaku.world.Processes;

/**
 * Programs of the host, as its own user and never as root: started without a shell, their output read while they run, their
 * input written by a thread of its own.
 *
 * <p><i>Failure:</i> {@link IOException} from a program that cannot be started, and from each while too many that have ended left
 * somebody behind who holds their input and does not read it; whatever is amiss, no program outlives its time
 * by more than a moment, but one that has cut itself off from the one we started.
 */
public final class RealProcesses implements Processes {
    private static final long LOOK_MILLIS = 20;
    private static final int PIECE = 8192;
    /** Threads that may go on writing to whoever has inherited the input of a program that has ended, and does not read it. */
    private static final int LEFT_MAX = 64;

    private final int uid;
    private final int leftMax;
    private final AtomicInteger left = new AtomicInteger();

    public RealProcesses() {
        this(ownUid(), LEFT_MAX);
    }

    /** @param uid the user we are; 0 starts nothing */
    RealProcesses(int uid, int leftMax) {
        this.uid = uid;
        this.leftMax = leftMax;
    }

    private static int ownUid() {
        try {
            return (Integer) Files.getAttribute(Path.of("/proc/self"), "unix:uid");
        } catch (IOException e) {
            return 0; // not known: then nothing is started
        }
    }

    @Override
    public Ended run(Program program) throws IOException {
        if (uid == 0) {
            throw new IOException("programs are never run as root: let hikyaku run as a user of its own");
        }
        if (left.get() >= leftMax) {
            throw new IOException(leftMax + " programs have ended and left others behind that do not read their input");
        }
        ProcessBuilder builder = new ProcessBuilder(program.command())
                .directory(program.directory().toFile())
                .redirectErrorStream(true);
        builder.environment().clear();
        builder.environment().putAll(program.environment());
        Process process = builder.start();
        Feeder feeder = new Feeder(process, program.input());
        try (InputStream output = process.getInputStream()) {
            return follow(process, feeder, program, output);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        } finally {
            if (process.isAlive()) {
                kill(process);
            }
            feeder.leave();
        }
    }

    private static Ended follow(Process process, Feeder feeder, Program program, InputStream output)
            throws IOException, InterruptedException {
        Thread.ofPlatform()
                .daemon()
                .name("stdin of " + program.command().getFirst())
                .start(feeder);
        ByteArrayOutputStream kept = new ByteArrayOutputStream();
        long end = System.nanoTime() + program.limit().toNanos();
        boolean late = false;
        while (!process.waitFor(LOOK_MILLIS, TimeUnit.MILLISECONDS)) {
            drain(output, kept, program.outputMax());
            if (System.nanoTime() - end > 0) {
                late = true;
                kill(process);
                process.waitFor(1, TimeUnit.SECONDS);
                break;
            }
        }
        drain(output, kept, program.outputMax());
        if (feeder.failed) {
            return new Ended.InputFailed();
        }
        return late
                ? new Ended.OutOfTime(kept.toByteArray())
                : new Ended.Exited(process.exitValue(), kept.toByteArray());
    }

    /** What is there, without waiting: whoever holds the other end may never close it. */
    private static void drain(InputStream output, ByteArrayOutputStream kept, int most) throws IOException {
        byte[] piece = new byte[PIECE];
        for (int there = output.available(); there > 0; there = output.available()) {
            int count = output.read(piece, 0, Math.min(there, PIECE));
            if (count <= 0) {
                return;
            }
            kept.write(piece, 0, Math.min(count, most - kept.size()));
        }
    }

    /** The first one first, so that it does not go on where one of those it waits for has died. */
    private static void kill(Process process) {
        List<ProcessHandle> below = process.descendants().toList();
        process.toHandle().destroyForcibly(); // not by Process: that would close its input, too, and end it so
        below.forEach(ProcessHandle::destroyForcibly);
    }

    /** Writes the input. Nothing ends it while somebody holds the other end and does not read, not even to close ours. */
    private final class Feeder implements Runnable {
        private final Process process;
        private final Input input;
        private final AtomicReference<Place> place = new AtomicReference<>(Place.WITH_ITS_PROGRAM);
        private volatile boolean failed;

        Feeder(Process process, Input input) {
            this.process = process;
            this.input = input;
        }

        /** Its program has ended. */
        void leave() {
            if (place.compareAndSet(Place.WITH_ITS_PROGRAM, Place.LEFT)) {
                left.incrementAndGet();
            }
        }

        @Override
        public void run() {
            try {
                feed();
            } finally {
                if (place.getAndSet(Place.ENDED) == Place.LEFT) {
                    left.decrementAndGet();
                }
            }
        }

        private void feed() {
            OutputStream to = process.getOutputStream();
            while (true) {
                byte[] some;
                try {
                    some = input.next();
                } catch (IOException e) {
                    failed = true;
                    kill(process); // before it sees an end
                    return;
                }
                try {
                    if (some.length == 0) {
                        to.close();
                        return;
                    }
                    to.write(some);
                    to.flush();
                } catch (IOException e) {
                    return; // it does not want to read on: its exit code decides
                }
            }
        }
    }

    /** Where a feeder is. */
    private enum Place {
        WITH_ITS_PROGRAM,
        LEFT,
        ENDED
    }
}
