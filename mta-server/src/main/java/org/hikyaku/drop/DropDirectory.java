package org.hikyaku.drop;

import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.function.Supplier;
import org.hikyaku.config.Config;
import org.hikyaku.world.Disk;
import org.hikyaku.world.Event;
import org.hikyaku.world.Tasks;
import org.hikyaku.world.World;

/**
 * Empties the drop directory: one task that looks once a second. A file is taken by renaming it into a directory that nobody else
 * can enter; from then on its name is ours, and only then it is looked at: a plain file with one name, in whose owner we trust.
 * Names that do not begin with {@code m} are not finished, and left; after a day they are deleted.
 *
 * <p><i>Failure:</i> what cannot be stored now stays where it is and is tried again; a file that cannot be read or moved is told
 * once and left until the next start; a crash between storing and deleting brings a
 * second copy. A directory that others could have made is not used, and that is told.
 */
public final class DropDirectory {
    private static final Duration PAUSE = Duration.ofSeconds(1);
    private static final Duration PAUSE_AFTER_FAILURE = Duration.ofSeconds(30);
    private static final Duration UNFINISHED = Duration.ofDays(1);
    /** Of one look. */
    private static final int FILES_MAX = 1000;

    private static final int STUCK_MAX = 1000;

    private final World world;
    private final Supplier<Config> config;
    private final DropMail mail;
    private final Path drop;
    private final Path taken;
    /** What could not be read or moved: left alone until the next start. */
    private final Set<String> stuck = new LinkedHashSet<>();

    /** @param drop the directory, which exists */
    public DropDirectory(World world, Supplier<Config> config, DropMail mail, Path drop) {
        this.world = world;
        this.config = config;
        this.mail = mail;
        this.drop = drop;
        this.taken = drop.resolve("taken");
    }

    /** Goes on until it is cancelled. */
    public Tasks.Task start() {
        return world.tasks().start("drop directory", this::work);
    }

    private void work() {
        boolean told = false;
        while (true) {
            try {
                prepare();
                look();
                told = false;
                world.tasks().sleep(PAUSE);
            } catch (IOException e) {
                if (!told) {
                    world.events().emit(Event.DROP_FAILED, drop, String.valueOf(e.getMessage()));
                    told = true;
                }
                world.tasks().sleep(PAUSE_AFTER_FAILURE);
            }
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

    private void look() throws IOException {
        for (String name : world.disk().list(taken)) {
            read(name);
        }
        int count = 0;
        for (String name : world.disk().list(drop)) {
            if (name.startsWith("m") && !stuck.contains(name)) {
                if (count++ < FILES_MAX && take(name)) {
                    read(name);
                }
            } else if (name.startsWith("t") && !name.equals("taken") && !stuck.contains(name)) {
                forgetOld(name);
            }
        }
    }

    /** True when the file is ours now. */
    private boolean take(String name) {
        Path mine = taken.resolve(name);
        try {
            Path left = drop.resolve(name);
            if (world.disk().facts(left).kind() == Disk.Kind.DIRECTORY
                    || world.disk().exists(mine)) {
                stuck(name, "a directory, or a name that is taken");
                return false;
            }
            world.disk().rename(left, mine);
            return true;
        } catch (NoSuchFileException gone) {
            return false; // he has taken it back
        } catch (IOException e) {
            stuck(name, String.valueOf(e.getMessage()));
            return false;
        }
    }

    /** What is amiss with one file is no reason to let others wait. */
    private void read(String name) throws StoreFailure {
        if (stuck.contains(name)) {
            return;
        }
        try {
            mail.take(taken.resolve(name), config.get());
        } catch (StoreFailure e) {
            throw e;
        } catch (IOException e) {
            stuck(name, String.valueOf(e.getMessage()));
        }
    }

    private void stuck(String name, String why) {
        world.events().emit(Event.DROP_FAILED, name, why);
        if (stuck.size() >= STUCK_MAX) {
            stuck.clear();
        }
        stuck.add(name);
    }

    private void forgetOld(String name) {
        Path file = drop.resolve(name);
        try {
            Disk.Facts facts = world.disk().facts(file);
            if (facts.modified().plus(UNFINISHED).isBefore(world.clock().now())) {
                world.disk().delete(file);
            }
        } catch (NoSuchFileException gone) {
            return;
        } catch (IOException e) {
            stuck(name, String.valueOf(e.getMessage()));
        }
    }
}
