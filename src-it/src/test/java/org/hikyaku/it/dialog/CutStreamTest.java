package org.hikyaku.it.dialog;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.hikyaku.mail.Envelope;
import org.hikyaku.sim.SimHost;
import org.hikyaku.sim.SimWorld;
import org.hikyaku.world.World;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * Property: into which TCP segments a pipelined dialogue is cut changes neither the replies nor what is stored (RFC 2920 3.2, RFC
 * 3030 2). Also that of the smuggler: what a message holds is never a second one.
 */
class CutStreamTest {
    private static final Duration LIMIT = Duration.ofSeconds(20);
    private static final String START = "MAIL FROM:<a@client.example>\r\nRCPT TO:<joe@example.org>\r\n";
    private static final String HEADER = "Subject: x\r\n\r\n";
    private static final int RANDOM_CUTS = 25;

    private final SimWorld sim = new SimWorld(11);
    private final SimHost client = sim.remote("client", "203.0.113.5");
    private final Rig rig = rig();

    /** What came of a dialogue: the replies, what was stored, whether the drafts of all else were given back. */
    private record Result(List<String> replies, List<String> messages, List<Envelope> envelopes, long dropped) {}

    private Rig rig() {
        List<Rig> made = new ArrayList<>();
        sim.run(world -> made.add(new Rig(world)));
        return made.getFirst();
    }

    @AfterEach
    void end() {
        sim.close();
    }

    private static String bdat(String octets) {
        return "BDAT " + octets.length() + "\r\n" + octets;
    }

    private static String last(String octets) {
        return "BDAT " + octets.length() + " LAST\r\n" + octets;
    }

    /** Whole dialogues, each sent in one flight. */
    private static List<String> dialogues() {
        String look = "\r\n.\r\n\n.\n\r.\r\0" + START + "DATA\r\n";
        String binary = START.replace(">\r\nRCPT", "> BODY=BINARYMIME\r\nRCPT");
        return List.of(
                START + bdat(HEADER) + bdat(".\r\nQUIT\r\n..\r") + last("\nend") + "NOOP\r\nQUIT\r\n",
                binary + bdat(HEADER) + bdat(look + "\u00ff") + "BDAT 0 LAST\r\n" + START + "DATA\r\n" + HEADER
                        + "..x\r\n.\r\nQUIT\r\n",
                START + bdat(HEADER + "a\nb") + bdat("RSET\r\n") + last("x") + last("QUIT\r\n") + START + last(HEADER)
                        + "QUIT\r\n",
                "MAIL FROM:<a@client.example>\r\nRCPT TO:<no@example.org>\r\n" + bdat("QUIT\r\n") + last(look) + START
                        + bdat(HEADER) + "DATA\r\nRCPT TO:<ann@example.org>\r\nRSET\r\n" + last("NOOP\r\n")
                        + "QUIT\r\n",
                binary + "DATA\r\nRSET\r\n" + START + "DATA\r\n" + HEADER + "a\nb\r.\r\n.\n.\r\r\n\r\n.\r\nNOOP\nx\r\n"
                        + "BDAT x\r\nQUIT\r\n",
                START + bdat(HEADER) + "EHLO again.example\r\n" + START + bdat("") + last(HEADER + "\u00e9")
                        + "QUIT\r\n");
    }

    private Result play(String listener, String dialogue, int... cuts) {
        rig.stored.clear();
        rig.drafts.clear();
        List<String> heard = new ArrayList<>();
        byte[] octets = ("EHLO client.example\r\n" + dialogue).getBytes(ISO_8859_1);
        sim.run(client, world -> talk(world, listener, octets, cuts, heard));
        return new Result(
                heard,
                rig.stored.stream().map(Rig.Stored::text).toList(),
                rig.stored.stream().map(Rig.Stored::envelope).toList(),
                rig.drafts.stream().filter(draft -> draft.aborted).count());
    }

    private static void talk(World world, String listener, byte[] octets, int[] cuts, List<String> heard)
            throws Exception {
        try (WirePeer peer = new WirePeer(world, Rig.endpoint(listener))) {
            int from = 0;
            for (int i = 0; i <= cuts.length; i++) {
                int to = i < cuts.length ? cuts[i] : octets.length;
                byte[] piece = new byte[to - from];
                System.arraycopy(octets, from, piece, 0, piece.length);
                peer.send(piece);
                peer.pause(Duration.ofSeconds(1));
                from = to;
            }
            for (String line = peer.line(LIMIT); line != null; line = peer.line(LIMIT)) {
                heard.add(line.replaceAll("taken as \\w+", "taken"));
            }
        }
        world.tasks().sleep(Duration.ofSeconds(1));
    }

    @Test
    void cutsOfTheStreamChangeNothing() {
        Random random = new Random(3);
        for (String dialogue : dialogues()) {
            for (String listener : List.of("mx", "fix")) {
                Result whole = play(listener, dialogue);
                assertThat(whole.replies()).hasSizeGreaterThan(5);
                int length = dialogue.length() + 21;
                for (int cut = 1; cut < length; cut++) {
                    assertThat(play(listener, dialogue, cut))
                            .as("cut at %s", cut)
                            .isEqualTo(whole);
                }
                for (int round = 0; round < RANDOM_CUTS; round++) {
                    int[] cuts = random.ints(1 + random.nextInt(12), 1, length)
                            .sorted()
                            .distinct()
                            .toArray();
                    assertThat(play(listener, dialogue, cuts)).isEqualTo(whole);
                }
            }
        }
    }

    /** So that the property speaks of something: what each of them leads to. */
    @Test
    void theDialoguesComeToTheirEnds() {
        List<String> all = dialogues();
        assertThat(play("mx", all.get(0)).messages()).containsExactly(HEADER + ".\r\nQUIT\r\n..\r\nend");
        Result binary = play("mx", all.get(1));
        assertThat(binary.messages()).hasSize(2).last().isEqualTo(HEADER + ".x\r\n");
        assertThat(binary.envelopes()).extracting(e -> e.wishes().binary()).containsExactly(true, false);
        assertThat(play("mx", all.get(2)).messages()).containsExactly(HEADER);
        assertThat(play("mx", all.get(2)).dropped()).isOne();
        assertThat(play("mx", all.get(3)).messages()).isEmpty();
        assertThat(play("mx", all.get(4)).replies().getLast()).startsWith("501");
        assertThat(play("mx", all.get(5)).envelopes()).singleElement().matches(Envelope::needs8Bit);
        all.forEach(
                dialogue -> assertThat(play("mx", dialogue).replies()).anyMatch(line -> line.startsWith("250 2.1.0")));
    }

    /** What follows a chunk is a command, what is in it never is: with a second transaction at each place. */
    @Test
    void nothingInAChunkIsASecondMessage() {
        String evil = "MAIL FROM:<evil@client.example>\r\nRCPT TO:<ann@example.org>\r\nDATA\r\nevil\r\n.\r\n";
        for (String end : List.of("\r\n", "\n", "\r", "\0", "\r\0\n", "\n\r", "\r\r\n")) {
            for (String start : List.of(START, START.replace(">\r\nRCPT", "> BODY=BINARYMIME\r\nRCPT"))) {
                for (String listener : List.of("mx", "fix")) {
                    String body = HEADER + "text" + end + "." + end + evil;
                    int cut = HEADER.length() + 6;
                    play(listener, start + bdat(body.substring(0, cut)) + last(body.substring(cut)) + "QUIT\r\n");
                    assertThat(rig.stored)
                            .extracting(stored -> stored.envelope().sender().local())
                            .doesNotContain("evil")
                            .hasSizeLessThan(2);
                }
            }
        }
    }
}
