package org.hikyaku.route;

import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.hikyaku.mail.IpLiteral;
import org.hikyaku.world.Event;
import org.hikyaku.world.StateFile;
import org.hikyaku.world.Tasks;
import org.hikyaku.world.World;
import org.jspecify.annotations.Nullable;

/**
 * How many transactions each source has begun today (UTC). Of those that warm up it is noted in a file how many may have begun, some
 * ahead, before they do; so after a crash what was noted counts as begun: never too few.
 *
 * <p><i>Failure:</i> what cannot be noted does not begin; that is told once, and tried again each second at most. When the file cannot be read, sources that warm up begin nothing until the
 * next day.
 */
final class DayCounts {
    private static final int FILE_MAX = 1 << 20;
    /** How many are noted ahead: this part of the day's, and at most so many. */
    private static final int AHEAD_PART = 20;

    private static final int AHEAD_MAX = 1_000;
    /** After it could not be written. */
    private static final Duration REST = Duration.ofSeconds(1);

    private final World world;
    private final @Nullable StateFile file;
    private final Tasks.@Nullable Permits writing;
    /** Guards what follows; no call of the World is made while it is held. */
    private final Object monitor = new Object();

    private final Map<InetAddress, Integer> begun = new LinkedHashMap<>();
    private final Map<InetAddress, Integer> noted = new LinkedHashMap<>();
    private LocalDate today = LocalDate.EPOCH;
    /** The day of which nothing is known. */
    private LocalDate blind = LocalDate.MIN;

    private boolean closed;
    /** When the file could not be written last; null since it could. */
    private @Nullable Long failedAt;

    /** In memory alone. */
    DayCounts(World world) {
        this.world = world;
        this.file = null;
        this.writing = null;
    }

    /** With what is noted in {@code directory}; waits. */
    DayCounts(World world, Path directory) {
        this.world = world;
        this.file = new StateFile(world.disk(), directory, "sources", FILE_MAX);
        this.writing = world.tasks().permits(1);
        try {
            read(file.read());
        } catch (IOException | DateTimeException | IllegalArgumentException e) {
            blind = day();
            world.events().emit(Event.SOURCES_NOT_COUNTED, String.valueOf(e.getMessage()));
        }
    }

    /** The day, then {@code address count}, one a line. */
    private void read(List<String> lines) {
        if (lines.isEmpty()) {
            return;
        }
        today = LocalDate.parse(lines.getFirst());
        for (String line : lines.subList(1, lines.size())) {
            String[] words = line.split(" ", -1);
            InetAddress address =
                    IpLiteral.parseAddress(words[0]).orElseThrow(() -> new IllegalArgumentException(line));
            int count = Integer.parseInt(words[words.length - 1]);
            begun.put(address, count);
            noted.put(address, count);
        }
    }

    LocalDate day() {
        return LocalDate.ofInstant(world.clock().now(), ZoneOffset.UTC);
    }

    /** Whether another may begin, of {@code most} today. */
    boolean hasRoom(InetAddress source, int most) {
        LocalDate day = day();
        synchronized (monitor) {
            turn(day);
            return most == Integer.MAX_VALUE || (!today.equals(blind) && begun.getOrDefault(source, 0) < most);
        }
    }

    /** Counts one more; empty when there is none left, else what takes it back. May wait for the disk. */
    Optional<Runnable> begin(InetAddress source, int most) {
        Optional<Runnable> begins = beginNow(source, most);
        while (begins.isEmpty() && hasRoom(source, most) && note(source, most)) {
            begins = beginNow(source, most);
        }
        return begins;
    }

    /** The same, which never waits: empty, too, when none is noted. */
    Optional<Runnable> beginNow(InetAddress source, int most) {
        LocalDate day = day();
        synchronized (monitor) {
            turn(day);
            int before = begun.getOrDefault(source, 0);
            int bound =
                    most == Integer.MAX_VALUE || file == null ? most : Math.min(most, noted.getOrDefault(source, 0));
            if (before >= bound || (bound < Integer.MAX_VALUE && today.equals(blind))) {
                return Optional.empty();
            }
            begun.put(source, before + 1);
            LocalDate counted = today;
            return Optional.of(() -> takesBack(source, counted));
        }
    }

    private void takesBack(InetAddress source, LocalDate counted) {
        synchronized (monitor) {
            if (counted.equals(today)) {
                begun.computeIfPresent(source, (same, count) -> count - 1);
            }
        }
    }

    /** Has more of {@code source} on disk than have begun; false when that cannot be. */
    private boolean note(InetAddress source, int most) {
        StateFile to = file;
        Tasks.Permits turn = writing;
        if (to == null || turn == null) {
            return false;
        }
        turn.acquire();
        try {
            long now = world.clock().nanos();
            LocalDate day;
            Map<InetAddress, Integer> next;
            synchronized (monitor) {
                int count = begun.getOrDefault(source, 0);
                if (count < noted.getOrDefault(source, 0)) {
                    return true; // by another meanwhile
                }
                if (closed || (failedAt != null && now - failedAt < REST.toNanos())) {
                    return false;
                }
                day = today;
                next = new LinkedHashMap<>(noted);
                next.put(source, (int) Math.min(most, (long) count + Math.clamp(most / AHEAD_PART, 1, AHEAD_MAX)));
            }
            to.write(lines(day, next));
            synchronized (monitor) {
                failedAt = null;
                if (day.equals(today)) {
                    noted.putAll(next);
                }
            }
            return true;
        } catch (IOException e) {
            if (isFirstFailure(world.clock().nanos())) {
                world.events().emit(Event.SOURCES_NOT_COUNTED, String.valueOf(e.getMessage()));
            }
            return false;
        } finally {
            turn.release();
        }
    }

    private boolean isFirstFailure(long now) {
        synchronized (monitor) {
            boolean first = failedAt == null;
            failedAt = now;
            return first;
        }
    }

    private static List<String> lines(LocalDate day, Map<InetAddress, Integer> counts) {
        List<String> lines = new ArrayList<>(List.of(day.toString()));
        counts.forEach((address, count) -> lines.add(IpLiteral.number(address) + " " + count));
        return lines;
    }

    /** Notes what has begun and no more; nothing of those that warm up begins any more. Waits. */
    void close() {
        StateFile to = file;
        Tasks.Permits turn = writing;
        if (to == null || turn == null) {
            return;
        }
        turn.acquire();
        try {
            LocalDate day;
            Map<InetAddress, Integer> exact = new LinkedHashMap<>();
            synchronized (monitor) {
                closed = true;
                day = today;
                noted.replaceAll((source, count) -> begun.getOrDefault(source, 0));
                exact.putAll(noted);
            }
            if (!exact.isEmpty()) {
                to.write(lines(day, exact));
            }
        } catch (IOException e) {
            world.events()
                    .emit(Event.SOURCES_NOT_COUNTED, String.valueOf(e.getMessage())); // then more than there were count
        } finally {
            turn.release();
        }
    }

    /** A clock that is set back by less than a day begins no day anew. */
    private void turn(LocalDate day) {
        if (day.isAfter(today) || day.isBefore(today.minusDays(1))) {
            today = day;
            begun.clear();
            noted.clear();
        }
    }
}
