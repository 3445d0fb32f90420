package org.hikyaku.mime;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class LineTransformsTest {
    @Test
    void everyLineThatBeginsWithADotGetsOneMore() { // RFC 5321 4.5.2
        assertThat(Streams.run(new DotStuffer(), ".a\r\n..\r\nb.\r\n.\r\n"))
                .isEqualTo("..a\r\n...\r\nb.\r\n..\r\n.\r\n");
    }

    @Test
    void aMessageWithoutFinalLineEndGetsOneBeforeTheEndOfData() {
        assertThat(Streams.run(new DotStuffer(), "a\r\nb")).isEqualTo("a\r\nb\r\n.\r\n");
        assertThat(Streams.run(new DotStuffer(), "a\r")).isEqualTo("a\r\n.\r\n");
        assertThat(Streams.run(new DotStuffer(), "")).isEqualTo(".\r\n");
    }

    @Test
    void nothingButCrlfLeavesAsALineEnd() { // RFC 5321 2.3.8
        assertThat(Streams.run(new DotStuffer(), "a\n.b\r.c\r\n\0.\0\r\n"))
                .isEqualTo("a\r\n..b\r\n..c\r\n..\0\r\n.\r\n");
    }

    @Test
    void linesOver998OctetsPassUnbroken() {
        String line = "x".repeat(5000) + "\r\n";
        assertThat(Streams.run(new DotStuffer(), line)).isEqualTo(line + ".\r\n");
    }

    @Test
    void unstuffingGivesBackWhatWasStuffedWhateverThePieces() {
        Random random = new Random(42);
        for (int round = 0; round < 2000; round++) {
            StringBuilder text = new StringBuilder();
            for (int i = random.nextInt(60); i > 0; i--) {
                text.append(List.of(".", "\r\n", "a", "..", "\r\n.").get(random.nextInt(5)));
            }
            String message = text + "\r\n";
            String sent = Streams.latin1(Streams.run(new DotStuffer(), Streams.bytes(message), random, 9));
            assertThat(sent.indexOf("\r\n.\r\n")).isIn(sent.length() - 5, -1);
            assertThat(unstuffed(sent)).isEqualTo(message);
        }
    }

    private static String unstuffed(String sent) {
        assertThat(sent).endsWith("\r\n.\r\n");
        StringBuilder out = new StringBuilder();
        for (String line : sent.substring(0, sent.length() - 5).split("\r\n", -1)) {
            out.append(line.startsWith(".") ? line.substring(1) : line).append("\r\n");
        }
        return out.toString();
    }

    @Test
    void aNamedFieldIsDroppedWithItsContinuationLinesAndOnlyFromTheHeader() {
        String message =
                "Return-Path: <a@b>\r\n (x)\r\nreturn-path : y\r\nReturn-Path-Not: z\r\nSubject: s\r\n t\r\n\r\n"
                        + "Return-Path: body\r\n";
        assertThat(Streams.run(new DropHeaders(List.of("Return-Path")), message))
                .isEqualTo("Return-Path-Not: z\r\nSubject: s\r\n t\r\n\r\nReturn-Path: body\r\n");
    }

    @Test
    void droppingNothingChangesNothing() {
        Random random = new Random(7);
        for (int round = 0; round < 1000; round++) {
            StringBuilder text = new StringBuilder();
            for (int i = random.nextInt(40); i > 0; i--) {
                text.append(List.of("A", ": ", "\r\n", " ", "Return-Pat", "\t", "\r", "\n")
                        .get(random.nextInt(8)));
            }
            byte[] message = Streams.bytes(text.toString());
            assertThat(Streams.run(new DropHeaders(List.of("Return-Path")), message, random, 5))
                    .isEqualTo(message);
        }
    }

    @Test
    void prependedLinesComeFirstAlsoBeforeAnEmptyMessage() {
        assertThat(Streams.run(new PrependHeaders(Streams.bytes("A: b\r\n")), "C: d\r\n"))
                .isEqualTo("A: b\r\nC: d\r\n");
        assertThat(Streams.run(new PrependHeaders(Streams.bytes("A: b\r\n")), ""))
                .isEqualTo("A: b\r\n");
    }

    @Test
    void transformsWorkOneAfterTheOther() {
        Transform chain = new DropHeaders(List.of("Return-Path"))
                .then(new PrependHeaders(Streams.bytes("Return-Path: <new@x>\r\n")))
                .then(new LocalLines());
        assertThat(Streams.run(chain, "Return-Path: <old@x>\r\nA: b\r\n\r\nc\r\rd\r\n\r"))
                .isEqualTo("Return-Path: <new@x>\nA: b\n\nc\r\rd\n\r");
    }
}
