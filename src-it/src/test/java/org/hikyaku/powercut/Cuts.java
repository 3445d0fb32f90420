package org.hikyaku.powercut;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Where the power is cut: before and after each end of a call that matters, drawn by kind, so that what is rare (a new
 * segment, a new mailbox, a delete) is cut as often as what is not.
 */
final class Cuts {
    private final Map<String, List<Integer>> lines = new LinkedHashMap<>();

    Cuts(Recording recording) {
        for (Op op : recording.ops()) {
            List<Integer> of = lines.computeIfAbsent(kind(op), kind -> new ArrayList<>());
            of.add(op.span().begin() + 1);
            if (op.span().end() != Op.Span.NEVER) {
                of.add(op.span().end());
                of.add(op.span().end() + 1);
            }
        }
    }

    private static String kind(Op op) {
        return switch (op) {
            case Op.Make make -> (make.directory() ? "mkdir in " : "create in ") + place(make.path());
            case Op.Write write ->
                (write.offset() == 0 && write.octets().length <= 8192 ? "write at 0 of " : "write of ")
                        + place(write.path());
            case Op.Size size -> "size of " + place(size.path());
            case Op.Rename rename -> "rename in " + place(rename.to());
            case Op.Remove remove -> "delete in " + place(remove.path());
            case Op.Force force -> "force of " + place(force.path());
            case Op.Promise promise -> "250";
        };
    }

    private static String place(String path) {
        if (path.startsWith("mail/")) {
            String[] parts = path.split("/", -1);
            return parts.length < 4 ? "mailbox" : "mailbox " + parts[3];
        }
        if (path.startsWith(Mutilation.JOURNAL + "/")) {
            return "segment";
        }
        return path.startsWith(Mutilation.BODIES + "/") ? "body" : path.startsWith("data/spool") ? path : "other";
    }

    List<String> kinds() {
        return List.copyOf(lines.keySet());
    }

    /** So many, in their order, each with its kind; some lines more than once. */
    SortedMap<Integer, List<String>> draw(int count, Random chance) {
        SortedMap<Integer, List<String>> drawn = new TreeMap<>();
        List<String> kinds = kinds();
        for (int i = 0; i < count; i++) {
            // half of them at a promise or a force of a segment, the rest evenly by kind
            String kind = switch (chance.nextInt(4)) {
                case 0 -> "250";
                case 1 -> "force of segment";
                default -> kinds.get(chance.nextInt(kinds.size()));
            };
            List<Integer> of = lines.getOrDefault(kind, List.of());
            if (!of.isEmpty()) {
                drawn.computeIfAbsent(of.get(chance.nextInt(of.size())), line -> new ArrayList<>())
                        .add(kind);
            }
        }
        return drawn;
    }
}
