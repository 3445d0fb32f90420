package org.hikyaku.queue;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.hikyaku.mail.Address;
import org.hikyaku.mail.Envelope;
import org.hikyaku.mail.Notify;
import org.hikyaku.mail.Recipient;
import org.hikyaku.mail.Wishes;
import org.hikyaku.operate.Verb;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A sender's address for each recipient. */
class VerpTest {
    private static final Address LIST = Address.of("list@c.example");

    private final QueueStories queue = new QueueStories();

    @AfterEach
    void end() {
        queue.close();
    }

    private static Envelope mail(Address sender, Recipient... to) {
        return new Envelope(sender, List.of(to), false, false, 0, Wishes.NONE.withVerp("+="));
    }

    private static Recipient to(String address) {
        return Recipient.of(Address.of(address));
    }

    private String text(Claim claim) {
        return new String(queue.store.bodies.get(claim.message().id()), StandardCharsets.UTF_8);
    }

    private static Address whom(Claim notice) {
        return notice.recipients().getFirst().address();
    }

    @Test
    void theSenderNamesTheRecipientAsTheClientDid() {
        Recipient followed = new Recipient(Address.of("new@d.example"), Address.of("joe+x@b.example"));
        assertThat(mail(LIST, followed).senderFor(followed)).hasToString("list+joe+x=b.example@c.example");
        Recipient odd = to("\"a b@x\"@b.example");
        assertThat(mail(LIST, odd).senderFor(odd)).hasToString("\"list+a b@x=b.example\"@c.example");
        Recipient foreign = to("näu@ü.example");
        assertThat(mail(LIST, foreign).senderFor(foreign)).hasToString("list+näu=xn--tda.example@c.example");
        assertThat(mail(Address.NULL, foreign).senderFor(foreign)).isEqualTo(Address.NULL);
        Recipient endless = to("x".repeat(250) + "@b.example");
        assertThat(mail(LIST, endless).senderFor(endless)).isEqualTo(LIST);
        assertThat(mail(LIST, odd).with(Wishes.NONE.withVerp("-+")).senderFor(to("a@b.example")))
                .hasToString("list-a+b.example@c.example");
        assertThat(mail(LIST, odd).with(Wishes.NONE).senderFor(odd)).isEqualTo(LIST);
    }

    @Test
    void eachRecipientGoesByHimselfAlsoAfterARestart() {
        queue.run(bed -> {
            bed.send("", mail(LIST, to("a@b.example"), to("b@b.example"), to("c@b.example")));
            assertThat(bed.take().places()).hasSize(1);
        });
        queue.run(bed -> {
            for (int i = 0; i < 3; i++) {
                Claim claim = bed.take();
                assertThat(claim.places()).hasSize(1);
                bed.settle(claim, QueueBed.retry());
            }
            assertThat(bed.take().places()).hasSize(1);
        });
    }

    @Test
    void whatFailsComesBackToTheAddressThatNamesIt() {
        queue.run(bed -> {
            Recipient asked =
                    new Recipient(Address.of("a@b.example"), Address.of("a@b.example"), new Notify(Notify.SUCCESS, ""));
            bed.send("", mail(LIST, asked, to("b@b.example")));
            List<String> told = new ArrayList<>();
            for (int i = 0; i < 2; i++) {
                Claim claim = bed.take();
                boolean first = claim.recipients().contains(asked);
                bed.settle(claim, first ? QueueBed.delivered() : QueueBed.failed());
            }
            for (int i = 0; i < 2; i++) {
                Claim notice = bed.take();
                assertThat(notice.message().envelope().sender()).isEqualTo(Address.NULL);
                assertThat(text(notice)).contains("To: <" + whom(notice) + ">");
                told.add(whom(notice) + " " + text(notice).replaceAll("(?s).*Action: ([a-z]+).*", "$1"));
            }
            assertThat(told)
                    .containsExactlyInAnyOrder(
                            "list+a=b.example@c.example relayed", "list+b=b.example@c.example failed");
        });
    }

    @Test
    void whatAnOperatorGivesUpIsToldOfEachByItself() {
        queue.sim.run(world -> {
            OperatorBed op = new OperatorBed(world, queue.store);
            op.bed.send("", mail(LIST, to("a@b.example"), to("b@d.example")));
            op.run(new Verb.Bounce("no more", true), "all");
            List<String> told = new ArrayList<>();
            for (int i = 0; i < 2; i++) {
                Claim notice = op.bed.take();
                told.add(whom(notice).toString());
                op.bed.settle(notice, QueueBed.delivered());
            }
            assertThat(told).containsExactlyInAnyOrder("list+a=b.example@c.example", "list+b=d.example@c.example");
        });
    }

    /** Of ours, without sub-addresses: then the notice goes to whom there is. */
    @Test
    void anAddressOfOursThatIsNotThereIsNotWrittenTo() {
        queue.run(bed -> {
            Wishes wishes = Wishes.NONE.withVerp("==");
            bed.send(
                    "", new Envelope(Address.of("ann@a.example"), List.of(to("x@b.example")), false, false, 0, wishes));
            Claim claim = bed.take();
            bed.settle(claim, QueueBed.failed());
            assertThat(whom(bed.take())).hasToString("ann@a.example");
        });
    }
}
