package org.hikyaku.queue;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.hikyaku.bounce.Bouncer;
import org.hikyaku.bounce.Dsn;
import org.hikyaku.bounce.DsnWriter;
import org.hikyaku.bounce.Original;
import org.hikyaku.bounce.Report;
import org.hikyaku.config.Config;
import org.hikyaku.mail.Address;
import org.hikyaku.mail.Envelope;
import org.hikyaku.mail.Recipient;
import org.hikyaku.spool.Change.Entry.Accept;
import org.hikyaku.spool.Draft;
import org.hikyaku.spool.Origin;
import org.hikyaku.spool.RecipientState;
import org.hikyaku.spool.Spool;
import org.hikyaku.spool.StoredMessage;
import org.hikyaku.table.LocalDirectory;
import org.hikyaku.world.Event;
import org.hikyaku.world.World;

/**
 * Makes the bounces and delay notices that a settlement owes, as new messages to be stored in the same commit. Reads
 * the message, so it may wait.
 */
final class Notices {
    /** Octets of the original that go with a notice while the disk is full. */
    private static final int FULL_DISK_MAX = 2 << 10;

    private final World world;
    private final Spool spool;
    private final Supplier<Config> config;
    private final Supplier<LocalDirectory> directory;

    /** A notice to be stored, and what to say once it is. */
    record Owed(Report.Kind kind, Accept accept) {}

    Notices(World world, Spool spool, Supplier<Config> config, Supplier<LocalDirectory> directory) {
        this.world = world;
        this.spool = spool;
        this.config = config;
        this.directory = directory;
    }

    List<Owed> of(Settlement settlement) {
        List<Owed> owed = new ArrayList<>();
        if (!settlement.failed().isEmpty()) {
            notice(Report.Kind.FAILED, about(settlement), settlement.at(), settlement.failed())
                    .ifPresent(owed::add);
        }
        if (!settlement.delayed().isEmpty()) {
            notice(Report.Kind.DELAYED, about(settlement), settlement.at(), settlement.delayed())
                    .ifPresent(owed::add);
        }
        return owed;
    }

    private static StoredMessage about(Settlement settlement) {
        return settlement.claim().message();
    }

    /** The notice that is owed to the sender of {@code about}, if any. */
    Optional<Owed> notice(Report.Kind kind, StoredMessage about, Instant at, List<Report.Affected> affected) {
        Config now = config.get();
        Address sender = about.envelope().sender();
        LocalDirectory here = directory.get();
        boolean known = !(here.resolve(sender) instanceof LocalDirectory.Resolution.Unknown);
        Original original = sender.isNull() || !known
                ? new Original(Original.Form.UNREADABLE, new byte[0])
                : original(about, now.queue().bounceWholeMax());
        Optional<String> silence = Bouncer.silence(kind, sender, known, original);
        if (silence.isPresent()) {
            if (kind == Report.Kind.FAILED) {
                world.events().emit(Event.BOUNCE_DROPPED, about.id(), silence.get());
            }
            return Optional.empty();
        }
        Draft draft = spool.draft();
        Report report = new Report(
                kind,
                now.hostname(),
                draft.id(),
                sender,
                at,
                about.id(),
                about.arrival(),
                kind == Report.Kind.DELAYED
                        ? Optional.of(RetryPlan.of(now.queue()).expiry(about.arrival(), false))
                        : Optional.empty(),
                affected,
                original);
        return Optional.of(new Owed(kind, accept(draft, DsnWriter.write(report), sender, here)));
    }

    /** As much of the message as there is room for: on a full disk no more than goes into the journal. */
    private Original original(StoredMessage about, int wholeMax) {
        if (spool.hasRoom(wholeMax)) {
            return Original.of(about.content(), wholeMax);
        }
        Original header = Original.of(about.content(), 0);
        return header.octets().length <= FULL_DISK_MAX ? header : new Original(Original.Form.UNREADABLE, new byte[0]);
    }

    private Accept accept(Draft draft, Dsn dsn, Address to, LocalDirectory here) {
        draft.append(dsn.octets(), 0, dsn.octets().length);
        Envelope given =
                new Envelope(Address.NULL, List.of(Recipient.of(to)), dsn.needs8Bit(), dsn.needsUtf8(), Envelope.BULK);
        // a null sender has no owner to divide by, so this is one envelope
        Envelope envelope = Expander.expand(given, here).getFirst();
        return accept(
                draft, new byte[0], envelope, Origin.ownNotice(), world.clock().now(), "");
    }

    /** A new message whose recipients are all due at once. */
    static Accept accept(
            Draft draft, byte[] prepended, Envelope envelope, Origin origin, Instant arrival, String held) {
        List<RecipientState> states = envelope.recipients().stream()
                .map(r -> RecipientState.fresh(arrival))
                .toList();
        return new Accept(draft, prepended, envelope, origin, arrival, states, held);
    }
}
