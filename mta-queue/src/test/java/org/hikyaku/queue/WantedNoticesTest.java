package org.hikyaku.queue;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.hikyaku.config.ConfigReader;
import org.hikyaku.config.LocalSettings;
import org.hikyaku.mail.Address;
import org.hikyaku.mail.Envelope;
import org.hikyaku.mail.Notify;
import org.hikyaku.mail.Recipient;
import org.hikyaku.mail.Wishes;
import org.hikyaku.table.LocalDirectory;
import org.hikyaku.world.Disk;
import org.hikyaku.world.Event;
import org.hikyaku.world.World;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What a sender hears of a message for which he said what he wants to hear (RFC 3461). */
class WantedNoticesTest {
    private static final Path ALIASES = Path.of("/aliases");
    private static final LocalSettings LOCAL = ConfigReader.fromText("""
            hostname = mx.a.example
            local.domains = [a.example]
            local.postmaster = "ann@a.example"
            auth.users = users
            local.aliases = /aliases
            """).local();

    private final QueueStories queue = new QueueStories();

    @AfterEach
    void end() {
        queue.close();
    }

    private static Recipient to(String address, int when) {
        return new Recipient(Address.of(address), Address.of(address), new Notify(when, "rfc822;O-" + address));
    }

    private static Envelope mail(Wishes wishes, Recipient... to) {
        return new Envelope(Address.of("ann@c.example"), List.of(to), false, false, 0, wishes);
    }

    private String text(Claim claim) {
        return new String(queue.store.bodies.get(claim.message().id()), StandardCharsets.UTF_8);
    }

    /** The notices that lie in the queue now, as text. */
    private List<String> notices(QueueBed bed) {
        List<String> all = new ArrayList<>();
        for (var claim = bed.takeSoon(); claim.isPresent(); claim = bed.takeSoon()) {
            assertThat(claim.get().message().envelope().sender()).isEqualTo(Address.NULL); // RFC 3461 6.1
            all.add(text(claim.get()));
            bed.settle(claim.get(), QueueBed.delivered());
        }
        return all;
    }

    /** RFC 3461 5.2.2 (b), (e), 5.2.8, 6.3. */
    @Test
    void whoAskedHearsThatAHostWhichTellsNothingHasTheMessage() {
        queue.run(bed -> {
            bed.send(
                    "",
                    mail(
                            Wishes.NONE.withEnvelopeId("Q 1"),
                            to("yes@b.example", Notify.SUCCESS),
                            to("no@b.example", Notify.FAILURE),
                            Recipient.of(Address.of("unsaid@b.example")),
                            to("never@b.example", 0)));
            bed.settle(bed.take(), QueueBed.delivered());
            List<String> notices = notices(bed);
            assertThat(notices).hasSize(1);
            assertThat(notices.getFirst())
                    .contains("Action: relayed", "Status: 2.0.0", "Original-Envelope-Id: Q 1")
                    .contains("Original-Recipient: rfc822; O-yes@b.example")
                    .contains("Content-Type: text/rfc822-headers") // RFC 3461 6.2
                    .doesNotContain("no@b", "unsaid@", "never@");
        });
        assertThat(queue.count(Event.NOTICE_QUEUED)).isEqualTo(1);
        assertThat(queue.count(Event.BOUNCE_QUEUED)).isZero();
    }

    /** RFC 3461 5.2.3, 5.2.1. */
    @Test
    void aMailboxIsDeliveredToAndAHopThatTellsItselfIsLeftToIt() {
        queue.run(bed -> {
            bed.send("", mail(Wishes.NONE, to("joe@b.example", Notify.SUCCESS)));
            bed.settle(bed.take(), new Outcome.Delivered("maildir", "", "", "stored", Outcome.Word.DELIVERED));
            assertThat(notices(bed)).singleElement().asString().contains("Action: delivered");
            bed.send("", mail(Wishes.NONE, to("joe@b.example", Notify.SUCCESS)));
            bed.settle(bed.take(), new Outcome.Delivered("mx", "mx", "", "250 ok", Outcome.Word.PASSED_ON));
            assertThat(notices(bed)).isEmpty();
        });
    }

    /** RFC 3461 5.2.6, 5.2.2 (d). */
    @Test
    void aFailureIsToldToWhoWantsItOnly() {
        queue.run(bed -> {
            bed.send(
                    "",
                    mail(
                            Wishes.NONE,
                            to("never@b.example", 0),
                            to("success@b.example", Notify.SUCCESS),
                            to("failure@b.example", Notify.FAILURE),
                            Recipient.of(Address.of("unsaid@b.example"))));
            bed.settle(bed.take(), QueueBed.failed());
            assertThat(notices(bed))
                    .singleElement()
                    .asString()
                    .contains("Action: failed", "failure@b.example", "unsaid@b.example")
                    .doesNotContain("never@", "success@");
            bed.send("", mail(Wishes.NONE, to("never@b.example", 0)));
            bed.settle(bed.take(), QueueBed.failed());
            assertThat(notices(bed)).isEmpty();
        });
        assertThat(queue.count(Event.BOUNCE_DROPPED)).isEqualTo(1);
        assertThat(queue.store.messages).isEmpty();
    }

    /** RFC 3461 5.2.5 (c). */
    @Test
    void aDelayIsNotToldToWhoDidNotAskForIt() {
        queue.run(bed -> {
            bed.send("", mail(Wishes.NONE, to("failure@b.example", Notify.FAILURE)));
            List<String> told = new ArrayList<>();
            while (told.isEmpty()) {
                Claim claim = bed.take();
                boolean notice = claim.message().envelope().sender().isNull();
                if (notice) {
                    told.add(text(claim));
                }
                bed.settle(claim, notice ? QueueBed.delivered() : QueueBed.retry());
            }
            assertThat(told.getFirst()).contains("Action: failed", "Status: 4.4.7");
            bed.queue.stop(Duration.ofSeconds(5));
        });
        assertThat(queue.count(Event.NOTICE_QUEUED)).isZero();
    }

    /** RFC 3461 4.3, 6.2. */
    @Test
    void retSaysHowMuchComesBack() {
        queue.run(bed -> {
            for (Wishes.Ret ret : Wishes.Ret.values()) {
                bed.send("", mail(Wishes.NONE.with(ret), Recipient.of(Address.of("joe@b.example"))));
                bed.settle(bed.take(), QueueBed.failed());
                boolean whole = ret != Wishes.Ret.HEADERS;
                assertThat(notices(bed))
                        .singleElement()
                        .asString()
                        .contains(whole ? "Content-Type: message/rfc822" : "Content-Type: text/rfc822-headers");
            }
        });
    }

    /** RFC 8689 5. */
    @Test
    void theNoticeOfAMessageThatNeedsTlsNeedsItTooAndHasTheHeaderOnly() {
        queue.run(bed -> {
            Wishes wishes = Wishes.NONE.with(Wishes.Tls.REQUIRED).with(Wishes.Ret.FULL);
            bed.send("", mail(wishes, Recipient.of(Address.of("joe@b.example"))));
            bed.settle(bed.take(), QueueBed.failed());
            Claim notice = bed.take();
            assertThat(notice.message().envelope().wishes()).isEqualTo(Wishes.NONE.with(Wishes.Tls.REQUIRED));
            assertThat(text(notice)).contains("Content-Type: text/rfc822-headers");
        });
    }

    /** RFC 3030 3: binary may go where the notice goes or not; RFC 2046 5.2.1 lets no encoding make it fit. */
    @Test
    void ofBinaryMailTheHeaderComesBack() {
        queue.run(bed -> {
            bed.send("", mail(Wishes.NONE.withBinary(true), Recipient.of(Address.of("joe@b.example"))));
            bed.settle(bed.take(), QueueBed.failed());
            assertThat(notices(bed)).singleElement().asString().contains("Content-Type: text/rfc822-headers");
        });
    }

    /** RFC 3461 5.2: never to the null sender, whatever it asked for. */
    @Test
    void theNullSenderHearsNothing() {
        queue.run(bed -> {
            bed.send("", new Envelope(Address.NULL, List.of(to("joe@b.example", Notify.SUCCESS)), false, false));
            bed.settle(bed.take(), QueueBed.delivered());
            assertThat(notices(bed)).isEmpty();
        });
    }

    /** RFC 3461 5.2.7.2, 5.2.7.3 (c). */
    @Test
    void throughAnAliasOfOneAllGoesOnThroughOneOfSeveralAllButTheSuccess() {
        withAliases("one: x@b.example\nteam: y@b.example, z@b.example\n", bed -> {
            bed.send(
                    "",
                    mail(
                            Wishes.NONE.withEnvelopeId("Q1"),
                            to("one@a.example", Notify.SUCCESS),
                            to("team@a.example", Notify.SUCCESS | Notify.FAILURE)));
            assertThat(queue.store.changes.getFirst().entries()).hasSize(2); // the notice comes with the message
            List<Claim> claims = List.of(bed.take(), bed.take());
            Claim mail =
                    claims.get(claims.getFirst().message().envelope().sender().isNull() ? 1 : 0);
            Claim notice = claims.get(claims.indexOf(mail) == 0 ? 1 : 0);
            assertThat(mail.recipients())
                    .extracting(Recipient::wanted)
                    .containsExactly(
                            new Notify(Notify.SUCCESS, "rfc822;O-one@a.example"),
                            new Notify(Notify.FAILURE, "rfc822;O-team@a.example"),
                            new Notify(Notify.FAILURE, "rfc822;O-team@a.example"));
            assertThat(text(notice))
                    .contains("Action: expanded", "Final-Recipient: rfc822; team@a.example", "Original-Envelope-Id: Q1")
                    .doesNotContain("y@b.example", "z@b.example", "one@a.example");
        });
    }

    /** RFC 3461 5.2.7.1: with the list it is delivered, and what the author asked for ends. */
    @Test
    void whatTheAuthorAskedForEndsAtTheList() {
        withAliases("list: x@b.example\nowner-list: ann\n", bed -> {
            bed.send(
                    "",
                    mail(Wishes.NONE.withEnvelopeId("Q1").with(Wishes.Ret.FULL), to("list@a.example", Notify.SUCCESS)));
            List<Claim> claims = List.of(bed.take(), bed.take());
            Claim mail =
                    claims.get(claims.getFirst().message().envelope().sender().isNull() ? 1 : 0);
            Claim notice = claims.get(claims.indexOf(mail) == 0 ? 1 : 0);
            assertThat(mail.message().envelope().wishes()).isSameAs(Wishes.NONE);
            assertThat(mail.recipients()).extracting(Recipient::wanted).containsExactly(Notify.NONE);
            assertThat(text(notice))
                    .contains("Action: delivered", "list@a.example")
                    .doesNotContain("x@b.example");
        });
    }

    /** RFC 6710 4.4: unlike what concerns the author alone, the priority goes on. */
    @Test
    void aPriorityGoesThroughAList() {
        withAliases("list: x@b.example\nowner-list: ann\n", bed -> {
            Envelope ranked = mail(
                            Wishes.NONE.withRanked(true).withEnvelopeId("Q1"),
                            Recipient.of(Address.of("list@a.example")))
                    .withPriority(-3);
            bed.send("", ranked);
            Envelope sent = bed.take().message().envelope();
            assertThat(sent.priority()).isEqualTo(-3);
            assertThat(sent.wishes()).isEqualTo(Wishes.NONE.withRanked(true));
        });
    }

    private void withAliases(String aliases, QueueStories.Story story) {
        queue.sim.run(world -> story.tell(new QueueBed(world, queue.store, directory(world, aliases))));
    }

    private static LocalDirectory directory(World world, String aliases) throws Exception {
        try (Disk.File file = world.disk().create(ALIASES)) {
            file.write(0, ByteBuffer.wrap(aliases.getBytes(StandardCharsets.UTF_8)));
        }
        return QueueBed.directory(world, LOCAL);
    }
}
