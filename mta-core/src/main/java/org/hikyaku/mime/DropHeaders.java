package org.hikyaku.mime;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;

/**
 * Leaves out the fields of given names, continuation lines included, from the message's own header (not from the headers
 * of its parts).
 */
public final class DropHeaders implements Transform {
    private final List<String> names;
    private final int nameMax;
    /** The start of a line about which nothing is decided yet; never longer than {@link #nameMax} + 1. */
    private final OctetBuffer start;

    private State state = State.LINE_START;
    private boolean dropping;

    /** Where the next octet stands. */
    private enum State {
        /** Collecting the start of a header line. */
        LINE_START,
        /** Inside a header line whose fate is decided. */
        LINE,
        BODY
    }

    /** @param names field names, any case */
    public DropHeaders(List<String> names) {
        this.names = names.stream().map(n -> n.toLowerCase(Locale.ROOT)).toList();
        nameMax = names.stream().mapToInt(String::length).max().orElse(0);
        start = new OctetBuffer(nameMax + 2);
    }

    @Override
    public void feed(byte[] octets, int offset, int length, Sink out) {
        int end = offset + length;
        int i = offset;
        while (i < end && state != State.BODY) {
            i = state == State.LINE ? line(octets, i, end, out) : lineStart(octets, i, out);
        }
        if (i < end) {
            out.put(octets, i, end - i);
        }
    }

    @Override
    public void finish(Sink out) {
        start.drainTo(out);
    }

    private int line(byte[] octets, int from, int end, Sink out) {
        int i = from;
        while (i < end && octets[i] != '\n') {
            i++;
        }
        int next = i < end ? i + 1 : end;
        if (!dropping) {
            out.put(octets, from, next - from);
        }
        if (i < end) {
            state = State.LINE_START;
        }
        return next;
    }

    private int lineStart(byte[] octets, int at, Sink out) {
        byte b = octets[at];
        boolean first = start.size() == 0;
        if (first && (b == ' ' || b == '\t')) {
            state = State.LINE;
            return at;
        }
        if (b == '\n' && (first || (start.size() == 1 && start.at(0) == '\r'))) {
            start.drainTo(out);
            state = State.BODY;
            return at;
        }
        if (b == ':' || b == '\n' || start.size() > nameMax) {
            decide(out);
            return at;
        }
        start.put(octets, at, 1);
        return at + 1;
    }

    private void decide(Sink out) {
        String name =
                new String(start.toArray(), StandardCharsets.ISO_8859_1).strip().toLowerCase(Locale.ROOT);
        dropping = names.contains(name);
        if (dropping) {
            start.clear();
        } else {
            start.drainTo(out);
        }
        state = State.LINE;
    }
}
