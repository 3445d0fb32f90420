package org.hikyaku.admin;

import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.hikyaku.operate.Account;
import org.hikyaku.operate.AccountKeeper;
import org.hikyaku.world.Event;
import org.hikyaku.world.World;

/** Closes users' accounts and opens them, by command; docs/abuse.md. */
public final class FreezeDesk {
    private static final int NAME_MAX = 320;
    private static final int WHY_MAX = 500;

    private final AccountKeeper accounts;
    private final Doors doors;
    private final World world;

    /** What else belongs to an account. */
    public interface Doors {
        /** Ends the open sessions of a user, or only counts them. Waits. */
        int end(String user, boolean dry);

        /** Whether he has sent something within the last hour. */
        boolean isActive(String user);

        /** Begins anew to count what he sends. */
        void forget(String user);

        /** The user's name in the users file. */
        Optional<String> listed(String name);
    }

    public FreezeDesk(AccountKeeper accounts, Doors doors, World world) {
        this.accounts = accounts;
        this.doors = doors;
        this.world = world;
    }

    /**
     * Options: {@code user}, {@code local}, {@code text}, {@code dry}. Without {@code local} only somebody who is known: who mistypes
     * a name must not believe that the account is closed.
     */
    ControlEnd freeze(ControlRequest request, Rows rows) {
        boolean local = request.flag("local");
        Optional<String> user = named(request).map(name -> local ? name : listed(name));
        String why = request.option("text").orElse("").strip();
        if (user.isEmpty() || why.length() > WHY_MAX || why.chars().anyMatch(Character::isISOControl)) {
            return ControlEnd.wrong(user.isEmpty() ? "the name of a user is wanted" : "a reason is one short line");
        }
        String name = user.get();
        boolean dry = request.flag("dry");
        try {
            if (!local && !isKnown(name, rows)) {
                return ControlEnd.failed(
                        "nobody is frozen: " + name
                                + " is not in the users file, has no session, sent nothing within the last hour and has nothing in the queue",
                        "if the name is right, --local takes it as it is: for a user of this host, of Dovecot or of tokens of whom nothing was seen of late");
            }
            if (!dry) {
                accounts.freeze(name, request.asker(), why);
            }
            int sessions = doors.end(name, dry);
            AccountKeeper.Swept swept = accounts.sweep(name, request.asker(), dry);
            if (!dry) {
                world.events().emit(Event.ACCOUNT_FROZEN, name, request.asker(), why, swept.messages(), sessions);
            }
            Map<String, Object> row = row("freeze", name, dry, swept);
            row.put("sessions", sessions);
            row.put("local", local);
            row.put("listed", !local && doors.listed(name).isPresent());
            rows.row(row);
            return end(swept);
        } catch (IOException e) {
            return ControlEnd.failed(String.valueOf(e.getMessage()));
        }
    }

    /** Options: {@code user}, {@code local}, {@code release}, {@code dry}. Who stands on the list under that very name is meant first. */
    ControlEnd unfreeze(ControlRequest request, Rows rows) {
        boolean local = request.flag("local");
        Optional<String> user = named(request).map(name -> local || isOnList(name) ? name : listed(name));
        if (user.isEmpty()) {
            return ControlEnd.wrong("the name of a user is wanted");
        }
        String name = user.get();
        boolean dry = request.flag("dry");
        boolean release = request.flag("release");
        try {
            boolean known = isOnList(name);
            if (!dry && known) {
                accounts.unfreeze(name);
                doors.forget(name);
            }
            // once more after a broken one: what he had stays held until it is released
            AccountKeeper.Swept swept = release
                    ? accounts.release(name, request.asker(), dry)
                    : new AccountKeeper.Swept(0, 0, Optional.empty());
            if (!known && !release) {
                return ControlEnd.failed(name + " is not frozen");
            }
            if (!dry) {
                world.events().emit(Event.ACCOUNT_UNFROZEN, name, request.asker(), swept.messages());
            }
            rows.row(row("unfreeze", name, dry, swept));
            return end(swept);
        } catch (IOException e) {
            return ControlEnd.failed(String.valueOf(e.getMessage()));
        }
    }

    ControlEnd list(Rows rows) {
        for (Account each : accounts.all()) {
            Map<String, Object> row = new LinkedHashMap<>();
            row.put("user", each.user());
            row.put("state", each.level().label());
            row.put("since", each.since().toString());
            row.put("by", each.by());
            row.put("why", each.why());
            row.put("swept", each.swept());
            rows.row(row);
        }
        return ControlEnd.done();
    }

    private static Map<String, Object> row(String command, String user, boolean dry, AccountKeeper.Swept swept) {
        Map<String, Object> row = new LinkedHashMap<>();
        row.put("command", command);
        row.put("user", user);
        row.put("dry_run", dry);
        row.put("messages", swept.messages());
        row.put("left", swept.left());
        row.put("stopped", swept.failure().orElse(""));
        return row;
    }

    private static ControlEnd end(AccountKeeper.Swept swept) {
        return swept.left() == 0 && swept.failure().isEmpty() ? ControlEnd.done() : ControlEnd.failed();
    }

    /**
     * In the users file, held by the rule, or seen: whom Dovecot alone knows logs in and sends. The queue comes last: while all of it is
     * looked at, the account is open.
     */
    private boolean isKnown(String name, Rows rows) {
        return doors.listed(name).isPresent()
                || isOnList(name)
                || doors.end(name, true) > 0
                || doors.isActive(name)
                || accounts.isAnyQueued(name, looked -> rows.progress(looked, 0));
    }

    private boolean isOnList(String name) {
        return accounts.all().stream().anyMatch(account -> account.user().equals(name));
    }

    /** As the users file has him, else as he was named. */
    private String listed(String name) {
        return doors.listed(name).orElse(name);
    }

    private static Optional<String> named(ControlRequest request) {
        String name = request.option("user").orElse("").strip().toLowerCase(Locale.ROOT);
        boolean sane = !name.isEmpty()
                && name.length() <= NAME_MAX
                && name.chars().noneMatch(c -> Character.isWhitespace(c) || Character.isISOControl(c));
        return sane ? Optional.of(name) : Optional.empty();
    }
}
