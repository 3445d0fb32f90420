package org.hikyaku.peers;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What {@code strace -f -y -xx} saw: system calls of all threads with the place of their begin and end in one order. A call
 * whose end comes after another's begin may have overlapped it; one that ended before the other began did not.
 *
 * <p>Octets are characters of ISO 8859-1 here.
 */
final class Trace {
    private static final Pattern LINE = Pattern.compile("([0-9]+) +(.*)", Pattern.DOTALL);
    private static final Pattern CALL = Pattern.compile("([a-z0-9_]+)\\((.*)", Pattern.DOTALL);
    private static final Pattern RESUMED = Pattern.compile("<\\.\\.\\. ([a-z0-9_]+) resumed>(.*)", Pattern.DOTALL);
    private static final Pattern NUMBER = Pattern.compile("^= (-?[0-9]+)");
    private static final String UNFINISHED = " <unfinished ...>";

    /** One system call. */
    record Call(String name, String arguments, int begin, int end, long result) {
        /** The file behind the descriptor it was given. */
        String path() {
            int from = arguments.indexOf('<');
            int to = arguments.indexOf('>');
            return from >= 0 && to > from ? arguments.substring(from + 1, to) : "";
        }

        boolean writes() {
            return name.startsWith("write") || name.startsWith("pwrite") || name.startsWith("send");
        }

        boolean forces() {
            return (name.equals("fdatasync") || name.equals("fsync")) && result == 0;
        }
    }

    private final List<Call> calls;

    private Trace(List<Call> calls) {
        this.calls = calls;
    }

    static Trace of(List<String> lines) {
        List<Call> calls = new ArrayList<>();
        Map<String, Call> open = new LinkedHashMap<>();
        for (int at = 0; at < lines.size(); at++) {
            Matcher line = LINE.matcher(unescaped(lines.get(at)));
            if (!line.matches()) {
                continue;
            }
            String thread = line.group(1);
            String text = line.group(2);
            Matcher resumed = RESUMED.matcher(text);
            Matcher call = CALL.matcher(text);
            if (resumed.matches() && open.containsKey(thread)) {
                Call begun = open.remove(thread);
                calls.add(
                        new Call(begun.name(), begun.arguments() + resumed.group(2), begun.begin(), at, result(text)));
            } else if (call.matches() && text.endsWith(UNFINISHED)) {
                String arguments = call.group(2).substring(0, call.group(2).length() - UNFINISHED.length());
                open.put(thread, new Call(call.group(1), arguments, at, Integer.MAX_VALUE, -1));
            } else if (call.matches()) {
                calls.add(new Call(call.group(1), call.group(2), at, at, result(text)));
            }
        }
        return new Trace(calls);
    }

    /** What stands behind the last {@code =}; -1 for what did not end. */
    private static long result(String text) {
        Matcher matcher = NUMBER.matcher(text.substring(text.lastIndexOf(" = ") + 1));
        return matcher.find() ? Long.parseLong(matcher.group(1)) : -1;
    }

    private static String unescaped(String line) {
        StringBuilder out = new StringBuilder(line.length());
        for (int i = 0; i < line.length(); i++) {
            if (line.startsWith("\\x", i)) {
                out.append((char) Integer.parseInt(line, i + 2, i + 4, 16));
                i += 3;
            } else {
                out.append(line.charAt(i));
            }
        }
        return out.toString();
    }

    List<Call> all(Predicate<Call> wanted) {
        return calls.stream().filter(wanted).toList();
    }

    Optional<Call> first(Predicate<Call> wanted) {
        return calls.stream().filter(wanted).findFirst();
    }

    /** The force of this file or directory that begins after {@code after} and ends first. */
    Optional<Call> force(String path, int after) {
        return calls.stream()
                .filter(call -> call.forces() && call.path().equals(path) && call.begin() > after)
                .min((a, b) -> Integer.compare(a.end(), b.end()));
    }

    /** As it stands in what a call writes. */
    static String octets(byte... octets) {
        return new String(octets, StandardCharsets.ISO_8859_1);
    }
}
