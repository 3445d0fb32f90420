package org.hikyaku.spool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.hikyaku.mail.Address;
import org.hikyaku.mail.Envelope;
import org.hikyaku.mail.Notify;
import org.hikyaku.mail.Recipient;
import org.hikyaku.mail.SpoolId;
import org.hikyaku.mail.Wishes;
import org.hikyaku.sim.SimWorld;
import org.hikyaku.world.Disk;
import org.hikyaku.world.Event;
import org.hikyaku.world.World;
import org.junit.jupiter.api.Test;

/** What senders ask for by extensions outlives the process, and costs nothing where nobody asks. */
class WishesStoredTest {
    static final Wishes ALL = Wishes.NONE
            .withBinary(true)
            .withRanked(true)
            .withVerp("+=")
            .with(Wishes.Tls.REQUIRED)
            .with(Wishes.Ret.FULL)
            .withEnvelopeId("QQ 314159+ä")
            .withSubmitter("joe@a.example")
            .withSolicitation("net.example:ADV,org.example:ADV:ADLT")
            .with(new Wishes.Deadline(Instant.parse("2026-12-01T10:00:00Z"), true, true))
            .with(new Wishes.Release(Instant.parse("2026-11-30T10:00:00Z"), "for;3600"));

    static final List<Wishes> SOME = List.of(
            Wishes.NONE,
            ALL,
            Wishes.NONE.withBinary(true),
            Wishes.NONE.with(Wishes.Tls.OPTIONAL),
            Wishes.NONE.with(Wishes.Ret.HEADERS),
            Wishes.NONE.withSubmitter("<>"),
            Wishes.NONE.with(new Wishes.Deadline(Instant.EPOCH, false, true)),
            Wishes.NONE.with(new Wishes.Release(Instant.EPOCH, "until;1970-01-01T00:00:00Z")));

    @Test
    void wishesAreThereAfterARestartAndARedirect() {
        try (SimWorld sim = new SimWorld(1)) {
            List<SpoolId> ids = new ArrayList<>();
            sim.run(world -> {
                JournalSpool spool = SpoolHand.open(world);
                for (Wishes each : SOME) {
                    ids.add(store(world, spool, envelope(each)));
                }
                Change.Entry.Redirect redirect = new Change.Entry.Redirect(
                        ids.get(1), List.of(0), List.of(new Recipient(to("new"), to("a"), notify(3))), Instant.EPOCH);
                assertThat(SpoolHand.commit(world, spool, Change.of(redirect)).await())
                        .isEmpty();
                spool.close();
            });
            sim.run(world -> {
                JournalSpool spool = SpoolHand.open(world);
                for (int i = 0; i < SOME.size(); i++) {
                    Envelope found = spool.read(ids.get(i)).orElseThrow().envelope();
                    assertThat(found.wishes()).isEqualTo(SOME.get(i));
                    assertThat(found.priority()).isEqualTo(-9);
                    assertThat(found.recipients().get(1).wanted()).isEqualTo(notify(0));
                }
                assertThat(spool.read(ids.get(1))
                                .orElseThrow()
                                .envelope()
                                .recipients()
                                .getLast()
                                .wanted())
                        .isEqualTo(notify(3));
            });
        }
    }

    @Test
    void aMessageWithoutWishesIsOneObjectLessAndNoOctetMore() throws Damaged {
        FieldWriter plain = new FieldWriter();
        WishFields.write(plain, Wishes.NONE);
        assertThat(plain.length()).isEqualTo(1); // never written: the flag for it is not set
        assertThat(envelope(Wishes.NONE.withBinary(false)).wishes()).isSameAs(Wishes.NONE);
        assertThat(new Recipient(to("a"), to("a"), new Notify(Notify.UNSAID, "")).wanted())
                .isSameAs(Notify.NONE);
    }

    @Test
    void aWishThatIsNotKnownIsDamageAndNotPassedOver() {
        FieldWriter out = new FieldWriter();
        out.varint(1 << 20);
        ByteBuffer octets = ByteBuffer.allocate(16);
        out.putInto(octets);
        assertThatThrownBy(() -> WishFields.read(new FieldReader(octets.flip())))
                .isInstanceOf(Damaged.class);
    }

    @Test
    void aMessageWithAWishThatIsNotKnownIsDamagedAndTheOthersAreNot() {
        CrashedDisk disk = new CrashedDisk();
        disk.stored(1);
        disk.sim.run(world -> {
            JournalSpool spool = SpoolHand.open(world);
            store(world, spool, envelope(ALL));
            disk.sim.kill(); // no checkpoint: the journal is read
        });
        disk.brokenBy(WishesStoredTest::raiseAFlag);
        disk.expect(disk.stored);
        assertThat(disk.sim.events().count(Event.SPOOL_RECORD_DAMAGED)).isEqualTo(1);
    }

    /** Sets a bit beyond those that are known in the wishes of the last message of that sort; the checksum is right. */
    private static void raiseAFlag(World world) throws IOException {
        SegmentHeader header = CrashedDisk.newest(world);
        try (Disk.File file = world.disk().openWrite(CrashedDisk.slot(header.slot()))) {
            for (long at : CrashedDisk.frames(world)) {
                ByteBuffer octets = ByteBuffer.allocate(4096);
                file.read(octets, at);
                octets.clear();
                String text = new String(octets.array(), StandardCharsets.ISO_8859_1);
                int id = text.indexOf("QQ 314159");
                if (id > 0) { // before it its length, before that the flags, in two octets of seven bits
                    assertThat(octets.get(id - 2)).isBetween((byte) 0, (byte) 31);
                    octets.put(id - 2, (byte) (octets.get(id - 2) | 1 << 6));
                    int head = octets.getInt(8);
                    octets.putInt(4, Frame.checksum(octets, 0, head, header.epoch(), header.number(), at));
                    file.write(at, octets);
                    return;
                }
            }
        }
        throw new AssertionError("no such message");
    }

    static SpoolId store(World world, Spool spool, Envelope envelope) {
        Draft draft = SpoolHand.draft(spool, "text\r\n");
        RecipientState fresh = RecipientState.fresh(world.clock().now());
        Change.Entry.Accept accept = new Change.Entry.Accept(
                draft,
                SpoolHand.NO_HEADER,
                envelope,
                Origin.ownNotice(),
                world.clock().now(),
                Collections.nCopies(envelope.recipients().size(), fresh),
                "");
        assertThat(SpoolHand.commit(world, spool, Change.of(accept)).await()).isEmpty();
        return draft.id();
    }

    static Envelope envelope(Wishes wishes) {
        return new Envelope(
                to("s"),
                List.of(Recipient.of(to("a")), new Recipient(to("b"), to("c"), notify(0))),
                true,
                true,
                -9,
                wishes);
    }

    private static Notify notify(int when) {
        return new Notify(when, "rfc822;joe+x@b.example");
    }

    private static Address to(String local) {
        return Address.of(local + "@b.example");
    }
}
