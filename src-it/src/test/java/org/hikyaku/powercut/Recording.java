package org.hikyaku.powercut;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.hikyaku.powercut.Op.Span;

/**
 * All that was seen of some runs of the server on one directory, one after the other.
 *
 * @param ops in the order of their begins
 * @param micros wall clock at each line, since 1970
 * @param runs the line behind the last of each run
 */
record Recording(List<Op> ops, List<Long> micros, List<Integer> runs) {
    static Recording empty() {
        return new Recording(List.of(), List.of(), List.of());
    }

    int lines() {
        return micros.size();
    }

    /** The time of what stands before {@code line}. */
    long microsBefore(int line) {
        return micros.get(Math.clamp(line - 1, 0, micros.size() - 1));
    }

    /** With one run more behind this. */
    Recording then(Recording next) {
        int shift = lines();
        List<Op> all = new ArrayList<>(ops);
        next.ops.forEach(op -> all.add(moved(op, shift)));
        List<Long> times = new ArrayList<>(micros);
        times.addAll(next.micros);
        List<Integer> ends = new ArrayList<>(runs);
        ends.add(times.size());
        return new Recording(all, times, ends);
    }

    /** With {@code ops} in place of its own. */
    Recording with(List<Op> others) {
        return new Recording(
                others.stream()
                        .sorted(Comparator.comparingInt((Op op) -> op.span().begin()))
                        .toList(),
                micros,
                runs);
    }

    private static Op moved(Op op, int shift) {
        int end = op.span().end();
        return spanned(op, new Span(op.span().begin() + shift, end == Span.NEVER ? end : end + shift));
    }

    static Op spanned(Op op, Span span) {
        return switch (op) {
            case Op.Make make -> new Op.Make(span, make.path(), make.directory());
            case Op.Write write -> new Op.Write(span, write.path(), write.offset(), write.octets());
            case Op.Size size -> new Op.Size(span, size.path(), size.size());
            case Op.Rename rename -> new Op.Rename(span, rename.from(), rename.to());
            case Op.Remove remove -> new Op.Remove(span, remove.path());
            case Op.Force force -> new Op.Force(span, force.path());
            case Op.Promise promise -> new Op.Promise(span, promise.id());
        };
    }
}
