package org.hikyaku.deliver;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32C;
import org.hikyaku.world.Disk;

/**
 * The end of an mbox file, which is held locked. Pure reading.
 *
 * <p><i>Failure:</i> {@link IOException} of the disk.
 */
final class MboxTail {
    private static final int MARK_OCTETS = 4096;
    private static final int PIECE = 64 * 1024;
    private static final byte[] FROM = "From ".getBytes(StandardCharsets.US_ASCII);

    private final Disk.File file;

    MboxTail(Disk.File file) {
        this.file = file;
    }

    /** A checksum of the last page before {@code end}: the same only while nobody has written the file anew. */
    int mark(long end) throws IOException {
        CRC32C crc = new CRC32C();
        long from = Math.max(0, end - MARK_OCTETS);
        crc.update(read(from, (int) (end - from)));
        return (int) crc.getValue();
    }

    /** What is missing before a message can begin at {@code end}: line ends, so that an empty line stands before it. */
    byte[] gap(long end) throws IOException {
        long from = Math.max(0, end - 2);
        byte[] last = read(from, (int) (end - from));
        boolean line = last.length == 0 || last[last.length - 1] == '\n';
        boolean empty = last.length == 0 || (line && last.length == 2 && last[0] == '\n');
        return (empty ? "" : line ? "\n" : "\n\n").getBytes(StandardCharsets.US_ASCII);
    }

    /**
     * Whether all from {@code begun.before()} on is what we were appending, or zeros in its place, and no more. In doubt not: where
     * others may have put a message behind a part of ours, its From_ stands somewhere behind the beginning.
     */
    boolean isOurs(MboxNote.Begun begun) throws IOException {
        long size = file.size();
        if (size <= begun.before() || mark(begun.before()) != begun.mark()) {
            return false;
        }
        byte[] head = begun.head();
        byte[] start = read(begun.before(), (int) Math.min(head.length, size - begun.before()));
        for (int i = 0; i < start.length; i++) {
            if (start[i] != head[i] && start[i] != 0) {
                return false;
            }
        }
        return !holdsFrom(begun.before() + lineOfFrom(head), size);
    }

    /** Where our own From_ ends. */
    private static int lineOfFrom(byte[] head) {
        int at = 0;
        while (at < head.length && head[at] == '\n') {
            at++;
        }
        return Math.min(head.length, at + FROM.length);
    }

    /** Whether there is a From_ anywhere, at the beginning of a line or not, that is not quoted. */
    private boolean holdsFrom(long from, long to) throws IOException {
        for (long at = from; at < to; at += PIECE) {
            long begin = Math.max(from, at - FROM.length);
            byte[] piece = read(begin, (int) Math.min(PIECE + FROM.length, to - begin));
            for (int i = begin > from ? 1 : 0; i + FROM.length <= piece.length; i++) {
                boolean quoted = i > 0 && piece[i - 1] == '>';
                if (!quoted && piece[i] == 'F' && matches(piece, i)) {
                    return true;
                }
            }
        }
        return false;
    }

    private static boolean matches(byte[] piece, int at) {
        for (int i = 0; i < FROM.length; i++) {
            if (piece[at + i] != FROM[i]) {
                return false;
            }
        }
        return true;
    }

    private byte[] read(long from, int length) throws IOException {
        ByteBuffer all = ByteBuffer.allocate(length);
        while (all.hasRemaining()) {
            int count = file.read(all, from + all.position());
            if (count < 0) {
                throw new IOException("the mailbox has become shorter");
            }
        }
        return all.array();
    }
}
