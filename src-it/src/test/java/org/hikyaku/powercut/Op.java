package org.hikyaku.powercut;

/**
 * What the server did to its disk, or said, as seen from outside. Paths are relative to the recorded directory, which
 * itself is {@code ""}.
 */
sealed interface Op {
    Span span();

    /**
     * When a system call was on its way, in lines of the record: it took effect somewhere from {@code begin} to {@code end}.
     * One that ended on a line before another began took effect before it.
     *
     * @param end {@link #NEVER} when the process died in it
     */
    record Span(int begin, int end) {
        static final int NEVER = Integer.MAX_VALUE;

        /** Whether it is sure to have taken effect before this line. */
        boolean isBefore(int line) {
            return end < line;
        }
    }

    /** A new file or directory. */
    record Make(Span span, String path, boolean directory) implements Op {}

    /** Octets written. */
    record Write(Span span, String path, long offset, byte[] octets) implements Op {
        @Override
        public String toString() {
            return "Write " + path + " " + offset + "+" + octets.length;
        }
    }

    /** A file cut or made longer. */
    record Size(Span span, String path, long size) implements Op {}

    record Rename(Span span, String from, String to) implements Op {}

    record Remove(Span span, String path) implements Op {}

    /** fsync or fdatasync of a file or a directory, without error. */
    record Force(Span span, String path) implements Op {}

    /** The reply that promises a message. */
    record Promise(Span span, String id) implements Op {}
}
