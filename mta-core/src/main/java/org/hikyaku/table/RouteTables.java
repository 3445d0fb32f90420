package org.hikyaku.table;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.hikyaku.config.Config;
import org.hikyaku.config.RouteRule;
import org.hikyaku.world.Disk;

/**
 * The files that the rules of routes name, read at one moment. Immutable.
 *
 * <p><i>Failure:</i> each mistake is one problem with file and line; with any, they are not put in force.
 */
public final class RouteTables {
    /** No files. */
    public static final RouteTables NONE = new RouteTables(Map.of(), Map.of());

    private final Map<Path, AddressSet> sets;
    private final Map<Path, HostTable> hosts;

    private RouteTables(Map<Path, AddressSet> sets, Map<Path, HostTable> hosts) {
        this.sets = sets;
        this.hosts = hosts;
    }

    /** What was read, and what is wrong with it. */
    public record Loaded(RouteTables tables, List<String> problems) {}

    /** Reads them; waits for the disk. */
    public static Loaded load(Disk disk, Config config) {
        List<String> problems = new ArrayList<>();
        Map<Path, AddressSet> sets = new LinkedHashMap<>();
        Map<Path, HostTable> hosts = new LinkedHashMap<>();
        for (RouteRule rule : config.delivery().rules()) {
            rule.fromFiles().forEach(file -> sets.computeIfAbsent(file, f -> AddressSet.read(disk, f, problems)));
            rule.toFiles().forEach(file -> sets.computeIfAbsent(file, f -> AddressSet.read(disk, f, problems)));
            rule.senderHosts().ifPresent(file -> hosts.computeIfAbsent(file, f -> HostTable.read(disk, f, problems)));
            rule.recipientHosts()
                    .ifPresent(file -> hosts.computeIfAbsent(file, f -> HostTable.read(disk, f, problems)));
        }
        return new Loaded(sets.isEmpty() && hosts.isEmpty() ? NONE : new RouteTables(sets, hosts), problems);
    }

    /** The addresses of a file; empty when that was not read. */
    public Optional<AddressSet> addresses(Path file) {
        return Optional.ofNullable(sets.get(file));
    }

    /** The hosts of a file; empty when that was not read. */
    public Optional<HostTable> hosts(Path file) {
        return Optional.ofNullable(hosts.get(file));
    }
}
