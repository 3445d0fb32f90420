package org.hikyaku.smtp.client;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.hikyaku.mail.Address;
import org.hikyaku.mail.TlsFacts;
import org.hikyaku.mail.Wishes;
import org.hikyaku.smtp.client.Terms.Tls;

/** A conversation under test: says what the server says, and hears what the client does. */
final class Talk {
    static final Patience PATIENCE = new Patience(
            Duration.ofSeconds(1),
            Duration.ofSeconds(2),
            Duration.ofSeconds(3),
            Duration.ofSeconds(4),
            Duration.ofSeconds(5),
            Duration.ofSeconds(6),
            Duration.ofSeconds(7),
            Duration.ofSeconds(8));

    private static final TlsFacts TLS = new TlsFacts("TLSv1.3", "TLS_AES_128_GCM_SHA256", List.of(), true);

    final SmtpConversation conversation;
    long now = 1_000_000;
    final List<Act> acts = new ArrayList<>();

    Talk(Terms terms) {
        conversation = new SmtpConversation(terms);
        acts.addAll(conversation.opened(null, now));
    }

    static Terms terms(Tls tls) {
        return new Terms("me.example", false, tls, false, Optional.empty(), PATIENCE);
    }

    static Terms lmtp() {
        return new Terms("me.example", true, Tls.NO, false, Optional.empty(), PATIENCE);
    }

    static Terms login(Terms.Login login) {
        return new Terms("me.example", false, Tls.IF_OFFERED, false, Optional.of(login), PATIENCE);
    }

    /** Ready for a transaction at a server that offers these. */
    static Talk ready(String... offer) {
        Talk talk = new Talk(terms(Tls.NO));
        talk.says("220 hi").hears("EHLO me.example").says(ehlo(offer)).hears("READY");
        return talk;
    }

    static Talk readyLmtp() {
        Talk talk = new Talk(lmtp());
        talk.says("220 hi").hears("LHLO me.example").says(ehlo("PIPELINING")).hears("READY");
        return talk;
    }

    static String[] ehlo(String... offer) {
        List<String> lines = Stream.concat(Stream.of("them"), Stream.of(offer)).toList();
        String[] out = new String[lines.size()];
        for (int i = 0; i < out.length; i++) {
            out[i] = "250" + (i == out.length - 1 ? " " : "-") + lines.get(i);
        }
        return out;
    }

    static Transaction mail(String... recipients) {
        return new Transaction(
                Address.of("a@x.example"),
                Stream.of(recipients).map(Address::of).toList(),
                100,
                false,
                false);
    }

    /** The same by BDAT. */
    static Transaction chunked(Body.Octets octets, String... recipients) {
        Transaction by = mail(recipients);
        return new Transaction(
                by.sender(), by.recipients(), 0, Wishes.NONE, 0, by.size(), new Body(octets, true), false);
    }

    /** A part of the message goes out. */
    Talk sendsPart(int octets, boolean last, String expected) {
        assertThat(conversation.wantsPart()).isTrue();
        assertThat(new String(conversation.beforePart(octets, last), StandardCharsets.UTF_8))
                .isEqualTo(expected + "\r\n");
        return last ? bodySent() : this;
    }

    Talk begins(Transaction transaction) {
        acts.addAll(conversation.begin(transaction, now));
        return this;
    }

    /** The server says these lines. */
    Talk says(String... lines) {
        return saysRaw(String.join("\r\n", lines) + "\r\n");
    }

    Talk saysRaw(String text) {
        byte[] octets = text.getBytes(StandardCharsets.UTF_8);
        acts.addAll(conversation.received(octets, 0, octets.length, now));
        return this;
    }

    Talk bodySent() {
        conversation.bodyEnded(now);
        return this;
    }

    Talk secured() {
        acts.addAll(conversation.secured(TLS, now));
        return this;
    }

    Talk lost(Trouble.Kind kind) {
        acts.addAll(conversation.lost(kind, "gone"));
        return this;
    }

    Talk waits(Duration time) {
        now += time.toNanos();
        acts.addAll(conversation.tick(now));
        return this;
    }

    /** What the client has done, one word or line each. */
    List<String> heard() {
        return acts.stream().flatMap(Talk::words).toList();
    }

    /** What the client did since the last call, one word or line each. */
    Talk hears(String... expected) {
        assertThat(heard()).containsExactly(expected);
        acts.clear();
        return this;
    }

    private static Stream<String> words(Act act) {
        return switch (act) {
            case Act.Send send -> Stream.of(new String(send.octets(), StandardCharsets.UTF_8).split("\r\n"));
            case Act.StartTls tls -> Stream.of("STARTTLS!");
            case Act.SendBody body -> Stream.of("BODY");
            case Act.StopBody stop -> Stream.of("STOP");
            case Act.Ready ready -> Stream.of("READY");
            case Act.Done done ->
                Stream.of("DONE" + (done.reusable() ? "" : " (no more)") + ": "
                        + String.join(
                                ", ", done.fates().stream().map(Talk::word).toList()));
            case Act.Told told -> Stream.of("TOLD " + told.reply().code());
            case Act.Unusable unusable -> Stream.of("UNUSABLE " + word(unusable.why()));
            case Act.Close close -> Stream.of("CLOSE");
        };
    }

    private static String word(Fate fate) {
        return switch (fate) {
            case Fate.Taken taken -> "taken " + taken.reply().code();
            case Fate.Refused refused -> word(refused.why());
        };
    }

    private static String word(Trouble why) {
        return why.stage() + " " + why.kind()
                + why.reply().map(r -> " " + r.code()).orElse("");
    }
}
