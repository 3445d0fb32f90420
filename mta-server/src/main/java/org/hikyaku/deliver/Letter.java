package org.hikyaku.deliver;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import org.hikyaku.mail.Address;
import org.hikyaku.mail.Content;
import org.hikyaku.mail.Envelope;
import org.hikyaku.mail.Recipient;
import org.hikyaku.mime.DotStuffer;
import org.hikyaku.mime.Downgrade7Bit;
import org.hikyaku.mime.DropHeaders;
import org.hikyaku.mime.PrependHeaders;
import org.hikyaku.mime.Transform;
import org.hikyaku.smtp.Extension;
import org.hikyaku.smtp.client.ServerOffer;
import org.hikyaku.smtp.client.Transaction;
import org.hikyaku.spool.StoredMessage;
import org.jspecify.annotations.Nullable;

/**
 * One message as the hosts of one attempt want it: as it is, or in 7 bit. What is found out for one host is kept for the
 * next.
 *
 * <p><i>Failure:</i> {@link IOException} when the store cannot give the octets.
 */
final class Letter {
    private static final String PRIORITY = "MT-Priority";

    private final StoredMessage message;
    private @Nullable Boolean header8Bit;
    private Downgrade7Bit.@Nullable Plan plan;

    /**
     * How the message goes to one host.
     *
     * @param objection why it cannot, for good
     */
    record Form(long size, boolean eightBit, boolean utf8, Optional<FailurePolicy> objection) {}

    Letter(StoredMessage message) {
        this.message = message;
    }

    /** What this host gets, recipients apart: an international one needs SMTPUTF8 for himself. */
    Form formFor(ServerOffer offer) throws IOException {
        Envelope envelope = message.envelope();
        int added = isTunnelled(offer) ? priorityLine().length() : 0;
        long size = message.content().size() + added;
        boolean utf8 = envelope.needsUtf8() && (offer.has(Extension.SMTPUTF8) || mustBeUtf8(envelope));
        if (utf8 && !offer.has(Extension.SMTPUTF8)) {
            return new Form(size, false, true, Optional.of(FailurePolicy.NEEDS_SMTPUTF8));
        }
        boolean eightBit = envelope.needs8Bit() && offer.has(Extension.EIGHTBITMIME);
        if (eightBit || !envelope.needs8Bit()) {
            return new Form(size, eightBit, utf8, Optional.empty());
        }
        return switch (plan()) {
            case Downgrade7Bit.Plan.Can can -> new Form(can.size() + added, false, utf8, Optional.empty());
            case Downgrade7Bit.Plan.Cannot cannot -> {
                boolean header = cannot.why() == Downgrade7Bit.Why.HEADER;
                FailurePolicy row = header ? FailurePolicy.NEEDS_SMTPUTF8 : FailurePolicy.CANNOT_CONVERT;
                yield new Form(size, false, utf8, Optional.of(row));
            }
        };
    }

    /**
     * What is to be said of it in the form that was found.
     *
     * @param bySeconds what is left of its time, if it has a deadline
     */
    Transaction transaction(List<Recipient> recipients, Form form, long bySeconds) {
        Envelope envelope = message.envelope();
        boolean utf8 =
                form.utf8() || recipients.stream().anyMatch(r -> r.address().isInternational());
        return new Transaction(
                envelope.sender(),
                recipients,
                envelope.priority(),
                envelope.wishes(),
                bySeconds,
                form.size(),
                form.eightBit(),
                utf8);
    }

    /** The octets for DATA, in parts of so many octets at most. */
    Outgoing outgoing(ServerOffer offer, int part) throws IOException {
        boolean converted = message.envelope().needs8Bit() && !offer.has(Extension.EIGHTBITMIME);
        Transform form = converted && plan() instanceof Downgrade7Bit.Plan.Can can
                ? new Downgrade7Bit(can).then(new DotStuffer())
                : new DotStuffer();
        Transform whole = isTunnelled(offer)
                ? new DropHeaders(List.of(PRIORITY)).then(tunnel()).then(form)
                : form;
        return new Outgoing(message.content(), whole, part);
    }

    /** RFC 6758 3.3: to a host that does not know MT-PRIORITY, the priority goes in the header. */
    private boolean isTunnelled(ServerOffer offer) {
        return message.envelope().wishes().ranked() && !offer.has(Extension.MT_PRIORITY);
    }

    private Transform tunnel() {
        return new PrependHeaders(priorityLine().getBytes(StandardCharsets.US_ASCII));
    }

    private String priorityLine() {
        return PRIORITY + ": " + message.envelope().priority() + "\r\n";
    }

    /** Whether sender or header need it; recipients are asked one by one, for one of them binds no other. */
    private boolean mustBeUtf8(Envelope envelope) throws IOException {
        Address sender = envelope.sender();
        return sender.isInternational() || header8Bit();
    }

    private Downgrade7Bit.Plan plan() throws IOException {
        Downgrade7Bit.Plan known = plan;
        if (known == null) {
            known = Downgrade7Bit.plan(message.content());
            plan = known;
        }
        return known;
    }

    private boolean header8Bit() throws IOException {
        Boolean known = header8Bit;
        if (known == null) {
            known = scanHeader(message.content());
            header8Bit = known;
        }
        return known;
    }

    /** Whether an octet over 127 stands before the first empty line. */
    private static boolean scanHeader(Content content) throws IOException {
        byte[] chunk = new byte[16 * 1024];
        int lineOctets = 0;
        for (long at = 0; at < content.size(); ) {
            int count = content.read(ByteBuffer.wrap(chunk), at);
            if (count <= 0) {
                throw new EOFException("the stored message ends at octet " + at);
            }
            for (int i = 0; i < count; i++) {
                byte b = chunk[i];
                if (b < 0) {
                    return true;
                }
                if (b == '\n' && lineOctets == 0) {
                    return false;
                }
                lineOctets = b == '\n' ? 0 : b == '\r' ? lineOctets : lineOctets + 1;
            }
            at += count;
        }
        return false;
    }
}
