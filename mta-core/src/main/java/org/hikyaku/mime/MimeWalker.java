package org.hikyaku.mime;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Walks the MIME structure of a message as it streams by (RFC 2046 5.1) and tells a {@link Visitor} every octet in
 * order, once: headers whole, bodies in pieces, line ends apart because the one before a boundary belongs to the
 * boundary. Memory: one header, one boundary line.
 *
 * <p><i>Failure:</i> what cannot be read as MIME is a leaf; over {@link #PARTS_MAX} parts, {@link #DEPTH_MAX} levels or
 * {@link #HEADER_MAX} octets of one header, {@link #overLimits} is true and what follows is a leaf.
 */
final class MimeWalker {
    static final int PARTS_MAX = 10_000;
    static final int DEPTH_MAX = 40;
    static final int HEADER_MAX = 1 << 20;
    /** Longer lines are no boundary lines and are passed on in pieces. */
    private static final int LINE_MAX = 1000;

    /** Hears the message. */
    interface Visitor {
        /** A whole header with the empty line that ends it, if there was one. */
        void header(Entity entity, byte[] octets);

        /** Octets of the body of {@code entity}, never a line end. */
        void body(Entity entity, byte[] octets, int offset, int length);

        /** A CRLF that is part of the body of {@code entity}. */
        void lineEnd(Entity entity);

        /** The body of a leaf is complete. */
        void leafEnd(Entity entity);

        /** A boundary line with its CRLF if it has one; {@code crlfBefore}: the CRLF before it is its own. */
        void boundary(boolean crlfBefore, byte[] octets);
    }

    /** An open multipart, or an entity in the middle of it. */
    private record Level(Entity entity, @Nullable String delimiter) {}

    private final Visitor visitor;
    private final OctetBuffer line = new OctetBuffer(LINE_MAX + 2);
    private final OctetBuffer header = new OctetBuffer(1024);
    private final List<Level> levels = new ArrayList<>();
    private @Nullable Entity current;
    private String defaultType = "text/plain";
    private boolean insideLine;
    private boolean crlfHeld;
    private boolean overLimits;
    private int count;

    MimeWalker(Visitor visitor) {
        this.visitor = visitor;
    }

    boolean overLimits() {
        return overLimits;
    }

    void feed(byte[] octets, int offset, int length) {
        int end = offset + length;
        int from = offset;
        for (int i = offset; i < end; i++) {
            boolean crBefore = i > from ? octets[i - 1] == '\r' : line.size() > 0 && line.at(line.size() - 1) == '\r';
            if (octets[i] == '\n' && crBefore) {
                line.put(octets, from, i + 1 - from);
                from = i + 1;
                wholeLine();
            } else if (line.size() + (i - from) >= LINE_MAX && octets[i] != '\r') {
                line.put(octets, from, i + 1 - from);
                from = i + 1;
                piece();
            }
        }
        line.put(octets, from, end - from);
    }

    void finish() {
        if (line.size() > 0) {
            piece();
        }
        Entity entity = current;
        if (entity == null) {
            headerDone();
            entity = current;
        }
        if (entity != null) {
            releaseCrlf(entity);
            leafEnd(entity);
        }
    }

    /** The line buffer holds a line with its CRLF, or the end of one. */
    private void wholeLine() {
        byte[] octets = line.toArray();
        line.clear();
        boolean wasInside = insideLine;
        insideLine = false;
        int level = wasInside ? -1 : boundaryOf(octets);
        if (level >= 0) {
            boundaryLine(level, octets);
            return;
        }
        Entity entity = current;
        if (entity == null) {
            header.put(octets);
            if ((octets.length == 2 && !wasInside) || header.size() > HEADER_MAX) {
                overLimits |= header.size() > HEADER_MAX;
                headerDone();
            }
            return;
        }
        releaseCrlf(entity);
        visitor.body(entity, octets, 0, octets.length - 2);
        crlfHeld = true;
    }

    /** The line buffer holds octets of a line whose end is not in sight (or never comes). */
    private void piece() {
        byte[] octets = line.toArray();
        line.clear();
        int level = insideLine ? -1 : boundaryOf(octets);
        insideLine = true;
        Entity entity = current;
        if (level >= 0 && octets.length < LINE_MAX) {
            boundaryLine(level, octets);
        } else if (entity == null) {
            header.put(octets);
            if (header.size() > HEADER_MAX) {
                overLimits = true;
                headerDone();
            }
        } else {
            releaseCrlf(entity);
            visitor.body(entity, octets, 0, octets.length);
        }
    }

    private void releaseCrlf(Entity entity) {
        if (crlfHeld) {
            crlfHeld = false;
            visitor.lineEnd(entity);
        }
    }

    /** The header buffer is complete: a new entity begins. */
    private void headerDone() {
        byte[] octets = header.toArray();
        header.clear();
        boolean mayDescend = levels.size() < DEPTH_MAX && count < PARTS_MAX && !overLimits;
        overLimits |= levels.size() >= DEPTH_MAX || count >= PARTS_MAX;
        Entity entity = Entity.read(octets, count++, defaultType, mayDescend);
        visitor.header(entity, octets);
        defaultType = entity.childType();
        switch (entity.kind()) {
            case MULTIPART -> {
                levels.add(new Level(entity, "--" + entity.boundary()));
                current = entity;
            }
            case MESSAGE -> {
                levels.add(new Level(entity, null));
                defaultType = "text/plain";
                current = null;
            }
            case LEAF -> current = entity;
        }
    }

    /** The index of the innermost open multipart whose boundary this line is, or -1. */
    private int boundaryOf(byte[] octets) {
        if (octets.length < 3 || octets[0] != '-' || octets[1] != '-') {
            return -1;
        }
        String text = new String(octets, StandardCharsets.ISO_8859_1).stripTrailing();
        for (int i = levels.size() - 1; i >= 0; i--) {
            String delimiter = levels.get(i).delimiter();
            if (delimiter != null && (text.equals(delimiter) || text.equals(delimiter + "--"))) {
                return i;
            }
        }
        return -1;
    }

    private void boundaryLine(int index, byte[] octets) {
        if (current == null) {
            headerDone();
        }
        Entity before = current;
        if (before != null) {
            leafEnd(before);
        }
        while (levels.size() > index + 1) {
            levels.removeLast();
        }
        Level level = levels.get(index);
        boolean ownsCrlf = crlfHeld;
        crlfHeld = false;
        visitor.boundary(ownsCrlf, octets);
        boolean close =
                new String(octets, StandardCharsets.ISO_8859_1).stripTrailing().length()
                        > String.valueOf(level.delimiter()).length();
        if (close) {
            levels.remove(index);
            current = level.entity();
        } else {
            current = null;
            defaultType = level.entity().childType();
        }
    }

    private void leafEnd(Entity entity) {
        if (entity.kind() == Entity.Kind.LEAF) {
            visitor.leafEnd(entity);
        }
    }
}
