package org.hikyaku.operate;

import java.io.IOException;
import java.util.List;
import java.util.Optional;
import org.hikyaku.mail.SpoolId;
import org.hikyaku.queue.QueueAdmin;
import org.hikyaku.world.Event;
import org.hikyaku.world.World;

/**
 * Freezes users and ends it, docs/abuse.md: what is durable first, then what follows from it, so that a start after a crash
 * goes on with what was not done.
 *
 * <p><i>Failure:</i> nothing is in force of what could not be stored. A sweep of the queue that stops half way is gone on with by
 * the same command, or at the next start.
 */
public final class AccountKeeper {
    private static final String RULE = "abuse control";
    private static final String RESTART = "restart";

    private final World world;
    private final Operations operations;
    private final Accounts accounts;

    /** What waits of a user's. */
    public record Swept(long messages, long left, Optional<String> failure) {}

    /** Counts what was left. */
    private static final class Lefts implements Watcher {
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

    /** Holds what he has in the queue; {@code dry}: only says how much that would be. */
    public Swept sweep(String user, String by, boolean dry) throws IOException {
        Lefts lefts = new Lefts();
        Result result = operations.run(
                new Verb.FreezeUser(Freezes.key(user)), new Choice.By(Query.all()), by, user, dry, lefts);
        if (!dry && result.failure().isEmpty()) {
            accounts.swept(user);
        }
        return new Swept(result.done(), lefts.count, result.failure());
    }

    /** He may log in and send again; what is held stays so. @return what stood on the list; empty for nothing */
    public Optional<Account> unfreeze(String user) throws IOException {
        return accounts.remove(user);
    }

    /** Lets what a freeze holds of him go on; after {@link #unfreeze}. */
    public Swept release(String user, String by, boolean dry) throws IOException {
        Lefts lefts = new Lefts();
        Result result = operations.run(
                new Verb.ReleaseUser(Freezes.key(user)), new Choice.By(Query.all()), by, user, dry, lefts);
        return new Swept(result.done(), lefts.count, result.failure());
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
            world.tasks().start("freeze again", () -> open.forEach(this::again));
        }
    }

    private void again(Account account) {
        try {
            sweep(account.user(), RESTART, false);
        } catch (IOException e) {
            world.events().emit(Event.ACCOUNT_NOT_STORED, account.user(), String.valueOf(e.getMessage()));
        }
    }
}
