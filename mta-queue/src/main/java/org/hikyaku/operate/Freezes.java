package org.hikyaku.operate;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import org.hikyaku.mail.Address;
import org.hikyaku.queue.Intake;
import org.hikyaku.spool.Origin;
import org.hikyaku.world.StateFile;
import org.hikyaku.world.World;

/**
 * The frozen senders, in memory and in the file {@code frozen}, one a line: an address, {@code @domain}, or the name of a
 * user; and the users whose accounts are closed, {@link Accounts}. Safe from any task or loop; {@link #set} waits.
 *
 * <p><i>Failure:</i> the file is replaced as a whole by a forced one, so it is as before or as after; what cannot be written is
 * not in force. A file that cannot be read stops the start: mail that should wait must not go.
 */
final class Freezes implements Intake.Gate {
    private static final int FILE_MAX = 4 << 20;
    private static final int COUNT_MAX = 10_000;
    private static final String OPERATOR = "operator";

    private final StateFile file;
    private final Accounts accounts;
    private volatile List<String> frozen;

    private Freezes(StateFile file, List<String> frozen, Accounts accounts) {
        this.file = file;
        this.frozen = frozen;
        this.accounts = accounts;
    }

    static Freezes load(World world, Path directory) throws IOException {
        StateFile file = new StateFile(world.disk(), directory, "frozen", FILE_MAX);
        return new Freezes(file, file.read(), Accounts.load(world, directory));
    }

    Accounts accounts() {
        return accounts;
    }

    List<String> all() {
        return frozen;
    }

    /** As it is kept and compared. */
    static String key(String sender) {
        return sender.strip().toLowerCase(Locale.ROOT);
    }

    static boolean matches(Collection<String> keys, Address sender, Origin origin) {
        String address = key(sender.toString());
        String user = key(origin.user());
        String domain = sender.domain().map(d -> "@" + d.ascii()).orElse("@");
        return keys.stream()
                .anyMatch(k -> (!address.isEmpty() && k.equals(address))
                        || (!user.isEmpty() && k.equals(user))
                        || k.equals(domain));
    }

    boolean isFrozen(Address sender, Origin origin) {
        return isFrozenSender(sender, origin) || accounts.isHeld(origin);
    }

    /** Whether he is among the frozen senders, whatever is with his account. */
    boolean isFrozenSender(Address sender, Origin origin) {
        List<String> now = frozen;
        return !now.isEmpty() && matches(now, sender, origin);
    }

    /** The same, if {@code but} were none of them. */
    boolean isFrozenSender(Address sender, Origin origin, Collection<String> but) {
        return but.isEmpty() ? isFrozenSender(sender, origin) : matches(with(but, false), sender, origin);
    }

    @Override
    public String hold(Address sender, Origin origin) {
        return isFrozen(sender, origin) ? mark(0, OPERATOR, origin).held() : "";
    }

    /** The mark of a freeze that begins for a message: that of its user lasts longer than that of its sender. */
    Mark mark(long operation, String by, Origin origin) {
        return Mark.frozen(operation, by, accounts.isHeld(origin));
    }

    /**
     * What a message falls back to whose hold was {@code former}: the freeze of a sender holds it no more when it is over, that of a user
     * until it is released (docs/abuse.md), also if that has begun since, and one that has begun does.
     */
    String holdAfter(String former, Address sender, Origin origin) {
        boolean stays = !former.isEmpty() && (!Mark.isLifted(former) || isFrozen(sender, origin));
        if (!stays) {
            return hold(sender, origin);
        }
        boolean taken = accounts.isHeld(origin) && Mark.isThawable(former);
        return taken ? Mark.refrozen(former, mark(0, OPERATOR, origin)) : former;
    }

    /** Those of {@code senders} whose state {@link #set} would change, as they are kept, in order. */
    List<String> changed(Collection<String> senders, boolean freeze) {
        List<String> now = frozen;
        return senders.stream()
                .map(Freezes::key)
                .filter(key -> now.contains(key) != freeze)
                .distinct()
                .sorted()
                .toList();
    }

    /** What would be in force after {@link #set}; only to be asked. */
    Freezes after(Collection<String> senders, boolean freeze) {
        return new Freezes(file, List.copyOf(with(senders, freeze)), accounts);
    }

    private Set<String> with(Collection<String> senders, boolean freeze) {
        TreeSet<String> next = new TreeSet<>(frozen);
        List<String> keys = senders.stream().map(Freezes::key).toList();
        if (freeze) {
            next.addAll(keys);
        } else {
            keys.forEach(next::remove);
        }
        return next;
    }

    /** Freezes or thaws senders, from the moment it returns on; one caller at a time. */
    void set(Collection<String> senders, boolean freeze) throws IOException {
        Set<String> next = with(senders, freeze);
        if (next.size() > COUNT_MAX) {
            throw new IOException("more than " + COUNT_MAX + " frozen senders");
        }
        if (next.equals(new TreeSet<>(frozen))) {
            return;
        }
        file.write(next);
        frozen = new ArrayList<>(next);
    }
}
