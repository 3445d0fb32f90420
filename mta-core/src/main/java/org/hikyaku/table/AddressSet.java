package org.hikyaku.table;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.hikyaku.config.AddressPattern;
import org.hikyaku.mail.Address;
import org.hikyaku.world.Disk;

/**
 * A set of addresses, as {@link AddressPattern}s say them; a file has one a line. Immutable. A look costs a few hashes, and each
 * pattern one match.
 *
 * <p><i>Failure:</i> each line of a file that is no such item is one problem with file and line.
 */
public final class AddressSet {
    private final Set<String> keys;
    private final List<AddressPattern> patterns;

    private AddressSet(Set<String> keys, List<AddressPattern> patterns) {
        this.keys = keys;
        this.patterns = List.copyOf(patterns);
    }

    public static AddressSet of(List<AddressPattern> items) {
        Set<String> keys = new HashSet<>();
        List<AddressPattern> patterns = new ArrayList<>();
        for (AddressPattern item : items) {
            if (item.key().isEmpty()) {
                patterns.add(item);
            } else {
                keys.add(item.key());
            }
        }
        return new AddressSet(keys, patterns);
    }

    /** Reads {@code file}; waits for the disk. */
    static AddressSet read(Disk disk, Path file, List<String> problems) {
        List<AddressPattern> items = new ArrayList<>();
        List<String> lines = TextFile.lines(disk, file, problems);
        for (int i = 0; i < lines.size(); i++) {
            String line = lines.get(i).strip();
            if (!line.isEmpty() && !line.startsWith("#")) {
                int number = i + 1;
                AddressPattern.parse(line)
                        .ifPresentOrElse(
                                items::add,
                                () -> problems.add(file + ":" + number + ": `" + line
                                        + "` is no address, no domain, no .domain, no /pattern/ and not <>"));
            }
        }
        AddressSet set = of(items);
        if (set.patterns.size() > AddressTableReader.PATTERNS_MAX) {
            problems.add(file + ": " + set.patterns.size() + " patterns, at most " + AddressTableReader.PATTERNS_MAX);
        }
        return set;
    }

    public boolean holds(Address address) {
        return keys(address).stream().anyMatch(keys::contains)
                || patterns.stream().anyMatch(each -> each.matches(address));
    }

    /** The keys by which an address is found, the nearest first. */
    static List<String> keys(Address address) {
        if (address.isNull()) {
            return List.of(AddressPattern.NULL_SENDER);
        }
        List<String> all = new ArrayList<>();
        all.add(address.localKey());
        if (address.domain().isPresent()) {
            String domain = address.requireDomain().ascii();
            all.add("@" + domain);
            for (int from = 0; from >= 0; from = nextLabel(domain, from)) {
                all.add("." + domain.substring(from));
            }
        }
        return all;
    }

    private static int nextLabel(String domain, int from) {
        int dot = domain.indexOf('.', from);
        return dot < 0 ? -1 : dot + 1;
    }
}
