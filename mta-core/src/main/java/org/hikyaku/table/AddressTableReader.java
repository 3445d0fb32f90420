package org.hikyaku.table;

import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import org.hikyaku.mail.Address;
import org.hikyaku.mail.Domain;
import org.hikyaku.table.AddressTable.PatternRule;
import org.hikyaku.table.AddressTable.Rule;
import org.hikyaku.table.AddressTable.Section;
import org.hikyaku.table.AddressTable.Senders;
import org.hikyaku.table.AddressTable.Target;
import org.hikyaku.world.Disk;

/**
 * Reads a table of addresses: lines {@code key: target, target}, where a key is {@code user@domain}, {@code @domain} or
 * {@code /pattern/}, and a target an address, {@code @domain} for the same local part there, or, behind a pattern, an
 * address with {@code $1}. {@code [from @example.org, boss@example.com]} begins lines that hold for these senders only,
 * {@code [from *]} ends them. {@code #} begins a comment line.
 *
 * <p><i>Failure:</i> each mistake is one text with file and line; the rest is still read, so that all are told at once.
 */
final class AddressTableReader {
    /** Each is tried on each address, so they are few. */
    static final int PATTERNS_MAX = 200;

    private static final int PATTERN_LENGTH_MAX = 1_000;

    private final Use use;
    private final List<String> problems;
    private final List<Section> sections = new ArrayList<>(List.of(new Section(Senders.ALL)));
    private int patterns;

    /** What a table is for. */
    enum Use {
        /** One address to any number, all of them looked at again. */
        VIRTUAL,
        /** One to one, once. */
        CANONICAL
    }

    private AddressTableReader(Use use, List<String> problems) {
        this.use = use;
        this.problems = problems;
    }

    /**
     * Reads {@code file}. Waits for the disk.
     *
     * @param ours whether a domain is one of ours
     */
    static AddressTable read(Disk disk, Path file, Use use, Predicate<Domain> ours, List<String> problems) {
        AddressTableReader reader = new AddressTableReader(use, problems);
        List<String> lines = TextFile.lines(disk, file, problems);
        for (int i = 0; i < lines.size(); i++) {
            String line = lines.get(i).strip();
            if (!line.isEmpty() && !line.startsWith("#")) {
                reader.line(line, file + ":" + (i + 1));
            }
        }
        if (reader.patterns > PATTERNS_MAX) {
            problems.add(file + ": " + reader.patterns + " patterns, at most " + PATTERNS_MAX);
        }
        return new AddressTable(reader.sections, ours);
    }

    private void line(String line, String here) {
        if (line.startsWith("[")) {
            section(line, here);
            return;
        }
        int end = line.startsWith("/") ? patternEnd(line) : 0;
        int colon = end < 0 ? -1 : AddressWords.colon(line.substring(end));
        if (colon < 0 || (end > 0 && !line.substring(end, end + colon).isBlank())) {
            problems.add(here + ": no colon; a line is `address: target, target`");
        } else if (end > 0) {
            pattern(line.substring(1, end - 1).replace("\\/", "/"), line.substring(end + colon + 1), here);
        } else {
            exact(line.substring(0, colon).strip(), line.substring(colon + 1), here);
        }
    }

    /** Behind the slash that closes the one at the start; -1 when none does. */
    private static int patternEnd(String line) {
        for (int i = 1; i < line.length(); i++) {
            if (line.charAt(i) == '\\') {
                i++;
            } else if (line.charAt(i) == '/') {
                return i + 1;
            }
        }
        return -1;
    }

    private void section(String line, String here) {
        if (!line.startsWith("[from ") || !line.endsWith("]")) {
            problems.add(here + ": not of the form `[from address, @domain]` or `[from *]`");
            return;
        }
        Set<String> keys = new LinkedHashSet<>();
        boolean all = false;
        for (String item : AddressWords.items(line.substring(6, line.length() - 1))) {
            Optional<String> key = item.equals("*") || item.equals("<>") ? Optional.of(item) : key(item);
            if (key.isEmpty()) {
                problems.add(here + ": `" + item + "` is no address, no @domain, not <> and not *");
            }
            all |= item.equals("*");
            key.ifPresent(keys::add);
        }
        sections.add(new Section(all ? Senders.ALL : new Senders(false, keys)));
    }

    private static Optional<String> key(String item) {
        return item.startsWith("@")
                ? Domain.parse(item.substring(1)).map(domain -> "@" + domain.ascii())
                : Address.parse(item).map(Address::localKey);
    }

    private void exact(String name, String targets, String here) {
        Optional<String> key = key(name);
        if (key.isEmpty()) {
            problems.add(
                    here + ": `" + name + "` is no address; write user@domain, @domain for all of it, or /pattern/");
            return;
        }
        List<Target> to = targets(targets, 0, here);
        if (!to.isEmpty()) {
            Rule rule = new Rule(key.get(), to, here);
            Rule before = sections.getLast().exact().putIfAbsent(key.get(), rule);
            if (before != null) {
                problems.add(here + ": " + name + " is already at " + before.where());
            }
        }
    }

    private void pattern(String text, String targets, String here) {
        patterns++;
        if (text.length() > PATTERN_LENGTH_MAX) {
            problems.add(here + ": a pattern of more than " + PATTERN_LENGTH_MAX + " letters");
            return;
        }
        try {
            Pattern pattern = Pattern.compile(text, Pattern.CASE_INSENSITIVE);
            List<Target> to = targets(targets, pattern.groupCount() + 1, here);
            if (!to.isEmpty()) {
                sections.getLast().patterns().add(new PatternRule(pattern, new Rule(text, to, here)));
            }
        } catch (PatternSyntaxException e) {
            problems.add(here + ": /" + text + "/ is no pattern: " + e.getDescription());
        }
    }

    /** @param groups how many {@code $n} there are, {@code $0} too; 0 for a line without a pattern */
    private List<Target> targets(String text, int groups, String here) {
        List<Target> to = new ArrayList<>();
        List<String> items = AddressWords.items(text);
        if (items.isEmpty()) {
            problems.add(here + ": no target");
        }
        if (use == Use.CANONICAL && items.size() > 1) {
            problems.add(here + ": one address becomes one here; several go into a table of addresses.virtual");
        }
        for (String item : items) {
            Optional<Target> target = target(item, groups, here);
            target.ifPresent(to::add);
        }
        return to;
    }

    private Optional<Target> target(String item, int groups, String here) {
        if (groups > 0 && item.indexOf('$') >= 0) {
            return captured(item, groups, here);
        }
        if (item.startsWith("@")) {
            Optional<Target> same = Domain.parse(item.substring(1)).map(Target.SameLocal::new);
            return orWrong(same, item, here);
        }
        if (AddressWords.isBare(item)) {
            String name = AddressWords.unquote(item);
            boolean sound =
                    use == Use.VIRTUAL && Address.parse(name + "@localhost").isPresent();
            Optional<Target> bare = sound
                    ? Optional.of(new Target.Fixed(new Alias.Destination(name, Optional.empty(), false, here)))
                    : Optional.empty();
            return orWrong(bare, item, here);
        }
        Optional<Target> whole = Address.parse(item)
                .map(address -> new Target.Fixed(new Alias.Destination("", Optional.of(address), false, here)));
        return orWrong(whole, item, here);
    }

    private Optional<Target> orWrong(Optional<Target> target, String item, String here) {
        if (target.isEmpty()) {
            problems.add(here + ": `" + item + "` is no address"
                    + (use == Use.VIRTUAL ? ", no name and no @domain" : " and no @domain"));
        }
        return target;
    }

    private Optional<Target> captured(String item, int groups, String here) {
        int at = item.indexOf('@');
        boolean one = at > 0 && at == item.lastIndexOf('@') && at < item.length() - 1;
        if (!one || !isTemplate(item, groups)) {
            problems.add(here + ": `" + item + "` is no address with $1 to $" + Math.max(1, groups - 1)
                    + " in it, the groups of the pattern ($$ is a dollar)");
            return Optional.empty();
        }
        return Optional.of(new Target.Captured(item.substring(0, at), item.substring(at + 1)));
    }

    private static boolean isTemplate(String item, int groups) {
        for (int i = 0; i < item.length(); i++) {
            if (item.charAt(i) == '$') {
                char next = ++i < item.length() ? item.charAt(i) : ' ';
                if (next != '$' && (next < '0' || next > '9' || next - '0' >= groups)) {
                    return false;
                }
            } else if (item.charAt(i) <= ' ' || item.charAt(i) == '"') {
                return false;
            }
        }
        return true;
    }
}
