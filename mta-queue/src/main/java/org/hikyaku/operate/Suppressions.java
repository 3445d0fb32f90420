package org.hikyaku.operate;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.hikyaku.config.Config;
import org.hikyaku.mail.Address;
import org.hikyaku.world.Disk;
import org.hikyaku.world.Event;
import org.hikyaku.world.StateFile;
import org.hikyaku.world.Tasks;
import org.hikyaku.world.World;
import org.jspecify.annotations.Nullable;

/**
 * Recipients elsewhere of whom their servers say that they are not there, and those to whom nothing is sent any more: in
 * memory, and in the file {@code suppressions}, to which lines are appended, each with a checksum, the last of an address
 * being what holds; it is written anew when it has grown in lines or octets. Looked up from anywhere; commands wait until it is forced.
 *
 * <p><i>Failure:</i> what servers say is forced a second later at the latest; a crash before costs a count, never mail. What cannot be
 * written is told and tried again with the next. A torn or damaged line does not count; a file that cannot be read is told and put
 * aside, and the list begins empty. Beyond the bound those are
 * forgotten of whom nothing was heard for the longest time.
 */
public final class Suppressions {
    private static final int ADDRESSES_MAX = 100_000;
    /** Of the lines of all. */
    private static final long OCTETS_MAX = 32L << 20;
    /** Of what a server said, in ASCII. */
    private static final int WHY_MAX = 120;

    private static final String SERVERS = "servers";
    private static final int WAITING_MAX = 10_000;
    private static final int FILE_MAX = 256 << 20;
    /** Lines for each address beyond which the file is written anew. */
    private static final int LINES_EACH = 4;

    private static final int LINES_LEAST = 1_000;
    /** The same for its octets, with those of the lines of all. */
    private static final long OCTETS_LEAST = 1 << 20;

    private static final Duration TOGETHER = Duration.ofSeconds(1);

    private final World world;
    private final Supplier<Config> config;
    private final Path directory;
    private final Tasks.Permits writing;
    // guarded by this; no call of the World is made while it is held
    private final SuppressedAddresses all = new SuppressedAddresses(ADDRESSES_MAX, OCTETS_MAX);
    private final Map<String, Optional<Suppressed>> waiting = new LinkedHashMap<>();
    private boolean scheduled;
    /** Of the file. */
    private long lines;

    private long octets;

    /** Whether there is anything at all: without, nobody waits for the monitor. */
    private volatile boolean any;

    /** The file is to be written anew. */
    private boolean broken;

    private volatile boolean closed;

    private Suppressions(World world, Supplier<Config> config, Path directory) {
        this.world = world;
        this.config = config;
        this.directory = directory;
        this.writing = world.tasks().permits(1);
    }

    /** Reads them; {@code directory} is made when it is needed. */
    public static Suppressions load(World world, Supplier<Config> config, Path directory) {
        Suppressions list = new Suppressions(world, config, directory);
        if (world.disk().exists(list.file())) {
            try {
                String text = new String(world.disk().readAll(list.file(), FILE_MAX), StandardCharsets.UTF_8);
                text.lines().forEach(list::read);
                list.forgetOld(world.clock().now());
            } catch (IOException e) {
                world.events().emit(Event.SUPPRESSIONS_UNREADABLE, list.file(), String.valueOf(e.getMessage()));
                list.putAside();
            }
        }
        return list;
    }

    /** For who wants to look at it; what is written next is a file of its own. */
    private void putAside() {
        try {
            world.disk().rename(file(), directory.resolve("suppressions.unreadable"));
        } catch (IOException e) {
            synchronized (this) {
                broken = true;
            }
        }
    }

    private synchronized void read(String line) {
        lines++;
        octets += line.length() + 1L;
        Optional<List<String>> fields = OperationLog.read(line);
        if (fields.isEmpty() || fields.get().isEmpty()) {
            return;
        }
        Suppressed.read(fields.get())
                .ifPresentOrElse(all::put, () -> all.remove(fields.get().getFirst()));
        any |= all.size() > 0;
    }

    private Path file() {
        return directory.resolve("suppressions");
    }

    /** Whether nothing is to be sent there. Never waits. */
    public boolean holds(Address address) {
        return find(address).isPresent();
    }

    /** What is in force of an address. Never waits. */
    public Optional<Suppressed> find(Address address) {
        if (!any) {
            return Optional.empty();
        }
        Instant now = world.clock().now();
        synchronized (this) {
            return all.get(address.localKey()).filter(each -> each.isInForce(now));
        }
    }

    /** Those in force, with what is told of those that are only counted where {@code counted} says so. */
    public List<Suppressed> list(boolean counted) {
        Instant now = world.clock().now();
        synchronized (this) {
            return all.all().stream()
                    .filter(each -> counted || each.isInForce(now))
                    .sorted(Comparator.comparing(Suppressed::address))
                    .toList();
        }
    }

    /** A server has said that nobody has this address. Never waits. */
    public void failed(Address address, String said) {
        Config.Suppression rule = config.get().suppression();
        if (rule.afterFailures() == 0 || closed) {
            return;
        }
        Instant now = world.clock().now();
        String key = address.localKey();
        Suppressed next;
        boolean begins;
        boolean start;
        synchronized (this) {
            Optional<Suppressed> listed = all.get(key);
            if (listed.filter(each -> !each.by().equals(SERVERS) && each.isInForce(now))
                    .isPresent()) {
                return;
            }
            Suppressed old = listed.filter(each -> each.by().equals(SERVERS)).orElse(null);
            boolean goesOn = old != null
                    && !old.first().plus(rule.within()).isBefore(now)
                    && !old.first().isAfter(now);
            int failures = old != null && goesOn ? old.failures() + 1 : 1;
            Instant first = old != null && goesOn ? old.first() : now;
            boolean enough = failures >= rule.afterFailures()
                    && !first.plus(rule.apart()).isAfter(now);
            begins = enough && (old == null || !old.isInForce(now));
            Instant until = enough ? now.plus(rule.lasts()) : old == null ? Instant.EPOCH : old.until();
            next = new Suppressed(key, failures, first, now, until, SERVERS, cut(said));
            keep(next);
            start = note(key, Optional.of(next));
        }
        if (begins) {
            world.events().emit(Event.ADDRESS_SUPPRESSED, key, next.until(), SERVERS, next.why());
        }
        schedule(start);
    }

    /** A reply is of any letters, and of an octet there nine may come in the file. */
    private static String cut(String said) {
        StringBuilder why = new StringBuilder();
        said.chars().limit(WHY_MAX).forEach(c -> why.append(c < ' ' || c > '~' ? '?' : (char) c));
        return why.toString();
    }

    private @Nullable Suppressed keep(Suppressed one) {
        any = true;
        return all.put(one);
    }

    /** He is there: what was counted is forgotten, but not what an operator said, which is so until he says otherwise. Never waits. */
    public void delivered(Address address) {
        if (!any) {
            return;
        }
        boolean start;
        synchronized (this) {
            Optional<Suppressed> listed = all.get(address.localKey());
            if (listed.isEmpty() || !listed.get().by().equals(SERVERS)) {
                return;
            }
            all.remove(address.localKey());
            start = note(address.localKey(), Optional.empty());
        }
        schedule(start);
    }

    /** Puts an address on the list. Waits until that is on disk. */
    public Suppressed add(Address address, Duration time, String by, String why) throws IOException {
        Instant now = world.clock().now();
        String key = address.localKey();
        Suppressed one = new Suppressed(key, 0, now, now, now.plus(time), by, why);
        Suppressed before;
        synchronized (this) {
            before = keep(one);
            waiting.put(key, Optional.of(one));
        }
        try {
            write();
        } catch (IOException e) {
            putBack(key, before);
            throw e;
        }
        world.events().emit(Event.ADDRESS_SUPPRESSED, key, one.until(), by, why);
        return one;
    }

    /** Takes an address off, with what was counted. Waits until that is on disk. @return whether it was there */
    public boolean remove(Address address, String by) throws IOException {
        String key = address.localKey();
        Suppressed before;
        synchronized (this) {
            before = all.remove(key);
            if (before == null) {
                return false;
            }
            waiting.put(key, Optional.empty());
        }
        try {
            write();
        } catch (IOException e) {
            putBack(key, before);
            throw e;
        }
        world.events().emit(Event.ADDRESS_UNSUPPRESSED, key, by);
        return true;
    }

    private synchronized void putBack(String key, @Nullable Suppressed before) {
        if (before == null) {
            all.remove(key);
        } else {
            keep(before);
        }
        waiting.put(key, Optional.ofNullable(before));
    }

    /** Writes what waits, and no more. */
    public void close() {
        closed = true;
        try {
            write();
        } catch (IOException e) {
            world.events().emit(Event.SUPPRESSION_NOT_STORED, String.valueOf(e.getMessage()));
        }
    }

    /** True when a task is to be started that writes. */
    private boolean note(String key, Optional<Suppressed> what) {
        if (waiting.size() < WAITING_MAX || waiting.containsKey(key)) {
            waiting.put(key, what);
        }
        boolean start = !scheduled && !closed;
        scheduled |= start;
        return start;
    }

    private void schedule(boolean start) {
        if (start) {
            world.net().loop().schedule(TOGETHER, () -> world.tasks().start("suppressions", this::later));
        }
    }

    private void later() {
        synchronized (this) {
            scheduled = false;
        }
        if (closed) {
            return;
        }
        try {
            write();
        } catch (IOException e) {
            world.events().emit(Event.SUPPRESSION_NOT_STORED, String.valueOf(e.getMessage()));
        }
    }

    private void write() throws IOException {
        writing.acquire();
        try {
            Map<String, Optional<Suppressed>> some;
            boolean anew;
            synchronized (this) {
                some = new LinkedHashMap<>(waiting);
                anew = broken
                        || lines + some.size() > LINES_LEAST + (long) LINES_EACH * all.size()
                        || octets > OCTETS_LEAST + LINES_EACH * all.octets();
            }
            if (some.isEmpty()) {
                return;
            }
            boolean whole = false;
            try {
                if (anew) {
                    rewrite();
                } else {
                    append(some);
                }
                whole = true;
            } finally {
                synchronized (this) {
                    broken = !whole; // nothing behind a force that failed is to be trusted
                }
            }
            synchronized (this) {
                some.forEach(waiting::remove);
            }
        } finally {
            writing.release();
        }
    }

    private void append(Map<String, Optional<Suppressed>> some) throws IOException {
        StringBuilder text = new StringBuilder("\n"); // behind what a crash has torn
        some.forEach((key, what) ->
                text.append(OperationLog.line(what.map(Suppressed::fields).orElseGet(() -> List.of(key, "-")))));
        byte[] octets = text.toString().getBytes(StandardCharsets.UTF_8);
        boolean fresh = !world.disk().exists(file());
        if (fresh) {
            StateFile.makeDirectory(world.disk(), directory);
        }
        try (Disk.File file = fresh ? world.disk().create(file()) : world.disk().openWrite(file())) {
            file.write(file.size(), ByteBuffer.wrap(octets));
            file.force();
        }
        if (fresh) {
            world.disk().forceDirectory(directory);
        }
        synchronized (this) {
            lines += some.size() + 1L;
            this.octets += octets.length;
        }
    }

    private void rewrite() throws IOException {
        forgetOld(world.clock().now());
        List<String> text;
        synchronized (this) {
            text = new ArrayList<>(all.all().stream()
                    .map(each -> OperationLog.line(each.fields()).strip())
                    .toList());
        }
        new StateFile(world.disk(), directory, "suppressions", FILE_MAX).write(text);
        synchronized (this) {
            lines = text.size();
            octets = all.octets();
        }
    }

    /** Those whose time is over, and counts that are too old to go on. */
    private synchronized void forgetOld(Instant now) {
        Config.Suppression rule = config.get().suppression();
        all.removeIf(
                each -> !each.isInForce(now) && each.last().plus(rule.within()).isBefore(now));
    }
}
