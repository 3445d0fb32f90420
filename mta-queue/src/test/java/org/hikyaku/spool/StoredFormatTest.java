package org.hikyaku.spool;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.StringJoiner;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import java.util.zip.ZipOutputStream;
import org.hikyaku.mail.Address;
import org.hikyaku.mail.Diagnosis;
import org.hikyaku.mail.Notify;
import org.hikyaku.mail.Recipient;
import org.hikyaku.mail.SpoolId;
import org.hikyaku.mail.Wishes;
import org.hikyaku.sim.SimWorld;
import org.hikyaku.world.Disk;
import org.hikyaku.world.Event;
import org.hikyaku.world.World;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Spools as former versions of the program left them stay readable. {@code spool-v1.zip} is one of format 1 after a crash,
 * with every kind of record in it; {@code spool-v1.txt} is what it holds. {@code spool-v2.zip} is one of format 2, with every wish.
 */
class StoredFormatTest {
    @ParameterizedTest
    @ValueSource(strings = {"spool-v1", "spool-v2"})
    void aSpoolOfAFormerFormatIsReadWholeAndCanBeWrittenOn(String name) throws IOException {
        byte[] zip = resource(name + ".zip");
        String expected = new String(resource(name + ".txt"), StandardCharsets.UTF_8);
        try (SimWorld sim = new SimWorld(1)) {
            sim.run(world -> unpack(world, zip));
            sim.disk().settle();
            List<SpoolId> more = new ArrayList<>();
            sim.run(world -> {
                JournalSpool spool = SpoolHand.open(world);
                assertThat(told(SpoolHand.recovered(spool))).isEqualTo(expected);
                more.add(SpoolHand.store(world, spool, "more", 1));
                spool.close();
            });
            sim.run(world -> {
                JournalSpool spool = SpoolHand.open(world);
                List<StoredMessage> all = SpoolHand.recovered(spool);
                all.sort(Comparator.comparing(StoredMessage::id));
                assertThat(all.removeLast().id()).isEqualTo(more.getFirst());
                assertThat(told(all)).isEqualTo(expected);
                for (StoredMessage message : all) {
                    SpoolHand.finish(world, spool, message.id());
                }
                spool.close();
            });
            sim.run(world -> assertThat(SpoolHand.recovered(SpoolHand.open(world)))
                    .extracting(StoredMessage::id)
                    .containsExactlyElementsOf(more));
            assertThat(sim.events().count(Event.SPOOL_RECORD_DAMAGED)).isZero();
        }
    }

    private static byte[] resource(String name) throws IOException {
        try (InputStream in = Objects.requireNonNull(StoredFormatTest.class.getResourceAsStream("/" + name), name)) {
            return in.readAllBytes();
        }
    }

    /** All that a spool says of its messages, a line each, in order of arrival; the many recipients of one in short. */
    private static String told(List<StoredMessage> messages) throws IOException {
        List<String> lines = new ArrayList<>();
        for (StoredMessage each : messages) {
            StringJoiner line = new StringJoiner(" ", "", "\n");
            line.add(each.id().toString()).add(each.arrival().toString());
            line.add("from=" + each.envelope().sender())
                    .add(each.envelope().needs8Bit() + "/" + each.envelope().needsUtf8());
            line.add(each.origin().kind() + "," + each.origin().client() + ","
                    + each.origin().session());
            String content = SpoolHand.text(each.content());
            line.add("size=" + content.length())
                    .add("hash=" + content.hashCode())
                    .add("held=" + each.held());
            if (!each.envelope().wishes().isNone()) {
                line.add(told(each.envelope().wishes()));
            }
            String last = "";
            int same = 0;
            for (int i = 0; i < each.states().size(); i++) {
                Recipient to = each.envelope().recipients().get(i);
                String state = state(each.states().get(i));
                same = state.equals(last) ? same + 1 : 0;
                if (same < 3 || i == each.states().size() - 1) {
                    String wanted = to.wanted().equals(Notify.NONE)
                            ? ""
                            : "(" + to.wanted().when() + "," + to.wanted().original() + ")";
                    line.add(i + ":" + to.original() + ">" + to.address() + wanted + "=" + state);
                }
                last = state;
            }
            lines.add(line.toString());
        }
        return String.join("", lines.stream().sorted().toList());
    }

    private static String told(Wishes wishes) {
        return String.join(
                "|",
                wishes.binary() ? "binary" : "",
                wishes.tls().name(),
                wishes.ret().name(),
                wishes.envelopeId(),
                wishes.submitter(),
                wishes.solicitation(),
                wishes.ranked() ? "ranked" : "",
                wishes.verp(),
                wishes.deadline()
                        .map(by -> by.at() + "," + by.returns() + "," + by.trace())
                        .orElse(""),
                wishes.release().map(to -> to.at() + "," + to.said()).orElse(""));
    }

    private static String state(RecipientState state) {
        Diagnosis last = state.last();
        return state.status() + "," + state.attempts() + "," + state.due() + "," + state.noticed() + "," + last.status()
                + "," + last.text() + "," + last.remote() + "," + last.reply();
    }

    private static void unpack(World world, byte[] zip) throws IOException {
        world.disk().makeDirectories(SpoolHand.DIR.resolve("journal"));
        world.disk().makeDirectories(SpoolHand.DIR.resolve("bodies"));
        try (ZipInputStream in = new ZipInputStream(new ByteArrayInputStream(zip))) {
            for (ZipEntry each = in.getNextEntry(); each != null; each = in.getNextEntry()) {
                try (Disk.File file = world.disk().create(SpoolHand.DIR.resolve(each.getName()))) {
                    file.write(0, ByteBuffer.wrap(in.readAllBytes()));
                }
            }
        }
    }

    /** Makes such a spool with the program as it is: {@code NAME.zip} and {@code NAME.txt}. */
    public static void main(String[] args) throws IOException {
        try (SimWorld sim = new SimWorld(3)) {
            sim.run(world -> {
                fill(world);
                sim.crash();
            });
            sim.run(world -> Files.write(Path.of(args[0] + ".zip"), pack(world)));
            sim.run(world -> {
                JournalSpool spool = SpoolHand.open(world);
                Files.writeString(Path.of(args[0] + ".txt"), told(SpoolHand.recovered(spool)));
                spool.close();
            });
        }
    }

    private static void fill(World world) throws IOException {
        JournalSpool spool = SpoolHand.open(world);
        List<SpoolId> ids = new ArrayList<>();
        for (int i = 0; i < 120; i++) {
            int recipients = i % 10 == 0 ? 70 : 1 + i % 3;
            ids.add(SpoolHand.store(world, spool, "a\r\n".repeat(i % 7 == 0 ? 3_000 : 900), recipients));
            world.tasks().sleep(Duration.ofSeconds(1));
        }
        for (int round = 1; round < 11; round++) {
            for (int i = 0; i < ids.size(); i += 5) {
                SpoolHand.commit(
                                world,
                                spool,
                                Change.of(new Change.Entry.Progress(
                                        ids.get(i), Map.of(round % (1 + i % 3), SpoolHand.deferred(world, round)))))
                        .await();
            }
        }
        SpoolHand.commit(world, spool, Change.of(SpoolHand.done(ids.get(30), 64)))
                .await();
        SpoolHand.commit(world, spool, Change.of(new Change.Entry.Hold(ids.get(31), "kept by a test")))
                .await();
        SpoolHand.commit(world, spool, Change.of(new Change.Entry.Hold(ids.get(32), "kept")))
                .await();
        SpoolHand.commit(world, spool, Change.of(new Change.Entry.Hold(ids.get(32), "")))
                .await();
        SpoolHand.commit(
                        world,
                        spool,
                        Change.of(new Change.Entry.Redirect(
                                ids.get(35),
                                List.of(0),
                                List.of(
                                        Recipient.of(Address.of("new@c.example")),
                                        Recipient.of(Address.of("näu@ü.example"))),
                                Instant.EPOCH)))
                .await();
        ids.add(SpoolHand.store(world, spool, "large\r\n".repeat(12_000), 2));
        for (int i = 40; i < 120; i++) {
            if (i % 8 != 0) {
                SpoolHand.finish(world, spool, ids.get(i));
            }
        }
        for (int i = 0; i < 60; i++) { // segments are recycled, and what stays is copied
            SpoolHand.finish(world, spool, SpoolHand.store(world, spool, "b\r\n".repeat(3_000), 1));
        }
        for (Wishes each : WishesStoredTest.SOME) {
            ids.add(WishesStoredTest.store(world, spool, WishesStoredTest.envelope(each)));
        }
        ids.add(SpoolHand.store(world, spool, "last", 1));
    }

    private static byte[] pack(World world) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (ZipOutputStream zip = new ZipOutputStream(out)) {
            for (String directory : List.of("journal", "bodies")) {
                for (String name : world.disk().list(SpoolHand.DIR.resolve(directory))) {
                    ZipEntry entry = new ZipEntry(directory + "/" + name);
                    entry.setTime(0);
                    zip.putNextEntry(entry);
                    zip.write(world.disk()
                            .readAll(SpoolHand.DIR.resolve(directory).resolve(name), 1 << 20));
                }
            }
        }
        return out.toByteArray();
    }
}
