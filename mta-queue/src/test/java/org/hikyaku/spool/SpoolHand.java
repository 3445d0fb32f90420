package org.hikyaku.spool;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.hikyaku.config.SpoolSettings;
import org.hikyaku.mail.Address;
import org.hikyaku.mail.Content;
import org.hikyaku.mail.Diagnosis;
import org.hikyaku.mail.Envelope;
import org.hikyaku.mail.Recipient;
import org.hikyaku.mail.SpoolId;
import org.hikyaku.world.Tasks;
import org.hikyaku.world.World;

/** What the tests do with a spool, in few words; every wait is one of the World. */
final class SpoolHand {
    static final Path DIR = Path.of("/data/spool");
    static final int SEGMENT = 64 << 10;
    static final int INLINE_MAX = 16 << 10;
    static final Duration MARKS_WAIT = Duration.ofMillis(5);
    static final byte[] NO_HEADER = {};

    private SpoolHand() {}

    static SpoolSettings settings() {
        return settings(SEGMENT, 0);
    }

    static SpoolSettings settings(long segment, long reserve) {
        return new SpoolSettings(Optional.of(DIR), segment, INLINE_MAX, reserve, MARKS_WAIT, 64 << 20);
    }

    static JournalSpool open(World world, Duration marksWait) throws IOException {
        SpoolSettings settings = new SpoolSettings(Optional.of(DIR), SEGMENT, INLINE_MAX, 0, marksWait, 64 << 20);
        return JournalSpool.open(world, DIR, settings, 4 << 20);
    }

    static JournalSpool open(World world) throws IOException {
        return JournalSpool.open(world, DIR, settings(), 4 << 20);
    }

    /** What a change came to: empty text when it is stored. */
    static Tasks.Promise<String> commit(World world, Spool spool, Change change) {
        Tasks.Promise<String> told = world.tasks().promise();
        spool.commit(change, null, new Spool.Done() {
            @Override
            public void stored() {
                told.complete("");
            }

            @Override
            public void failed(Spool.SpoolFailure why) {
                told.complete((why.full() ? "full: " : "failed: ") + why.text());
            }
        });
        return told;
    }

    static Change.Entry.Accept accept(World world, Draft draft, int recipients) {
        List<Recipient> to = new ArrayList<>();
        for (int i = 0; i < recipients; i++) {
            to.add(Recipient.of(Address.of("r" + i + "@b.example")));
        }
        Envelope envelope = new Envelope(Address.of("a@a.example"), to, false, false, recipients % 19 - 9);
        return new Change.Entry.Accept(
                draft,
                "Received: x\r\n".getBytes(StandardCharsets.US_ASCII),
                envelope,
                new Origin(Origin.Kind.SMTP, "192.0.2.7", "", "s1"),
                world.clock().now(),
                Collections.nCopies(
                        recipients, RecipientState.fresh(world.clock().now())),
                "");
    }

    static Draft draft(Spool spool, String body) {
        Draft draft = spool.draft();
        byte[] octets = body.getBytes(StandardCharsets.UTF_8);
        draft.append(octets, 0, octets.length);
        return draft;
    }

    /** Stores a message for {@code recipients} and returns its id. */
    static SpoolId store(World world, Spool spool, String body, int recipients) {
        Draft draft = draft(spool, body);
        String told = commit(world, spool, Change.of(accept(world, draft, recipients)))
                .await();
        if (!told.isEmpty()) {
            throw new AssertionError(told);
        }
        return draft.id();
    }

    static RecipientState delivered() {
        return new RecipientState(
                RecipientState.Status.DELIVERED, 1, java.time.Instant.EPOCH, Diagnosis.ours("2.0.0", "ok"), false);
    }

    static RecipientState deferred(World world, int attempts) {
        return new RecipientState(
                RecipientState.Status.PENDING,
                attempts,
                world.clock().now().plusSeconds(300),
                new Diagnosis("4.4.1", "no answer", "mx.b.example", "421 later"),
                false);
    }

    static Change.Entry.Progress done(SpoolId id, int place) {
        return new Change.Entry.Progress(id, Map.of(place, delivered()));
    }

    static void finish(World world, Spool spool, SpoolId id) {
        String told = commit(world, spool, Change.of(new Change.Entry.Remove(id, "test")))
                .await();
        if (!told.isEmpty()) {
            throw new AssertionError(told);
        }
    }

    static String text(Content content) throws IOException {
        ByteBuffer all = ByteBuffer.allocate((int) content.size());
        while (all.hasRemaining()) {
            if (content.read(all, all.position()) <= 0) {
                throw new IOException("content ended early");
            }
        }
        return new String(all.array(), StandardCharsets.UTF_8);
    }

    static String body(String text) {
        return "Received: x\r\n" + text;
    }

    /** A body of {@code size} octets that nobody else has. */
    static String large(int seed, int size) {
        StringBuilder out = new StringBuilder(size);
        int i = seed * 1000003;
        while (out.length() < size) {
            out.append(Integer.toString(i++, 36)).append("\r\n");
        }
        return out.substring(0, size);
    }

    /** All that a spool holds now. */
    static List<StoredMessage> there(JournalSpool spool) throws IOException {
        List<StoredMessage> all = new ArrayList<>();
        for (SpoolId id : spool.ids(null, Integer.MAX_VALUE)) {
            all.add(spool.peek(id).orElseThrow());
        }
        return all;
    }

    /** All that a spool tells of after its opening, once it has told all. */
    static List<StoredMessage> recovered(JournalSpool spool) {
        List<StoredMessage> all = Collections.synchronizedList(new ArrayList<>());
        spool.recover(all::add).join(Duration.ofDays(1));
        return all;
    }
}
