package org.hikyaku.hostmail;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import org.hikyaku.mime.DropHeaders;
import org.hikyaku.mime.Sink;
import org.hikyaku.mime.Transform;
import org.jspecify.annotations.Nullable;

/**
 * Leaves out of a message of this host, while it comes, the fields that {@link HostFields#dropped} names: the header is gathered
 * until its end as {@link WrittenHeader} knows it, or to a limit, beyond which the message is refused anyway. Nothing of it is parsed
 * here but where its lines begin, for this runs on a loop.
 */
public final class WithoutForged implements Transform {
    private static final byte[] RESENT = WrittenHeader.RESENT.getBytes(StandardCharsets.US_ASCII);

    private final HostSender who;
    private final int limit;
    private final ByteArrayOutputStream header = new ByteArrayOutputStream();
    private @Nullable Transform chosen;
    private boolean resent;

    /** Octets of the line so far, and what it is. */
    private int length;

    private int alike;
    private boolean folded;
    /** Where the first colon of the line stands; -1 before it. */
    private int colon = -1;

    /** @param limit octets of a header */
    public WithoutForged(HostSender who, int limit) {
        this.who = who;
        this.limit = limit;
    }

    @Override
    public void feed(byte[] octets, int offset, int length, Sink out) {
        int end = offset + length;
        int i = offset;
        while (chosen == null && i < end) {
            byte octet = octets[i++];
            header.write(octet);
            if ((octet == '\n' && isLast()) || header.size() > limit) {
                choose(out);
            } else if (octet != '\n') {
                look(octet);
            }
        }
        if (chosen != null && i < end) {
            chosen.feed(octets, i, end - i, out);
        }
    }

    /** A line has ended: whether the header has, by an empty line or by one that is no field. */
    private boolean isLast() {
        boolean last = !folded && colon <= 0;
        length = 0;
        alike = 0;
        folded = false;
        colon = -1;
        return last;
    }

    private void look(byte octet) {
        if (length == 0) {
            folded = octet == ' ' || octet == '\t';
        }
        if (alike == length && alike < RESENT.length && Character.toLowerCase((char) octet) == RESENT[alike]) {
            alike++;
        }
        if (octet == ':' && colon < 0) {
            colon = length;
            resent |= alike == RESENT.length; // only now is it a field
        }
        length++;
    }

    @Override
    public void finish(Sink out) {
        choose(out).finish(out);
    }

    private Transform choose(Sink out) {
        if (chosen != null) {
            return chosen;
        }
        Transform made = new DropHeaders(HostFields.dropped(resent, who));
        chosen = made;
        byte[] all = header.toByteArray();
        header.reset();
        made.feed(all, 0, all.length, out);
        return made;
    }
}
