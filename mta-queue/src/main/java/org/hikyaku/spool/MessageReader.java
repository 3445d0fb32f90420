package org.hikyaku.spool;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.zip.CRC32C;
import org.hikyaku.mail.Content;
import org.hikyaku.mail.SpoolId;
import org.hikyaku.world.Disk;
import org.jspecify.annotations.Nullable;

/**
 * Reads messages back from where the index says they lie, every checksum verified. Safe from several tasks.
 *
 * <p><i>Failure:</i> {@link Damaged} for wrong octets: also when the segment was recycled since the index was asked, so ask
 * it again before believing.
 */
final class MessageReader {
    /** Enough for the head of most frames. */
    private static final int HEAD_GUESS = 2048;

    private static final int AT_ONCE_MAX = 1 << 20;

    private final Disk disk;
    private final Path bodies;
    private final Segments segments;

    MessageReader(Disk disk, Path bodies, Segments segments) {
        this.disk = disk;
        this.bodies = bodies;
        this.segments = segments;
    }

    /** A frame's head and what was read with it. */
    private record Loaded(Segment segment, long offset, ByteBuffer octets, List<SpoolRecord> records) {}

    /** A message's inline octets, prepended first, and their checksum, which was right. */
    record Inline(SpoolRecord.Message message, ByteBuffer octets) {}

    /** The message with its body read and verified; a body in a file is verified as it is read. */
    StoredMessage read(long id, IndexEntry entry) throws IOException {
        Loaded home = load(entry.home, Math.min(entry.span, AT_ONCE_MAX));
        SpoolRecord.Message message = message(home, id);
        ByteBuffer inline = inline(home, message);
        Content content = new Octets(List.of(inline));
        if (message.inFile()) {
            content = new Joined(content, new BodyFile(disk, BodyWriter.file(bodies, id), id, message.bodySize()));
        }
        return stored(id, merged(id, entry, message), content);
    }

    /** The message, its content to be got from {@code whole} when it is first read. */
    StoredMessage peek(long id, IndexEntry entry, Whole whole) throws IOException {
        return peek(id, entry, whole, ahead(List.of()));
    }

    /** As {@link #peek(long, IndexEntry, Whole)}, by what was read {@code ahead}. */
    StoredMessage peek(long id, IndexEntry entry, Whole whole, ReadAhead ahead) throws IOException {
        SpoolRecord.Message message = message(load(entry.home, HEAD_GUESS, ahead), id);
        long size = message.prepended() + message.bodySize();
        return stored(id, merged(id, entry, message, ahead), new Later(size, whole));
    }

    ReadAhead ahead(List<Index.Row> rows) {
        return new ReadAhead(segments, rows, HEAD_GUESS);
    }

    /** What is known of the message now. */
    SpoolRecord.Meta meta(long id, IndexEntry entry) throws IOException {
        return merged(id, entry, message(load(entry.home, HEAD_GUESS), id));
    }

    Inline inline(long id, IndexEntry entry) throws IOException {
        Loaded home = load(entry.home, Math.min(entry.span, AT_ONCE_MAX));
        SpoolRecord.Message message = message(home, id);
        return new Inline(message, inline(home, message));
    }

    /** Where a whole message comes from. */
    interface Whole {
        Content content() throws IOException;
    }

    /** Content of {@code size} octets, to be got when it is first read. */
    static Content later(long size, Whole whole) {
        return new Later(size, whole);
    }

    private static StoredMessage stored(long id, SpoolRecord.Meta meta, Content content) {
        return new StoredMessage(
                new SpoolId(id), meta.arrival(), meta.envelope(), meta.origin(), meta.states(), meta.held(), content);
    }

    private SpoolRecord.Meta merged(long id, IndexEntry entry, SpoolRecord.Message message) throws IOException {
        return merged(id, entry, message, ahead(List.of()));
    }

    private SpoolRecord.Meta merged(long id, IndexEntry entry, SpoolRecord.Message message, ReadAhead ahead)
            throws IOException {
        SpoolRecord.Meta meta = message.meta();
        if (entry.meta != 0) {
            for (SpoolRecord each : load(entry.meta, HEAD_GUESS).records()) {
                if (each instanceof SpoolRecord.Restated(long of, SpoolRecord.Meta now) && of == id) {
                    meta = now;
                }
            }
        }
        for (long location : entry.states) {
            for (SpoolRecord each : load(location, HEAD_GUESS, ahead).records()) {
                if (each instanceof SpoolRecord.States news && news.id() == id) {
                    meta = meta.with(news);
                }
            }
        }
        return meta;
    }

    private static SpoolRecord.Message message(Loaded home, long id) throws Damaged {
        for (SpoolRecord each : home.records()) {
            if (each instanceof SpoolRecord.Message message && message.id() == id) {
                return message;
            }
        }
        throw new Damaged("the message is not where it should be");
    }

    private static ByteBuffer inline(Loaded home, SpoolRecord.Message message) throws IOException {
        int length = message.inline();
        ByteBuffer octets;
        if (message.bodyOffset() + length <= home.octets().limit()) {
            octets = home.octets().slice(message.bodyOffset(), length);
        } else {
            octets = ByteBuffer.allocate(length);
            if (!Segment.fill(home.segment().file, octets, home.offset() + message.bodyOffset())) {
                throw new Damaged("the body is beyond the end");
            }
        }
        if (checksum(octets, message.prepended()) != message.bodyCrc()) {
            throw new Damaged("the body has a wrong checksum");
        }
        return octets;
    }

    /** Over the body, then what is put before it. */
    static int checksum(ByteBuffer inline, int prepended) {
        CRC32C crc = new CRC32C();
        crc.update(inline.slice(prepended, inline.limit() - prepended));
        crc.update(inline.slice(0, prepended));
        return (int) crc.getValue();
    }

    private Loaded load(long location, int guess) throws IOException {
        return load(location, guess, ahead(List.of()));
    }

    private Loaded load(long location, int guess, ReadAhead ahead) throws IOException {
        Segment segment = segments.get(Segment.numberOf(location));
        long offset = Segment.offsetOf(location);
        if (segment == null) {
            throw new Damaged("the segment is gone");
        }
        long most = segment.size - offset;
        int length = (int) Math.min(most, Math.max(guess, Frame.FIXED));
        ByteBuffer octets = ahead.octets(location, length);
        if (octets == null) {
            octets = octets(segment, offset, length);
        }
        Frame frame = Frame.fixed(octets, most);
        if (frame.head() > octets.limit()) {
            octets = octets(segment, offset, frame.head());
        }
        return new Loaded(segment, offset, octets, frame.entries(octets, segment.epoch, segment.number, offset));
    }

    private static ByteBuffer octets(Segment segment, long offset, int length) throws IOException {
        ByteBuffer octets = ByteBuffer.allocate(length);
        if (!Segment.fill(segment.file, octets, offset)) {
            throw new Damaged("the frame is beyond the end");
        }
        return octets;
    }

    /** One content after the other. */
    private record Joined(Content first, Content second) implements Content {
        @Override
        public long size() {
            return first.size() + second.size();
        }

        @Override
        public int read(ByteBuffer target, long position) throws IOException {
            return position < first.size()
                    ? first.read(target, position)
                    : second.read(target, position - first.size());
        }
    }

    /** Content that is fetched when it is first read. */
    private static final class Later implements Content {
        private final long size;
        private final Whole whole;
        private volatile @Nullable Content got;

        Later(long size, Whole whole) {
            this.size = size;
            this.whole = whole;
        }

        @Override
        public long size() {
            return size;
        }

        @Override
        public int read(ByteBuffer target, long position) throws IOException {
            Content content = got;
            if (content == null) {
                content = whole.content();
                got = content;
            }
            return content.read(target, position);
        }
    }
}
