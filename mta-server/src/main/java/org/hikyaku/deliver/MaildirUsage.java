package org.hikyaku.deliver;

import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.hikyaku.world.Disk;
import org.hikyaku.world.World;

/**
 * How much Maildirs hold: the sizes in the names of their files, folders and all, counted anew when the last count is older
 * than {@link #TRUST} or would refuse a message, with what we have put there since. So what readers delete makes room at
 * once, and what they add counts within a minute. One task at a time asks for a mailbox.
 *
 * <p><i>Failure:</i> a mailbox that cannot be listed is an {@link IOException}; a file that goes away meanwhile does not
 * count.
 */
final class MaildirUsage {
    static final Duration TRUST = Duration.ofMinutes(1);
    /** So long one who asks often is told of a full mailbox without a look. */
    private static final Duration TRUST_FULL = Duration.ofSeconds(10);

    private static final int KNOWN_MAX = 10_000;

    private final World world;
    private final Map<Path, Count> counts = new LinkedHashMap<>();

    private record Count(long octets, long nanos) {}

    MaildirUsage(World world) {
        this.world = world;
    }

    /** The same by the last count, if it is new enough to say no by it, too; does not wait. */
    Optional<Boolean> knowsRoom(Path mailbox, long more, long quota) {
        Count count;
        synchronized (counts) {
            count = counts.get(mailbox);
        }
        if (count == null) {
            return Optional.empty();
        }
        long age = world.clock().nanos() - count.nanos;
        boolean room = count.octets + more <= quota;
        return age < (room ? TRUST : TRUST_FULL).toNanos() ? Optional.of(room) : Optional.empty();
    }

    /** Whether {@code more} octets fit into the mailbox. */
    boolean hasRoom(Path mailbox, long more, long quota) throws IOException {
        if (quota == 0) {
            return true;
        }
        Count count;
        synchronized (counts) {
            count = counts.get(mailbox);
        }
        long now = world.clock().nanos();
        if (count != null && now - count.nanos < TRUST.toNanos() && count.octets + more <= quota) {
            return true;
        }
        long octets = count(mailbox);
        put(mailbox, new Count(octets, now));
        return octets + more <= quota;
    }

    /** A file of ours has come. */
    void added(Path mailbox, long octets, long quota) {
        Count count;
        synchronized (counts) {
            count = quota == 0 ? null : counts.get(mailbox);
        }
        if (count != null) {
            put(mailbox, new Count(count.octets + octets, count.nanos));
        }
    }

    private void put(Path mailbox, Count count) {
        synchronized (counts) {
            counts.remove(mailbox);
            counts.put(mailbox, count);
            if (counts.size() > KNOWN_MAX) {
                counts.remove(counts.keySet().iterator().next());
            }
        }
    }

    private long count(Path mailbox) throws IOException {
        long octets = folder(mailbox);
        for (String name : world.disk().list(mailbox)) {
            if (name.startsWith(".") && name.length() > 1) { // Maildir++: .Sent, .Lists.java
                octets += folder(mailbox.resolve(name));
            }
        }
        return octets;
    }

    /** A file that a reader moves from new to cur meanwhile counts once: by its name up to the colon. */
    private long folder(Path folder) throws IOException {
        Set<String> fresh = new LinkedHashSet<>();
        long octets = 0;
        for (String name : list(folder.resolve("new"))) {
            fresh.add(unique(name));
            octets += size(folder.resolve("new"), name);
        }
        for (String name : list(folder.resolve("cur"))) {
            octets += fresh.contains(unique(name)) ? 0 : size(folder.resolve("cur"), name);
        }
        return octets;
    }

    private List<String> list(Path directory) throws IOException {
        try {
            return world.disk().list(directory);
        } catch (NoSuchFileException | NotDirectoryException none) {
            return List.of();
        }
    }

    private static String unique(String name) {
        int colon = name.indexOf(':');
        return colon < 0 ? name : name.substring(0, colon);
    }

    private long size(Path directory, String name) throws IOException {
        int at = name.indexOf(",S=");
        if (at >= 0) {
            int end = at + 3;
            while (end < name.length() && Character.isDigit(name.charAt(end)) && end < at + 21) {
                end++;
            }
            if (end > at + 3) {
                return Long.parseLong(name.substring(at + 3, end));
            }
        }
        try {
            Disk.Facts facts = world.disk().facts(directory.resolve(name));
            return facts.size();
        } catch (NoSuchFileException gone) {
            return 0;
        }
    }
}
