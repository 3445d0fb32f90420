package org.hikyaku.town;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;
import org.hikyaku.mail.Domain;
import org.hikyaku.spool.Spool;
import org.hikyaku.world.Disk;
import org.hikyaku.world.Resolver;
import org.hikyaku.world.World;

/**
 * Bugs planted from outside, one at a time, to show that the judge of the town finds each: a test of the test. None of
 * them exists in the program; each wraps what the program is given.
 */
enum Plant {
    NONE("nothing planted", ""),
    ACK_BEFORE_FORCE("the 250 goes out before the force", "LOST"),
    FORCE_SKIPPED("no file is ever forced", "LOST"),
    DIRECTORY_FORCE_SKIPPED("no directory is ever forced", "LOST"),
    MAILBOX_FORCE_SKIPPED("a mailbox file counts as delivered unforced", "LOST"),
    PROGRESS_FORGOTTEN("a settlement is told stored and is not: recipients are settled twice", "without crash"),
    BOUNCE_FORGOTTEN("a failed recipient is settled without its bounce", "LOST"),
    WAKE_UP_LOST("a queued letter is dropped, and nobody wakes for it", "waits for ever|livelock"),
    SERVFAIL_AS_NXDOMAIN("a DNS failure is read as 'no such domain'", "although the DNS only failed"),
    BODY_OCTET_LOST("the last octet of a long append is lost", "arrived mangled"),
    SEGMENT_OVERLOOKED("recovery overlooks the last name in a directory", "LOST"),
    FREEZE_FORGOTTEN("a restart forgets whose account is frozen", "letter .* left"),
    HOLD_FORGOTTEN("what comes from who is frozen is held in memory alone", "left, accepted when"),
    COUNTS_FORGOTTEN("a restart forgets what has left today from addresses that warm up", "which may begin");

    final String claim;
    /** What the judge says of it. */
    private final Pattern told;

    Plant(String claim, String told) {
        this.claim = claim;
        this.told = Pattern.compile(told);
    }

    /** Whether the judge has seen it, and not only something that broke. */
    boolean isTold(String wrong) {
        return told.matcher(wrong).find();
    }

    /** The outside as the program gets it. */
    World in(World world) {
        return switch (this) {
            case FORCE_SKIPPED -> withDisk(world, WeakDisk.unforced(world.disk(), file -> true));
            case DIRECTORY_FORCE_SKIPPED ->
                withDisk(world, new WeakDisk(world.disk(), file -> false, true, false, file -> false));
            case MAILBOX_FORCE_SKIPPED ->
                withDisk(
                        world,
                        WeakDisk.unforced(world.disk(), file -> file.toString().contains("/mail/")));
            case SEGMENT_OVERLOOKED ->
                withDisk(world, new WeakDisk(world.disk(), file -> false, false, true, file -> false));
            case FREEZE_FORGOTTEN -> withDisk(world, WeakDisk.without(world.disk(), "accounts"));
            case COUNTS_FORGOTTEN -> withDisk(world, WeakDisk.without(world.disk(), "sources"));
            case SERVFAIL_AS_NXDOMAIN ->
                new World(
                        world.clock(),
                        world.disk(),
                        world.net(),
                        misreading(world.resolver()),
                        world.tasks(),
                        world.entropy(),
                        world.events());
            case WAKE_UP_LOST ->
                new World(
                        world.clock(),
                        world.disk(),
                        world.net(),
                        world.resolver(),
                        new ForgetfulTasks(world.tasks()),
                        world.entropy(),
                        world.events());
            default -> world;
        };
    }

    /** The spool as the program gets it. */
    UnaryOperator<Spool> spool() {
        return switch (this) {
            case ACK_BEFORE_FORCE, PROGRESS_FORGOTTEN, BOUNCE_FORGOTTEN, BODY_OCTET_LOST, HOLD_FORGOTTEN ->
                inner -> new WeakSpool(inner, this);
            default -> UnaryOperator.identity();
        };
    }

    private static World withDisk(World world, Disk disk) {
        return new World(
                world.clock(), disk, world.net(), world.resolver(), world.tasks(), world.entropy(), world.events());
    }

    private static Resolver misreading(Resolver inner) {
        return (Domain name, Resolver.Type type) -> {
            Resolver.Answer answer = inner.ask(name, type);
            return answer instanceof Resolver.Answer.Unknown ? new Resolver.Answer.NoName(false) : answer;
        };
    }

    /** A disk that leaves out a duty. */
    private record WeakDisk(
            Disk inner,
            Predicate<Path> forceSkipped,
            boolean directoryForceSkipped,
            boolean overlooks,
            Predicate<Path> hidden)
            implements Disk {
        static WeakDisk unforced(Disk inner, Predicate<Path> which) {
            return new WeakDisk(inner, which, false, false, file -> false);
        }

        static WeakDisk without(Disk inner, String name) {
            return new WeakDisk(inner, file -> false, false, false, file -> file.endsWith(name));
        }

        @Override
        public File openRead(Path file) throws IOException {
            return wrap(file, inner.openRead(file));
        }

        @Override
        public File openWrite(Path file) throws IOException {
            return wrap(file, inner.openWrite(file));
        }

        @Override
        public File create(Path file) throws IOException {
            return wrap(file, inner.create(file));
        }

        private File wrap(Path path, File file) {
            return forceSkipped.test(path) ? new UnforcedFile(file) : file;
        }

        @Override
        public void rename(Path from, Path to) throws IOException {
            inner.rename(from, to);
        }

        @Override
        public void delete(Path file) throws IOException {
            inner.delete(file);
        }

        @Override
        public void forceDirectory(Path directory) throws IOException {
            if (!directoryForceSkipped) {
                inner.forceDirectory(directory);
            }
        }

        @Override
        public void makeDirectories(Path directory) throws IOException {
            inner.makeDirectories(directory);
        }

        @Override
        public boolean exists(Path file) {
            return !hidden.test(file) && inner.exists(file);
        }

        @Override
        public List<String> list(Path directory) throws IOException {
            List<String> names = inner.list(directory);
            return overlooks && names.size() > 1 ? names.subList(0, names.size() - 1) : names;
        }

        @Override
        public byte[] readAll(Path file, int limit) throws IOException {
            return inner.readAll(file, limit);
        }

        @Override
        public long freeBytes(Path directory) throws IOException {
            return inner.freeBytes(directory);
        }

        @Override
        public Facts facts(Path file) throws IOException {
            return inner.facts(file);
        }

        @Override
        public Optional<File> openLocked(Path file) throws IOException {
            return inner.openLocked(file);
        }

        @Override
        public Closeable lock(Path file) throws IOException {
            return inner.lock(file);
        }
    }

    private record UnforcedFile(Disk.File inner) implements Disk.File {
        @Override
        public long size() throws IOException {
            return inner.size();
        }

        @Override
        public int read(ByteBuffer target, long position) throws IOException {
            return inner.read(target, position);
        }

        @Override
        public void write(long position, ByteBuffer... sources) throws IOException {
            inner.write(position, sources);
        }

        @Override
        public void force() {}

        @Override
        public void setSize(long size) throws IOException {
            inner.setSize(size);
        }

        @Override
        public void close() throws IOException {
            inner.close();
        }
    }
}
