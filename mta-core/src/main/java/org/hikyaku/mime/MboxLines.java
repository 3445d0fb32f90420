package org.hikyaku.mime;

/**
 * What a message needs to stand in an mbox file: one more {@code >} before each line that begins with {@code From } behind any
 * number of {@code >} (the form mboxrd, which can be undone), a line end at its end, and an empty line behind it.
 */
public final class MboxLines implements Transform {
    private static final byte[] FROM = {'F', 'r', 'o', 'm', ' '};
    private static final byte[] QUOTE = {'>'};
    private static final byte[] LINE_END = {'\n'};

    /** Nothing but {@code >} has come in this line, and {@link #held} octets of FROM that are not put yet. */
    private boolean beginning = true;

    private int held;
    private boolean ended = true;

    @Override
    public void feed(byte[] octets, int offset, int length, Sink out) {
        int end = offset + length;
        int from = offset; // what is not put yet, but for what is held
        for (int i = offset; i < end; i++) {
            byte b = octets[i];
            ended = b == '\n';
            if (!beginning) {
                beginning = ended;
                continue;
            }
            if (held == 0 && b == '>') {
                continue;
            }
            if (b == FROM[held]) {
                if (held == 0) {
                    out.put(octets, from, i - from);
                }
                held++;
                from = i + 1;
                if (held == FROM.length) {
                    out.put(QUOTE);
                    release(out);
                    beginning = false;
                }
                continue;
            }
            release(out);
            beginning = ended;
        }
        out.put(octets, from, end - from);
    }

    private void release(Sink out) {
        if (held > 0) {
            out.put(FROM, 0, held);
            held = 0;
        }
    }

    @Override
    public void finish(Sink out) {
        release(out);
        if (!ended) {
            out.put(LINE_END);
        }
        out.put(LINE_END);
    }
}
