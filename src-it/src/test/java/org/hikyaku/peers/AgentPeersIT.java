package org.hikyaku.peers;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Mail of this host, from the command sendmail into mailboxes that Dovecot and mutt read meanwhile, and into a program. */
@ExtendWith(KitExtension.class)
class AgentPeersIT {
    private static final int MESSAGES = 60;
    private static final int LINES = 300;
    private static final Pattern SUBJECT = Pattern.compile("(?m)^Subject: number (\\d+)\\r?$");

    private final Kit kit;
    private static HikyakuServer server;
    private static Path drop = Path.of("/");
    private static Path saved = Path.of("/");

    AgentPeersIT(Kit kit) {
        this.kit = kit;
    }

    @BeforeAll
    static void start(Kit kit) throws IOException {
        drop = kit.work().resolve("drop");
        saved = kit.work().resolve("saved");
        Path program = Files.writeString(kit.work().resolve("save.sh"), """
                #!/bin/sh
                # takes what is for people+TAG, refuses what is for nobody, as a script of an operator does
                [ "$EXTENSION" != refused ] || { echo "not for $RECIPIENT"; exit 77; }
                cat > "$1/$QUEUE_ID.new" && { echo "$SENDER"; id -un; cat "$1/$QUEUE_ID.new"; } > "$1/$EXTENSION"
                rm "$1/$QUEUE_ID.new"
                """);
        Command.run(List.of("chmod", "755", program.toString())).good();
        Command.run(List.of("install", "-d", "-o", HikyakuServer.USER, "-g", "nogroup", "-m", "3733", drop.toString()))
                .good();
        Command.run(List.of("install", "-d", "-o", HikyakuServer.USER, "-m", "755", saved.toString()))
                .good();
        server = HikyakuServer.make(kit, "agents", """
                agents.of { "box@hikyaku.test" = mbox, "program@hikyaku.test" = save }
                agents.pipes.save { command = ["%s", "%s"] }
                sendmail.drop_directory = "%s"
                """.formatted(program, saved, drop))
                .start();
        server.shareUsers();
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    private Command sendmail(String input, String... arguments) {
        List<String> command = new ArrayList<>(
                List.of(kit.launcher().resolveSibling("sendmail").toString()));
        command.addAll(List.of(arguments));
        return Command.run(command, input, Map.of("HIKYAKU_DROP", drop.toString()));
    }

    private void send(String to, int number) {
        StringBuilder text = new StringBuilder("Subject: number " + number + "\n\n");
        for (int line = 0; line < LINES; line++) {
            text.append("From line ").append(line).append(" of it\n");
        }
        sendmail(text.toString(), "-i", to).good();
    }

    /** The numbers of the messages in what a reader has printed, each of them whole. */
    private static List<Integer> whole(String printed, String who) {
        List<Integer> numbers = new ArrayList<>();
        Matcher subject = SUBJECT.matcher(printed);
        while (subject.find()) {
            numbers.add(Integer.parseInt(subject.group(1)));
        }
        long lines = printed.lines()
                .filter(line -> line.matches(">?From line \\d+ of it"))
                .count();
        assertThat(lines).as("lines that %s reads of %s", who, numbers).isEqualTo((long) numbers.size() * LINES);
        assertThat(numbers).as(who).doesNotHaveDuplicates();
        return numbers;
    }

    /** What mutt pipes of all messages of a mailbox; {@code then} is what it does with them after. */
    private String mutt(Path mailbox, String then) throws IOException {
        Path out = Files.createTempFile(kit.work(), "mutt", ".out");
        Path rc = Files.writeString(kit.work().resolve("muttrc"), """
                set wait_key=no pipe_split=yes pipe_decode=no quit=yes confirmcreate=no delete=yes mark_old=no
                push "<tag-pattern>~A<enter><tag-prefix-cond><pipe-message>cat >> %s<enter><end-cond>%s<exit>"
                """.formatted(out, then));
        Command.run(
                        List.of("script", "-qec", "mutt -n -F " + rc + " -f " + mailbox, "/dev/null"),
                        "",
                        Map.of("TERM", "xterm", "HOME", kit.work().toString()))
                .good();
        return Files.readString(out, StandardCharsets.ISO_8859_1);
    }

    private String dovecot() {
        String conf = kit.work().resolve("dovecot/dovecot.conf").toString();
        return kit.peer(
                        "",
                        List.of("doveadm", "-c", conf, "fetch", "-u", "joe@hikyaku.test", "text", "mailbox", "INBOX"))
                .good();
    }

    @Test
    void aMaildirIsReadByDovecotAndMuttWhileItIsWritten() throws Exception {
        Path box = server.mailbox("joe");
        int seen = 0;
        for (int number = 0; number < MESSAGES; number++) {
            send("joe@hikyaku.test", number);
            if (number == 0) {
                Waiting.until("a first message in joe's Maildir", () -> someIn(box.resolve("new")), server::lastWords);
            }
            if (number % 20 == 10) {
                seen = Math.max(seen, whole(dovecot(), "Dovecot").size());
                whole(mutt(box, ""), "mutt");
            }
        }
        Waiting.until(
                "all messages at Dovecot",
                () -> whole(dovecot(), "Dovecot").size() == MESSAGES ? Optional.of(true) : Optional.empty(),
                server::lastWords);
        assertThat(seen).as("read while it was written").isBetween(1, MESSAGES - 1);
        assertThat(whole(mutt(box, ""), "mutt")).hasSize(MESSAGES);
    }

    /** mutt takes messages out and writes the file anew, again and again; none is lost, none comes twice. */
    @Test
    void anMboxIsEmptiedByMuttWhileItIsWritten() throws Exception {
        Path box = server.home().resolve("data/mbox/hikyaku.test/box");
        List<Integer> all = new ArrayList<>();
        for (int number = 0; number < MESSAGES; number++) {
            send("box@hikyaku.test", number);
            if (number == 0) {
                Waiting.until("a first message in the box", () -> someIn(box), server::lastWords);
            }
            if (number % 15 == 10) {
                all.addAll(whole(mutt(box, "<tag-prefix-cond><delete-message><end-cond><sync-mailbox>"), "mutt"));
            }
        }
        assertThat(all).as("taken out while it was written").isNotEmpty();
        Waiting.until(
                "all messages at mutt",
                () -> {
                    try {
                        all.addAll(
                                whole(mutt(box, "<tag-prefix-cond><delete-message><end-cond><sync-mailbox>"), "mutt"));
                    } catch (IOException e) {
                        throw new java.io.UncheckedIOException(e);
                    }
                    return all.size() >= MESSAGES ? Optional.of(true) : Optional.empty();
                },
                server::lastWords);
        assertThat(all).hasSize(MESSAGES).doesNotHaveDuplicates();
    }

    @Test
    void aProgramGetsItAndItsRefusalComesBackToWhoSentIt() throws Exception {
        sendmail("To: program+one@hikyaku.test\nSubject: x\n\nbody\n", "-t", "-f", "someone@else.test")
                .good();
        String text = Waiting.until("the program", () -> read(saved.resolve("one")), server::lastWords);
        assertThat(text)
                .startsWith("someone@else.test\n" + HikyakuServer.USER + "\nReturn-Path: <someone@else.test>\n")
                .endsWith("\nSubject: x\n\nbody\n");
        sendmail("Subject: y\n\nbody\n", "-f", "joe@hikyaku.test", "program+refused@hikyaku.test")
                .good();
        assertThat(server.arrived("joe", "not for program+refused@hikyaku.test"))
                .contains("5.7.1");
    }

    /** Whether a file holds something, or a directory does: a reader that comes now finds it. */
    private static Optional<Boolean> someIn(Path box) {
        if (!Files.exists(box)) {
            return Optional.empty();
        }
        try (Stream<Path> all = Files.isDirectory(box) ? Files.list(box) : Stream.empty()) {
            boolean some = all.findAny().isPresent();
            return some || (Files.isRegularFile(box) && Files.size(box) > 0) ? Optional.of(true) : Optional.empty();
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private static Optional<String> read(Path file) {
        try (Stream<Path> all = Files.list(file.getParent())) {
            return all.anyMatch(file::equals) && Files.size(file) > 0
                    ? Optional.of(Files.readString(file))
                    : Optional.empty();
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }
}
