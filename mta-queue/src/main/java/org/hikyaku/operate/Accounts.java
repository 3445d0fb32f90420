package org.hikyaku.operate;

import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.hikyaku.spool.Origin;
import org.hikyaku.world.StateFile;
import org.hikyaku.world.Tasks;
import org.hikyaku.world.World;

/**
 * The users whose mail is held, in memory and in the file {@code accounts}, one a line with a checksum. Looked up from
 * anywhere; what changes them waits, and returns when it is on disk.
 *
 * <p><i>Failure:</i> what cannot be written is not in force, but for who is suspected: his mail is held while it is tried. A
 * file that cannot be read stops the start: mail that should wait must not go.
 */
final class Accounts {
    private static final int FILE_MAX = 8 << 20;
    private static final int COUNT_MAX = 10_000;
    private static final int SUSPECTS_MAX = 1_000;

    private final StateFile file;
    private final Tasks.Permits writing;
    private volatile Map<String, Account> all;
    /** Those whose hold is on its way to disk. */
    private volatile Set<String> suspects = Set.of();

    private Accounts(World world, StateFile file, Map<String, Account> all) {
        this.file = file;
        this.writing = world.tasks().permits(1);
        this.all = all;
    }

    static Accounts load(World world, Path directory) throws IOException {
        StateFile file = new StateFile(world.disk(), directory, "accounts", FILE_MAX);
        TreeMap<String, Account> all = new TreeMap<>();
        for (String line : file.read()) {
            Account account = Account.read(line);
            all.put(account.user(), account);
        }
        return new Accounts(world, file, all);
    }

    /** By name. */
    List<Account> all() {
        return List.copyOf(all.values());
    }

    Optional<Account> find(String user) {
        Map<String, Account> now = all;
        return now.isEmpty() ? Optional.empty() : Optional.ofNullable(now.get(Freezes.key(user)));
    }

    boolean isFrozen(String user) {
        return find(user).filter(a -> a.level() == Account.Level.FROZEN).isPresent();
    }

    /** Whether it is not certain that all he had queued is held in the spool. */
    boolean isUnswept(String user) {
        return find(user).filter(a -> !a.swept()).isPresent();
    }

    boolean isHeld(Origin origin) {
        String user = origin.user();
        return !user.isEmpty() && (find(user).isPresent() || suspects.contains(Freezes.key(user)));
    }

    /** From now on his mail is held; false when it is already, or too much is on its way. */
    synchronized boolean suspect(String user) {
        String key = Freezes.key(user);
        if (all.containsKey(key) || suspects.contains(key) || suspects.size() >= SUSPECTS_MAX) {
            return false;
        }
        Set<String> more = new LinkedHashSet<>(suspects);
        more.add(key);
        suspects = more;
        return true;
    }

    synchronized void unsuspect(String user) {
        Set<String> less = new LinkedHashSet<>(suspects);
        less.remove(Freezes.key(user));
        suspects = less;
    }

    /** Puts him on the list, or in the place of what stood there of him. A frozen one is never made a held one. */
    void put(Account account) throws IOException {
        writing.acquire();
        try {
            TreeMap<String, Account> next = new TreeMap<>(all);
            Account old = next.get(account.user());
            boolean less = old != null && old.level() == Account.Level.FROZEN && account.level() == Account.Level.HELD;
            if (!less) {
                next.put(account.user(), account);
                write(next);
            }
        } finally {
            writing.release();
        }
    }

    /** All that he had queued before is held now. */
    void swept(String user) throws IOException {
        writing.acquire();
        try {
            TreeMap<String, Account> next = new TreeMap<>(all);
            if (next.computeIfPresent(Freezes.key(user), (key, account) -> account.wholly()) != null) {
                write(next);
            }
        } finally {
            writing.release();
        }
    }

    /** What stood there of him; empty for nothing. */
    Optional<Account> remove(String user) throws IOException {
        writing.acquire();
        try {
            TreeMap<String, Account> next = new TreeMap<>(all);
            Account old = next.remove(Freezes.key(user));
            if (old != null) {
                write(next);
            }
            return Optional.ofNullable(old);
        } finally {
            writing.release();
        }
    }

    private void write(Map<String, Account> next) throws IOException {
        if (next.size() > COUNT_MAX && next.size() > all.size()) {
            throw new IOException("more than " + COUNT_MAX + " frozen users");
        }
        if (next.equals(all)) {
            return;
        }
        file.write(next.values().stream().map(Account::line).toList());
        all = next;
    }
}
