package org.hikyaku.drop;

import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Supplier;
import org.hikyaku.config.Config;
import org.hikyaku.world.Disk;
import org.hikyaku.world.Event;
import org.hikyaku.world.FileTrouble;
import org.hikyaku.world.Tasks;
import org.hikyaku.world.World;

/**
 * Empties the drop directory: one task that looks once a second. A file is taken by renaming it into a directory that nobody else
 * can enter; from then on its name is ours, and only then it is looked at: a plain file with one name, in whose owner we trust.
 * Names that do not begin with {@code m} are not finished, and left; after a day they are deleted.
 *
 * <p>Everybody may make names here, so that names alone cost nothing but a look: directories are passed by, only files that were taken
 * count for what one look does, and owners take turns in it.
 *
 * <p><i>Failure:</i> what its user sends too much of waits, with all else of his; so does, for a minute at a time, what the list of
 * users does not say whose it is; what cannot be stored now stays where it is and is tried again; a file that cannot be read or moved,
 * or that breaks us, is told once and left; a crash between storing and deleting brings a second copy. A directory that others could
 * have made is not used, and that is told.
 */
public final class DropDirectory {
    private static final Duration PAUSE = Duration.ofSeconds(1);
    private static final Duration PAUSE_AFTER_FAILURE = Duration.ofSeconds(30);
    private static final Duration UNFINISHED = Duration.ofDays(1);
    /** Of a message whose user sends too much. */
    private static final Duration REST = Duration.ofMinutes(5);
    /** Of an owner of whom it is not known who he is. */
    private static final Duration REST_OF_UNKNOWN = Duration.ofMinutes(1);
    /** Of one look. */
    private static final int FILES_MAX = 1000;

    private static final int STUCK_MAX = 1000;
    /** With more names than this somebody is at work who means no mail: looks become rare. */
    private static final int NAMES_MAX = 20_000;

    private final World world;
    private final Supplier<Config> config;
    private final DropMail mail;
    private final Path drop;
    private final Path taken;
    /** What could not be read or moved: left alone until the next start. */
    private final Set<String> stuck = new LinkedHashSet<>();
    /** Stored, and not deleted yet: never to be stored again. */
    private final Set<String> stored = new LinkedHashSet<>();

    /** Owners and taken files that wait since too much was sent, until when, by the clock that never goes back. */
    private final Map<Integer, Long> restingOwners = new LinkedHashMap<>();

    private final Map<String, Long> resting = new LinkedHashMap<>();
    /** Owners of whom the list of users did not say who they are: each is asked for once in a while, however many files he has left. */
    private final Map<Integer, Long> unknown = new LinkedHashMap<>();

    private boolean unknownTold;
    private boolean directoriesTold;
    private volatile boolean stopping;

    /** @param drop the directory, which exists */
    public DropDirectory(World world, Supplier<Config> config, DropMail mail, Path drop) {
        this.world = world;
        this.config = config;
        this.mail = mail;
        this.drop = drop;
        this.taken = drop.resolve("taken");
    }

    /**
     * Goes on until {@link #stop}, or until it is cancelled, which may leave a stored file in its place. Who owns a file is asked of the
     * host's list of users, which keeps a thread for as long as it takes.
     */
    public Tasks.Task start() {
        return world.tasks().startDedicated("drop directory", this::work);
    }

    /** Ends after the file that is being read. */
    public void stop() {
        stopping = true;
    }

    private void work() {
        boolean told = false;
        while (!stopping) {
            try {
                prepare();
                boolean crowded = look();
                told = false;
                pause(crowded ? PAUSE_AFTER_FAILURE : PAUSE);
            } catch (IOException e) {
                if (!told) {
                    world.events().emit(Event.DROP_FAILED, drop, FileTrouble.of(e));
                    told = true;
                }
                pause(PAUSE_AFTER_FAILURE);
            }
        }
    }

    /** In small steps, as an end is not to wait for it. */
    private void pause(Duration time) {
        for (Duration left = time; !stopping && left.isPositive(); left = left.minus(PAUSE)) {
            world.tasks().sleep(PAUSE);
        }
    }

    /** Everybody may make names in the drop directory: the inner one must be of whom the outer one is. */
    private void prepare() throws IOException {
        Disk disk = world.disk();
        Disk.Facts outer = disk.facts(drop);
        disk.makeDirectories(taken);
        Disk.Facts inner = disk.facts(taken);
        if (inner.kind() != Disk.Kind.DIRECTORY || inner.uid() != outer.uid()) {
            throw new IOException(taken + " does not belong to the owner of " + drop + ": remove it");
        }
    }

    /** True when there are too many names to look often. */
    private boolean look() throws IOException {
        for (String name : world.disk().list(taken)) {
            read(name);
        }
        List<String> names = world.disk().list(drop);
        int count = 0;
        for (String name : inTurns(names)) {
            if (stopping || count == FILES_MAX) {
                break;
            }
            if (take(name)) {
                count++;
                read(name);
            }
        }
        return names.size() > NAMES_MAX;
    }

    /** The names of finished files: one of each owner, then a second of each, so that a flood of one does not hold up the others. */
    private List<String> inTurns(List<String> names) {
        Map<Integer, Deque<String>> byOwner = new TreeMap<>();
        for (String name : names) {
            if (stopping) {
                break;
            }
            if (!name.equals("taken") && !stuck.contains(name)) {
                finished(name)
                        .filter(facts -> !isResting(restingOwners, facts.uid()) && !isResting(unknown, facts.uid()))
                        .ifPresent(facts -> byOwner.computeIfAbsent(facts.uid(), uid -> new ArrayDeque<>())
                                .add(name));
            }
        }
        List<String> turns = new ArrayList<>();
        while (!byOwner.isEmpty()) {
            byOwner.values().removeIf(own -> {
                turns.add(own.remove());
                return own.isEmpty();
            });
        }
        return turns;
    }

    /** What is known of a name that is a message; what is not finished is forgotten when it is old. */
    private Optional<Disk.Facts> finished(String name) {
        try {
            Disk.Facts facts = world.disk().facts(drop.resolve(name));
            if (facts.kind() == Disk.Kind.DIRECTORY) {
                tellOfDirectories(name);
            } else if (name.startsWith("m")) {
                return Optional.of(facts);
            } else if (name.startsWith("t")
                    && facts.modified().plus(UNFINISHED).isBefore(world.clock().now())) {
                world.disk().delete(drop.resolve(name));
            }
        } catch (NoSuchFileException gone) {
            return Optional.empty(); // he has taken it back
        } catch (IOException e) {
            stuck(name, FileTrouble.of(e));
        }
        return Optional.empty();
    }

    /** Nobody's mail, and anybody can make many of them: worth one word, not one for each. */
    private void tellOfDirectories(String name) {
        if (!directoriesTold) {
            directoriesTold = true;
            world.events().emit(Event.DROP_FAILED, name, "a directory is no message; directories are not told again");
        }
    }

    /** True when the file is ours now. */
    private boolean take(String name) {
        Path mine = taken.resolve(name);
        try {
            if (world.disk().exists(mine)) {
                stuck(name, "a name that is taken");
                return false;
            }
            world.disk().rename(drop.resolve(name), mine);
            return true;
        } catch (NoSuchFileException gone) {
            return false; // he has taken it back
        } catch (IOException e) {
            stuck(name, FileTrouble.of(e));
            return false;
        }
    }

    /** What is amiss with one file is no reason to let others wait. */
    private void read(String name) throws StoreFailure {
        if (stopping || stuck.contains(name) || isResting(resting, name)) {
            return;
        }
        Path file = taken.resolve(name);
        try {
            if (!stored.contains(name)) {
                store(file);
                stored.add(name);
            }
            world.disk().delete(file);
            stored.remove(name);
        } catch (StoreFailure e) {
            throw e;
        } catch (TooMuch e) {
            rest(resting, name, REST);
            rest(restingOwners, e.uid(), REST);
        } catch (NoAnswer e) {
            rest(resting, name, REST_OF_UNKNOWN);
            tellOfUnknown(name, e);
        } catch (NoSuchFileException gone) {
            stored.remove(name);
        } catch (IOException e) {
            stuck(name, FileTrouble.of(e));
        } catch (Tasks.TaskCancelled e) {
            throw e;
        } catch (RuntimeException e) { // a fault of ours with one file must not end the task, now and after each start
            world.events().emit(Event.TASK_DIED, "drop directory: " + name, e);
            stuck(name, "an internal error");
        }
    }

    private void store(Path file) throws IOException {
        if (!unknown.isEmpty()) {
            int uid = world.disk().facts(file).uid();
            if (isResting(unknown, uid)) {
                throw new NoAnswer(uid, "it cannot be told now whose it is");
            }
        }
        try {
            mail.take(file, config.get());
            unknownTold = false;
        } catch (NoAnswer e) {
            rest(unknown, e.uid(), REST_OF_UNKNOWN);
            throw e;
        }
    }

    /** Once, until a message goes again. */
    private void tellOfUnknown(String name, NoAnswer why) {
        if (!unknownTold) {
            unknownTold = true;
            world.events().emit(Event.DROP_FAILED, name, why.getMessage() + "; it is tried again each minute");
        }
    }

    private <K> boolean isResting(Map<K, Long> all, K key) {
        Long until = all.get(key);
        if (until != null && world.clock().nanos() - until >= 0) {
            all.remove(key);
        }
        return all.containsKey(key);
    }

    private <K> void rest(Map<K, Long> all, K key, Duration time) {
        if (all.size() >= STUCK_MAX) {
            all.clear();
        }
        all.put(key, world.clock().nanos() + time.toNanos());
    }

    private void stuck(String name, String why) {
        world.events().emit(Event.DROP_FAILED, name, why);
        if (stuck.size() >= STUCK_MAX) {
            stuck.remove(stuck.iterator().next());
        }
        stuck.add(name);
    }
}
