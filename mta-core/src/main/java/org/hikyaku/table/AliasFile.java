package org.hikyaku.table;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.hikyaku.mail.Address;
import org.hikyaku.mail.Domain;
import org.hikyaku.world.Disk;
import org.hikyaku.world.FileTrouble;

/**
 * An aliases file in the form of sendmail and Postfix, read once: {@code name: dest, dest}, continuation lines that
 * begin with a blank, comments that begin with {@code #}, quoted names, {@code \name} for a mailbox past its alias,
 * and {@code :include:/path} lists, which are read now. A name may also be a whole address. Programs and files as
 * destinations do not exist here.
 *
 * <p><i>Failure:</i> each mistake is one text with file and line; the rest is still read, so that all are told at
 * once.
 */
public final class AliasFile implements Table<Alias> {
    private static final int FILE_MAX = 16 << 20;
    private static final String INCLUDE = ":include:";

    private final Map<String, Alias> aliases = new LinkedHashMap<>();
    private final Disk disk;
    private final List<String> problems;

    private AliasFile(Disk disk, List<String> problems) {
        this.disk = disk;
        this.problems = problems;
    }

    /** Reads {@code file}, adding what is wrong to {@code problems}. */
    public static AliasFile read(Disk disk, Path file, List<String> problems) {
        AliasFile reader = new AliasFile(disk, problems);
        reader.readAliases(file);
        return reader;
    }

    /** A table without an alias. */
    static AliasFile none(Disk disk) {
        return new AliasFile(disk, new ArrayList<>());
    }

    @Override
    public Optional<Alias> find(String key) {
        return Optional.ofNullable(aliases.get(key));
    }

    /** All aliases, in the order of the file. */
    Collection<Alias> all() {
        return aliases.values();
    }

    private void readAliases(Path file) {
        String[] lines = lines(file, file.toString());
        String name = "";
        List<Alias.Destination> to = new ArrayList<>();
        String where = "";
        for (int i = 0; i < lines.length; i++) {
            String line = lines[i];
            String here = file + ":" + (i + 1);
            if (line.isBlank() || line.stripLeading().startsWith("#")) {
                continue;
            }
            if (Character.isWhitespace(line.charAt(0))) {
                if (where.isEmpty()) {
                    problems.add(here + ": a continuation line, but no alias before it");
                } else {
                    destinations(line, here, true, to);
                }
                continue;
            }
            add(name, to, where);
            to = new ArrayList<>();
            where = here;
            int colon = AddressWords.colon(line);
            name = colon < 0 ? "" : key(line.substring(0, colon).strip(), here);
            if (colon < 0) {
                problems.add(here + ": no colon; an alias is `name: destination, destination`");
            } else {
                destinations(line.substring(colon + 1), here, true, to);
            }
        }
        add(name, to, where);
    }

    private void add(String name, List<Alias.Destination> to, String where) {
        if (name.isEmpty()) {
            return;
        }
        if (to.isEmpty()) {
            problems.add(where + ": " + name + " has no destination");
            return;
        }
        Alias before = aliases.putIfAbsent(name, new Alias(name, to, where));
        if (before != null) {
            problems.add(where + ": " + name + " is already at " + before.where());
        }
    }

    /** The key a name is found by; empty, with a problem told, when it is none. */
    private String key(String name, String here) {
        if (name.startsWith("@")) {
            problems.add(here + ": " + name + " is a whole domain; set local.catch_all for that");
            return "";
        }
        if (AddressWords.isBare(name)) {
            String bare = AddressWords.unquote(name).toLowerCase(Locale.ROOT);
            if (bare.isEmpty()) {
                problems.add(here + ": an alias without a name");
            }
            return bare;
        }
        Optional<Address> address = Address.parse(name);
        if (address.isEmpty()) {
            problems.add(here + ": " + name + " is no name and no address");
        }
        return address.map(Address::localKey).orElse("");
    }

    private void destinations(String text, String here, boolean mayInclude, List<Alias.Destination> to) {
        for (String item : AddressWords.items(text)) {
            String plain = AddressWords.isBare(item) ? AddressWords.unquote(item) : item;
            if (plain.toLowerCase(Locale.ROOT).startsWith(INCLUDE)) {
                include(plain.substring(INCLUDE.length()).strip(), here, mayInclude, to);
            } else {
                destination(item, plain, here).ifPresent(to::add);
            }
        }
    }

    private Optional<Alias.Destination> destination(String item, String plain, String here) {
        if (plain.startsWith("|")) {
            problems.add(here + ": " + plain + ": programs are not run from aliases; let an LMTP server take this mail"
                    + " (local.delivery = lmtp, or an address that is routed to one)");
            return Optional.empty();
        }
        if (plain.startsWith("/")) {
            problems.add(here + ": " + plain + ": aliases do not write to files; name a user, whose mail goes to the"
                    + " Maildir below local.maildir_root");
            return Optional.empty();
        }
        boolean direct = plain.startsWith("\\");
        String name = direct ? plain.substring(1) : plain;
        if (AddressWords.isBare(item)) {
            if (name.isEmpty() || name.chars().anyMatch(c -> c <= ' ' && !item.startsWith("\""))) {
                problems.add(here + ": `" + item + "` is no name and no address");
                return Optional.empty();
            }
            return Optional.of(new Alias.Destination(name, Optional.empty(), direct, here));
        }
        Optional<Address> address = Address.parse(name);
        if (address.isEmpty()) {
            problems.add(here + ": " + name + " is no address");
        }
        return address.map(a -> new Alias.Destination("", Optional.of(a), direct, here));
    }

    private void include(String path, String here, boolean mayInclude, List<Alias.Destination> to) {
        if (!mayInclude) {
            problems.add(here + ": a list does not include lists; name them in the aliases file");
            return;
        }
        if (!path.startsWith("/")) {
            problems.add(here + ": " + INCLUDE + path + ": give the list's whole path, beginning with /");
            return;
        }
        String[] lines = lines(Path.of(path), here + ": " + INCLUDE + path);
        for (int i = 0; i < lines.length; i++) {
            String line = lines[i].strip();
            if (!line.isEmpty() && !line.startsWith("#")) {
                destinations(line, path + ":" + (i + 1), false, to);
            }
        }
    }

    private String[] lines(Path file, String where) {
        try {
            byte[] octets = disk.readAll(file, FILE_MAX);
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(octets))
                    .toString()
                    .split("\r?\n", -1);
        } catch (CharacterCodingException e) {
            problems.add(where + ": not UTF-8");
        } catch (IOException e) {
            problems.add(where + ": cannot be read: " + FileTrouble.why(e));
        }
        return new String[0];
    }

    /** The domain of a name that is a whole address. */
    static Optional<Domain> domainOf(Alias alias) {
        return alias.name().contains("@") ? Address.parse(alias.name()).flatMap(Address::domain) : Optional.empty();
    }
}
