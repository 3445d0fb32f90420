package org.hikyaku.smtp.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.hikyaku.smtp.client.Trouble.Kind;
import org.junit.jupiter.api.Test;

/** RFC 3030. */
class ChunkedTransactionTest {
    private static final String[] MAIL = {"MAIL FROM:<a@x.example>", "RCPT TO:<b@y.example>"};

    private static Talk inBody(String... offer) {
        Talk talk = Talk.ready(offer).begins(Talk.chunked(Body.Octets.SEVEN_BIT, "b@y.example"));
        if (offer.length == 1) {
            return talk.hears(MAIL[0])
                    .says("250 ok")
                    .hears(MAIL[1])
                    .says("250 ok")
                    .hears("BODY");
        }
        return talk.hears(MAIL).says("250 ok").hears().says("250 ok").hears("BODY");
    }

    /** RFC 3030 2: after all MAIL and RCPT responses are collected and processed. */
    @Test
    void theFirstBdatWaitsForTheRecipients() {
        inBody("CHUNKING", "PIPELINING")
                .sendsPart(100, true, "BDAT 100 LAST")
                .says("250 2.0.0 queued")
                .hears("DONE: taken 250")
                .begins(Talk.mail("c@y.example"))
                .hears("MAIL FROM:<a@x.example>", "RCPT TO:<c@y.example>", "DATA");
    }

    @Test
    void furtherChunksGoWithoutWaitingWhereThereIsPipelining() { // RFC 3030 4.2
        inBody("CHUNKING", "PIPELINING")
                .sendsPart(60, false, "BDAT 60")
                .sendsPart(40, false, "BDAT 40")
                .says("250 60 octets")
                .sendsPart(0, true, "BDAT 0 LAST")
                .says("250 40 octets")
                .hears()
                .says("250 2.0.0 queued")
                .hears("DONE: taken 250");
    }

    @Test
    void eachChunkWaitsForTheOneBeforeWhereThereIsNoPipelining() {
        Talk talk = inBody("CHUNKING").sendsPart(60, false, "BDAT 60");
        assertThat(talk.conversation.wantsPart()).isFalse();
        talk.says("250 ok").sendsPart(40, true, "BDAT 40 LAST").says("250 ok").hears("DONE: taken 250");
    }

    @Test
    void afterARefusedChunkNoOtherIsSentAndRsetClears() { // RFC 3030 2
        Talk talk = inBody("CHUNKING", "PIPELINING")
                .sendsPart(60, false, "BDAT 60")
                .sendsPart(40, false, "BDAT 40")
                .says("552 5.3.4 too big")
                .hears("STOP");
        assertThat(talk.conversation.wantsPart()).isFalse();
        talk.says("503 5.5.1 no")
                .hears("DONE: BODY REPLY 552")
                .begins(Talk.chunked(Body.Octets.SEVEN_BIT, "b@y.example"))
                .hears("RSET", MAIL[0], MAIL[1]);
    }

    @Test
    void aChunkRefusedWhenTheLastIsOnItsWayHasItsAnswerToo() {
        inBody("CHUNKING", "PIPELINING")
                .sendsPart(60, false, "BDAT 60")
                .sendsPart(40, true, "BDAT 40 LAST")
                .says("452 4.3.1 full")
                .hears("STOP")
                .says("503 no")
                .hears("DONE: BODY REPLY 452");
    }

    @Test
    void afterARefusedMessageRsetClears() { // RFC 3030 2
        inBody("CHUNKING", "PIPELINING")
                .sendsPart(100, true, "BDAT 100 LAST")
                .says("550 5.7.1 junk")
                .hears("DONE: END_OF_DATA REPLY 550")
                .begins(Talk.mail("c@y.example"))
                .hears("RSET", "MAIL FROM:<a@x.example>", "RCPT TO:<c@y.example>", "DATA");
    }

    @Test
    void forNobodyNothingIsSent() {
        Talk.ready("CHUNKING", "PIPELINING")
                .begins(Talk.chunked(Body.Octets.SEVEN_BIT, "b@y.example"))
                .says("250 ok", "550 no")
                .hears(MAIL[0], MAIL[1], "DONE: RECIPIENT REPLY 550")
                .begins(Talk.mail("c@y.example"))
                .hears("RSET", "MAIL FROM:<a@x.example>", "RCPT TO:<c@y.example>", "DATA");
        Talk.ready("CHUNKING", "PIPELINING")
                .begins(Talk.chunked(Body.Octets.SEVEN_BIT, "b@y.example"))
                .says("550 not you", "250 ok")
                .hears(MAIL[0], MAIL[1], "DONE: MAIL REPLY 550");
        Talk.ready("CHUNKING")
                .begins(Talk.chunked(Body.Octets.SEVEN_BIT, "b@y.example", "c@y.example"))
                .says("250 ok")
                .says("550 no")
                .says("550 no")
                .hears(MAIL[0], MAIL[1], "RCPT TO:<c@y.example>", "DONE: RECIPIENT REPLY 550, RECIPIENT REPLY 550");
    }

    /** The host may have the message (RFC 1047) once the last has left, though chunks before it are not answered. */
    @Test
    void aConnectionLostAfterTheLastIsLostAfterTheEnd() {
        inBody("CHUNKING", "PIPELINING")
                .sendsPart(60, false, "BDAT 60")
                .sendsPart(40, true, "BDAT 40 LAST")
                .lost(Kind.LOST)
                .hears("DONE (no more): END_OF_DATA LOST", "CLOSE");
        inBody("CHUNKING", "PIPELINING")
                .sendsPart(60, false, "BDAT 60")
                .lost(Kind.LOST)
                .hears("DONE (no more): BODY LOST", "CLOSE");
    }

    @Test
    void whatNobodyAskedForIsNoAnswerToAChunk() {
        inBody("CHUNKING", "PIPELINING").says("250 what?").hears("DONE (no more): BODY GARBAGE", "CLOSE");
        inBody("CHUNKING", "PIPELINING").says("421 bye").hears("DONE (no more): BODY SHUTTING_DOWN 421", "CLOSE");
        inBody("CHUNKING", "PIPELINING")
                .sendsPart(60, false, "BDAT 60")
                .says("354 go on")
                .hears("STOP", "DONE (no more): BODY GARBAGE", "CLOSE");
    }

    @Test
    void nothingIsSentThatTheHostMayNotKnow() { // RFC 3030 2, 3
        Talk.ready("PIPELINING")
                .begins(Talk.chunked(Body.Octets.SEVEN_BIT, "b@y.example"))
                .hears("DONE: MAIL NEEDS_BINARYMIME");
        Talk.ready("PIPELINING", "CHUNKING", "8BITMIME")
                .begins(Talk.chunked(Body.Octets.BINARY, "b@y.example"))
                .hears("DONE: MAIL NEEDS_BINARYMIME");
        assertThatThrownBy(() -> new Body(Body.Octets.BINARY, false)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void whatIsBinaryIsSaidToBeSo() { // RFC 3030 3
        Talk.ready("CHUNKING", "BINARYMIME", "PIPELINING")
                .begins(Talk.chunked(Body.Octets.BINARY, "b@y.example"))
                .hears("MAIL FROM:<a@x.example> BODY=BINARYMIME", MAIL[1]);
    }
}
