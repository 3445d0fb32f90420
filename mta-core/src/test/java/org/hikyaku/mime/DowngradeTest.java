package org.hikyaku.mime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.hikyaku.mime.Downgrade.Plan;
import org.hikyaku.mime.Downgrade.Way;
import org.hikyaku.mime.Downgrade.Why;
import org.junit.jupiter.api.Test;

class DowngradeTest {
    private static final Path SAMPLES = Stream.of("../shared", "../../shared")
            .map(shared -> Path.of(shared, "suites", "messages"))
            .filter(Files::isDirectory)
            .findFirst()
            .orElse(Path.of("../shared/suites/messages"));

    @Test
    void mostlyAsciiTextBecomesQuotedPrintable() throws IOException {
        String sent = downgraded(
                "Subject: x\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n"
                        + "Content-Transfer-Encoding: 8bit\r\n\r\nGr\u00c3\u00bc\u00c3\u009fe = hello world, in a longer line \r\n");
        assertThat(sent)
                .isEqualTo("Subject: x\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n"
                        + "Content-Transfer-Encoding: quoted-printable\r\n\r\n"
                        + "Gr=C3=BC=C3=9Fe =3D hello world, in a longer line=20\r\n");
    }

    @Test
    void textMostlyOver127BecomesBase64() throws IOException {
        String body = "\u00e3\u0081\u0093\u00e3\u0082\u0093\r\n";
        String sent = downgraded("MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n" + body);
        assertThat(sent).contains("Content-Transfer-Encoding: base64\r\n\r\n").endsWith("44GT44KTDQo=\r\n");
    }

    @Test
    void aMessageThatWasNotMimeBecomesSo() throws IOException { // RFC 1428 3
        assertThat(downgraded("Subject: x\r\n\r\nna\u00efve words in a line long enough\r\n"))
                .isEqualTo("Subject: x\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=unknown-8bit\r\n"
                        + "Content-Transfer-Encoding: quoted-printable\r\n\r\nna=EFve words in a line long enough\r\n");
    }

    @Test
    void onlyThePartsThatNeedItAreEncodedAndNestedOnesAreFound() throws IOException {
        String message = "MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=\"a b\"\r\n"
                + "Content-Transfer-Encoding: 8bit\r\n\r\npreamble\r\n--a b\r\n\r\nplain\r\n--a b \r\n"
                + "Content-Type: message/rfc822\r\nContent-Transfer-Encoding: 8bit\r\n\r\n"
                + "Subject: inner\r\nContent-Type: multipart/alternative; boundary=c\r\n\r\n--c\r\n"
                + "Content-Type: application/octet-stream\r\n\r\n\u00ff\u00fe\r\n--c--\r\nepilogue\r\n\r\n--a b--\r\nend\r\n";
        String sent = downgraded(message);
        assertThat(sent)
                .isEqualTo(message.replace("Content-Transfer-Encoding: 8bit", "Content-Transfer-Encoding: 7bit")
                        .replace(
                                "octet-stream\r\n\r\n\u00ff\u00fe",
                                "octet-stream\r\nContent-Transfer-Encoding: base64\r\n\r\n//4="));
    }

    @Test
    void nothingSignedOrEncryptedIsTouched() throws IOException { // RFC 1847 2.1
        for (String kind : List.of("signed", "encrypted")) {
            String message = "MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=o\r\n\r\n--o\r\n"
                    + "Content-Type: multipart/" + kind + "; boundary=s\r\n\r\n--s\r\nContent-Type: text/plain\r\n\r\n"
                    + "\u00e9\r\n--s--\r\n--o--\r\n";
            assertThat(plan(message)).isEqualTo(new Plan.Cannot(Why.SEALED));
            String elsewhere = message.replace("\u00e9", "e").replace("--o--", "--o\r\n\r\n\u00e9t\u00e9\r\n--o--");
            String sent = downgraded(elsewhere);
            assertThat(sent).startsWith(elsewhere.substring(0, elsewhere.indexOf("--o\r\n\r\n")));
            assertThat(sent).contains("6XTp");
        }
    }

    /** Alone signed, within a message within a digest: octet for octet as it was, beside parts that are converted. */
    @Test
    void aSignedPartDeepInsideIsLeftAlone() throws IOException { // RFC 1847 2.1, RFC 2046 5.1.5
        String signed =
                "Content-Type: multipart/signed; boundary=s; micalg=x\r\nContent-Transfer-Encoding: 7bit\r\n\r\n--s\r\n"
                        + "Content-Type: text/plain\r\nContent-Transfer-Encoding: 8bit\r\n\r\nplain  \r\n--s\r\n"
                        + "Content-Type: application/pgp-signature\r\n\r\nsignature\r\n--s--\r\n";
        String message = "Content-Type: multipart/mixed; boundary=o\r\n\r\n--o\r\n"
                + "Content-Type: multipart/digest; boundary=d\r\n\r\n--d\r\n\r\nSubject: inner\r\n" + signed
                + "\r\n--d--\r\n"
                + "--o\r\n\r\n\u00e9 in a text that is long enough\r\n--o--\r\n";
        assertThat(downgraded(message)).contains("Subject: inner\r\n" + signed + "\r\n--d--\r\n", "=E9 in a text");
        assertThat(plan(message.replace("plain  ", "pl\u00e4in"))).isEqualTo(new Plan.Cannot(Why.SEALED));
    }

    /** RFC 6376 5.3 tells signers to send what needs no conversion: a broken signature is as none, a bounce is worse. */
    @Test
    void aDkimSignatureIsNoReasonToSendAMessageBack() throws IOException {
        String header = "DKIM-Signature: v=1; a=rsa-sha256; d=a.example; b=x\r\n";
        assertThat(downgraded(
                        header + "MIME-Version: 1.0\r\nContent-Type: text/plain\r\n\r\nna\u00efve words of a line\r\n"))
                .startsWith(header)
                .contains("na=EFve");
        String seven = header + "\r\nplain\r\n";
        assertThat(downgraded(seven)).isEqualTo(seven);
    }

    /** RFC 6532 3.7: other than message/rfc822 it may be encoded, header and all. */
    @Test
    void anInternationalMessageInsideBecomesBase64() throws IOException {
        String message = "Content-Type: multipart/mixed; boundary=o\r\n\r\n--o\r\n"
                + "Content-Type: message/global\r\n\r\nSubject: \u00c3\u00bc\r\n\r\nx\r\n--o--\r\n";
        assertThat(downgraded(message))
                .contains("message/global\r\nContent-Transfer-Encoding: base64\r\n\r\nU3ViamVjdDog");
    }

    @Test
    void eightBitHeadersCannotBeSent() throws IOException { // RFC 6531 3.2
        assertThat(plan("Subject: \u00c3\u00bc\r\n\r\nx\r\n")).isEqualTo(new Plan.Cannot(Why.HEADER));
        assertThat(plan("Content-Type: message/rfc822\r\n\r\nSubject: \u00c3\u00bc\r\n\r\nx\r\n"))
                .isEqualTo(new Plan.Cannot(Why.HEADER));
    }

    @Test
    void eightBitWhereMimeAllowsNoEncodingCannotBeSent() throws IOException {
        assertThat(plan("Content-Type: multipart/mixed; boundary=b\r\n\r\n\u00e9\r\n--b\r\n\r\nx\r\n--b--\r\n"))
                .isEqualTo(new Plan.Cannot(Why.STRUCTURE));
        assertThat(plan("Content-Type: text/plain\r\nContent-Transfer-Encoding: base64\r\n\r\n\u00e9\r\n"))
                .isEqualTo(new Plan.Cannot(Why.STRUCTURE));
        assertThat(plan("Content-Type: message/partial\r\n\r\n\u00e9\r\n")).isEqualTo(new Plan.Cannot(Why.STRUCTURE));
    }

    @Test
    void aBombOfNestedPartsEndsAtTheLimit() throws IOException {
        StringBuilder message = new StringBuilder("MIME-Version: 1.0\r\n");
        for (int i = 0; i < 500; i++) {
            message.append("Content-Type: multipart/mixed; boundary=b")
                    .append(i)
                    .append("\r\n\r\n--b")
                    .append(i)
                    .append("\r\n");
        }
        assertThat(plan(message.toString())).isEqualTo(new Plan.Cannot(Why.STRUCTURE));
        String manyParts =
                "Content-Type: multipart/mixed; boundary=b\r\n\r\n" + "--b\r\n\r\n".repeat(MimeWalker.PARTS_MAX + 1);
        assertThat(plan(manyParts)).isEqualTo(new Plan.Cannot(Why.STRUCTURE));
        assertThat(plan("X".repeat(MimeWalker.HEADER_MAX + 5000))).isEqualTo(new Plan.Cannot(Why.STRUCTURE));
    }

    @Test
    void theWalkerTellsEveryOctetOnce() {
        Random random = new Random(5);
        for (int round = 0; round < 400; round++) {
            byte[] message = Streams.bytes(randomEntity(random, 3, ""));
            byte[] back = Streams.run(new Downgrade(new Plan.Can(identitySteps(), 0)), message, random, 50);
            assertThat(back).isEqualTo(message);
        }
    }

    @Test
    void eachPartOfTheResultDecodesToThePartOfTheOriginal() throws IOException {
        Random random = new Random(11);
        int converted = 0;
        for (int round = 0; round < 600; round++) {
            byte[] message = Streams.bytes("MIME-Version: 1.0\r\n" + randomEntity(random, 3, "") + "\r\n");
            converted += holds(message, random, Way.EIGHT_TO_SEVEN) ? 1 : 0;
        }
        assertThat(converted).isGreaterThan(300);
    }

    @Test
    void eachPartOfTheSampleMessagesSurvives() throws IOException {
        assumeThat(Files.isDirectory(SAMPLES))
                .as("%s beside the checkout", SAMPLES)
                .isTrue();
        int converted = 0;
        List<Path> files;
        try (Stream<Path> walk = Files.walk(SAMPLES)) {
            files = walk.filter(f -> f.toString().matches(".*\\.(eml|msg|txt)"))
                    .sorted()
                    .toList();
        }
        for (Path file : files) {
            String text = Streams.latin1(Files.readAllBytes(file)).replaceAll("\r?\n", "\r\n");
            converted += holds(Streams.bytes(text), new Random(3), Way.EIGHT_TO_SEVEN) ? 1 : 0;
        }
        assertThat(converted).isGreaterThan(100);
    }

    /** Whether the message can be sent in 7 bit; if so, checks every part and the announced size. */
    private static boolean holds(byte[] message, Random random, Way way) throws IOException {
        if (!(Downgrade.plan(Streams.content(message), way) instanceof Plan.Can can)) {
            return false;
        }
        byte[] sent = Streams.run(new Downgrade(can), message, random, 300);
        assertThat(sent.length).isEqualTo((int) can.size());
        if (way.toSevenBit) {
            assertThat(Survey.count8Bit(sent, 0, sent.length)).isZero();
        }
        if (way.fromBinary) {
            assertThat(isLines(sent))
                    .as("%s of %s", way, Streams.latin1(message))
                    .isTrue();
        }
        List<byte[]> before = decodedLeaves(message);
        List<byte[]> after = decodedLeaves(sent);
        assertThat(after).hasSameSizeAs(before);
        for (int i = 0; i < before.size(); i++) {
            assertThat(Streams.latin1(after.get(i))).isEqualTo(Streams.latin1(before.get(i)));
        }
        return true;
    }

    private static List<byte[]> decodedLeaves(byte[] message) {
        List<byte[]> leaves = new ArrayList<>();
        OctetBuffer body = new OctetBuffer(100);
        MimeWalker walker = new MimeWalker(new MimeWalker.Visitor() {
            @Override
            public void header(Entity entity, byte[] octets) {
                body.clear();
            }

            @Override
            public void body(Entity entity, byte[] octets, int offset, int length) {
                body.put(octets, offset, length);
            }

            @Override
            public void lineEnd(Entity entity) {
                body.put(new byte[] {'\r', '\n'});
            }

            @Override
            public void leafEnd(Entity entity) {
                leaves.add(decoded(entity.encoding(), body.toArray()));
            }

            @Override
            public void boundary(boolean crlfBefore, byte[] octets) {}
        });
        walker.feed(message, 0, message.length);
        walker.finish();
        return leaves;
    }

    private static byte[] decoded(String encoding, byte[] body) {
        return switch (encoding) {
            case "base64" -> base64(body);
            case "quoted-printable" -> quotedPrintable(Streams.latin1(body));
            default -> body;
        };
    }

    private static byte[] base64(byte[] body) {
        try {
            return Base64.getMimeDecoder().decode(body);
        } catch (IllegalArgumentException e) {
            return body; // a broken sample; it was not touched
        }
    }

    private static byte[] quotedPrintable(String body) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        String joined = body.replace("=\r\n", "");
        for (int i = 0; i < joined.length(); i++) {
            if (joined.charAt(i) == '=' && joined.substring(i).matches("(?s)=[0-9A-F]{2}.*")) {
                out.write(Integer.parseInt(joined, i + 1, i + 3, 16));
                i += 2;
            } else {
                out.write(joined.charAt(i));
            }
        }
        return out.toByteArray();
    }

    // Binary

    private static final String MIXED = "MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n"
            + "Content-Transfer-Encoding: binary\r\n\r\n--b\r\nContent-Type: text/plain; charset=iso-8859-1\r\n"
            + "Content-Transfer-Encoding: binary\r\n\r\n\u00e9t\u00e9\r\n--b\r\nContent-Type: image/png\r\n"
            + "Content-Transfer-Encoding: binary\r\n\r\n\u0089PNG\r\n.\r\n\n.\n\0\r\n--b--\r\n";

    @Test
    void whatIsBinaryBecomesBase64AndTextStaysWhere8BitPasses() throws IOException { // RFC 3030 3
        String sent = downgraded(MIXED, Way.BINARY_TO_EIGHT);
        assertThat(sent)
                .isEqualTo(MIXED.replace(
                                "Encoding: binary\r\n\r\n\u0089PNG\r\n.\r\n\n.\n\0",
                                "Encoding: base64\r\n\r\n"
                                        + Base64.getEncoder()
                                                .encodeToString(Streams.bytes("\u0089PNG\r\n.\r\n\n.\n\0")))
                        .replace("Encoding: binary", "Encoding: 8bit"));
    }

    @Test
    void whereOnly7BitPassesTheTextIsEncodedToo() throws IOException {
        String sent = downgraded(MIXED, Way.BINARY_TO_SEVEN);
        assertThat(sent)
                .doesNotContain("binary")
                .doesNotContain("8bit")
                .contains("7bit")
                .contains("6XTp");
        assertThat(Survey.count8Bit(Streams.bytes(sent), 0, sent.length())).isZero();
    }

    @Test
    void textWithABareLineFeedIsEncodedSoThatItStaysBare() throws IOException {
        String sent = downgraded(
                "MIME-Version: 1.0\r\nContent-Type: text/plain\r\nContent-Transfer-Encoding: binary\r\n\r\n"
                        + "a long line of text\n.\n and another long line of text\r\nthe end",
                Way.BINARY_TO_EIGHT);
        assertThat(sent)
                .endsWith(
                        "quoted-printable\r\n\r\na long line of text=0A.=0A and another long line of text\r\nthe end\r\n");
    }

    @Test
    void longLinesAreBinary() throws IOException { // RFC 2045 2.8
        String header = "MIME-Version: 1.0\r\nContent-Type: application/x\r\n\r\n";
        assertThat(downgraded(header + "x".repeat(998) + "\r\n", Way.BINARY_TO_EIGHT))
                .doesNotContain("base64");
        assertThat(downgraded(header + "x".repeat(999) + "\r\n", Way.BINARY_TO_EIGHT))
                .contains("base64");
    }

    @Test
    void binaryWhereMimeAllowsNoEncodingCannotBeSent() throws IOException {
        String start = "MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n";
        String part = "--b\r\n\r\nx\r\n--b--\r\n";
        for (String bad : List.of(
                start + "pre\namble\r\n" + part,
                start + "--b\r\r\n\r\nx\r\n--b--\r\n",
                start + part + "epi\0logue\r\n",
                start + "--b\r\nX: a\nY: b\r\n\r\nx\r\n--b--\r\n",
                start + "--b\r\nContent-Transfer-Encoding: base64\r\n\r\nYQ==\n\r\n--b--\r\n",
                start + "--b\r\nContent-Type: message/partial\r\n\r\n\n\r\n--b--\r\n")) {
            assertThat(plan(bad, Way.BINARY_TO_EIGHT)).as(bad).isEqualTo(new Plan.Cannot(Why.STRUCTURE));
        }
    }

    @Test
    void binarySealedPartsAreNotTouched() throws IOException { // RFC 1847 2.1
        String sealed = "MIME-Version: 1.0\r\nContent-Type: multipart/signed; boundary=s\r\n\r\n--s\r\n"
                + "Content-Type: text/plain\r\nContent-Transfer-Encoding: binary\r\n\r\na@b\r\n--s--\r\n";
        assertThat(plan(sealed.replace('@', '\n'), Way.BINARY_TO_EIGHT)).isEqualTo(new Plan.Cannot(Why.SEALED));
        assertThat(downgraded(sealed, Way.BINARY_TO_EIGHT)).isEqualTo(sealed);
    }

    @Test
    void labelsThatSayMoreThanIsTrueAreMended() throws IOException { // RFC 2045 6.2
        String plain = "MIME-Version: 1.0\r\nContent-Transfer-Encoding: 8bit\r\n\r\nx\r\n";
        assertThat(downgraded(plain)).contains("Content-Transfer-Encoding: 7bit\r\n");
        assertThat(downgraded(plain, Way.BINARY_TO_EIGHT)).isEqualTo(plain);
    }

    /** Property: whatever is binary in a message, what is sent are lines, and each part decodes to what it was. */
    @Test
    void eachBinaryPartSurvives() throws IOException {
        Random random = new Random(17);
        int converted = 0;
        for (int round = 0; round < 900; round++) {
            String message = "MIME-Version: 1.0\r\n" + randomEntity(random, 3, "") + "\r\n";
            String binary = message.replace("word ", random.nextBoolean() ? "\n.\n" : "\0")
                    .replace("image/gif", "image/gif\r\nContent-Transfer-Encoding: binary");
            Way way = random.nextBoolean() ? Way.BINARY_TO_EIGHT : Way.BINARY_TO_SEVEN;
            converted += holds(Streams.bytes(binary), random, way) ? 1 : 0;
        }
        assertThat(converted).isGreaterThan(500);
    }

    @Test
    void encodedLinesKeepTheLimitOf76() throws IOException { // RFC 2045 6.7 rule 5
        Random random = new Random(1);
        for (String type : List.of("text/plain", "application/x")) {
            StringBuilder body = new StringBuilder();
            for (int i = 0; i < 4000; i++) {
                body.append(
                        random.nextInt(12) == 0
                                ? (char) (128 + random.nextInt(128))
                                : (char) (' ' + random.nextInt(95)));
            }
            String sent = downgraded("Content-Type: " + type + "\r\n\r\n" + body + "\r\n");
            assertThat(sent.substring(sent.indexOf("\r\n\r\n")).split("\r\n")).allMatch(l -> l.length() <= 76);
        }
    }

    private static Plan plan(String message) throws IOException {
        return plan(message, Way.EIGHT_TO_SEVEN);
    }

    private static Plan plan(String message, Way way) throws IOException {
        return Downgrade.plan(Streams.content(Streams.bytes(message)), way);
    }

    private static String downgraded(String message) throws IOException {
        return downgraded(message, Way.EIGHT_TO_SEVEN);
    }

    private static String downgraded(String message, Way way) throws IOException {
        assertThat(plan(message, way)).isInstanceOf(Plan.Can.class);
        return Streams.run(new Downgrade((Plan.Can) plan(message, way)), message);
    }

    /** RFC 2045 2.8: what 8bit data are. */
    private static boolean isLines(byte[] octets) {
        String text = Streams.latin1(octets);
        boolean bare = text.replace("\r\n", "").chars().anyMatch(c -> c == '\r' || c == '\n' || c == 0);
        return !bare && Stream.of(text.split("\r\n", -1)).allMatch(line -> line.length() <= 998);
    }

    private static List<Downgrade.Step> identitySteps() {
        return Stream.generate(() -> new Downgrade.Step(BodyEncoding.AS_IS))
                .limit(2000)
                .toList();
    }

    private static String randomEntity(Random random, int depth, String outer) {
        int kind = depth == 0 ? 0 : random.nextInt(5);
        if (kind == 1) {
            return "Content-Type: message/rfc822\r\n\r\n" + randomEntity(random, depth - 1, outer);
        }
        if (kind >= 2) {
            String boundary = outer + random.nextInt(10);
            StringBuilder out =
                    new StringBuilder("Content-Type: multipart/mixed;\r\n boundary=\"" + boundary + "\"\r\n\r\n");
            for (int parts = random.nextInt(4); parts >= 0; parts--) {
                out.append("--")
                        .append(boundary)
                        .append(random.nextInt(5) == 0 ? " \t" : "")
                        .append("\r\n");
                out.append(randomEntity(random, depth - 1, boundary + "x")).append("\r\n");
            }
            return out + "--" + boundary + "--" + (random.nextBoolean() ? "\r\nepilogue" : "");
        }
        String type = List.of("text/plain", "text/html; charset=utf-8", "image/gif", "application/pdf")
                .get(random.nextInt(4));
        return "Content-Type: " + type + "\r\n\r\n" + randomBody(random);
    }

    private static String randomBody(Random random) {
        StringBuilder out = new StringBuilder();
        boolean high = random.nextInt(4) > 0;
        for (int i = random.nextInt(40); i > 0; i--) {
            switch (random.nextInt(8)) {
                case 0 -> out.append("\r\n");
                case 1 -> out.append(" ".repeat(random.nextInt(3)));
                case 2 -> out.append("x".repeat(random.nextInt(1500)));
                case 3 -> out.append(random.nextBoolean() ? "=\t" : "--1");
                case 4 -> out.append(high ? "\u00e9\u00ff" : "e");
                case 5 -> out.append(".");
                case 6 -> out.append("\r");
                default -> out.append("word ");
            }
        }
        return out.toString();
    }
}
