package org.hikyaku.deliver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.List;
import org.hikyaku.mail.Address;
import org.hikyaku.mail.Content;
import org.hikyaku.mail.Domain;
import org.hikyaku.mail.Envelope;
import org.hikyaku.mail.Notify;
import org.hikyaku.mail.Recipient;
import org.hikyaku.mail.Wishes;
import org.hikyaku.queue.Outcome;
import org.hikyaku.route.Hop;
import org.hikyaku.route.Hop.Security;
import org.hikyaku.sim.SimWorld;
import org.hikyaku.spool.StoredMessage;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What a sender asked for by extensions, at the hosts that a message goes to. */
class WishesDeliveredTest {
    private static final String ONE = "198.51.100.1";
    private static final Recipient BOB = new Recipient(
            Address.of("b@y.example"), Address.of("b@y.example"), new Notify(Notify.SUCCESS, "rfc822;B@y.example"));

    private final SimWorld sim = new SimWorld(7);
    private final SmtpAgent agent = new SmtpAgent(sim.world(), new Connections());
    private final FakeMx mx = Errand.mx(sim, ONE);

    @AfterEach
    void close() {
        sim.close();
    }

    private static StoredMessage message(Wishes wishes, int priority, Recipient... to) {
        StoredMessage plain = Errand.message(Errand.content(Errand.TEXT), false, false, "b@y.example");
        Envelope envelope = new Envelope(Address.of("a@x.example"), List.of(to), false, false, priority, wishes);
        return new StoredMessage(
                plain.id(), plain.arrival(), envelope, plain.origin(), plain.states(), "", plain.content());
    }

    private Outcome deliver(StoredMessage message, Hop hop) {
        return Errand.deliver(sim, agent, Errand.delivery(message, Errand.CONFIG, hop))
                .all()
                .getFirst();
    }

    private static Outcome.Word word(Outcome outcome) {
        return ((Outcome.Delivered) outcome).word();
    }

    /** RFC 3461 5.2.1, 5.2.2 (b). */
    @Test
    void aHostWithDsnIsToldWhatIsWantedAndAnswersForOneWithoutWeDo() {
        Hop hop = Errand.hop(ONE, Security.NONE);
        Wishes wishes = Wishes.NONE.withEnvelopeId("Q1");
        assertThat(word(deliver(message(wishes, 0, BOB), hop))).isEqualTo(Outcome.Word.RELAYED);
        assertThat(mx.commands()).noneMatch(line -> line.contains("NOTIFY") || line.contains("ENVID"));
        mx.offer = List.of("DSN", "PIPELINING");
        SmtpAgent another = new SmtpAgent(sim.world(), new Connections());
        Outcome outcome = Errand.deliver(sim, another, Errand.delivery(message(wishes, 0, BOB), Errand.CONFIG, hop))
                .all()
                .getFirst();
        assertThat(word(outcome)).isEqualTo(Outcome.Word.PASSED_ON);
        assertThat(mx.commands())
                .contains(
                        "MAIL FROM:<a@x.example> ENVID=Q1",
                        "RCPT TO:<b@y.example> NOTIFY=SUCCESS ORCPT=rfc822;B@y.example");
    }

    @Test
    void aHostSeesTheSenderOfTheRecipient() {
        Wishes wishes = Wishes.NONE.withVerp("-=");
        assertThat(deliver(message(wishes, 0, BOB), Errand.hop(ONE, Security.NONE)))
                .isInstanceOf(Outcome.Delivered.class);
        assertThat(mx.commands()).contains("MAIL FROM:<a-" + BOB.original().local() + "=y.example@x.example>");
    }

    /** RFC 9422: RCPTMAX and MAILMAX; RCPTDOMAINMAX never binds, for a transaction has one domain. */
    @Test
    void whatAHostSaysOfItsLimitsIsKept() {
        mx.offer = List.of("PIPELINING", "LIMITS RCPTMAX=2 MAILMAX=1 RCPTDOMAINMAX=1 OTHER=x");
        String[] five = {"a@y.example", "b@y.example", "c@y.example", "d@y.example", "e@y.example"};
        Outcomes outcomes = Errand.deliver(sim, agent, Errand.delivery(List.of(Errand.hop(ONE, Security.NONE)), five));
        assertThat(Errand.words(outcomes)).containsOnly("delivered").hasSize(5);
        assertThat(mx.mails).hasSize(3);
        assertThat(mx.sessions).hasSize(3).allSatisfy(session -> {
            assertThat(session.commands.stream().filter(line -> line.startsWith("MAIL")))
                    .hasSize(1);
            assertThat(session.commands.stream().filter(line -> line.startsWith("RCPT")))
                    .hasSizeBetween(1, 2);
        });
        assertThat(Errand.words(Errand.deliver(
                        sim, agent, Errand.delivery(List.of(Errand.hop(ONE, Security.NONE)), "f@y.example"))))
                .containsExactly("delivered");
        assertThat(mx.sessions).hasSize(4);
    }

    /** RFC 6758 3.3: and only there, in place of any that the message had. */
    @Test
    void toAHostWithoutMtPriorityThePriorityGoesInTheHeader() {
        StoredMessage plain = Errand.message(
                Errand.content("MT-Priority: 9\r\nSubject: x\r\n\r\nbody\r\n"), false, false, "b@y.example");
        Envelope envelope = new Envelope(
                Address.NULL, plain.envelope().recipients(), false, false, 3, Wishes.NONE.withRanked(true));
        StoredMessage ranked = new StoredMessage(
                plain.id(), plain.arrival(), envelope, plain.origin(), plain.states(), "", plain.content());
        deliver(ranked, Errand.hop(ONE, Security.NONE));
        assertThat(mx.mails.getLast().text()).isEqualTo("MT-Priority: 3\r\nSubject: x\r\n\r\nbody\r\n");
        mx.offer = List.of("MT-PRIORITY");
        SmtpAgent another = new SmtpAgent(sim.world(), new Connections());
        Errand.deliver(sim, another, Errand.delivery(ranked, Errand.CONFIG, Errand.hop(ONE, Security.NONE)));
        assertThat(mx.mails.getLast().sender()).endsWith(" MT-PRIORITY=3");
        assertThat(mx.mails.getLast().text()).startsWith("MT-Priority: 9\r\nSubject");
    }

    /** RFC 8689 4.2.1: no name from the DNS proves itself here, only one that the operator gave. */
    @Test
    void whatNeedsTlsGoesToNoHostThatIsNotProved() {
        StoredMessage secret = message(Wishes.NONE.with(Wishes.Tls.REQUIRED), 0, BOB);
        mx.offer = List.of("REQUIRETLS", "STARTTLS");
        assertThat(status(deliver(secret, Errand.hop(ONE, Security.OPPORTUNISTIC))))
                .isEqualTo("5.7.10");
        assertThat(mx.sessions).isEmpty();
    }

    /** RFC 8689 4.2.1: an MX that nobody signed may be forged, and then the certificate is the forger's. */
    @Test
    void whatNeedsTlsGoesToNoHostThatOnlyTheDnsNamedThoughTheSiteDemandsItsCertificate() {
        StoredMessage secret = message(Wishes.NONE.with(Wishes.Tls.REQUIRED), 0, BOB);
        Hop verified = Errand.hop(ONE, Security.VERIFIED);
        assertThat(status(deliver(secret, verified.byDns()))).isEqualTo("5.7.10");
        assertThat(mx.sessions).isEmpty();
        deliver(secret, verified);
        assertThat(mx.sessions).as("who is named is asked").isNotEmpty();
    }

    /** docs/sites.md: nothing was learnt of the host, so nobody else is to pass it by. */
    @Test
    void whatIsNotEvenTriedKeepsTheHostFromNobody() {
        Hop hop = Errand.hop(ONE, Security.OPPORTUNISTIC);
        agent.memory().unusable(hop, Domain.of("y.example"), "silent", false, true);
        sim.runFor(HostMemory.FIRST);
        deliver(message(Wishes.NONE.with(Wishes.Tls.REQUIRED), 0, BOB), hop);
        assertThat(deliver(message(Wishes.NONE, 0, BOB), hop)).isInstanceOf(Outcome.Delivered.class);
    }

    /** The same, though it is a bug of ours that ends the attempt. */
    @Test
    void anAttemptThatBreaksKeepsTheHostFromNobody() {
        Hop hop = Errand.hop(ONE, Security.OPPORTUNISTIC);
        agent.memory().unusable(hop, Domain.of("y.example"), "silent", false, true);
        sim.runFor(HostMemory.FIRST);
        Content bug = new Content() {
            @Override
            public long size() {
                return 100;
            }

            @Override
            public int read(ByteBuffer target, long position) {
                throw new IllegalStateException("a bug");
            }
        };
        Delivery broken = Errand.delivery(Errand.message(bug, false, false, "b@y.example"), Errand.CONFIG, hop);
        assertThatThrownBy(() -> Errand.deliver(sim, agent, broken)).hasStackTraceContaining("a bug");
        assertThat(deliver(message(Wishes.NONE, 0, BOB), hop)).isInstanceOf(Outcome.Delivered.class);
    }

    private Wishes by(int seconds, boolean returns, boolean trace) {
        Instant at = sim.world().clock().now().plusSeconds(seconds);
        return Wishes.NONE.with(new Wishes.Deadline(at, returns, trace));
    }

    private static String status(Outcome outcome) {
        return ((Outcome.Failed) outcome).why().status();
    }

    /** RFC 2852 4.1.4.1, 7. */
    @Test
    void whatIsNotWantedLaterGoesOnlyWhereThatIsPromised() {
        Hop hop = Errand.hop(ONE, Security.NONE);
        assertThat(status(deliver(message(by(120, true, false), 0, BOB), hop))).isEqualTo("5.3.3");
        mx.offer = List.of("DELIVERBY 240");
        SmtpAgent second = new SmtpAgent(sim.world(), new Connections());
        Delivery tooShort = Errand.delivery(message(by(120, true, false), 0, BOB), Errand.CONFIG, hop);
        assertThat(status(Errand.deliver(sim, second, tooShort).all().getFirst()))
                .isEqualTo("5.3.3");
        assertThat(mx.mails).isEmpty();
        Delivery longer = Errand.delivery(message(by(300, true, false), 0, BOB), Errand.CONFIG, hop);
        assertThat(word(Errand.deliver(sim, second, longer).all().getFirst())).isEqualTo(Outcome.Word.RELAYED);
        assertThat(mx.mails.getFirst().sender()).containsPattern(" BY=(300|29[0-9]);R$");
    }

    /** RFC 2852 4.1.4, 4.1.4.2. */
    @Test
    void whereItIsNotPromisedOrATraceIsWantedTheSenderHearsThatItWasRelayed() {
        Hop hop = Errand.hop(ONE, Security.NONE);
        assertThat(word(deliver(message(by(120, false, false), 0, BOB), hop))).isEqualTo(Outcome.Word.ANNOUNCED);
        mx.offer = List.of("DELIVERBY", "DSN");
        SmtpAgent second = new SmtpAgent(sim.world(), new Connections());
        Delivery known = Errand.delivery(message(by(120, false, false), 0, BOB), Errand.CONFIG, hop);
        assertThat(word(Errand.deliver(sim, second, known).all().getFirst())).isEqualTo(Outcome.Word.PASSED_ON);
        Delivery traced = Errand.delivery(message(by(120, false, true), 0, BOB), Errand.CONFIG, hop);
        assertThat(word(Errand.deliver(sim, second, traced).all().getFirst())).isEqualTo(Outcome.Word.ANNOUNCED);
    }

    /** RFC 3461 5.2.3: LMTP is the way into the mailbox. */
    @Test
    void lmtpWithoutDsnIsDelivery() {
        mx.lmtp = true;
        Hop plain = Errand.hop(ONE, Security.NONE);
        Hop hop = new Hop(plain.host(), plain.endpoint(), Hop.Protocol.LMTP, plain.security(), plain.login());
        assertThat(word(deliver(message(Wishes.NONE, 0, BOB), hop))).isEqualTo(Outcome.Word.DELIVERED);
    }
}
