package org.hikyaku.queue;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.hikyaku.bounce.DamageWriter;
import org.hikyaku.config.Config;
import org.hikyaku.mail.Address;
import org.hikyaku.mail.Envelope;
import org.hikyaku.mail.Recipient;
import org.hikyaku.mail.SpoolId;
import org.hikyaku.spool.Damage;
import org.hikyaku.spool.Draft;
import org.hikyaku.spool.Origin;
import org.hikyaku.spool.Spool;
import org.hikyaku.spool.StoredMessage;
import org.hikyaku.world.Event;
import org.hikyaku.world.Tasks;
import org.hikyaku.world.World;
import org.jspecify.annotations.Nullable;

/**
 * What follows from damage in the spool: the message it hit is held, and the postmaster is told, once for each damage, in
 * one message for all that comes within a minute and no more than one message an hour.
 *
 * <p><i>Failure:</i> a notice that cannot be stored is tried again; at the end of the process it is forgotten, as the next
 * start finds the same damage again.
 */
public final class DamageReports {
    private static final Duration GATHER = Duration.ofMinutes(1);
    private static final Duration APART = Duration.ofHours(1);
    private static final int SHOWN_MAX = 20;
    private static final int KNOWN_MAX = 10_000;
    private static final int RECIPIENTS_SHOWN_MAX = 10;

    private final World world;
    private final Spool spool;
    private final Supplier<Config> config;
    private final Intake intake;
    private final QueueAdmin admin;
    private final LinkedHashSet<Damage> known = new LinkedHashSet<>();
    private final ArrayList<Damage> waiting = new ArrayList<>();
    private int more;
    private @Nullable Instant last;
    private Tasks.@Nullable Task task;
    private boolean closed;

    public DamageReports(World world, Spool spool, Supplier<Config> config, Intake intake, QueueAdmin admin) {
        this.world = world;
        this.spool = spool;
        this.config = config;
        this.intake = intake;
        this.admin = admin;
    }

    /** Takes note; never waits. */
    public void damage(Damage damage) {
        damage.id().ifPresent(id -> world.tasks().start("hold damaged", () -> hold(id, damage)));
        boolean begin;
        synchronized (known) {
            if (closed || !known.add(damage)) {
                return;
            }
            if (known.size() > KNOWN_MAX) {
                known.removeFirst();
            }
            begin = waiting.isEmpty() && more == 0;
            if (waiting.size() < SHOWN_MAX) {
                waiting.add(damage);
            } else {
                more++;
            }
        }
        if (begin) {
            Tasks.Task started = world.tasks().start("damage notice", this::tell);
            synchronized (known) {
                task = started;
            }
        }
    }

    private void hold(SpoolId id, Damage damage) {
        try {
            if (spool.peek(id).filter(message -> message.held().isEmpty()).isPresent()) {
                // if that cannot be stored now, the next attempt finds the damage again
                admin.hold(id, "damaged: " + damage.what(), a -> world.events().emit(Event.MESSAGE_HELD, id, "damage"));
            }
        } catch (IOException e) {
            // the disk gives nothing now: so does the next attempt
        }
    }

    private void tell() {
        Instant before;
        synchronized (known) {
            before = last;
        }
        Instant now = world.clock().now();
        Duration wait = before == null ? GATHER : Duration.between(now, before.plus(APART));
        world.tasks().sleep(wait.compareTo(GATHER) < 0 ? GATHER : wait.compareTo(APART) > 0 ? APART : wait);
        List<Damage> shown;
        int left;
        synchronized (known) {
            shown = List.copyOf(waiting);
            left = more;
            waiting.clear();
            more = 0;
            last = world.clock().now();
        }
        List<String> incidents = shown.stream().map(this::text).toList();
        while (!store(incidents, left)) {
            world.tasks().sleep(GATHER);
        }
    }

    private boolean store(List<String> incidents, int left) {
        Draft draft = spool.draft();
        byte[] octets = DamageWriter.write(
                config.get().hostname(), draft.id(), world.clock().now(), incidents, left);
        draft.append(octets, 0, octets.length);
        Envelope envelope = new Envelope(Address.NULL, List.of(Recipient.of(Address.barePostmaster())), false, false);
        Tasks.Promise<Boolean> done = world.tasks().promise();
        SpoolId id = draft.id();
        intake.take(
                new Intake.Incoming(draft, new byte[0], envelope, Origin.ownNotice(), "", ""), null, new Spool.Done() {
                    @Override
                    public void stored() {
                        done.complete(true);
                    }

                    @Override
                    public void failed(Spool.SpoolFailure why) {
                        done.complete(false);
                    }
                });
        boolean stored = done.await();
        if (stored) {
            world.events().emit(Event.DAMAGE_NOTICE_QUEUED, id, incidents.size() + left);
        }
        return stored;
    }

    /** What is known of one damage. */
    private String text(Damage damage) {
        String where = damage.file().isEmpty() ? "" : "File " + damage.file() + " at " + damage.offset() + ": ";
        String whose = damage.id().map(this::whose).orElse("");
        return where + damage.what() + "." + whose;
    }

    private String whose(SpoolId id) {
        Optional<StoredMessage> message;
        try {
            message = spool.peek(id);
        } catch (IOException e) {
            message = Optional.empty();
        }
        return " Message " + id
                + message.filter(m -> !m.states().isEmpty())
                        .map(m -> " from <" + m.envelope().sender() + "> to " + recipients(m))
                        .orElse(", of which nothing more can be read");
    }

    private static String recipients(StoredMessage message) {
        List<Recipient> all = message.envelope().recipients();
        String some = all.stream()
                .limit(RECIPIENTS_SHOWN_MAX)
                .map(to -> "<" + to.address() + ">")
                .collect(Collectors.joining(", "));
        return all.size() > RECIPIENTS_SHOWN_MAX
                ? some + " and " + (all.size() - RECIPIENTS_SHOWN_MAX) + " more"
                : some;
    }

    /** Tells no more. */
    public void close() {
        Tasks.Task now;
        synchronized (known) {
            closed = true;
            now = task;
        }
        if (now != null) {
            now.cancel();
        }
    }
}
