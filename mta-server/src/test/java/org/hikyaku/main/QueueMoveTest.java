package org.hikyaku.main;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import org.hikyaku.admin.ControlServer;
import org.hikyaku.config.Config;
import org.hikyaku.config.Reading;
import org.hikyaku.mail.SpoolId;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Queues moved between hosts, by the commands as an operator types them. */
class QueueMoveTest {
    private static final int MESSAGES = 30;

    @TempDir
    Path directory = Path.of("");

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @BeforeEach
    void configure() throws IOException {
        Files.writeString(directory.resolve("users"), "");
        for (String host : List.of("a", "b")) {
            Files.createDirectories(directory.resolve(host + "-data/spool"));
            Files.writeString(directory.resolve(host + ".conf"), """
                    hostname = mail.example.org
                    data_dir = %s-data
                    local { domains = [example.org], postmaster = "anna@example.org" }
                    auth.users = users
                    spool { segment_size = 256KiB, inline_max = 16KiB, reserve = 1MiB }
                    """.formatted(host));
        }
    }

    private int hikyaku(String host, String... line) {
        out.getBuffer().setLength(0);
        err.getBuffer().setLength(0);
        List<String> whole = new ArrayList<>(List.of(line));
        whole.addAll(List.of("-c", directory.resolve(host + ".conf").toString()));
        return Main.run(new PrintWriter(out, true), new PrintWriter(err, true), whole.toArray(String[]::new));
    }

    private String file(String name) {
        return directory.resolve(name).toString();
    }

    private static String id(int i) {
        return new SpoolId(1_000_000L + i).toString();
    }

    private static String envelope(int i, int size) {
        return """
                {"format":"hikyaku-queue-2","id":"%s","arrived":"2026-03-01T10:00:%02d.123Z","size":%d,\
                "sender":"%s","held":"%s","mark":"","needs_8bit":true,"needs_utf8":false,"priority":%d,\
                "wishes":{"binary":true,"ranked":true,"verp":"+=","tls":"required","ret":"headers","envelope_id":"e%d"},\
                "via":"smtp","client":"192.0.2.1","user":"","session":"s%d","recipients":[\
                {"address":"x@b.example","original":"list@a.example","state":"delivered","attempts":1,\
                "due":"2026-03-01T11:00:00Z","noticed":false,"status":"2.0.0","text":"","remote":"mx","reply":"250 ok"},\
                {"address":"y%d@b.example","original":"y%d@b.example","notify":5,"orcpt":"rfc822;z@b.example","state":"pending","attempts":%d,\
                "due":"2036-03-01T11:00:00.5Z","noticed":true,"status":"4.4.1","text":"no answer","remote":"","reply":""}]}
                """.formatted(
                        id(i),
                        i % 60,
                        size,
                        i % 4 == 0 ? "" : "u" + i + "@c.example",
                        i % 3 == 0 ? "why" : "",
                        i % 9,
                        i,
                        i,
                        i,
                        i,
                        i % 5);
    }

    private static byte[] body(int i) {
        byte[] body = new byte[i % 10 == 3 ? 70_000 : 20 + 511 * (i % 3)];
        new Random(i).nextBytes(body);
        return body;
    }

    private static void add(TarWriter tar, String name, byte[] octets) throws IOException {
        tar.beginFile(name, octets.length, 0);
        tar.write(octets);
        tar.endFile(octets.length);
    }

    private static byte[] archive(int messages) throws IOException {
        ByteArrayOutputStream to = new ByteArrayOutputStream();
        TarWriter tar = new TarWriter(to);
        for (int i = 0; i < messages; i++) {
            add(tar, id(i) + ".json", envelope(i, body(i).length).getBytes(StandardCharsets.UTF_8));
            add(tar, id(i) + ".eml", body(i));
        }
        add(tar, "end.json", ("{\"messages\":" + messages + "}\n").getBytes(StandardCharsets.UTF_8));
        tar.end();
        return to.toByteArray();
    }

    /** What is in an archive, under the session instead of the id, which each queue gives anew. */
    private Map<String, String> messages(String name) throws IOException {
        Map<String, String> all = new TreeMap<>();
        TarReader tar = new TarReader(new ByteArrayInputStream(Files.readAllBytes(directory.resolve(name))));
        String session = "";
        for (Optional<TarReader.Entry> entry = tar.next(); entry.isPresent(); entry = tar.next()) {
            ByteArrayOutputStream octets = new ByteArrayOutputStream();
            for (byte[] piece = tar.read(1000); piece.length > 0; piece = tar.read(1000)) {
                octets.writeBytes(piece);
            }
            String text = octets.toString(StandardCharsets.ISO_8859_1);
            if (text.contains("\"session\"")) {
                session = text.replaceAll("(?s).*\"session\":\"(s[0-9]+)\".*", "$1");
                text = text.replaceAll("\"id\":\"[^\"]*\"", "");
            }
            text = text.replaceAll("\"sha256\":\"[^\"]*\"", "");
            String kind = entry.get().name().replaceAll(".*\\.", "");
            assertThat(all.put(session + "." + kind + (entry.get().name().equals("end.json") ? ".end" : ""), text))
                    .isNull();
        }
        return all;
    }

    @Test
    void aQueueComesAsItWasAndOnceOnly() throws IOException {
        Files.write(directory.resolve("given.tar"), archive(MESSAGES));
        assertThat(hikyaku("a", "queue", "import", "--offline", "-n", file("given.tar")))
                .isEqualTo(0);
        assertThat(out.toString()).contains("30 messages would be taken");
        assertThat(hikyaku("a", "queue", "import", "--offline", file("given.tar")))
                .as(err.toString())
                .isEqualTo(0);
        assertThat(out.toString()).contains("30 messages taken, 0 skipped, 0 refused");
        assertThat(hikyaku("a", "queue", "import", "--offline", file("given.tar")))
                .isEqualTo(0);
        assertThat(out.toString()).contains("0 messages taken, 30 skipped");
        assertThat(err.toString()).contains(id(7) + ": skipped: it was imported before");
        assertThat(hikyaku("a", "queue", "export", "--offline", "-o", file("a.tar")))
                .isEqualTo(0);
        assertThat(hikyaku("b", "queue", "import", "--offline", file("a.tar"))).isEqualTo(0);
        assertThat(hikyaku("b", "queue", "export", "--offline", "-o", file("b.tar")))
                .isEqualTo(0);
        assertThat(messages("a.tar")).hasSize(2 * MESSAGES + 1).isEqualTo(messages("b.tar"));
        Map<String, String> given = messages("given.tar");
        messages("a.tar").forEach((name, octets) -> {
            if (name.endsWith("eml")) {
                assertThat(octets).as(name).isEqualTo(given.get(name));
            }
        });
        assertThat(messages("a.tar").get("s1.json"))
                .contains("\"arrived\":\"2026-03-01T10:00:01.123Z\"", "\"due\":\"2036-03-01T11:00:00.500Z\"")
                .contains("\"attempts\":1", "\"priority\":1", "\"sender\":\"u1@c.example\"");
        assertThat(messages("a.tar").get("s3.json"))
                .contains("\"held\":\"why\"", "\"notify\":5,\"orcpt\":\"rfc822;z@b.example\"")
                .contains("\"binary\":true,\"ranked\":true,\"verp\":\"+=\",\"tls\":\"required\",\"ret\":\"headers\"")
                .contains("\"envelope_id\":\"e3\"");
    }

    @Test
    void theServerTakesAndGivesThemThroughItsSocket() throws IOException {
        Files.write(directory.resolve("given.tar"), archive(MESSAGES));
        Path socket = directory.resolve("control/s");
        try (Offline server = Offline.open(config("a"))) {
            ControlServer control = ControlServer.open(server.world(), socket, server.handler());
            assertThat(hikyaku("a", "queue", "import", "--offline", file("given.tar")))
                    .isEqualTo(1);
            assertThat(err.toString()).contains("in use by another process").contains("leave --offline out");
            assertThat(hikyaku("a", "queue", "import", "--socket", socket.toString(), file("given.tar")))
                    .as(err.toString())
                    .isEqualTo(0);
            assertThat(hikyaku("a", "queue", "list", "--ids", "--socket", socket.toString()))
                    .isEqualTo(0);
            assertThat(out.toString().lines()).hasSize(MESSAGES);
            byte[] whole = archive(MESSAGES + 1);
            Files.write(directory.resolve("short.tar"), Arrays.copyOf(whole, whole.length - 3000));
            assertThat(hikyaku("a", "queue", "import", "--socket", socket.toString(), file("short.tar")))
                    .isEqualTo(1);
            assertThat(err.toString()).contains("breaks off; nothing was taken");
            assertThat(hikyaku(
                            "a",
                            "queue",
                            "export",
                            "--remove",
                            "-o",
                            file("a.tar"),
                            "--socket",
                            socket.toString(),
                            "all"))
                    .as(err.toString())
                    .isEqualTo(0);
            assertThat(out.toString()).contains("moved: 30 messages changed");
            assertThat(hikyaku("a", "queue", "list", "--ids", "--socket", socket.toString()))
                    .isEqualTo(0);
            assertThat(out.toString()).isEmpty();
            assertThat(hikyaku("a", "queue", "import", "--socket", socket.toString(), file("a.tar")))
                    .isEqualTo(0);
            assertThat(err.toString()).contains("skipped: this queue has it, or its trash");
            control.close();
        }
        assertThat(hikyaku("b", "queue", "import", "--offline", file("a.tar"))).isEqualTo(0);
        assertThat(hikyaku("b", "queue", "export", "--offline", "-o", file("b.tar")))
                .isEqualTo(0);
        assertThat(messages("b.tar")).isEqualTo(messages("a.tar"));
    }

    private Config config(String host) {
        return ((Reading.Good) ConfigOption.read(directory.resolve(host + ".conf"))).config();
    }

    @Test
    void anExportWhoseFileCannotBeWrittenRemovesNothing() throws IOException {
        Files.write(directory.resolve("given.tar"), archive(4));
        assertThat(hikyaku("a", "queue", "import", "--offline", file("given.tar")))
                .isEqualTo(0);
        assertThat(hikyaku("a", "queue", "export", "--offline", "--remove", "-o", file("given.tar"), "all"))
                .isEqualTo(1);
        assertThat(err.toString()).contains("is there already");
        assertThat(hikyaku("a", "queue", "export", "--offline", "--remove", "-o", "-", "all"))
                .isEqualTo(2);
        assertThat(hikyaku("a", "queue", "export", "--offline", "--remove", "-o", file("x")))
                .isEqualTo(2);
        assertThat(hikyaku("a", "queue", "export", "--offline", "-o", file("a.tar")))
                .isEqualTo(0);
        assertThat(err.toString()).contains("4 messages exported");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "cut:the archive breaks off",
                "no end:no end.json",
                "flipped:damaged",
                "foreign:no tar header",
                "dots:../../etc/passwd: not a file that queue export writes",
                "link:no regular file",
                "huge:larger than any envelope",
                "size:its size is not that of the envelope",
                "count:another number of messages",
                "order:does not follow",
                "behind:something follows",
                "json:not JSON",
                "long:a field is too long",
                "empty:the archive breaks off"
            })
    void anArchiveThatIsNoneIsRefusedAndNothingOfItIsTaken(String test) throws IOException {
        String kind = test.substring(0, test.indexOf(':'));
        Files.write(directory.resolve("bad.tar"), hostile(kind));
        assertThat(hikyaku("a", "queue", "import", "--offline", file("bad.tar")))
                .isEqualTo(1);
        assertThat(err.toString())
                .contains(test.substring(test.indexOf(':') + 1))
                .contains("nothing was taken");
        assertThat(hikyaku("a", "queue", "export", "--offline", "-o", file("a.tar")))
                .isEqualTo(0);
        assertThat(err.toString()).contains("0 messages exported");
    }

    /** Two good messages and what is bad. */
    private static byte[] hostile(String kind) throws IOException {
        byte[] good = archive(2);
        int end = good.length - 1024 - 1024; // end.json and its header
        ByteArrayOutputStream to = new ByteArrayOutputStream();
        TarWriter tar = new TarWriter(to);
        to.write(good, 0, end);
        byte[] json = envelope(2, 5).getBytes(StandardCharsets.UTF_8);
        switch (kind) {
            case "cut" -> {
                return Arrays.copyOf(good, end - 700);
            }
            case "flipped" -> {
                good[end + 3] ^= 1;
                return good;
            }
            case "foreign" -> {
                byte[] noise = new byte[5000];
                Arrays.fill(noise, (byte) 'x');
                return noise;
            }
            case "empty" -> {
                return new byte[0];
            }
            case "dots" -> add(tar, "../../etc/passwd", new byte[5]);
            case "link" -> {
                int before = to.size();
                add(tar, "link", new byte[0]);
                return retyped(to.toByteArray(), before);
            }
            case "huge" -> tar.beginFile(id(2) + ".json", 7L << 30, 0);
            case "size" -> {
                add(tar, id(2) + ".json", json);
                tar.beginFile(id(2) + ".eml", 7L << 30, 0);
            }
            case "order" -> {
                add(tar, id(2) + ".json", json);
                add(tar, id(3) + ".eml", new byte[5]);
            }
            case "json" -> add(tar, id(2) + ".json", new byte[5]);
            case "long" -> {
                String text = envelope(2, 5).replace("\"s2\"", "\"" + "s".repeat(2_000_000) + "\"");
                add(tar, id(2) + ".json", text.getBytes(StandardCharsets.UTF_8));
                add(tar, id(2) + ".eml", new byte[5]);
            }
            case "count" -> add(tar, "end.json", "{\"messages\":3}".getBytes(StandardCharsets.UTF_8));
            case "behind" -> {
                add(tar, "end.json", "{\"messages\":2}".getBytes(StandardCharsets.UTF_8));
                add(tar, "more", new byte[5]);
            }
            default -> {}
        }
        tar.end();
        return to.toByteArray();
    }

    /** The entry at {@code header} made a symbolic link, with a right checksum. */
    private static byte[] retyped(byte[] tar, int header) {
        tar[header + 156] = '2';
        String sum = new String(tar, header + 148, 6, StandardCharsets.US_ASCII);
        byte[] more = String.format("%06o", Long.parseLong(sum, 8) + 2).getBytes(StandardCharsets.US_ASCII);
        System.arraycopy(more, 0, tar, header + 148, 6);
        return tar;
    }

    @Test
    void aFlippedOctetOfAMessageIsFound() throws IOException {
        Files.write(directory.resolve("given.tar"), archive(4));
        assertThat(hikyaku("a", "queue", "import", "--offline", file("given.tar")))
                .isEqualTo(0);
        assertThat(hikyaku("a", "queue", "export", "--offline", "-o", file("a.tar")))
                .isEqualTo(0);
        byte[] tar = Files.readAllBytes(directory.resolve("a.tar"));
        tar[tar.length - 4000] ^= 1; // in the last body, which is large
        Files.write(directory.resolve("bad.tar"), tar);
        assertThat(hikyaku("b", "queue", "import", "--offline", file("bad.tar")))
                .isEqualTo(1);
        assertThat(err.toString()).contains("checksum").contains("nothing was taken");
        assertThat(hikyaku("b", "queue", "import", "--offline", file("a.tar"))).isEqualTo(0);
    }

    @Test
    void anEnvelopeThatMakesNoSenseCostsItsOwnMessageOnly() throws IOException {
        byte[] good = archive(3);
        String text = new String(good, StandardCharsets.ISO_8859_1)
                .replace("\"y1@b.example\",\"original\"", "\"y1.b.example\",\"original\"");
        Files.write(directory.resolve("bad.tar"), text.getBytes(StandardCharsets.ISO_8859_1));
        assertThat(hikyaku("a", "queue", "import", "--offline", file("bad.tar")))
                .isEqualTo(1);
        assertThat(out.toString()).contains("2 messages taken, 0 skipped, 1 refused");
        assertThat(err.toString()).contains(id(1) + ": refused: address: not an address");
    }
}
