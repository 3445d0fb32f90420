package org.hikyaku.hostmail;

import java.io.ByteArrayOutputStream;
import org.hikyaku.mime.DropHeaders;
import org.hikyaku.mime.Sink;
import org.hikyaku.mime.Transform;
import org.jspecify.annotations.Nullable;

/**
 * Leaves out of a message of this host, while it comes, the fields that {@link HostFields#dropped} names: the header is gathered
 * until its end, or to a limit, beyond which the message is refused anyway.
 */
public final class WithoutForged implements Transform {
    private final HostSender who;
    private final int limit;
    private final ByteArrayOutputStream header = new ByteArrayOutputStream();
    private @Nullable Transform chosen;
    /** What a line has so far: 0 nothing, 1 a CR only, 2 more. */
    private int line;

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
            boolean ends = octet == '\n' && line < 2;
            line = octet == '\n' ? 0 : octet == '\r' && line == 0 ? 1 : 2;
            if (ends || header.size() > limit) {
                choose(out);
            }
        }
        if (chosen != null && i < end) {
            chosen.feed(octets, i, end - i, out);
        }
    }

    @Override
    public void finish(Sink out) {
        choose(out).finish(out);
    }

    private Transform choose(Sink out) {
        if (chosen != null) {
            return chosen;
        }
        byte[] all = header.toByteArray();
        header.reset();
        WrittenHeader written = new WrittenHeader(who.first());
        written.read(all, 0);
        Transform made = new DropHeaders(HostFields.dropped(written, who));
        chosen = made;
        made.feed(all, 0, all.length, out);
        return made;
    }
}
