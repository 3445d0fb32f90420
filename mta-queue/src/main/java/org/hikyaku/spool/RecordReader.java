package org.hikyaku.spool;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import org.hikyaku.mail.Address;
import org.hikyaku.mail.Envelope;
import org.hikyaku.mail.Notify;
import org.hikyaku.mail.Recipient;
import org.hikyaku.mail.Wishes;

/**
 * The entries of a frame's head, in order.
 *
 * <p><i>Failure:</i> {@link Damaged} for what no writer writes, unknown kinds included.
 */
final class RecordReader {
    static final int MESSAGE = 1;
    static final int META = 2;
    static final int STATES = 3;
    static final int GONE = 4;
    static final int IDS = 5;

    /** Of the flags of a message: its wishes follow the sender. */
    static final int WISHES = 0x80;
    /** Of the door: the name of a listener follows. */
    static final int LISTENER = 1 << 7;
    /** Of the flags of a recipient. */
    static final int ORIGINAL = 1;

    static final int NOTIFY = 2;

    private final FieldReader in;
    private final ByteBuffer octets;

    /** @param entries the head behind its fixed part */
    RecordReader(ByteBuffer entries) {
        this.octets = entries;
        this.in = new FieldReader(entries);
    }

    List<SpoolRecord> all() throws Damaged {
        ArrayList<SpoolRecord> records = new ArrayList<>(2);
        try {
            while (!in.isAtEnd()) {
                records.add(one());
            }
        } catch (BufferUnderflowException | IllegalArgumentException e) {
            throw new Damaged("an entry that makes no sense: " + e);
        }
        return records;
    }

    private SpoolRecord one() throws Damaged {
        int kind = in.u8();
        return switch (kind) {
            case MESSAGE -> message();
            case META -> new SpoolRecord.Restated(in.u64(), meta());
            case STATES -> states();
            case GONE -> new SpoolRecord.Gone(in.u64(), in.u64(), in.u8() != 0);
            case IDS -> new SpoolRecord.Ids(in.u64());
            default -> throw new Damaged("an entry of kind " + kind);
        };
    }

    private SpoolRecord message() throws Damaged {
        int start = octets.position() - 1; // its kind, too
        long id = in.u64();
        SpoolRecord.Meta meta = meta();
        int prepended = in.varint();
        boolean inFile = in.u8() != 0;
        long bodySize = in.u64();
        int bodyOffset = in.u32();
        int bodyCrc = in.u32();
        long inline = inFile ? prepended : prepended + bodySize;
        if (bodySize < 0 || inline > Integer.MAX_VALUE || bodyOffset < 0) {
            throw new Damaged("a body out of bounds");
        }
        int cost = (int) Math.min(Integer.MAX_VALUE, octets.position() - start + inline);
        return new SpoolRecord.Message(id, meta, prepended, inFile, bodySize, bodyOffset, bodyCrc, cost);
    }

    private SpoolRecord states() throws Damaged {
        long id = in.u64();
        int flags = in.u8();
        boolean setsHeld = (flags & 1) != 0;
        String held = setsHeld ? in.text() : "";
        int count = in.count();
        LinkedHashMap<Integer, RecipientState> states = LinkedHashMap.newLinkedHashMap(count);
        for (int i = 0; i < count; i++) {
            int place = in.varint();
            states.put(place, in.state());
        }
        return new SpoolRecord.States(id, setsHeld, held, (flags & 2) != 0, states);
    }

    private SpoolRecord.Meta meta() throws Damaged {
        Instant arrival = in.time();
        int door = in.u8();
        Origin.Kind kind = Codes.door(door & ~LISTENER);
        Origin origin = new Origin(kind, in.text(), in.text(), in.text(), (door & LISTENER) == 0 ? "" : in.text());
        int needs = in.u8();
        Address sender = in.address();
        Wishes wishes = (needs & WISHES) == 0 ? Wishes.NONE : WishFields.read(in);
        int count = in.count();
        ArrayList<Recipient> recipients = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            recipients.add(recipient());
        }
        ArrayList<RecipientState> states = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            states.add(in.state());
        }
        int priority = Codes.priority((needs & ~WISHES) >> 2);
        Envelope envelope = new Envelope(sender, recipients, (needs & 1) != 0, (needs & 2) != 0, priority, wishes);
        return new SpoolRecord.Meta(arrival, origin, envelope, states, in.text());
    }

    private Recipient recipient() throws Damaged {
        Address address = in.address();
        int flags = in.u8();
        if ((flags & ~(ORIGINAL | NOTIFY)) != 0) {
            throw new Damaged("a recipient of no known kind: " + flags);
        }
        Address original = (flags & ORIGINAL) == 0 ? address : in.address();
        return new Recipient(address, original, (flags & NOTIFY) == 0 ? Notify.NONE : WishFields.notify(in));
    }
}
