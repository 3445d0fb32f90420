package org.hikyaku.peers;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.hikyaku.mail.SpoolId;
import org.hikyaku.peers.Trace.Call;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** The order of the server's system calls, seen by strace: what is answered 250 was forced to disk before, names included. */
@ExtendWith(KitExtension.class)
class DurabilityPeersIT {
    private static final Pattern TAKEN = Pattern.compile("250 2\\.0\\.0 Message taken as ([0-9a-z]+)");
    private static final String SETTINGS = "spool.segment_size = 1MiB\nspool.inline_max = 64KiB\n";

    @Test
    void the250IsWrittenAfterTheForceHasReturned(Kit kit) throws IOException {
        Path out;
        try (HikyakuServer server = HikyakuServer.make(kit, "durability", SETTINGS)) {
            out = server.home().resolve("strace");
            server.start(
                    List.of(
                            "strace",
                            "-f",
                            "--seccomp-bpf",
                            "-y",
                            "-xx",
                            "-s",
                            "8192",
                            "-qq",
                            "-o",
                            out.toString(),
                            "-e",
                            "trace=fdatasync,fsync,openat,write,writev,sendto,sendmsg,pwrite64,pwritev,pwritev2,rename,renameat,renameat2"));
            // with these the journal goes on into its second and third segment
            kit.client(
                            "many.py",
                            "",
                            "192.0.2.1",
                            "25",
                            "bob@postfix.test",
                            "joe@hikyaku.test",
                            "50000",
                            "40",
                            "200000",
                            "2")
                    .good();
        }
        List<String> lines = Files.readAllLines(out, StandardCharsets.ISO_8859_1);

        List<String> found = problems(Trace.of(lines));

        assertThat(found).isEmpty();
        // and the same look at a server that forces nothing, or nothing but the journal, would have found it
        assertThat(problems(Trace.of(lines.stream()
                        .filter(line -> !line.contains("fdatasync"))
                        .toList())))
                .isNotEmpty();
        assertThat(problems(Trace.of(
                        lines.stream().filter(line -> !line.contains("fsync(")).toList())))
                .isNotEmpty();
    }

    /** Whoever has seen {@code queue export} end may take the machine down: the archive and its name are on the disk. */
    @Test
    void anArchiveAndItsNameAreForcedBeforeTheExportEnds(Kit kit) throws IOException {
        Path out;
        String archive;
        try (HikyakuServer server = HikyakuServer.make(kit, "durability-export", "")) {
            server.start();
            out = server.home().resolve("strace");
            archive = server.home().resolve("export.tar").toString();
            server.commandTraced(out, "queue", "export", "-o", archive, "size > 0")
                    .good();
        }
        Trace trace = Trace.of(Files.readAllLines(out, StandardCharsets.ISO_8859_1));

        List<Call> writes = trace.all(call -> call.writes() && call.path().equals(archive + ".part"));
        assertThat(writes).as("writes of the archive").isNotEmpty();
        Call forced = trace.force(archive + ".part", writes.getLast().end()).orElseThrow();
        Call renamed = trace.first(call ->
                        call.name().startsWith("rename") && call.arguments().contains("\"" + archive + "\""))
                .orElseThrow();
        assertThat(forced.end()).as("forced before it has its name").isLessThan(renamed.begin());
        assertThat(trace.force(parent(archive), renamed.end()))
                .as("force of the name")
                .isPresent();
    }

    /** Each reply that promises a message without having forced it. */
    private static List<String> problems(Trace trace) {
        List<String> problems = new ArrayList<>();
        Set<String> segments = new LinkedHashSet<>();
        int bodies = 0;
        List<Call> replies = trace.all(
                call -> call.writes() && TAKEN.matcher(call.arguments()).find());
        for (Call reply : replies) {
            Matcher id = TAKEN.matcher(reply.arguments());
            assertThat(id.find()).isTrue();
            Optional<Call> record = record(trace, id.group(1));
            if (record.isEmpty()
                    || !before(trace.force(record.get().path(), record.get().end()), reply)) {
                problems.add(id.group(1) + ": 250 before its record was forced");
                continue;
            }
            String segment = record.get().path();
            if (segments.add(segment) && !namedBefore(trace, segment, reply)) {
                problems.add(id.group(1) + ": 250 before the directory of the new segment " + segment + " was forced");
            }
            Optional<Call> body =
                    trace.first(call -> call.writes() && call.path().endsWith("/bodies/" + id.group(1)));
            if (body.isPresent()) {
                bodies++;
                if (!bodyBefore(trace, body.get(), record.get())) {
                    problems.add(id.group(1) + ": its body and the name of it were not forced before its record");
                }
            }
        }
        assertThat(replies).as("messages taken").hasSize(42);
        if (problems.isEmpty()) {
            assertThat(segments).as("segments written to").hasSizeGreaterThan(1);
            assertThat(bodies).as("bodies in files of their own").isEqualTo(2);
        }
        return problems;
    }

    private static boolean before(Optional<Call> first, Call second) {
        return first.isPresent() && first.get().end() < second.begin();
    }

    /** The write of the entry MESSAGE (docs/spool.md) of this id. */
    private static Optional<Call> record(Trace trace, String id) {
        byte[] entry = ByteBuffer.allocate(9)
                .put((byte) 1)
                .putLong(SpoolId.parse(id).orElseThrow().value())
                .array();
        return trace.first(call -> call.writes()
                && call.path().contains("/journal/")
                && call.arguments().contains(Trace.octets(entry)));
    }

    private static boolean namedBefore(Trace trace, String segment, Call reply) {
        Optional<Call> made = trace.first(call -> call.name().equals("openat")
                && call.arguments().contains("\"" + segment + "\"")
                && call.arguments().contains("O_CREAT"));
        return made.isPresent()
                && before(trace.force(parent(segment), made.get().end()), reply);
    }

    private static boolean bodyBefore(Trace trace, Call body, Call record) {
        List<Call> writes = trace.all(call -> call.writes() && call.path().equals(body.path()));
        Optional<Call> forced = trace.force(body.path(), writes.getLast().end());
        return forced.isPresent()
                && before(trace.force(parent(body.path()), forced.get().end()), record);
    }

    private static String parent(String path) {
        return path.substring(0, path.lastIndexOf('/'));
    }
}
