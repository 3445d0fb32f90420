package org.hikyaku.listen;

import java.io.IOException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.hikyaku.mail.HostUser;
import org.hikyaku.world.Tasks;
import org.hikyaku.world.World;

/**
 * What users of this host are called, by its list of users, which may be elsewhere. Who asks it keeps a thread until it answers, so two
 * tasks do it that have threads of their own; what it said is remembered for a minute.
 *
 * <p><i>Failure:</i> a list that hangs holds up none but those who are not remembered; of them a bounded number waits.
 */
final class Callers {
    private static final int WORKERS = 2;
    private static final int WAITING_MAX = 100;
    private static final int KNOWN_MAX = 1_000;
    private static final Duration KNOWN_FOR = Duration.ofMinutes(1);

    private final World world;
    private final Tasks.Mailbox<Question> questions;
    private final Map<Integer, Known> known = new LinkedHashMap<>();

    private record Known(HostUser user, long at) {}

    private record Question(int uid, BooleanSupplier isOpen, Consumer<Optional<HostUser>> told) {}

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
        synchronized (known) {
            return Optional.ofNullable(known.get(uid))
                    .filter(one -> now - one.at < KNOWN_FOR.toNanos())
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
        return questions.offer(new Question(uid, isOpen, told));
    }

    private void work() {
        for (Question next = questions.take(); next != null; next = questions.take()) {
            if (next.isOpen.getAsBoolean()) {
                Optional<HostUser> remembered = known(next.uid);
                next.told.accept(remembered.isPresent() ? remembered : look(next.uid));
            }
        }
    }

    private Optional<HostUser> look(int uid) {
        try {
            HostUser user = new HostUser(world.net().userName(uid), uid);
            remember(user, world.clock().nanos());
            return Optional.of(user);
        } catch (IOException | RuntimeException e) { // whatever it is, the next is to be asked for
            return Optional.empty(); // and so not let in
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
