package org.hikyaku.queue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import org.hikyaku.bounce.Report;
import org.hikyaku.mail.Address;
import org.hikyaku.mail.Content;
import org.hikyaku.mail.Envelope;
import org.hikyaku.mime.RewriteAddresses;
import org.hikyaku.mime.Transform;
import org.hikyaku.spool.Change;
import org.hikyaku.spool.Change.Entry.Accept;
import org.hikyaku.spool.Draft;
import org.hikyaku.spool.Origin;
import org.hikyaku.spool.Spool;
import org.hikyaku.spool.StoredMessage;
import org.hikyaku.table.LocalDirectory;
import org.hikyaku.table.Rewriting;
import org.hikyaku.table.Steps;
import org.hikyaku.world.Event;
import org.hikyaku.world.Loop;
import org.hikyaku.world.Tasks;
import org.hikyaku.world.World;
import org.jspecify.annotations.Nullable;

/**
 * The way in for every message, whatever its origin: rewrites addresses and follows aliases once, removes doubles, has it
 * stored, and hands it to the queue. Safe from any task or loop; never waits.
 *
 * <p><i>Failure:</i> the caller is told exactly once whether it is stored; if not, nothing of it is.
 */
public final class Intake {
    /** Recipients of one message after all lists were followed, unless the client itself named more. */
    private static final int EXPANDED_MAX = 50_000;

    private static final int COPY_BUFFER = 64 << 10;
    private static final Duration HOLD_AGAIN = Duration.ofMinutes(1);

    private final World world;
    private final Spool spool;
    private final Supplier<LocalDirectory> directory;
    private final QueueManager queue;
    private final Gate gate;

    /** Whether mail of a sender is to be held when it comes. */
    public interface Gate {
        /** Why; empty when it may go. Must not wait. */
        String hold(Address sender, Origin origin);
    }

    /**
     * A message to be taken.
     *
     * @param prepended header lines to go before the draft, CRLF each
     * @param envelope recipients as the client named them; the bare postmaster may be among them
     * @param hold why it is not to be delivered yet, or empty
     * @param messageId for the log, or empty
     */
    public record Incoming(
            Draft draft, byte[] prepended, Envelope envelope, Origin origin, String hold, String messageId) {
        private Incoming with(Draft another) {
            return new Incoming(another, prepended, envelope, origin, hold, messageId);
        }
    }

    public Intake(World world, Spool spool, Supplier<LocalDirectory> directory, QueueManager queue) {
        this(world, spool, directory, queue, (sender, origin) -> "");
    }

    public Intake(World world, Spool spool, Supplier<LocalDirectory> directory, QueueManager queue, Gate gate) {
        this.world = world;
        this.spool = spool;
        this.directory = directory;
        this.queue = queue;
        this.gate = gate;
    }

    /**
     * A draft for a message that comes, to be given to {@link #take}. In mail of our own users and hosts the addresses of
     * its header are rewritten as it comes, where the configuration says so.
     *
     * @param user the login, or empty
     * @param client the address it comes from, or empty
     */
    public Draft draft(String user, String client) {
        return draft(user, client, Optional.empty());
    }

    /** As {@link #draft(String, String)}, and {@code first} is done to the message before. */
    public Draft draft(String user, String client, Optional<Transform> first) {
        Draft draft = spool.draft();
        Rewriting rewriting = directory.get().rewriting();
        if (!rewriting.ofHeaders() || !rewriting.isOurs(user, client)) {
            return first.<Draft>map(each -> new RewritingDraft(draft, each)).orElse(draft);
        }
        Transform rewrite = new RewriteAddresses(rewriting::shownSender, rewriting::shownRecipient);
        return new RewritingDraft(draft, first.map(each -> each.then(rewrite)).orElse(rewrite));
    }

    /**
     * Stores {@code incoming}; the draft is used up.
     *
     * @param loop where {@code done} is told, or null for a thread that must not be blocked
     */
    public void take(Incoming incoming, @Nullable Loop loop, Spool.Done done) {
        taken(
                incoming.draft() instanceof RewritingDraft draft ? incoming.with(draft.finished()) : incoming,
                loop,
                done);
    }

    private void taken(Incoming incoming, @Nullable Loop loop, Spool.Done done) {
        Expander.Expansion expansion = expand(incoming, Set.of());
        if (expansion.isPassedOn()) {
            world.tasks().start("pass-on", () -> passOn(incoming, expansion, loop, done));
        } else {
            take(incoming, expansion, loop, done);
        }
    }

    private Expander.Expansion expand(Incoming incoming, Set<String> passed) {
        LocalDirectory here = directory.get();
        Origin origin = incoming.origin();
        boolean ours = here.rewriting().isOurs(origin.user(), origin.client());
        return Expander.expand(ranked(incoming), here, ours, passed, Steps.NONE);
    }

    /** What an address of ours has passed on before is not passed on by it again: it goes round. */
    private void passOn(Incoming incoming, Expander.Expansion first, @Nullable Loop loop, Spool.Done done) {
        Set<String> passed;
        try {
            passed = DeliveredTo.in(incoming.draft().content());
        } catch (IOException e) {
            refuse(incoming.draft(), "it cannot be read: " + e.getMessage(), loop, done);
            return;
        }
        take(incoming, passed.isEmpty() ? first : expand(incoming, passed), loop, done);
    }

    private void take(Incoming incoming, Expander.Expansion expansion, @Nullable Loop loop, Spool.Done done) {
        List<Envelope> envelopes = expansion.envelopes();
        int recipients = envelopes.stream().mapToInt(e -> e.recipients().size()).sum();
        if (recipients == 0) {
            throw new IllegalArgumentException("a message to nobody");
        }
        if (recipients > Math.max(EXPANDED_MAX, incoming.envelope().recipients().size())) {
            String why = "its lists lead to more than " + EXPANDED_MAX + " recipients";
            refuse(incoming.draft(), new Spool.SpoolFailure(false, true, why), loop, done);
        } else if (envelopes.size() == 1 && !expansion.isTold()) {
            store(incoming, List.of(incoming.draft()), expansion, List.of(), loop, done);
        } else {
            world.tasks().start("divide-list", () -> divide(incoming, expansion, loop, done));
        }
    }

    /** With a priority, where it brought none: bounces behind the rest, what users of ours send before it. */
    private static Envelope ranked(Incoming incoming) {
        Envelope envelope = incoming.envelope();
        if (envelope.priority() != 0 || envelope.wishes().ranked()) {
            return envelope;
        }
        boolean ours = !incoming.origin().user().isEmpty();
        return envelope.sender().isNull()
                ? envelope.withPriority(Envelope.BULK)
                : ours ? envelope.withPriority(Envelope.SUBMITTED) : envelope;
    }

    /** Recipients with an owner of their own travel as a message of their own: the same bytes, another sender. */
    private void divide(Incoming incoming, Expander.Expansion expansion, @Nullable Loop loop, Spool.Done done) {
        List<Envelope> envelopes = expansion.envelopes();
        List<Draft> drafts = new ArrayList<>(List.of(incoming.draft()));
        try {
            Content content = incoming.draft().content();
            while (drafts.size() < envelopes.size()) {
                Draft copy = spool.draft();
                drafts.add(copy);
                copy(content, copy);
            }
        } catch (IOException e) {
            drafts.stream().skip(1).forEach(Draft::abort);
            refuse(incoming.draft(), "it cannot be copied for its lists: " + e.getMessage(), loop, done);
            return;
        }
        store(incoming, drafts, expansion, owed(incoming, expansion), loop, done);
    }

    /** What the sender wants to hear of lists and aliases. */
    private List<Notices.Owed> owed(Incoming incoming, Expander.Expansion expansion) {
        Instant now = world.clock().now();
        StoredMessage about = new StoredMessage(
                incoming.draft().id(),
                now,
                incoming.envelope(),
                incoming.origin(),
                List.of(),
                "",
                incoming.draft().content());
        List<Notices.Owed> owed = new ArrayList<>(0);
        owed.addAll(queue.notices().of(Report.Kind.DELIVERED, about, now, expansion.listed()));
        owed.addAll(queue.notices().of(Report.Kind.EXPANDED, about, now, expansion.expanded()));
        return owed;
    }

    private void copy(Content from, Draft to) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocate(COPY_BUFFER);
        for (long position = 0; position < from.size(); ) {
            int count = from.read(buffer.clear(), position);
            position += count;
            if (!to.append(buffer.array(), 0, count)) {
                Tasks.Promise<Boolean> relief = world.tasks().promise();
                to.onRelief(() -> relief.complete(true));
                relief.await();
            }
        }
    }

    private void store(
            Incoming incoming,
            List<Draft> drafts,
            Expander.Expansion expansion,
            List<Notices.Owed> owed,
            @Nullable Loop loop,
            Spool.Done done) {
        long number = queue.underway().setsOut(); // before the gate is asked
        boolean out = false;
        try {
            commit(incoming, drafts, expansion, owed, number, loop, done);
            out = true;
        } finally {
            if (!out) {
                queue.underway().arrived(number);
            }
        }
    }

    private void commit(
            Incoming incoming,
            List<Draft> drafts,
            Expander.Expansion expansion,
            List<Notices.Owed> owed,
            long number,
            @Nullable Loop loop,
            Spool.Done done) {
        Instant now = world.clock().now();
        String hold = incoming.hold().isEmpty()
                ? gate.hold(incoming.envelope().sender(), incoming.origin())
                : incoming.hold();
        List<Accept> accepts = new ArrayList<>();
        for (int i = 0; i < drafts.size(); i++) {
            Expander.Copy copy = expansion.copies().get(i);
            byte[] prepended = DeliveredTo.before(incoming.prepended(), copy.passing());
            accepts.add(Notices.accept(drafts.get(i), prepended, copy.envelope(), incoming.origin(), now, hold));
        }
        long size = incoming.prepended().length + incoming.draft().size();
        List<Change.Entry> entries = new ArrayList<>(accepts);
        owed.forEach(each -> entries.add(each.accept()));
        List<Long> sizes = Notices.sizes(owed);
        spool.commit(new Change(entries), loop, new Spool.Done() {
            @Override
            public void stored() {
                try {
                    accepts.forEach(accept -> accepted(incoming, accept, size));
                    for (int i = 0; i < owed.size(); i++) {
                        queue.noticed(
                                owed.get(i), sizes.get(i), incoming.draft().id());
                    }
                } finally {
                    queue.underway().arrived(number);
                    done.stored();
                }
            }

            @Override
            public void failed(Spool.SpoolFailure why) {
                queue.underway().arrived(number);
                done.failed(why);
            }
        });
    }

    private void accepted(Incoming incoming, Accept accept, long size) {
        StoredMessage stored = QueueManager.stored(spool, accept, size);
        String late = stored.held().isEmpty() ? gate.hold(incoming.envelope().sender(), incoming.origin()) : "";
        StoredMessage message = late.isEmpty() ? stored : stored.heldFor(late);
        world.events()
                .emit(
                        Event.MESSAGE_QUEUED,
                        message.id(),
                        incoming.origin().session(),
                        message.envelope().sender(),
                        message.envelope().recipients().size(),
                        size,
                        incoming.messageId(),
                        accept.envelope().wishes().ranked() ? accept.envelope().priority() : null);
        if (!message.held().isEmpty()) {
            world.events().emit(Event.MESSAGE_HELD, message.id(), message.held());
        }
        queue.accepted(message);
        if (!late.isEmpty()) {
            keepHeld(message);
        }
    }

    /**
     * Stores the hold of one whose sender was frozen while it was on its way to disk. Who freezes a user waits for such mail and holds it
     * too; but of who is suspected alone it lasts only by this.
     */
    private void keepHeld(StoredMessage message) {
        spool.commit(Change.of(new Change.Entry.Hold(message.id(), message.held())), null, new Spool.Done() {
            @Override
            public void stored() {}

            @Override
            public void failed(Spool.SpoolFailure why) {
                world.net().loop().schedule(HOLD_AGAIN, () -> keepHeld(message));
            }
        });
    }

    private static void refuse(Draft draft, String why, @Nullable Loop loop, Spool.Done done) {
        refuse(draft, new Spool.SpoolFailure(false, why), loop, done);
    }

    private static void refuse(Draft draft, Spool.SpoolFailure failure, @Nullable Loop loop, Spool.Done done) {
        draft.abort();
        if (loop == null) {
            done.failed(failure);
        } else {
            loop.execute(() -> done.failed(failure));
        }
    }
}
