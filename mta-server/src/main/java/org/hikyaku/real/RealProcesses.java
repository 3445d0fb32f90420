package org.hikyaku.real;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.hikyaku.world.Processes;

/**
 * Programs of the host, as its own user and never as root: started without a shell, their output read while they run, their
 * input written by a thread of its own.
 *
 * <p><i>Failure:</i> {@link IOException} from a program that cannot be started; whatever is amiss, no program outlives its time
 * by more than a moment, but one that has cut itself off from the one we started.
 */
public final class RealProcesses implements Processes {
    private static final long LOOK_MILLIS = 20;
    private static final int PIECE = 8192;

    private final int uid;

    public RealProcesses() {
        this(ownUid());
    }

    /** @param uid the user we are; 0 starts nothing */
    RealProcesses(int uid) {
        this.uid = uid;
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
        ProcessBuilder builder = new ProcessBuilder(program.command())
                .directory(program.directory().toFile())
                .redirectErrorStream(true);
        builder.environment().clear();
        builder.environment().putAll(program.environment());
        Process process = builder.start();
        try (InputStream output = process.getInputStream()) {
            return follow(process, program, output);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        } finally {
            if (process.isAlive()) {
                kill(process);
            }
        }
    }

    private static Ended follow(Process process, Program program, InputStream output)
            throws IOException, InterruptedException {
        AtomicBoolean inputFailed = new AtomicBoolean();
        Thread.ofPlatform()
                .daemon()
                .name("stdin of " + program.command().getFirst())
                .start(() -> feed(process, program.input(), inputFailed));
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
        if (inputFailed.get()) {
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

    private static void feed(Process process, Input input, AtomicBoolean failed) {
        OutputStream to = process.getOutputStream();
        while (true) {
            byte[] some;
            try {
                some = input.next();
            } catch (IOException e) {
                failed.set(true);
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

    /** The first one first, so that it does not go on where one of those it waits for has died. */
    private static void kill(Process process) {
        List<ProcessHandle> below = process.descendants().toList();
        process.toHandle().destroyForcibly(); // not by Process: that would close its input, too, and end it so
        below.forEach(ProcessHandle::destroyForcibly);
    }
}
