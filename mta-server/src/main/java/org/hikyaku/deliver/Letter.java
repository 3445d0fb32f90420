package org.hikyaku.deliver;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.hikyaku.mail.Address;
import org.hikyaku.mail.Content;
import org.hikyaku.mail.Envelope;
import org.hikyaku.mail.Recipient;
import org.hikyaku.mime.DotStuffer;
import org.hikyaku.mime.Downgrade;
import org.hikyaku.mime.DropHeaders;
import org.hikyaku.mime.PrependHeaders;
import org.hikyaku.mime.Transform;
import org.hikyaku.smtp.Extension;
import org.hikyaku.smtp.client.Body;
import org.hikyaku.smtp.client.ServerOffer;
import org.hikyaku.smtp.client.Transaction;
import org.hikyaku.spool.StoredMessage;
import org.jspecify.annotations.Nullable;

/**
 * One message as the hosts of one attempt want it: as it is, or converted to what they take. What is found out for one host is
 * kept for the next.
 *
 * <p><i>Failure:</i> {@link IOException} when the store cannot give the octets.
 */
final class Letter {
    private static final String PRIORITY = "MT-Priority";

    private final StoredMessage message;
    private @Nullable Boolean header8Bit;
    private final Map<Downgrade.Way, Downgrade.Plan> plans = new EnumMap<>(Downgrade.Way.class);

    /**
     * How the message goes to one host.
     *
     * @param objection why it cannot, for good
     */
    record Form(long size, Body body, boolean utf8, Optional<FailurePolicy> objection) {}

    Letter(StoredMessage message) {
        this.message = message;
    }

    /** What this host gets, recipients apart: an international one needs SMTPUTF8 for himself. */
    Form formFor(ServerOffer offer) throws IOException {
        Envelope envelope = message.envelope();
        int added = isTunnelled(offer) ? priorityLine().length() : 0;
        long size = message.content().size() + added;
        boolean utf8 = envelope.needsUtf8() && (offer.has(Extension.SMTPUTF8) || mustBeUtf8(envelope));
        Body asItIs = body(offer, Optional.empty());
        if (utf8 && !offer.has(Extension.SMTPUTF8)) {
            return new Form(size, asItIs, true, Optional.of(FailurePolicy.NEEDS_SMTPUTF8));
        }
        Optional<Downgrade.Way> way = way(offer);
        if (way.isEmpty()) {
            return new Form(size, asItIs, utf8, Optional.empty());
        }
        return switch (plan(way.get())) {
            case Downgrade.Plan.Can can -> new Form(can.size() + added, body(offer, way), utf8, Optional.empty());
            case Downgrade.Plan.Cannot cannot -> {
                boolean header = cannot.why() == Downgrade.Why.HEADER;
                FailurePolicy row = header ? FailurePolicy.NEEDS_SMTPUTF8 : FailurePolicy.CANNOT_CONVERT;
                yield new Form(size, asItIs, utf8, Optional.of(row));
            }
        };
    }

    /**
     * What is to be said of it in the form that was found.
     *
     * @param recipients one, where the sender has an address for each
     * @param bySeconds what is left of its time, if it has a deadline
     */
    Transaction transaction(List<Recipient> recipients, Form form, long bySeconds) {
        Envelope envelope = message.envelope();
        boolean utf8 =
                form.utf8() || recipients.stream().anyMatch(r -> r.address().isInternational());
        return new Transaction(
                envelope.senderFor(recipients.getFirst()),
                recipients,
                envelope.priority(),
                envelope.wishes(),
                bySeconds,
                form.size(),
                form.body(),
                utf8);
    }

    /** The octets for DATA, or for BDATs, in parts of so many at most. */
    Outgoing outgoing(ServerOffer offer, int part) throws IOException {
        Optional<Downgrade.Way> way = way(offer);
        Transform form = way.isPresent() && plan(way.get()) instanceof Downgrade.Plan.Can can
                ? new Downgrade(can)
                : Transform.identity();
        Transform ranked = isTunnelled(offer)
                ? new DropHeaders(List.of(PRIORITY)).then(tunnel()).then(form)
                : form;
        Transform whole = offer.has(Extension.CHUNKING) ? ranked : ranked.then(new DotStuffer());
        return new Outgoing(message.content(), whole, part);
    }

    /** Whether it goes to a host with this offer without a look at its parts. */
    static boolean goesAsItIs(Envelope envelope, ServerOffer offer) {
        return way(envelope, offer).isEmpty();
    }

    private Optional<Downgrade.Way> way(ServerOffer offer) {
        return way(message.envelope(), offer);
    }

    /** What must become of it, if anything must (RFC 6152 3, RFC 3030 3). */
    private static Optional<Downgrade.Way> way(Envelope envelope, ServerOffer offer) {
        boolean takes8Bit = offer.has(Extension.EIGHTBITMIME);
        if (envelope.wishes().binary()) {
            boolean takesBinary = offer.has(Extension.BINARYMIME) && offer.has(Extension.CHUNKING);
            Downgrade.Way way = takes8Bit ? Downgrade.Way.BINARY_TO_EIGHT : Downgrade.Way.BINARY_TO_SEVEN;
            return takesBinary ? Optional.empty() : Optional.of(way);
        }
        return envelope.needs8Bit() && !takes8Bit ? Optional.of(Downgrade.Way.EIGHT_TO_SEVEN) : Optional.empty();
    }

    private Body body(ServerOffer offer, Optional<Downgrade.Way> way) {
        boolean chunked = offer.has(Extension.CHUNKING);
        Envelope envelope = message.envelope();
        if (chunked && way.isEmpty() && envelope.wishes().binary()) {
            return new Body(Body.Octets.BINARY, true);
        }
        boolean eightBit = envelope.needs8Bit() && offer.has(Extension.EIGHTBITMIME);
        return new Body(eightBit ? Body.Octets.EIGHT_BIT : Body.Octets.SEVEN_BIT, chunked);
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

    private Downgrade.Plan plan(Downgrade.Way way) throws IOException {
        Downgrade.Plan known = plans.get(way);
        if (known == null) {
            known = Downgrade.plan(message.content(), way);
            plans.put(way, known);
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
