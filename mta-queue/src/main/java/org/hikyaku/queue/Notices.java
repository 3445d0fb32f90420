package org.hikyaku.queue;

import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;
import org.hikyaku.bounce.Bouncer;
import org.hikyaku.bounce.Dsn;
import org.hikyaku.bounce.DsnWriter;
import org.hikyaku.bounce.Original;
import org.hikyaku.bounce.Report;
import org.hikyaku.config.Config;
import org.hikyaku.config.SiteRule;
import org.hikyaku.config.SiteRules;
import org.hikyaku.mail.Address;
import org.hikyaku.mail.Envelope;
import org.hikyaku.mail.Notify;
import org.hikyaku.mail.Recipient;
import org.hikyaku.mail.Wishes;
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

    /** Addresses of one sender to which notices of one change go; beyond it he is told of the rest at his own. */
    private static final int SENDERS_MAX = 100;

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

    /** Octets of each, to be asked before they are stored. */
    static List<Long> sizes(List<Owed> owed) {
        return owed.stream().map(each -> each.accept().draft().size()).toList();
    }

    /** What is owed for settlements of one message: one notice of each kind. */
    List<Owed> of(List<Settlement> settlements) {
        List<Owed> owed = new ArrayList<>(0);
        add(owed, Report.Kind.FAILED, settlements, Settlement::failed);
        add(owed, Report.Kind.DELAYED, settlements, Settlement::delayed);
        add(owed, Report.Kind.DELIVERED, settlements, Settlement::delivered);
        add(owed, Report.Kind.RELAYED, settlements, Settlement::relayed);
        return owed;
    }

    private void add(
            List<Owed> owed,
            Report.Kind kind,
            List<Settlement> settlements,
            Function<Settlement, List<Report.Affected>> news) {
        List<Report.Affected> affected =
                settlements.stream().flatMap(each -> news.apply(each).stream()).toList();
        Settlement last = settlements.getLast();
        owed.addAll(of(kind, last.claim().message(), last.at(), affected));
    }

    /** The notices that are owed to the sender of {@code about}: one, or one for each address that he has. */
    List<Owed> of(Report.Kind kind, StoredMessage about, Instant at, List<Report.Affected> affected) {
        LinkedHashMap<Address, List<Report.Affected>> bySender = new LinkedHashMap<>();
        for (Report.Affected each : affected) {
            Address own = bySender.size() < SENDERS_MAX
                    ? sender(about, each.recipient())
                    : about.envelope().sender();
            bySender.computeIfAbsent(own, key -> new ArrayList<>(1)).add(each);
        }
        List<Owed> owed = new ArrayList<>(bySender.size());
        bySender.forEach((own, those) ->
                notice(kind, about, whom(kind, about, own), at, those).ifPresent(owed::add));
        return owed;
    }

    /** Where a notice about this recipient goes: to the sender's address that names him, unless that is of ours and not there. */
    private Address sender(StoredMessage about, Recipient recipient) {
        Address own = about.envelope().senderFor(recipient);
        return isKnown(own) ? own : about.envelope().sender();
    }

    /** A user of this host need not have a mailbox (www-data): what fails of his mail, of cron's for one, is for the postmaster then. */
    private Address whom(Report.Kind kind, StoredMessage about, Address sender) {
        boolean ofHost = kind == Report.Kind.FAILED && about.origin().kind() == Origin.Kind.LOCAL;
        return !ofHost || sender.isNull() || isKnown(sender)
                ? sender
                : directory.get().postmaster();
    }

    private boolean isKnown(Address sender) {
        return !(directory.get().resolve(sender) instanceof LocalDirectory.Resolution.Unknown);
    }

    private Optional<Owed> notice(
            Report.Kind kind, StoredMessage about, Address sender, Instant at, List<Report.Affected> all) {
        // RFC 3461 5.2.8: nothing of those of whom he does not want to hear
        List<Report.Affected> affected = all.stream()
                .filter(each -> isWanted(
                        kind, about.envelope().wishes(), each.recipient().wanted()))
                .toList();
        if (affected.isEmpty()) {
            silent(kind, about, "the sender wants to hear nothing of it (NOTIFY)");
            return Optional.empty();
        }
        Config now = config.get();
        boolean known = isKnown(sender);
        Original original = sender.isNull() || !known
                ? new Original(Original.Form.UNREADABLE, new byte[0])
                : original(about, wholeMax(kind, about.envelope().wishes(), now));
        Optional<String> silence = Bouncer.silence(kind, isAskedFor(about, affected), sender, known, original);
        if (silence.isPresent()) {
            silent(kind, about, silence.get());
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
                        ? Optional.of(RetryPlan.of(now, about).expiry(about.begins(), false))
                        : Optional.empty(),
                withMeanings(affected, now),
                original,
                about.envelope().wishes());
        return Optional.of(new Owed(kind, accept(draft, DsnWriter.write(report), about.envelope(), sender)));
    }

    /** With the class of what was replied. */
    private static List<Report.Affected> withMeanings(List<Report.Affected> affected, Config config) {
        SiteRules sites = new SiteRules(config);
        return affected.stream()
                .map(each -> each.meaning().isEmpty()
                        ? new Report.Affected(each.recipient(), each.why(), meaning(each, sites))
                        : each)
                .toList();
    }

    private static String meaning(Report.Affected each, SiteRules sites) {
        return each.recipient()
                .address()
                .domain()
                .flatMap(domain -> sites.classOf(domain, each.why()))
                .filter(found -> found != SiteRule.ReplyClass.OTHER)
                .map(found -> found.name().toLowerCase(Locale.ROOT))
                .orElse("");
    }

    /** Whether the sender said that he wants to hear of a delay: by a deadline (RFC 2852 4.1.3) or by NOTIFY (RFC 3461 4.1). */
    private static boolean isAskedFor(StoredMessage about, List<Report.Affected> affected) {
        return about.envelope().wishes().deadline().isPresent()
                || affected.stream()
                        .map(each -> each.recipient().wanted())
                        .anyMatch(wanted -> wanted.isSaid() && wanted.ofDelay());
    }

    /** RFC 2852 4.1.4: that a message with a deadline has left is told unless nothing is to be told. */
    private static boolean isWanted(Report.Kind kind, Wishes wishes, Notify notify) {
        boolean announced = kind == Report.Kind.RELAYED && wishes.deadline().isPresent() && !notify.isNever();
        return announced || kind.isWanted(notify);
    }

    private void silent(Report.Kind kind, StoredMessage about, String why) {
        if (kind == Report.Kind.FAILED) {
            world.events().emit(Event.BOUNCE_DROPPED, about.id(), why);
        }
    }

    /** RFC 3461 4.3, 6.2: the whole only of what failed, and not when the sender wants the header only. */
    private static int wholeMax(Report.Kind kind, Wishes wishes, Config config) {
        boolean whole = kind == Report.Kind.FAILED && wishes.ret() != Wishes.Ret.HEADERS;
        boolean asEver = kind == Report.Kind.DELAYED && wishes.ret() == Wishes.Ret.UNSAID;
        boolean secret = wishes.tls() == Wishes.Tls.REQUIRED; // RFC 8689 5
        return (whole || asEver) && !secret ? config.queue().bounceWholeMax() : 0;
    }

    /**
     * As much of the message as there is room for: on a full disk no more than goes into the journal. Of a binary one the
     * header: the notice goes where binary may not (RFC 3030 3), and message/rfc822 is not encoded (RFC 2046 5.2.1).
     */
    private Original original(StoredMessage about, int wholeMax) {
        if (spool.hasRoom(wholeMax)) {
            return Original.of(about.content(), about.envelope().wishes().binary() ? 0 : wholeMax);
        }
        Original header = Original.of(about.content(), 0);
        return header.octets().length <= FULL_DISK_MAX ? header : new Original(Original.Form.UNREADABLE, new byte[0]);
    }

    private Accept accept(Draft draft, Dsn dsn, Envelope about, Address sender) {
        draft.append(dsn.octets(), 0, dsn.octets().length);
        boolean ranked = about.wishes().ranked();
        Envelope given = new Envelope(
                Address.NULL,
                List.of(Recipient.of(sender)),
                dsn.needs8Bit(),
                dsn.needsUtf8(),
                ranked ? about.priority() : Envelope.BULK, // RFC 6710 4.6
                Wishes.NONE.withRanked(ranked).with(about.wishes().tls())); // RFC 8689 5
        // a null sender has no owner to divide by, so this is one envelope
        Envelope envelope = Expander.expand(given, directory.get()).envelopes().getFirst();
        return accept(
                draft, new byte[0], envelope, Origin.ownNotice(), world.clock().now(), "");
    }

    /** A new message whose recipients are all due at once, or when its sender wants it (RFC 4865). */
    static Accept accept(
            Draft draft, byte[] prepended, Envelope envelope, Origin origin, Instant arrival, String held) {
        List<RecipientState> states = envelope.recipients().stream()
                .map(r -> RecipientState.fresh(StoredMessage.begins(arrival, envelope)))
                .toList();
        return new Accept(draft, prepended, envelope, origin, arrival, states, held);
    }
}
