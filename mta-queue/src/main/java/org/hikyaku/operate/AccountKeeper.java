package org.hikyaku.operate;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import java.util.function.LongConsumer;
import org.hikyaku.mail.SpoolId;
import org.hikyaku.queue.QueueAdmin;
import org.hikyaku.spool.StoredMessage;
import org.hikyaku.world.Event;
import org.hikyaku.world.World;

/**
 * Freezes users and ends it, docs/abuse.md: what is durable first, then what follows from it, so that a start after a crash
 * goes on with what was not done.
 *
 * <p><i>Failure:</i> nothing is in force of what could not be stored. A sweep of the queue that leaves something is begun again
 * after a pause until it leaves nothing, also after a start; what is taken up of such a user's mail till then is held in memory.
 */
public final class AccountKeeper {
    private static final String RULE = "abuse control";
    private static final String AGAIN = "freeze again";
    private static final Duration PAUSE = Duration.ofMinutes(1);
    private static final Duration PAUSE_MAX = Duration.ofMinutes(15);

    private final World world;
    private final Operations operations;
    private final Accounts accounts;
    // guarded by this; no call of the World is made while it is held
    private final TreeSet<String> unswept = new TreeSet<>();
    private Duration pause = PAUSE;
    private boolean armed;
    private volatile boolean closed;

    /** What waits of a user's. */
    public record Swept(long messages, long left, Optional<String> failure) {}

    /** Counts what was left. */
    private static class Lefts implements Watcher {
        long count;

        @Override
        public void match(QueueAdmin.Row row, List<Integer> places) {}

        @Override
        public void left(SpoolId id, String why) {
            count++;
        }

        @Override
        public void progress(long looked, long done) {}
    }

    AccountKeeper(World world, Operations operations, Accounts accounts) {
        this.world = world;
        this.operations = operations;
        this.accounts = accounts;
    }

    /** By name. */
    public List<Account> all() {
        return accounts.all();
    }

    /** Whether a user may not log in. Never waits. */
    public boolean isFrozen(String user) {
        return accounts.isFrozen(user);
    }

    /** From when this returns on he may not log in, and what he sends is held; {@link #sweep} is to follow. */
    public void freeze(String user, String by, String why) throws IOException {
        accounts.put(new Account(
                Freezes.key(user), Account.Level.FROZEN, world.clock().now(), by, why, false));
    }

    /** Whether a message must not go because its user's mail is still being held. Never waits. */
    boolean isWithheld(StoredMessage message) {
        String user = message.origin().user();
        return !user.isEmpty() && accounts.isUnswept(user);
    }

    /**
     * Holds what he has in the queue, with what was on its way there, and goes on with what could not be held now by itself; {@code dry}: only says how
     * much that would be.
     */
    public Swept sweep(String user, String by, boolean dry) throws IOException {
        boolean whole = false;
        try {
            boolean arrived = dry || operations.awaitDecided();
            Swept swept = carry(new Verb.FreezeUser(Freezes.key(user)), user, by, dry);
            if (!dry && arrived && swept.left() == 0 && swept.failure().isEmpty()) {
                accounts.swept(user);
                whole = true;
            }
            return arrived ? swept : new Swept(swept.messages(), swept.left(), Optional.of(Operations.STILL_COMING));
        } finally {
            if (!dry && !whole) {
                later(List.of(Freezes.key(user)));
            }
        }
    }

    /**
     * Whether there is mail of a user in the queue, held or not. Looks at it in order of arrival up to the first of his.
     *
     * @param progress hears often how many were looked at; what it throws ends the looking
     */
    public boolean isAnyQueued(String user, LongConsumer progress) {
        String key = Freezes.key(user);
        try {
            operations.list(new Choice.By(Query.all()), new Lefts() {
                @Override
                public void match(QueueAdmin.Row row, List<Integer> places) {
                    if (Freezes.key(row.message().origin().user()).equals(key)) {
                        throw new Found();
                    }
                }

                @Override
                public void progress(long looked, long done) {
                    progress.accept(looked);
                }
            });
            return false;
        } catch (Found e) {
            return true;
        }
    }

    /** Ends a looking for one. */
    private static final class Found extends RuntimeException {
        private static final long serialVersionUID = 1;

        Found() {
            super("found", null, false, false);
        }
    }

    private Swept carry(Verb verb, String user, String by, boolean dry) throws IOException {
        Lefts lefts = new Lefts();
        Result result = operations.run(verb, new Choice.By(Query.all()), by, user, dry, lefts);
        return new Swept(result.done(), lefts.count, result.failure());
    }

    /** He may log in and send again; what is held stays so. @return what stood on the list; empty for nothing */
    public Optional<Account> unfreeze(String user) throws IOException {
        Optional<Account> old = accounts.remove(user);
        if (old.filter(account -> !account.swept()).isPresent()) {
            refresh(Freezes.key(user));
        }
        return old;
    }

    /** What was held in memory alone is taken up as the spool has it. */
    private void refresh(String user) {
        operations.list(new Choice.By(Query.all()), new Watcher() {
            @Override
            public void match(QueueAdmin.Row row, List<Integer> places) {
                StoredMessage message = row.message();
                if (message.held().isEmpty()
                        && Freezes.key(message.origin().user()).equals(user)) {
                    operations.queue().refresh(message.id());
                }
            }

            @Override
            public void left(SpoolId id, String why) {
                operations.queue().refresh(id); // whose it is is known when it can be read again
            }

            @Override
            public void progress(long looked, long done) {}
        });
    }

    /** Lets what a freeze holds of him go on, with what was on its way to be held; after {@link #unfreeze}. */
    public Swept release(String user, String by, boolean dry) throws IOException {
        boolean arrived = dry || operations.awaitDecided();
        Swept released = carry(new Verb.ReleaseUser(Freezes.key(user)), user, by, dry);
        return arrived || released.failure().isPresent()
                ? released
                : new Swept(
                        released.messages(),
                        released.left(),
                        Optional.of(Operations.STILL_COMING + "; then give unfreeze --release " + user));
    }

    /** Has the mail of a user held from now on; never waits, and does nothing where it is held already. */
    public void suspect(String user, String why) {
        if (accounts.suspect(user)) {
            world.tasks().start("hold account", () -> hold(user, why));
        }
    }

    private void hold(String user, String why) {
        try {
            accounts.put(new Account(
                    Freezes.key(user), Account.Level.HELD, world.clock().now(), RULE, why, false));
            Swept swept = sweep(user, RULE, false);
            world.events().emit(Event.ACCOUNT_HELD, user, why, swept.messages());
        } catch (IOException e) {
            world.events().emit(Event.ACCOUNT_NOT_STORED, user, String.valueOf(e.getMessage()));
        } finally {
            accounts.unsuspect(user);
        }
    }

    /** At the start: goes on with what a crash has broken off. */
    public void resume() {
        List<Account> open = accounts.all().stream().filter(a -> !a.swept()).toList();
        if (!open.isEmpty()) {
            synchronized (this) {
                open.forEach(account -> unswept.add(account.user()));
            }
            world.tasks().start(AGAIN, this::again);
        }
    }

    void close() {
        closed = true;
    }

    /** Sweeps again after a pause. */
    private void later(List<String> users) {
        Duration wait;
        synchronized (this) {
            unswept.addAll(users);
            if (armed || closed) {
                return;
            }
            armed = true;
            wait = pause;
            pause = pause.multipliedBy(2).compareTo(PAUSE_MAX) < 0 ? pause.multipliedBy(2) : PAUSE_MAX;
        }
        world.net().loop().schedule(wait, () -> {
            if (!closed) {
                world.tasks().start(AGAIN, this::again);
            }
        });
    }

    private void again() {
        List<String> users;
        synchronized (this) {
            users = List.copyOf(unswept);
            unswept.clear();
            armed = false;
        }
        users.stream().filter(accounts::isUnswept).forEach(this::again);
        synchronized (this) {
            pause = unswept.isEmpty() ? PAUSE : pause;
        }
    }

    private void again(String user) {
        try {
            sweep(user, AGAIN, false);
        } catch (IOException e) {
            world.events().emit(Event.ACCOUNT_NOT_STORED, user, String.valueOf(e.getMessage()));
        }
    }
}
