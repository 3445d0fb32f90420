package org.hikyaku.drop;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.hikyaku.config.Config;
import org.hikyaku.hostmail.HostFields;
import org.hikyaku.hostmail.HostSender;
import org.hikyaku.hostmail.WithoutForged;
import org.hikyaku.hostmail.WrittenHeader;
import org.hikyaku.mail.Address;
import org.hikyaku.mail.Domain;
import org.hikyaku.mail.Envelope;
import org.hikyaku.mail.HeaderFacts;
import org.hikyaku.mail.HeaderScan;
import org.hikyaku.mail.HostUser;
import org.hikyaku.mail.Recipient;
import org.hikyaku.mime.RewriteAddresses;
import org.hikyaku.mime.Transform;
import org.hikyaku.mime.WireLines;
import org.hikyaku.queue.Intake;
import org.hikyaku.spool.Draft;
import org.hikyaku.spool.Origin;
import org.hikyaku.spool.Spool;
import org.hikyaku.table.LocalDirectory;
import org.hikyaku.table.Rewriting;
import org.hikyaku.world.Disk;
import org.hikyaku.world.Event;
import org.hikyaku.world.FileTrouble;
import org.hikyaku.world.Tasks;
import org.hikyaku.world.World;

/**
 * One file that was left by a user of this host becomes a message in the queue, and is deleted once that is stored.
 *
 * <p><i>Failure:</i> what is no message, or none that may go, is deleted, and its owner or the postmaster gets a message that says why, within bounds ({@link DropAnswers}); what cannot be
 * stored now, or of which it is not known whose it is, stays.
 */
public final class DropMail {
    private static final int PIECE = 64 * 1024;
    /** Octets of the file that are looked at for the request and the header. */
    private static final int HEAD_MAX = 2 << 20;

    private final World world;
    private final Intake intake;
    private final Supplier<LocalDirectory> directory;
    private final Quotas quotas;
    private final DropAnswers answers;

    /** How much users of this host may send. */
    public interface Quotas {
        /** Any number. */
        Quotas NONE = new Quotas() {
            @Override
            public Allowance ask(String user, Address sender, List<Recipient> recipients, Config config) {
                return Allowance.GO;
            }

            @Override
            public void stored(String user, Address sender, List<Recipient> recipients, Config config) {}
        };

        /** Whether a message of a user's may go; it is not counted yet. */
        Allowance ask(String user, Address sender, List<Recipient> recipients, Config config);

        /** Counts one that has been stored. */
        void stored(String user, Address sender, List<Recipient> recipients, Config config);
    }

    /** Whether a message may go. */
    public enum Allowance {
        GO,
        /** When he has sent less for a while. */
        LATER,
        /** It has more recipients than he may ever send to in that time. */
        NEVER
    }

    public DropMail(World world, Intake intake, Supplier<LocalDirectory> directory) {
        this(world, intake, directory, Quotas.NONE);
    }

    public DropMail(World world, Intake intake, Supplier<LocalDirectory> directory, Quotas quotas) {
        this.world = world;
        this.intake = intake;
        this.directory = directory;
        this.quotas = quotas;
        this.answers = new DropAnswers(world, intake, directory);
    }

    /** Why a message may not go. */
    private static final class Refused extends Exception {
        private static final long serialVersionUID = 1;

        Refused(String why) {
            super(why);
        }
    }

    /**
     * Stores it, or answers its owner; the caller deletes it then.
     *
     * @param file whose name only we can change
     */
    void take(Path file, Config config) throws IOException {
        Disk.Facts facts = world.disk().facts(file);
        HostUser owner = owner(facts.uid());
        if (facts.kind() != Disk.Kind.FILE || facts.links() != 1) {
            // a link would have us read what he may not, or take him for another
            world.events().emit(Event.DROP_REFUSED, owner.name(), "not a plain file with one name");
            return;
        }
        try (Disk.File open = world.disk().openRead(file)) {
            long size = open.size();
            if (size > config.limits().messageSizeMax() + HEAD_MAX) {
                throw new Refused("it is larger than " + config.limits().messageSizeMax() + " octets");
            }
            store(open, size, owner, config);
        } catch (Refused e) {
            String why = String.valueOf(e.getMessage());
            answer(owner, why, config);
            world.events().emit(Event.DROP_REFUSED, owner.name(), why);
        }
    }

    private HostUser owner(int uid) throws NoAnswer {
        try {
            return new HostUser(world.net().userName(uid), uid);
        } catch (IOException e) {
            throw new NoAnswer(uid, "it cannot be told now whose it is: " + FileTrouble.of(e));
        }
    }

    private void answer(HostUser owner, String why, Config config) throws StoreFailure, TooMuch {
        Optional<DropAnswers.Reader> reader = answers.reader(owner, config);
        if (reader.isEmpty()) {
            return;
        }
        boolean own = reader.get().isOwner();
        List<Recipient> to = List.of(Recipient.of(reader.get().address()));
        if (own && quotas.ask(owner.name(), Address.NULL, to, config) == Allowance.LATER) {
            throw tooMuch(owner);
        }
        DropAnswers.Answer answer = answers.of(owner, reader.get(), why, config);
        try {
            commit(answer.draft(), answer.prepended(), answer.envelope(), new HostUser("", owner.uid()), "");
        } catch (Refused e) {
            // the answer itself leads too far
            world.events().emit(Event.DROP_REFUSED, owner.name(), String.valueOf(e.getMessage()));
        }
        if (own) {
            quotas.stored(owner.name(), Address.NULL, to, config);
        } else {
            answers.told(owner);
        }
    }

    private static TooMuch tooMuch(HostUser owner) {
        return new TooMuch(owner.uid(), "its user has sent too much within an hour");
    }

    private void store(Disk.File file, long size, HostUser owner, Config config) throws IOException, Refused {
        byte[] head = read(file, 0, (int) Math.min(size, HEAD_MAX));
        DropRequest request = DropRequest.read(head)
                .orElseThrow(
                        () -> new Refused("it was not left by our sendmail, or its list of recipients is too long"));
        LocalDirectory here = directory.get();
        Domain first = here.firstDomain();
        HostSender who = new HostSender(owner, config, first, here::home);
        WrittenHeader header = new WrittenHeader(first);
        if (!header.read(head, request.message()) && size > head.length) {
            // behind what is looked at might stand a second From
            throw new Refused("its header does not end within " + HEAD_MAX + " octets");
        }
        List<Recipient> recipients = recipients(request, header, config, first);
        Address sender = sender(request.sender(), who);
        switch (quotas.ask(owner.name(), sender, recipients, config)) {
            case GO -> {}
            case LATER -> throw tooMuch(owner);
            case NEVER -> throw new Refused("it has more recipients than a user may send to within an hour");
        }
        Draft draft = intake.draft(owner.name(), "");
        boolean done = false;
        try {
            Copy copy = copy(file, size, request, who, draft);
            boolean international = sender.isInternational()
                    || recipients.stream().anyMatch(to -> to.address().isInternational());
            byte[] prepended = prepended(draft, who, request, header, copy.facts, sender);
            Envelope envelope = new Envelope(
                    sender,
                    recipients,
                    copy.eightBit || hasEightBit(prepended),
                    international || hasEightBit(prepended), // an address: names are encoded
                    copy.facts.bulk() ? Envelope.BULK : 0);
            done = true;
            commit(draft, prepended, envelope, owner, copy.facts.messageId());
            quotas.stored(owner.name(), sender, recipients, config);
        } finally {
            if (!done) {
                draft.abort();
            }
        }
    }

    /** Each once, in the order of the command line and then of the fields. */
    private static List<Recipient> recipients(DropRequest request, WrittenHeader header, Config config, Domain first)
            throws Refused {
        Map<String, Address> all = new LinkedHashMap<>();
        for (String text : request.recipients()) {
            List<Address> read = WrittenHeader.addresses(text, first)
                    .filter(found -> !found.isEmpty())
                    .orElseThrow(() -> new Refused("`" + text + "` is no address"));
            read.forEach(address -> all.putIfAbsent(address.toString(), address));
        }
        if (request.fromFields()) {
            if (!header.unreadable().isEmpty()) {
                throw new Refused("its field " + header.unreadable().getFirst() + " cannot be read");
            }
            header.recipients().forEach(address -> all.putIfAbsent(address.toString(), address));
        }
        if (all.isEmpty()) {
            throw new Refused("it names no recipient");
        }
        if (all.size() > config.limits().recipientsMax()) {
            throw new Refused("it has more than " + config.limits().recipientsMax() + " recipients");
        }
        return all.values().stream().map(Recipient::of).toList();
    }

    private record Copy(HeaderFacts facts, boolean eightBit) {}

    private static boolean hasEightBit(byte[] octets) {
        for (byte octet : octets) {
            if (octet < 0) {
                return true;
            }
        }
        return false;
    }

    private Copy copy(Disk.File file, long size, DropRequest request, HostSender who, Draft draft)
            throws IOException, Refused {
        Config.Limits limits = who.config().limits();
        WireLines lines = new WireLines();
        Transform transform =
                lines.then(new WithoutForged(who, 2 * HEAD_MAX)).then(RewriteAddresses.completing(who.first()));
        HeaderScan scan = new HeaderScan(limits.headersSizeMax());
        long[] written = {0};
        long at = request.message();
        while (at < size) {
            byte[] piece = read(file, at, (int) Math.min(PIECE, size - at));
            at += piece.length;
            transform.feed(piece, 0, piece.length, (octets, offset, length) -> {
                append(draft, scan, octets, offset, length);
                written[0] += length;
            });
            if (written[0] > limits.messageSizeMax()) {
                throw new Refused("it is larger than " + limits.messageSizeMax() + " octets");
            }
        }
        transform.finish((octets, offset, length) -> append(draft, scan, octets, offset, length));
        HeaderFacts facts = scan.facts();
        if (facts.tooBig()) {
            throw new Refused("its header is larger than " + limits.headersSizeMax() + " octets");
        }
        if (facts.receivedCount() > limits.hopsMax()) {
            throw new Refused("it has passed too many servers: it runs in a circle");
        }
        if (lines.longest() > limits.bodyLineMax()) {
            throw new Refused("it has a line of more than " + limits.bodyLineMax() + " octets");
        }
        return new Copy(facts, lines.hasEightBit());
    }

    private void append(Draft draft, HeaderScan scan, byte[] octets, int offset, int length) {
        scan.feed(octets, offset, length);
        if (!draft.append(octets, offset, length)) {
            Tasks.Promise<Boolean> relief = world.tasks().promise();
            draft.onRelief(() -> relief.complete(true));
            relief.await();
        }
    }

    private byte[] prepended(
            Draft draft, HostSender who, DropRequest request, WrittenHeader header, HeaderFacts facts, Address sender) {
        DropFields fields = new DropFields(draft, who.config().hostname());
        fields.received("from", who.user());
        fields.lines(HostFields.added(
                header, who, facts.from(), sender, who.own(), request.name(), this::shown, draft.opened()));
        fields.missing(facts);
        return fields.octets(facts.bodyAtOnce());
    }

    /** The sender of a message of his who asked for {@code wanted}: what he may not be is replaced by himself. */
    private static Address sender(Optional<String> wanted, HostSender who) {
        if (wanted.isEmpty()) {
            return who.own();
        }
        String text = wanted.get();
        if (text.isEmpty() || text.equals("<>")) {
            return Address.NULL;
        }
        return WrittenHeader.addresses(text, who.first())
                .filter(all -> all.size() == 1)
                .map(List::getFirst)
                .filter(who::may)
                .orElseGet(who::own);
    }

    /** As fields of the message itself are rewritten while it comes. */
    private Address shown(Address written) {
        Rewriting rewriting = directory.get().rewriting();
        return rewriting.ofHeaders() ? rewriting.shownSender(written) : written;
    }

    private void commit(Draft draft, byte[] prepended, Envelope envelope, HostUser owner, String messageId)
            throws StoreFailure, Refused {
        Tasks.Promise<Optional<Spool.SpoolFailure>> promise = world.tasks().promise();
        Origin origin = new Origin(Origin.Kind.LOCAL, "", owner.name(), "");
        intake.take(new Intake.Incoming(draft, prepended, envelope, origin, "", messageId), null, new Spool.Done() {
            @Override
            public void stored() {
                promise.complete(Optional.empty());
            }

            @Override
            public void failed(Spool.SpoolFailure why) {
                promise.complete(Optional.of(why));
            }
        });
        Optional<Spool.SpoolFailure> failure = promise.await();
        if (failure.isPresent() && failure.get().ofMessage()) {
            throw new Refused(failure.get().text());
        }
        if (failure.isPresent()) {
            throw new StoreFailure(failure.get().text());
        }
    }

    private static byte[] read(Disk.File file, long at, int length) throws IOException, Refused {
        ByteBuffer all = ByteBuffer.allocate(length);
        while (all.hasRemaining()) {
            if (file.read(all, at + all.position()) < 0) {
                throw new Refused("its file has become shorter");
            }
        }
        return all.array();
    }
}
