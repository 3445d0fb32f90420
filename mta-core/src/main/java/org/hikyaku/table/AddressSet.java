package org.hikyaku.table;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.hikyaku.config.AddressPattern;
import org.hikyaku.mail.Address;
import org.hikyaku.mail.Domain;
import org.hikyaku.world.Disk;

/**
 * A set of addresses, as {@link AddressPattern}s say them; a file has one a line. Immutable. A look costs a few hashes, and each
 * pattern one match.
 *
 * <p><i>Failure:</i> each line of a file that is no such item is one problem with file and line.
 */
public final class AddressSet {
    private final Set<String> keys;
    /** Of single addresses. */
    private final Set<String> domains;

    private final List<AddressPattern> patterns;

    private AddressSet(Set<String> keys, List<AddressPattern> patterns) {
        this.keys = keys;
        this.domains = domains(keys);
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
        return holds(AddressKeys.of(address));
    }

    public boolean holds(AddressKeys address) {
        for (String key : address.all()) {
            if (keys.contains(key)) {
                return true;
            }
        }
        return patterns.stream().anyMatch(each -> each.matches(address.address()));
    }

    /** Which addresses of {@code domain} it holds, as far as can be said without a look at them. */
    public DomainShare of(Domain domain) {
        return AddressKeys.ofDomain(domain).stream().anyMatch(keys::contains)
                ? DomainShare.ALL
                : !patterns.isEmpty() || domains.contains(domain.ascii()) ? DomainShare.SOME : DomainShare.NONE;
    }

    /** The domains of which some keys name single addresses. */
    static Set<String> domains(Set<String> keys) {
        Set<String> domains = new HashSet<>();
        for (String key : keys) {
            int at = key.lastIndexOf('@');
            if (at > 0) {
                domains.add(key.substring(at + 1));
            }
        }
        return domains;
    }
}
