package org.hikyaku.hostmail;

import java.io.ByteArrayOutputStream;
import java.util.Set;
import org.hikyaku.mail.HeaderScan;
import org.hikyaku.mime.DropHeaders;
import org.hikyaku.mime.Sink;
import org.hikyaku.mime.Transform;
import org.jspecify.annotations.Nullable;

/**
 * Leaves out of a message of this host, while it comes, the fields that {@link HostFields#dropped} names: the header is gathered
 * until its end as {@link HeaderScan} and {@link WrittenHeader} know it, or to a limit, beyond which the message is
 * refused anyway. Where it ends without an empty line one comes there, so that nobody who reads the message goes on behind it and
 * finds fields that these did not; a message that begins without a header gets its own from who puts something before it. Nothing is
 * parsed here but where lines begin, for this runs on a loop.
 */
public final class WithoutForged implements Transform {
    /** One letter longer than any name that is asked for. */
    private static final int NAME_MAX = 14;
    /** Left out themselves, so that who reads what is left does not take it for sent again because of them. */
    private static final Set<String> RESENT_AND_LEFT_OUT = Set.of("resent-sender", "resent-bcc");

    private static final byte[] EMPTY_LINE = {'\r', '\n'};

    private final HostSender who;
    private final int limit;
    private final ByteArrayOutputStream header = new ByteArrayOutputStream();
    /** Null while the header is gathered. */
    private @Nullable Transform rest;

    private boolean resent;
    private boolean anyField;

    /** Where the line begins, its octets so far, and what it is. */
    private int begin;

    private int length;
    private final StringBuilder name = new StringBuilder(NAME_MAX);
    private Line line = Line.NAME;

    private enum Line {
        NAME,
        /** Between a field's name and its colon (RFC 5322 4.5). */
        BEFORE_COLON,
        /** Of a field, or its continuation. */
        VALUE,
        EMPTY,
        /** It is no field. */
        BODY
    }

    /** @param limit octets of a header */
    public WithoutForged(HostSender who, int limit) {
        this.who = who;
        this.limit = limit;
    }

    @Override
    public void feed(byte[] octets, int offset, int length, Sink out) {
        int end = offset + length;
        int i = offset;
        while (rest == null && i < end) {
            byte octet = octets[i++];
            header.write(octet);
            line = look(octet);
            if (line == Line.BODY) {
                end(begin, anyField, out);
            } else if (octet == '\n' && line == Line.EMPTY) {
                end(header.size(), false, out);
            } else if (header.size() > limit) {
                rest = begun(header.size(), out);
            } else if (octet == '\n') {
                nextLine();
            }
        }
        if (rest != null && i < end) {
            rest.feed(octets, i, end - i, out);
        }
    }

    private void nextLine() {
        begin = header.size();
        length = 0;
        name.setLength(0);
        line = Line.NAME;
    }

    /** What the line is with this octet. */
    private Line look(byte octet) {
        int at = length++;
        if (at == 0 && (octet == ' ' || octet == '\t')) {
            return anyField ? Line.VALUE : Line.BODY;
        }
        if (at == 0 && octet == '\r') {
            return Line.EMPTY;
        }
        return switch (line) {
            case NAME -> name(octet, at);
            case BEFORE_COLON -> octet == ':' ? field() : octet == ' ' || octet == '\t' ? line : Line.BODY;
            case EMPTY -> octet == '\n' ? line : Line.BODY;
            case VALUE, BODY -> line;
        };
    }

    private Line name(byte octet, int at) {
        if (octet == ':' && at > 0) {
            return field();
        }
        if (octet == ' ' || octet == '\t') {
            return Line.BEFORE_COLON;
        }
        if (name.length() < NAME_MAX) {
            name.append(Character.toLowerCase((char) octet));
        }
        return HeaderScan.isNameLetter(octet) ? Line.NAME : Line.BODY;
    }

    private Line field() {
        anyField = true;
        if (!resent) {
            String named = name.toString();
            resent = named.startsWith(WrittenHeader.RESENT) && !RESENT_AND_LEFT_OUT.contains(named);
        }
        return Line.VALUE;
    }

    @Override
    public void finish(Sink out) {
        Transform chosen = rest;
        if (chosen == null && length > 0 && (line == Line.NAME || line == Line.BEFORE_COLON)) {
            end(begin, anyField, out); // half a line is none
        } else if (chosen == null) {
            chosen = begun(header.size(), out);
        }
        if (chosen != null) {
            chosen.finish(out);
        }
    }

    /** The header has ended at {@code at}; the rest of what is gathered, and all that comes, is the body. */
    private void end(int at, boolean withoutEmptyLine, Sink out) {
        byte[] all = header.toByteArray();
        begun(at, out).finish(out);
        if (withoutEmptyLine) {
            out.put(EMPTY_LINE);
        }
        out.put(all, at, all.length - at);
        rest = Transform.identity();
    }

    private Transform begun(int length, Sink out) {
        Transform made = new DropHeaders(HostFields.dropped(resent, who));
        byte[] all = header.toByteArray();
        header.reset();
        made.feed(all, 0, length, out);
        return made;
    }
}
