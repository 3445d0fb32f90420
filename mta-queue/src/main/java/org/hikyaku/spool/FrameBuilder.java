package org.hikyaku.spool;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.hikyaku.mail.Notify;
import org.hikyaku.mail.Recipient;

/** Composes one frame after another; its checksum is set when its batch is complete ({@link Batch}). */
final class FrameBuilder {
    private static final byte[] ZEROS = new byte[Frame.FIXED];

    private final FieldWriter head = new FieldWriter();
    private final ArrayList<Body> bodies = new ArrayList<>();
    private long bodyOctets;
    private boolean empty = true;

    /**
     * Octets behind the head.
     *
     * @param fieldAt where in the head its offset belongs
     */
    private record Body(long id, int fieldAt, List<ByteBuffer> parts, int length) {}

    void clear() {
        head.restart(Frame.FIXED);
        bodies.clear();
        bodyOctets = 0;
        empty = true;
    }

    boolean isEmpty() {
        return empty;
    }

    /**
     * A message.
     *
     * @param inline the octets to lie in the frame, {@code inlineLength} in all
     * @return octets that the entry and its body take
     */
    int message(
            long id,
            SpoolRecord.Meta meta,
            int prepended,
            boolean inFile,
            long bodySize,
            int crc,
            List<ByteBuffer> inline,
            int inlineLength) {
        int start = begin(RecordReader.MESSAGE, id);
        meta(meta);
        head.varint(prepended);
        head.u8(inFile ? 1 : 0);
        head.u64(bodySize);
        bodies.add(new Body(id, head.length(), inline, inlineLength));
        bodyOctets += inlineLength;
        head.u32(0);
        head.u32(crc);
        return (int) Math.min(Integer.MAX_VALUE, head.length() - start + (long) inlineLength);
    }

    void restated(long id, SpoolRecord.Meta meta) {
        begin(RecordReader.META, id);
        meta(meta);
    }

    /** @param all these are the states of every recipient, and nothing else is to be known */
    void states(long id, Map<Integer, RecipientState> states, boolean all) {
        begin(RecordReader.STATES, id);
        head.u8(all ? 2 : 0);
        head.varint(states.size());
        for (Map.Entry<Integer, RecipientState> state : states.entrySet()) {
            head.varint(state.getKey());
            head.state(state.getValue());
        }
    }

    void hold(long id, String why) {
        begin(RecordReader.STATES, id);
        head.u8(1);
        head.text(why);
        head.varint(0);
    }

    void gone(long id, long home, boolean inFile) {
        begin(RecordReader.GONE, id);
        head.u64(home);
        head.u8(inFile ? 1 : 0);
    }

    void ids(long bound) {
        begin(RecordReader.IDS, bound);
    }

    /** Octets of the frame as it stands. */
    long length() {
        return Frame.padded(head.length()) + (bodyOctets + 7 & -8L);
    }

    /** Octets from the start of the frame to the end of the inline body of {@code id}. */
    int span(long id) {
        int at = Frame.padded(head.length());
        for (Body body : bodies) {
            at += body.length();
            if (body.id() == id) {
                return at;
            }
        }
        throw new IllegalArgumentException("no body of " + id);
    }

    /** Copies the frame to the position of {@code target}; the checksum and the flags stay zero. */
    void putInto(ByteBuffer target, long batch) {
        int at = Frame.padded(head.length());
        for (Body body : bodies) {
            head.setU32(body.fieldAt(), at);
            at += body.length();
        }
        int start = target.position();
        int length = (int) length();
        head.putInto(target);
        target.put(ZEROS, 0, Frame.padded(head.length()) - head.length());
        for (Body body : bodies) {
            for (ByteBuffer part : body.parts()) {
                target.put(part.duplicate());
            }
        }
        target.put(ZEROS, 0, start + length - target.position());
        target.putInt(start, Frame.MAGIC);
        target.putInt(start + 4, 0);
        target.putInt(start + 8, head.length());
        target.putInt(start + 12, length);
        target.putLong(start + 16, batch);
        target.putLong(start + 24, 0);
    }

    private int begin(int kind, long id) {
        int start = head.length();
        head.u8(kind);
        head.u64(id);
        empty = false;
        return start;
    }

    private void meta(SpoolRecord.Meta meta) {
        head.time(meta.arrival());
        Origin origin = meta.origin();
        head.u8(Codes.of(origin.kind()) | (origin.listener().isEmpty() ? 0 : RecordReader.LISTENER));
        head.text(origin.client());
        head.text(origin.user());
        head.text(origin.session());
        if (!origin.listener().isEmpty()) {
            head.text(origin.listener());
        }
        head.u8((meta.envelope().needs8Bit() ? 1 : 0)
                | (meta.envelope().needsUtf8() ? 2 : 0)
                | Codes.ofPriority(meta.envelope().priority()) << 2
                | (meta.envelope().wishes().isNone() ? 0 : RecordReader.WISHES));
        head.address(meta.envelope().sender());
        if (!meta.envelope().wishes().isNone()) {
            WishFields.write(head, meta.envelope().wishes());
        }
        head.varint(meta.envelope().recipients().size());
        meta.envelope().recipients().forEach(this::recipient);
        meta.states().forEach(head::state);
        head.text(meta.held());
    }

    private void recipient(Recipient recipient) {
        head.address(recipient.address());
        boolean same = recipient.original().equals(recipient.address())
                && recipient.original().local().equals(recipient.address().local());
        boolean plain = recipient.wanted().equals(Notify.NONE);
        head.u8((same ? 0 : RecordReader.ORIGINAL) | (plain ? 0 : RecordReader.NOTIFY));
        if (!same) {
            head.address(recipient.original());
        }
        if (!plain) {
            WishFields.write(head, recipient.wanted());
        }
    }
}
