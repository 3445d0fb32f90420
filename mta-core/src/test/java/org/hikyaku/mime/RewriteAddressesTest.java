package org.hikyaku.mime;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.hikyaku.mail.Address;
import org.hikyaku.mail.AddressList;
import org.hikyaku.mail.Domain;
import org.junit.jupiter.api.Test;

class RewriteAddressesTest {
    private static Address called(Address address) {
        return address.requireDomain().ascii().endsWith(".a.example")
                ? address.withDomain(Domain.of("a.example"))
                : address;
    }

    private static Address toOther(Address address) {
        return address.equals(Address.of("old@b.example")) ? Address.of("\"new one\"@b.example") : address;
    }

    private static String rewritten(String message, int piece) {
        return through(
                new RewriteAddresses(RewriteAddressesTest::called, RewriteAddressesTest::toOther), message, piece);
    }

    private static String through(RewriteAddresses transform, String message, int piece) {
        OctetBuffer out = new OctetBuffer(64);
        byte[] octets = message.getBytes(StandardCharsets.UTF_8);
        for (int i = 0; i < octets.length; i += piece) {
            transform.feed(octets, i, Math.min(piece, octets.length - i), out);
        }
        transform.finish(out);
        return new String(out.toArray(), StandardCharsets.UTF_8);
    }

    private static void becomes(String before, String after) {
        for (int piece : new int[] {1, 2, 7, 10_000}) {
            assertThat(rewritten(before, piece)).isEqualTo(after);
        }
    }

    @Test
    void sendersAndRecipientsAreCalledOtherwiseAndAllElseStays() {
        becomes(
                "Received: from x@pc.a.example\r\nFROM : \"Ann, (Lee)\" <ann@pc.a.example>\r\nTo: old@b.example,\r\n"
                        + "\tBob <old@b.example> (old@b.example), friends: x@c.example, old@b.example;\r\n"
                        + "Reply-To: ann@pc.a.example (Ann), <bob@pc.a.example>\r\nSubject: ann@pc.a.example\r\n\r\n"
                        + "From: ann@pc.a.example\r\n",
                "Received: from x@pc.a.example\r\nFROM : \"Ann, (Lee)\" <ann@a.example>\r\nTo: \"new one\"@b.example,\r\n"
                        + "\tBob <\"new one\"@b.example> (old@b.example), friends: x@c.example, \"new one\"@b.example;\r\n"
                        + "Reply-To: ann@a.example (Ann), <bob@a.example>\r\nSubject: ann@pc.a.example\r\n\r\n"
                        + "From: ann@pc.a.example\r\n");
    }

    @Test
    void namesWithoutADomainAreOfTheHost() {
        String before = "From: root (Cron Daemon)\r\nTo: anna, Bob <bob>, \"a b\", x@c.example,\r\n carol\r\n"
                + "Cc: friends: dora, <>, undisclosed;, Ann Lee, a@b@c, \r\nSubject: anna\r\n\r\nTo: anna\r\n";
        String after = "From: root@a.example (Cron Daemon)\r\n"
                + "To: anna@a.example, Bob <bob@a.example>, \"a b\"@a.example, x@c.example,\r\n carol@a.example\r\n"
                + "Cc: friends: dora@a.example, <>, undisclosed@a.example;, Ann Lee, a@b@c, \r\n"
                + "Subject: anna\r\n\r\nTo: anna\r\n";
        for (int piece : new int[] {1, 7, 10_000}) {
            assertThat(through(RewriteAddresses.completing(Domain.of("a.example")), before, piece))
                    .isEqualTo(after);
        }
    }

    private static String completed(String message, int piece) {
        return through(RewriteAddresses.completing(Domain.of("a.example")), message, piece);
    }

    /** Common, though RFC 2047 5 has no comma in one: its parts are no names. */
    @Test
    void partsOfABrokenEncodedWordAreNoNames() {
        for (String value : List.of(
                "=?utf-8?Q?Doe,_John?= <j@x.example>",
                "=?utf-8?Q?Doe,_John,_Jr?= <j@x.example>",
                "=?utf-8?Q?Doe, John, Jr?= <j@x.example>",
                "=?utf-8?Q?Doe;_John;_Jr=28x=29?= <j@x.example>",
                "=?utf-8?Q?Doe,_J(x),_Jr?=, x@c.example",
                "=?utf-8?Q?Doe?=")) {
            assertThat(completed("From: " + value + "\r\n\r\n", 3)).isEqualTo("From: " + value + "\r\n\r\n");
        }
        assertThat(completed("To: =?utf-8?Q?Doe,_John?= <j>, bob, =?utf-8?Q?D,_E <d>, carol\r\n", 3))
                .isEqualTo("To: =?utf-8?Q?Doe,_John?= <j@a.example>, bob@a.example, =?utf-8?Q?D,_E <d@a.example>,"
                        + " carol@a.example\r\n");
    }

    /** RFC 5322 2.1.1; a receiver refuses the message, or cuts the line anywhere. */
    @Test
    void aLineThatWouldBecomeTooLongIsFolded() {
        for (String between : List.of(",", ", ", ",\t", " , ")) {
            String names = String.join(between, Collections.nCopies(200, "anna")) + between + "x@c.example";
            String after = completed("To: " + names + "\r\nSubject: s\r\n\r\n", 50);
            assertThat(after.lines()).allMatch(line -> line.isEmpty() || (line.length() <= 998 && !line.isBlank()));
            assertThat(after.replace("\r\n ", "\r\n\t")
                            .replaceAll("\r\n\t", " ")
                            .replaceAll("[ \t]+", ""))
                    .isEqualTo("To:" + "anna@a.example,".repeat(200) + "x@c.example\r\nSubject:s\r\n\r\n");
        }
        String full = "To: anna, " + "x@c.example, ".repeat(75) + "Bob\r\n <bob>\r\n\r\n";
        assertThat(full.indexOf("\r\n")).isLessThan(998);
        String after = completed(full, 50);
        assertThat(after.lines()).allMatch(line -> line.length() <= 998);
        assertThat(after).contains("anna@a.example, x@c.example, ").endsWith("\r\n <bob@a.example>\r\n\r\n");
        String long2 = "To: " + "x@c.example, ".repeat(100) + "\r\n\r\n";
        assertThat(completed(long2, 50)).as("it is not ours to fold").isEqualTo(long2);
        String alone = "To:\r\n \"" + "x".repeat(1000) + "\" <bob>\r\n\r\n";
        assertThat(completed(alone, 50)).isEqualTo(alone.replace("bob", "bob@a.example"));
    }

    @Test
    void whatASignatureMayCoverStays() {
        for (String name : List.of("DKIM-Signature", "ARC-Message-Signature")) {
            String rest = name + ": v=1; h=from:to\r\nFrom: root\r\nCc: a\r\n\r\n";
            assertThat(completed("To: anna\r\n" + rest, 9)).isEqualTo("To: anna@a.example\r\n" + rest);
        }
    }

    @Test
    void aMessageGrowsByABoundedNumberOfOctets() {
        String many = ("To: " + "a,".repeat(50_000) + "\r\n").repeat(4) + "\r\nbody";
        Domain long1 = Domain.of("x".repeat(60) + "." + "y".repeat(60) + ".example");
        String after = through(RewriteAddresses.completing(long1), many, 10_000);
        assertThat(after.length() - many.length()).isBetween(256 << 10, (256 << 10) + (16 << 10));
        assertThat(after).endsWith(",a,a,\r\n\r\nbody");
    }

    @Test
    void whatIsNotPlainlyAnAddressStays() {
        for (String value : List.of(
                "Ann ann@pc.a.example",
                "ann @pc.a.example",
                "<ann@\r\n pc.a.example>",
                "<@c.example:ann@pc.a.example>",
                "a <ann@pc.a.example> <b@pc.a.example>",
                "é@pc.a.example",
                "<ann@pc.a.example",
                "\"<ann@pc.a.example>\"",
                "(ann@pc.a.example",
                "ann@pc.a.example: x@c.example;",
                "undisclosed-recipients:;",
                "\\",
                "[",
                "")) {
            becomes("From: " + value + "\r\n\r\nbody", "From: " + value + "\r\n\r\nbody");
            becomes("From: " + value, "From: " + value);
        }
        becomes("no header\r\nann@pc.a.example\r\n", "no header\r\nann@pc.a.example\r\n");
        String large = "To: " + "old@b.example, ".repeat(30_000) + "\r\n";
        assertThat(rewritten(large + "From: ann@pc.a.example\r\n\r\n", 10_000))
                .isEqualTo(large + "From: ann@a.example\r\n\r\n");
    }

    private static String bare(String text) {
        return text.replaceAll("[ \t\r\n]+", "");
    }

    @Test
    void whateverIsReadAsAddressesIsStillReadSoAndCalledAsItShouldBe() {
        Random lot = new Random(5322);
        String[] parts = {
            "ann@pc.a.example",
            "<bob@pc.a.example>",
            "\"q <x@pc.a.example>, \" ",
            "(c (d) \\) )",
            ",",
            ", ",
            ";",
            "g:",
            " ",
            "\r\n ",
            "Word ",
            "x@c.example",
            "<\"a b\"@pc.a.example>",
            "\\",
            "\"",
            "<",
            ">",
            "@",
            "z@[192.0.2.1]",
            "é"
        };
        int read = 0;
        int folded = 0;
        for (int i = 0; i < 20_000; i++) {
            StringBuilder value = new StringBuilder();
            for (int j = lot.nextInt(8); j >= 0; j--) {
                value.append(parts[lot.nextInt(parts.length)]);
            }
            Optional<List<Address>> before = AddressList.parse(value.toString());
            String after = rewritten("From:" + value, 3);
            if (before.isPresent()) {
                read++;
                Optional<List<Address>> now = AddressList.parse(after.substring(5));
                assertThat(now).as("%s", value).isPresent();
                assertThat(now.get()).as("%s", value).hasSameSizeAs(before.get());
                for (int j = 0; j < now.get().size(); j++) {
                    assertThat(now.get().get(j))
                            .as("%s", value)
                            .isIn(before.get().get(j), called(before.get().get(j)));
                }
            }
        }
        assertThat(read).isGreaterThan(1_000);
        for (int i = 0; i < 3_000; i++) {
            StringBuilder value = new StringBuilder(" anna,");
            for (int j = lot.nextInt(200); j >= 0; j--) {
                value.append(parts[lot.nextInt(12)]).append(',').append(lot.nextBoolean() ? "bob," : "");
            }
            String before = "To:" + value + "\r\n\r\n";
            String after = completed(before, 1 + lot.nextInt(100));
            assertThat(after.indexOf("\r\n\r\n")).as("%s", before).isEqualTo(after.length() - 4);
            assertThat(bare(after).replace("@a.example", "")).isEqualTo(bare(before));
            folded += after.split("\r\n").length > before.split("\r\n").length ? 1 : 0;
        }
        assertThat(folded).isGreaterThan(100);
    }
}
