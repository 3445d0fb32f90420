package org.hikyaku.powercut;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.hikyaku.powercut.Op.Span;

/**
 * Reads what {@code strace -f -y -xx -ttt} wrote of one process. strace stops a thread before and after each call and
 * writes a line at either stop, so a call took effect between its lines, and a line stands before another only if it
 * happened before it.
 *
 * <p><i>Failure:</i> whatever touches the recorded directory in a way not known here ends the reading: a record with a gap
 * proves nothing.
 */
final class StraceReader {
    /** Arguments of strace; {@code ?}: where the processor has no such call it is left out. */
    static final List<String> OPTIONS = List.of(
            "-f",
            "--seccomp-bpf",
            "-y",
            "-xx",
            "-ttt",
            "-qq",
            "-s",
            "4000000",
            "-e",
            "signal=none",
            "-e",
            "trace=?open,openat,?openat2,?creat,lseek,write,writev,pwrite64,pwritev,?pwritev2,sendto,sendmsg,"
                    + "?rename,?renameat,renameat2,?unlink,unlinkat,?rmdir,?mkdir,mkdirat,?link,linkat,?symlink,symlinkat,"
                    + "ftruncate,truncate,fallocate,fsync,fdatasync,sync_file_range,mmap,copy_file_range,sendfile");

    private static final Pattern LINE = Pattern.compile("([0-9]+) +([0-9]+)\\.([0-9]{6}) (.*)", Pattern.DOTALL);
    private static final Pattern RESUMED = Pattern.compile("<\\.\\.\\. [a-z0-9_]+ resumed>(.*)", Pattern.DOTALL);
    private static final Pattern TAKEN = Pattern.compile("250 2\\.0\\.0 Message taken as ([0-9a-z]+)");
    private static final String UNFINISHED = " <unfinished ...>";
    private static final int REPLY_MAX = 4096;

    private final String root;
    private final List<Op> ops = new ArrayList<>();
    private final List<Long> micros = new ArrayList<>();
    private final Map<String, Begun> open = new HashMap<>();
    /** Where each open file is written next, by descriptor and path. */
    private final Map<String, Long> positions = new HashMap<>();

    /** Files that are there. */
    private final Set<String> made;

    private record Begun(String text, int line) {}

    private StraceReader(Path root, Set<String> there) {
        this.root = root.toString();
        this.made = new HashSet<>(there);
    }

    /**
     * Reads one run.
     *
     * @param root the directory to be recorded, as the server names it
     * @param there files that were in it before
     */
    static Recording read(Path file, Path root, Set<String> there) throws IOException {
        StraceReader reader = new StraceReader(root, there);
        try (BufferedReader lines = Files.newBufferedReader(file, StandardCharsets.ISO_8859_1)) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                reader.line(line);
            }
        }
        for (Begun begun : reader.open.values()) {
            reader.call(new SystemCall(begun.text()), new Span(begun.line(), Span.NEVER));
        }
        reader.ops.sort(Comparator.comparingInt(op -> op.span().begin()));
        return Recording.empty().then(new Recording(reader.ops, reader.micros, List.of()));
    }

    private void line(String line) {
        Matcher parts = LINE.matcher(line);
        if (!parts.matches()) {
            throw new IllegalStateException("not a line of strace: " + head(line));
        }
        int at = micros.size();
        micros.add(Long.parseLong(parts.group(2)) * 1_000_000 + Long.parseLong(parts.group(3)));
        String thread = parts.group(1);
        String text = parts.group(4);
        if (text.startsWith("+++") || text.startsWith("---")) {
            return;
        }
        Matcher resumed = RESUMED.matcher(text);
        if (resumed.matches()) {
            Begun begun = open.get(thread);
            // " = ?": the process died in it
            if (begun != null && !text.endsWith(" = ?")) {
                open.remove(thread);
                call(new SystemCall(begun.text() + resumed.group(1)), new Span(begun.line(), at));
            }
        } else if (text.endsWith(UNFINISHED)) {
            open.put(thread, new Begun(text.substring(0, text.length() - UNFINISHED.length()), at));
        } else {
            call(new SystemCall(text), new Span(at, text.endsWith(" = ?") ? Span.NEVER : at));
        }
    }

    private void call(SystemCall call, Span span) {
        if (span.end() != Span.NEVER && call.result() < 0) {
            if (call.isForce() && inside(call.descriptorPath()).isPresent()) {
                throw new IllegalStateException("a force failed: " + call);
            }
            return;
        }
        switch (call.name()) {
            case "open", "openat", "creat" -> opened(call, span);
            case "lseek" -> inside(call.descriptorPath()).ifPresent(path -> positions.put(path(call), call.result()));
            case "write", "writev" -> written(call, span);
            case "pwrite64", "pwritev" -> writtenAt(call, span, call.lastNumber(0));
            case "pwritev2" -> writtenAt(call, span, call.lastNumber(1));
            case "sendto", "sendmsg" -> said(call, span);
            case "rename", "renameat", "renameat2" -> renamed(call, span);
            case "unlink", "unlinkat", "rmdir" -> removed(call, span);
            case "mkdir", "mkdirat" -> inside(call.path(0)).ifPresent(path -> ops.add(new Op.Make(span, path, true)));
            case "fsync", "fdatasync" -> forced(call, span);
            case "ftruncate" ->
                inside(call.descriptorPath()).ifPresent(path -> ops.add(new Op.Size(span, path, call.lastNumber(0))));
            case "mmap" -> {
                if (call.contains("MAP_SHARED") && call.contains("PROT_WRITE")) {
                    refuse(call);
                }
            }
            default -> refuse(call);
        }
    }

    private static String path(SystemCall call) {
        return call.descriptor() + " " + call.descriptorPath();
    }

    /** A file that is created is one that was not there: the server never opens one with O_CREAT alone but its lock. */
    private void opened(SystemCall call, Span span) {
        inside(call.path(0)).ifPresent(path -> {
            positions.put(call.result() + " " + call.path(0), 0L);
            if (call.contains("O_TRUNC") || call.contains("O_APPEND")) {
                refuse(call);
            }
            if (call.contains("O_CREAT") && (made.add(path) || call.contains("O_EXCL"))) {
                ops.add(new Op.Make(span, path, false));
            }
        });
    }

    private void written(SystemCall call, Span span) {
        String file = call.descriptorPath();
        if (inside(file).isEmpty()) {
            said(call, span);
            return;
        }
        long position = positions.getOrDefault(path(call), 0L);
        writtenAt(call, span, position);
        positions.put(path(call), position + call.result());
    }

    private void writtenAt(SystemCall call, Span span, long position) {
        inside(call.descriptorPath()).ifPresent(path -> {
            byte[] octets = call.written();
            boolean whole = span.end() == Span.NEVER || call.result() == octets.length;
            ops.add(new Op.Write(span, path, position, whole ? octets : Arrays.copyOf(octets, (int) call.result())));
        });
    }

    private void said(SystemCall call, Span span) {
        if (call.sizeAtMost() < REPLY_MAX && call.descriptorPath().startsWith("socket:")) {
            Matcher taken = TAKEN.matcher(new String(call.written(), StandardCharsets.ISO_8859_1));
            while (taken.find()) {
                ops.add(new Op.Promise(span, taken.group(1)));
            }
        }
    }

    private void renamed(SystemCall call, Span span) {
        Optional<String> from = inside(call.path(0));
        Optional<String> to = inside(call.path(1));
        if (from.isPresent() != to.isPresent()) {
            refuse(call);
        }
        if (from.isPresent() && to.isPresent()) {
            made.remove(from.get());
            made.add(to.get());
            ops.add(new Op.Rename(span, from.get(), to.get()));
        }
    }

    private void removed(SystemCall call, Span span) {
        inside(call.path(0)).ifPresent(path -> {
            made.remove(path);
            ops.add(new Op.Remove(span, path));
        });
    }

    private void forced(SystemCall call, Span span) {
        if (span.end() != Span.NEVER) {
            inside(call.descriptorPath()).ifPresent(path -> ops.add(new Op.Force(span, path)));
        }
    }

    /** What is not known here may be done elsewhere only. */
    private void refuse(SystemCall call) {
        if (call.contains(hex(root))) {
            throw new IllegalStateException("the recorder does not know what this means: " + call);
        }
    }

    /** The path as it is in a record; empty for what lies elsewhere. */
    private Optional<String> inside(String path) {
        if (path.equals(root)) {
            return Optional.of("");
        }
        return path.startsWith(root + "/") ? Optional.of(path.substring(root.length() + 1)) : Optional.empty();
    }

    private static String hex(String text) {
        StringBuilder out = new StringBuilder();
        for (byte octet : text.getBytes(StandardCharsets.UTF_8)) {
            out.append(String.format(Locale.ROOT, "\\x%02x", octet));
        }
        return out.toString();
    }

    private static String head(String line) {
        return line.substring(0, Math.min(line.length(), 200));
    }
}
