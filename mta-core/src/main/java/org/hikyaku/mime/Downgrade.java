package org.hikyaku.mime;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import org.hikyaku.mail.Content;

/**
 * A message for a next hop that takes less than it holds: 8 bit octets where 8BITMIME is missing (RFC 6152 3), binary ones where
 * BINARYMIME is (RFC 3030 3). Each part that needs it becomes quoted-printable or base64, whichever is shorter, parts of parts
 * and messages inside messages too; labels that say more than is true become 7bit or 8bit. Octets of all else stay.
 *
 * <p>Never done inside multipart/signed and multipart/encrypted, whose octets are what was signed (RFC 1847 2.1), nor to
 * headers, for which there is no such encoding (RFC 6531 3.2 sends them only by SMTPUTF8), nor to what is encoded already
 * (RFC 3030 3: no nested encodings).
 *
 * <p><i>Failure:</i> {@link #plan} reads the message first and says {@link Plan.Cannot}; a made transform never fails.
 */
public final class Downgrade implements Transform {
    private static final int CHUNK = 32 * 1024;

    private final MimeWalker walker;
    private final Rewriter rewriter;

    /** From what to what. */
    public enum Way {
        EIGHT_TO_SEVEN(true, false),
        BINARY_TO_EIGHT(false, true),
        BINARY_TO_SEVEN(true, true);

        /** No octet over 127 may be left. */
        final boolean toSevenBit;
        /** Bare CR and LF, NUL and lines over 998 octets may be there, and none may be left (RFC 2045 2.7, 2.8). */
        final boolean fromBinary;

        Way(boolean toSevenBit, boolean fromBinary) {
            this.toSevenBit = toSevenBit;
            this.fromBinary = fromBinary;
        }
    }

    /** Whether and how a message can be sent so. */
    public sealed interface Plan {
        /**
         * It can.
         *
         * @param size octets of the message as it will be
         */
        record Can(List<Step> steps, long size) implements Plan {
            public Can {
                steps = List.copyOf(steps);
            }
        }

        /** It cannot, and why. */
        record Cannot(Why why) implements Plan {}
    }

    /** What is done with one entity, in the order of their appearance. */
    public static final class Step {
        final BodyEncoding encoding;

        Step(BodyEncoding encoding) {
            this.encoding = encoding;
        }
    }

    /** Why a message cannot be sent so. */
    public enum Why {
        /** A header holds octets over 127. */
        HEADER,
        /** A signed or encrypted part holds what does not pass. */
        SEALED,
        /** What does not pass stands where MIME allows no encoding, or the structure is over the limits. */
        STRUCTURE
    }

    public Downgrade(Plan.Can plan) {
        rewriter = new Rewriter(plan.steps());
        walker = new MimeWalker(rewriter);
    }

    /** Reads {@code content} to its end. */
    public static Plan plan(Content content, Way way) throws IOException {
        Survey survey = new Survey(way);
        MimeWalker walker = new MimeWalker(survey);
        stream(content, walker::feed);
        walker.finish();
        if (survey.cannot != null || walker.overLimits()) {
            return new Plan.Cannot(survey.cannot != null ? survey.cannot : Why.STRUCTURE);
        }
        List<Step> steps = survey.steps();
        return new Plan.Can(steps, measure(content, new Plan.Can(steps, 0)));
    }

    @Override
    public void feed(byte[] octets, int offset, int length, Sink out) {
        rewriter.to(out);
        walker.feed(octets, offset, length);
    }

    @Override
    public void finish(Sink out) {
        rewriter.to(out);
        walker.finish();
        rewriter.messageEnd();
    }

    private static long measure(Content content, Plan.Can plan) throws IOException {
        long[] size = new long[1];
        Sink counter = (octets, offset, length) -> size[0] += length;
        Downgrade trial = new Downgrade(plan);
        stream(content, (octets, offset, length) -> trial.feed(octets, offset, length, counter));
        trial.finish(counter);
        return size[0];
    }

    private static void stream(Content content, Sink to) throws IOException {
        byte[] chunk = new byte[CHUNK];
        for (long at = 0; at < content.size(); ) {
            int count = content.read(ByteBuffer.wrap(chunk), at);
            if (count <= 0) {
                throw new EOFException("the message ended at octet " + at + " of " + content.size());
            }
            to.put(chunk, 0, count);
            at += count;
        }
    }
}
