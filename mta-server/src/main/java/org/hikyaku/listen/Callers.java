package org.hikyaku.listen;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.hikyaku.mail.HostUser;
import org.hikyaku.world.Tasks;
import org.hikyaku.world.World;

/**
 * What users of this host are called, by its list of users, which may be elsewhere. Who asks it keeps a thread until it answers, so two
 * tasks do it that have threads of their own, for one user at a time each, however many ask who he is. What it said is remembered for a minute;
 * while it owes an answer for seconds, for an hour.
 *
 * <p><i>Failure:</i> a list that hangs holds up none but those who are not remembered; of them a bounded number waits.
 */
final class Callers {
    private static final int WORKERS = 2;
    /** Users, and of each as many who ask. */
    private static final int WAITING_MAX = 100;

    private static final int KNOWN_MAX = 1_000;
    private static final Duration KNOWN_FOR = Duration.ofMinutes(1);
    private static final Duration KNOWN_WHILE_IT_HANGS = Duration.ofHours(1);
    /** A list that answers at all does so sooner. */
    private static final Duration HANGS_AFTER = Duration.ofSeconds(5);

    private final World world;
    private final Tasks.Mailbox<Integer> questions;
    /** Who asks, by the user; guarded by itself. */
    private final Map<Integer, List<Asker>> askers = new HashMap<>();

    private final Map<Integer, Known> known = new LinkedHashMap<>();
    /** Since when the list is asked, by the user. */
    private final Map<Integer, Long> underWay = new ConcurrentHashMap<>();

    private record Known(HostUser user, long at) {}

    private record Asker(BooleanSupplier isOpen, Consumer<Optional<HostUser>> told) {}

    Callers(World world) {
        this.world = world;
        this.questions = world.tasks().mailbox(WAITING_MAX);
    }

    /** Begins to serve. */
    void start() {
        for (int i = 1; i <= WORKERS; i++) {
            world.tasks().startDedicated("callers-" + i, this::work);
        }
    }

    /** Who is asked for already is still told. */
    void close() {
        questions.close();
    }

    /** Who this is, if it was said a short while ago. Never waits. */
    Optional<HostUser> known(int uid) {
        long now = world.clock().nanos();
        boolean hangs = underWay.values().stream().anyMatch(since -> now - since >= HANGS_AFTER.toNanos());
        Duration counts = hangs ? KNOWN_WHILE_IT_HANGS : KNOWN_FOR;
        synchronized (known) {
            return Optional.ofNullable(known.get(uid))
                    .filter(one -> now - one.at < counts.toNanos())
                    .map(Known::user);
        }
    }

    /**
     * Has {@code told} hear, on another task, who this is; nothing if the list does not say. Never waits.
     *
     * @param isOpen whether it is still worth to ask; asked on another task
     * @return false: too many wait
     */
    boolean ask(int uid, BooleanSupplier isOpen, Consumer<Optional<HostUser>> told) {
        Asker one = new Asker(isOpen, told);
        boolean first;
        synchronized (askers) {
            List<Asker> same = askers.computeIfAbsent(uid, any -> new ArrayList<>());
            first = same.isEmpty();
            same.removeIf(each -> !each.isOpen.getAsBoolean());
            if (same.size() >= WAITING_MAX) {
                return false;
            }
            same.add(one);
        }
        boolean asked = !first || questions.offer(uid);
        if (!asked) {
            leave(uid, one);
            tell(uid, Optional.empty()); // who came meanwhile
        }
        return asked;
    }

    private void work() {
        for (Integer uid = questions.take(); uid != null; uid = questions.take()) {
            if (isAsked(uid)) {
                Optional<HostUser> remembered = known(uid);
                tell(uid, remembered.isPresent() ? remembered : look(uid));
            }
        }
    }

    /** Else nobody waits any more. */
    private boolean isAsked(int uid) {
        synchronized (askers) {
            boolean asked = askers.getOrDefault(uid, List.of()).stream().anyMatch(each -> each.isOpen.getAsBoolean());
            if (!asked) {
                askers.remove(uid);
            }
            return asked;
        }
    }

    private void leave(int uid, Asker one) {
        synchronized (askers) {
            askers.getOrDefault(uid, new ArrayList<>()).remove(one);
        }
    }

    /** All who ask for him. */
    private void tell(int uid, Optional<HostUser> user) {
        List<Asker> all;
        synchronized (askers) {
            all = askers.remove(uid);
        }
        if (all != null) {
            all.forEach(each -> each.told.accept(user));
        }
    }

    private Optional<HostUser> look(int uid) {
        underWay.put(uid, world.clock().nanos());
        try {
            HostUser user = new HostUser(world.net().userName(uid), uid);
            remember(user, world.clock().nanos());
            return Optional.of(user);
        } catch (IOException | RuntimeException e) { // whatever it is, the next is to be asked for
            return Optional.empty(); // and so not let in
        } finally {
            underWay.remove(uid);
        }
    }

    private void remember(HostUser user, long now) {
        synchronized (known) {
            known.remove(user.uid());
            known.put(user.uid(), new Known(user, now)); // the newest comes last
            if (known.size() > KNOWN_MAX) {
                known.remove(known.keySet().iterator().next());
            }
        }
    }
}
