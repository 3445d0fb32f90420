package org.hikyaku.table;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.SequencedMap;
import java.util.Set;
import org.hikyaku.mail.Address;
import org.hikyaku.mail.Domain;
import org.hikyaku.sasl.PasswordHash;
import org.hikyaku.sasl.PasswordHash.ScramHash;
import org.hikyaku.sasl.PasswordHashReader;
import org.hikyaku.sasl.PasswordHashReader.Read;
import org.hikyaku.sasl.ScramDigest;
import org.hikyaku.sasl.ScramKeys;
import org.hikyaku.world.Disk;

/**
 * The people who may log in: an immutable snapshot of a file in the form of Dovecot's passwd-file,
 * {@code user:{SCHEME}hash} and any further fields. Of these two extra ones are looked at: {@code quota_rule}
 * ({@link QuotaRule}) and {@code hikyaku_scram_sha_1=iterations,salt,StoredKey,ServerKey}: keys of the same password for
 * SCRAM-SHA-1. Empty lines and lines that begin with {@code #} are comments.
 *
 * <p>A user is listed as a whole address {@code user@domain}, or as a bare name that is one person in every local domain.
 * Names have no case.
 *
 * <p><i>Failure:</i> each mistake in the file is one text with file and line; nothing here waits or throws but
 * {@link #load}, which waits for the disk.
 */
public final class Users implements Table<Users.User> {
    /** The extra field with SCRAM-SHA-1 keys. */
    static final String EXTRA = "hikyaku_scram_sha_1=";

    private final SequencedMap<String, User> users;
    private final Set<ScramDigest> keysOfAll = EnumSet.noneOf(ScramDigest.class);

    /**
     * One of them.
     *
     * @param name lower case: what the log, grants and policy call him
     * @param furtherKeys of the same password, beside it
     * @param quota octets his mailbox may hold, 0 for any number; empty where the file says nothing
     */
    public record User(String name, PasswordHash password, List<ScramKeys> furtherKeys, OptionalLong quota) {
        public User {
            furtherKeys = List.copyOf(furtherKeys);
        }

        /** Keys of a kind, where the file holds them. */
        public Optional<ScramKeys> keys(ScramDigest digest) {
            return password instanceof ScramHash scram && scram.keys().digest() == digest
                    ? Optional.of(scram.keys())
                    : furtherKeys.stream()
                            .filter(keys -> keys.digest() == digest)
                            .findFirst();
        }
    }

    /**
     * What {@link #load} made.
     *
     * @param problems with any of them the snapshot is not for use
     */
    public record Loaded(Users users, List<String> problems) {
        public Loaded {
            problems = List.copyOf(problems);
        }
    }

    private Users(SequencedMap<String, User> users) {
        this.users = Collections.unmodifiableSequencedMap(users);
        for (ScramDigest digest : ScramDigest.values()) {
            if (users.values().stream().allMatch(user -> user.keys(digest).isPresent())) {
                keysOfAll.add(digest);
            }
        }
    }

    /** For a server without a users file. */
    public static Users none() {
        return new Users(new LinkedHashMap<>());
    }

    /** Reads {@code file}. */
    public static Loaded load(Disk disk, Path file) {
        List<String> problems = new ArrayList<>();
        List<String> lines = TextFile.lines(disk, file, problems);
        SequencedMap<String, User> users = new LinkedHashMap<>();
        Map<String, Integer> places = new LinkedHashMap<>();
        for (int i = 0; i < lines.size(); i++) {
            String here = file + ":" + (i + 1);
            Optional<User> user = isEntry(lines.get(i)) ? read(lines.get(i), here, problems) : Optional.empty();
            if (user.isPresent()) {
                Integer before = places.putIfAbsent(user.get().name(), i + 1);
                if (before != null) {
                    problems.add(here + ": " + user.get().name() + " is already at line " + before);
                }
                users.putIfAbsent(user.get().name(), user.get());
            }
        }
        return new Loaded(new Users(users), problems);
    }

    static boolean isEntry(String line) {
        return !line.isBlank() && !line.startsWith("#");
    }

    private static Optional<User> read(String line, String here, List<String> problems) {
        String[] fields = line.split(":", 3);
        Optional<String> name = name(fields[0]);
        if (name.isEmpty()) {
            problems.add(here + ": `" + fields[0] + "` is no user name; write user@domain, or a name alone");
            return Optional.empty();
        }
        if (fields.length < 2 || fields[1].isEmpty()) {
            problems.add(here + ": " + name.get() + " has no password; a line is user:{SCHEME}hash");
            return Optional.empty();
        }
        List<ScramKeys> further = new ArrayList<>();
        Optional<String> wrong = fields.length < 3 ? Optional.empty() : furtherKeys(fields[2], further);
        if (wrong.isPresent()) {
            problems.add(here + ": " + name.get() + ": " + EXTRA + wrong.get());
            return Optional.empty();
        }
        return switch (PasswordHashReader.read(fields[1])) {
            case Read.Good good ->
                switch (QuotaRule.read(line)) {
                    case QuotaRule.Told told -> Optional.of(new User(name.get(), good.hash(), further, told.octets()));
                    case QuotaRule.Wrong no -> {
                        problems.add(here + ": " + name.get() + ": " + no.why());
                        yield Optional.empty();
                    }
                };
            case Read.Bad bad -> {
                problems.add(here + ": " + name.get() + ": " + bad.why());
                yield Optional.empty();
            }
        };
    }

    /** Dovecot's extra fields are words at the end of the line; only one of them is ours. What is wrong with it, or empty. */
    private static Optional<String> furtherKeys(String rest, List<ScramKeys> found) {
        String[] fields = rest.split(":", 6); // uid, gid, gecos, home, shell, extra fields
        for (String word : fields.length < 6 ? new String[0] : fields[5].split(" ", -1)) {
            if (word.startsWith(EXTRA)) {
                switch (PasswordHashReader.scram(ScramDigest.SHA_1, word.substring(EXTRA.length()))) {
                    case Read.Good good when good.hash() instanceof ScramHash scram -> found.add(scram.keys());
                    case Read.Good good -> throw new IllegalStateException("not SCRAM keys");
                    case Read.Bad bad -> {
                        return Optional.of(bad.why());
                    }
                }
            }
        }
        return Optional.empty();
    }

    /** The form in which a user is listed; empty for what is no address and no bare name, or cannot stand in the file. */
    public static Optional<String> name(String text) {
        boolean sound = !text.startsWith("#")
                && text.length() <= 320
                && text.chars().allMatch(c -> c > ' ' && c != ':' && c != '"');
        if (!sound) {
            return Optional.empty();
        }
        return text.indexOf('@') >= 0
                ? Address.parse(text).map(Address::localKey)
                : Address.parse(text + "@localhost")
                        .map(address -> address.local().toLowerCase(Locale.ROOT));
    }

    /** The user of exactly this name, lower case. */
    @Override
    public Optional<User> find(String key) {
        return Optional.ofNullable(users.get(key));
    }

    /** Whether exactly this name, lower case, is listed. */
    public boolean has(String key) {
        return users.containsKey(key);
    }

    /**
     * The user who logs in as {@code login}: by whole address, or by bare name, which then means the first local domain; a
     * user who is listed by bare name may log in as that name at any local domain.
     */
    public Optional<User> login(String login, List<Domain> localDomains) {
        Optional<String> name = name(login);
        return name.flatMap(this::find)
                .or(() -> name.flatMap(key -> {
                    int at = key.lastIndexOf('@');
                    if (at < 0) {
                        return localDomains.isEmpty()
                                ? Optional.empty()
                                : find(key + "@" + localDomains.getFirst().ascii());
                    }
                    boolean local =
                            localDomains.stream().anyMatch(d -> d.ascii().equals(key.substring(at + 1)));
                    return local ? find(key.substring(0, at)) : Optional.empty();
                }));
    }

    /** Those who are listed twice, by bare name and by address in {@code first} domain: they would share a mailbox. */
    public List<String> twice(Domain first) {
        return users.keySet().stream()
                .filter(name -> name.indexOf('@') < 0 && has(name + "@" + first.ascii()))
                .toList();
    }

    /** In the order of the file. */
    public Collection<User> all() {
        return users.values();
    }

    /** Whether SCRAM of this kind may be offered: whoever tries it will be asked to prove that he knows keys. */
    public boolean allHaveKeys(ScramDigest digest) {
        return keysOfAll.contains(digest);
    }
}
