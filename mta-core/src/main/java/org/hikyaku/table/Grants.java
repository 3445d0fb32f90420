package org.hikyaku.table;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.hikyaku.mail.Address;
import org.hikyaku.mail.Domain;
import org.hikyaku.world.Disk;

/**
 * Further addresses that users may send as: an immutable snapshot of a file of lines {@code user: address, address...},
 * where {@code @example.org} is every address of a domain. A user may have several lines; {@code #} begins a comment line.
 *
 * <p><i>Failure:</i> each mistake is one text with file and line; only {@link #load} waits.
 */
public final class Grants {
    private final Map<String, Set<String>> granted;

    /** What {@link #load} made; with any problem it is not for use. */
    public record Loaded(Grants grants, List<String> problems) {
        public Loaded {
            problems = List.copyOf(problems);
        }
    }

    private Grants(Map<String, Set<String>> granted) {
        this.granted = granted;
    }

    /** Nobody may send as another. */
    public static Grants none() {
        return new Grants(Map.of());
    }

    /** Reads {@code file}; a user who is not in {@code users} is a problem, too. */
    public static Loaded load(Disk disk, Path file, Users users) {
        List<String> problems = new ArrayList<>();
        Map<String, Set<String>> granted = new LinkedHashMap<>();
        List<String> lines = TextFile.lines(disk, file, problems);
        for (int i = 0; i < lines.size(); i++) {
            String here = file + ":" + (i + 1);
            String line = lines.get(i).strip();
            int colon = line.indexOf(':');
            if (line.isEmpty() || line.startsWith("#")) {
                continue;
            }
            Optional<String> user = colon < 0
                    ? Optional.empty()
                    : Users.name(line.substring(0, colon).strip());
            if (user.isEmpty()) {
                problems.add(here + ": not of the form `user: address, address`");
            } else if (!users.has(user.get())) {
                problems.add(here + ": " + user.get() + " is not in the users file");
            } else {
                Set<String> all = granted.computeIfAbsent(user.get(), name -> new LinkedHashSet<>());
                addresses(line.substring(colon + 1), here, all, problems);
            }
        }
        return new Loaded(new Grants(granted), problems);
    }

    private static void addresses(String text, String here, Set<String> all, List<String> problems) {
        for (String part : text.split(",", -1)) {
            String item = part.strip();
            Optional<String> key = item.startsWith("@")
                    ? Domain.parse(item.substring(1)).map(domain -> "@" + domain.ascii())
                    : Address.parse(item).map(Address::localKey);
            if (key.isEmpty()) {
                problems.add(here + ": `" + item + "` is no address; write local@domain, or @domain for all of it");
            }
            key.ifPresent(all::add);
        }
    }

    /** Whether {@code user} (his name in the users file, lower case) was given {@code address}. */
    public boolean allow(String user, Address address) {
        Set<String> all = granted.getOrDefault(user, Set.of());
        return all.contains(address.localKey())
                || address.domain()
                        .map(domain -> all.contains("@" + domain.ascii()))
                        .orElse(false);
    }
}
