package org.hikyaku.spool;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.TreeMap;
import java.util.zip.CRC32C;
import org.hikyaku.mail.SpoolId;
import org.hikyaku.world.Disk;
import org.hikyaku.world.Tasks;
import org.hikyaku.world.World;

/**
 * One task that writes the bodies of large drafts to files, forces them with their directory, and deletes those no longer
 * needed. Everything asked for one draft happens in the order it was asked.
 *
 * <p><i>Failure:</i> a write that fails fails its draft only; a delete that fails leaves a file that the next opening
 * deletes.
 */
final class BodyWriter {
    private static final int JOBS_AT_ONCE = 256;

    private final Disk disk;
    private final Path bodies;
    private final DraftMemory memory;
    private final WorkQueue<Job> jobs;
    private final Tasks.Task task;
    private final TreeMap<Long, Writing> open = new TreeMap<>();

    BodyWriter(World world, Path bodies, DraftMemory memory, String name) {
        this.disk = world.disk();
        this.bodies = bodies;
        this.memory = memory;
        this.jobs = new WorkQueue<>(world.tasks());
        this.task = world.tasks().startDedicated(name, this::run);
    }

    /** What is to be done. */
    private sealed interface Job {
        record Write(SpoolDraft draft) implements Job {}

        record Finish(SpoolDraft draft, Runnable then) implements Job {}

        record Delete(long id) implements Job {}

        record Ease() implements Job {}
    }

    /** A file being written. */
    private static final class Writing {
        final Disk.File file;
        final CRC32C block = new CRC32C();
        int[] sums = new int[4];
        long size;

        Writing(Disk.File file) {
            this.file = file;
        }

        void sum(ByteBuffer octets) {
            ByteBuffer rest = octets.duplicate();
            int end = rest.limit();
            while (rest.position() < end) {
                int room = BodyFile.BLOCK - (int) (size % BodyFile.BLOCK);
                int count = Math.min(room, end - rest.position());
                rest.limit(rest.position() + count);
                block.update(rest);
                rest.limit(end);
                size += count;
                if (size % BodyFile.BLOCK == 0) {
                    endBlock();
                }
            }
        }

        private void endBlock() {
            int index = (int) ((size - 1) / BodyFile.BLOCK);
            if (index >= sums.length) {
                sums = Arrays.copyOf(sums, index * 2);
            }
            sums[index] = (int) block.getValue();
            block.reset();
        }

        ByteBuffer trailer(long id) {
            if (size % BodyFile.BLOCK != 0) {
                endBlock();
            }
            return BodyFile.trailer(id, size, sums);
        }
    }

    static Path file(Path bodies, long id) {
        return bodies.resolve(new SpoolId(id).toString());
    }

    /** Soon writes what {@code draft} holds. */
    void write(SpoolDraft draft) {
        jobs.add(new Job.Write(draft));
    }

    /** Writes and forces all of {@code draft}, then runs {@code then}, on this task; {@code draft} knows a failure. */
    void finish(SpoolDraft draft, Runnable then) {
        if (!jobs.add(new Job.Finish(draft, then))) {
            draft.failed(new IOException("the spool is closed"));
            then.run();
        }
    }

    void delete(SpoolDraft draft) {
        delete(draft.id().value());
    }

    void delete(long id) {
        jobs.add(new Job.Delete(id));
    }

    /** Pushes drafts out of memory, the oldest first. */
    void ease() {
        if (jobs.isEmpty()) {
            jobs.add(new Job.Ease());
        }
    }

    /** Ends when all that was asked is done. */
    void close(Duration limit) {
        jobs.close();
        task.join(limit);
        for (long id : List.copyOf(open.keySet())) {
            remove(id);
        }
    }

    /** Octets of the draft's file, from whatever task. */
    int read(SpoolDraft draft, ByteBuffer target, long position) throws IOException {
        try (Disk.File file = disk.openRead(file(bodies, draft.id().value()))) {
            return Math.max(0, file.read(target, position));
        }
    }

    private void run() {
        ArrayList<Job> now = new ArrayList<>();
        while (true) {
            jobs.drainTo(now, JOBS_AT_ONCE);
            if (now.isEmpty()) {
                if (jobs.isClosed() && jobs.isEmpty()) {
                    return;
                }
                jobs.await(null);
                continue;
            }
            work(now);
            now.clear();
        }
    }

    private void work(List<Job> now) {
        ArrayList<Job.Finish> finished = new ArrayList<>();
        for (Job job : now) {
            switch (job) {
                case Job.Write(SpoolDraft draft) -> writeOut(draft);
                case Job.Finish finish -> {
                    forceFile(finish.draft());
                    finished.add(finish);
                }
                case Job.Delete(long id) -> remove(id);
                case Job.Ease() -> pushOut();
            }
        }
        if (!finished.isEmpty()) {
            forceNames(finished);
            finished.forEach(finish -> finish.then().run());
        }
    }

    private void writeOut(SpoolDraft draft) {
        if (draft.isDropped()) {
            return;
        }
        try {
            write(draft, writing(draft));
        } catch (IOException e) {
            draft.failed(e);
        }
    }

    private void write(SpoolDraft draft, Writing writing) throws IOException {
        List<ByteBuffer> parts = draft.parts();
        long before = writing.size;
        for (ByteBuffer part : parts) {
            writing.sum(part);
        }
        long count = writing.size - before;
        if (count > 0) {
            writing.file.write(before, parts.toArray(ByteBuffer[]::new));
            draft.wrote(count);
        }
    }

    private Writing writing(SpoolDraft draft) throws IOException {
        Writing known = open.get(draft.id().value());
        if (known == null) {
            known = new Writing(disk.create(file(bodies, draft.id().value())));
            open.put(draft.id().value(), known);
        }
        return known;
    }

    private void forceFile(SpoolDraft draft) {
        if (draft.failure() != null) {
            return;
        }
        try {
            Writing writing = writing(draft);
            write(draft, writing);
            writing.file.write(writing.size, writing.trailer(draft.id().value()));
            writing.file.force();
            open.remove(draft.id().value());
            writing.file.close();
        } catch (IOException e) {
            draft.failed(e);
        }
    }

    private void forceNames(List<Job.Finish> finished) {
        try {
            disk.forceDirectory(bodies);
        } catch (IOException e) {
            for (Job.Finish finish : finished) {
                finish.draft().failed(e);
            }
        }
    }

    private void remove(long id) {
        Path file = file(bodies, id);
        Writing writing = open.remove(id);
        try {
            if (writing != null) {
                writing.file.close();
            }
            if (disk.exists(file)) {
                disk.delete(file);
            }
        } catch (IOException e) {
            // left for the next opening, which deletes bodies without a message: nobody waits for this one
        }
    }

    private void pushOut() {
        for (SpoolDraft draft : memory.open()) {
            if (memory.isEased()) {
                return;
            }
            if (draft.spill()) {
                draft.writerOf().write(draft);
            }
        }
    }
}
