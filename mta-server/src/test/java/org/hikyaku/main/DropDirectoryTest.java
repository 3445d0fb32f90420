package org.hikyaku.main;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.UnaryOperator;
import org.hikyaku.config.Config;
import org.hikyaku.config.ConfigReader;
import org.hikyaku.sim.SimDisk;
import org.hikyaku.sim.SimWorld;
import org.hikyaku.world.Disk;
import org.hikyaku.world.Event;
import org.hikyaku.world.World;
import org.junit.jupiter.api.Test;

/** The drop directory of sendmail, from the file to the mailbox. */
class DropDirectoryTest {
    private static final Path DROP = Path.of("/drop");
    private static final String TO = "hikyaku-drop 1\nto anna\n\n";
    private static final String SETTINGS = """
            hostname = mail.example.org
            data_dir = /var/lib/hikyaku
            local { domains = [example.org], postmaster = "anna@example.org" }
            agents.of { "anna@example.org" = maildir, "bob@example.org" = maildir }
            sendmail.drop_directory = /drop
            limits.message_size_max = 64KiB
            listeners { submission.endpoints = [], submissions.endpoints = [] }
            """;
    private static final Config CONFIG = ConfigReader.fromText(SETTINGS);

    private static Assembly started(World world) {
        return started(world, CONFIG);
    }

    private static Assembly started(World world, Config config) {
        try {
            return Assembly.start(world, config, Hooks.simulated(UnaryOperator.identity()));
        } catch (StartFailure e) {
            throw new AssertionError(String.join("; ", e.problems()), e);
        }
    }

    private static void run(SimWorld sim) {
        sim.run(world -> {
            started(world);
        });
        sim.runFor(Duration.ofSeconds(10));
    }

    private static void leave(SimWorld sim, String name, String owner, String text) throws IOException {
        SimDisk disk = sim.disk();
        disk.makeDirectories(DROP);
        write(disk, DROP.resolve(name), text);
        int uid = owner.equals("flood") ? 1002 : 1001;
        disk.own(DROP.resolve(name), uid);
        sim.host().user(uid, Optional.of(owner));
        disk.settle();
    }

    private static void write(SimDisk disk, Path path, String text) throws IOException {
        try (Disk.File file = disk.create(path)) {
            file.write(0, ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8)));
            file.force();
        }
    }

    private static List<String> mail(SimWorld sim, String user) throws IOException {
        Path box = Path.of("/var/lib/hikyaku/mail/example.org").resolve(user).resolve("new");
        List<String> all = new ArrayList<>();
        if (sim.disk().exists(box)) {
            for (String name : sim.disk().list(box)) {
                all.add(new String(sim.disk().readAll(box.resolve(name), 1 << 20), StandardCharsets.UTF_8));
            }
        }
        return all;
    }

    private static String one(String owner, String text) throws IOException {
        try (SimWorld sim = new SimWorld(1)) {
            leave(sim, "m1", owner, text);
            run(sim);
            assertThat(sim.disk().list(DROP)).containsExactly("taken");
            assertThat(sim.disk().list(DROP.resolve("taken"))).isEmpty();
            assertThat(mail(sim, "anna")).hasSize(1);
            return mail(sim, "anna").getFirst();
        }
    }

    @Test
    void theOwnerOfTheFileIsTheSenderAndWhatIsMissingIsAdded() throws IOException {
        assertThat(one("bob", TO + "Subject: s\n\n.\nbody"))
                .startsWith("Return-Path: <bob@example.org>\nDelivered-To: anna@example.org\n"
                        + "Received: by mail.example.org (Hikyaku, from user bob uid 1001) id ")
                .contains("\nFrom: bob@example.org\n", "\nDate: ", "\nMessage-ID: <")
                .endsWith("\nSubject: s\n\n.\nbody\n");
    }

    @Test
    void cronsMessageGoes() throws IOException {
        assertThat(one("root", "hikyaku-drop 1\nname CronDaemon\nto anna\n\nFrom: root (Cron Daemon)\nTo: anna\n\nx\n"))
                .startsWith("Return-Path: <root@example.org>\n")
                .contains("\nFrom: root@example.org (Cron Daemon)\n", "\nTo: anna@example.org\n")
                .doesNotContain("Sender:");
    }

    @Test
    void onlyWhoMayNamesAnotherSender() throws IOException {
        String wanted =
                "hikyaku-drop 1\nsender noreply@other.example\nto anna\n\nFrom: x@y.example\nSender: z@y.example\n\nb\n";
        assertThat(one("root", wanted))
                .startsWith("Return-Path: <noreply@other.example>\n")
                .contains("\nSender: z@y.example\n");
        assertThat(one("bob", wanted))
                .startsWith("Return-Path: <bob@example.org>\n")
                .contains("\nSender: bob@example.org\n")
                .doesNotContain("z@y.example");
        String own = "hikyaku-drop 1\nsender %s\nto anna\n\nFrom: Bob+x@example.org\n\nb\n";
        assertThat(one("bob", own.formatted("bob+lists@example.org")))
                .startsWith("Return-Path: <bob+lists@example.org>\n")
                .doesNotContain("Sender:");
        assertThat(one("bob", own.formatted("<>"))).startsWith("Return-Path: <>\n");
    }

    @Test
    void recipientsOfTheFieldsAreTakenWhenAskedAndBccIsNotShown() throws IOException {
        try (SimWorld sim = new SimWorld(1)) {
            leave(
                    sim,
                    "m1",
                    "bob",
                    "hikyaku-drop 1\nfields\n\nTo: Anna <anna@example.org>,\n bob\nBcc: anna\nCc:\n\nTo: x\n");
            run(sim);
            assertThat(mail(sim, "anna")).hasSize(1);
            assertThat(mail(sim, "bob")).singleElement().asString().doesNotContain("Bcc");
        }
    }

    @Test
    void whoSendsAMessageAgainNamesItsRecipientsByTheNewestResentFields() throws IOException {
        try (SimWorld sim = new SimWorld(1)) {
            leave(
                    sim,
                    "m1",
                    "bob",
                    "hikyaku-drop 1\nfields\n\nResent-To: anna\nResent-Bcc: anna@example.org\nReceived: x\n"
                            + "Resent-From: old@there.example\nResent-To: bob\nResent-Bcc: bob\n"
                            + "From: ann@there.example\nSender: sec@there.example\nTo: bob\nCc: bob\n\nagain\n");
            run(sim);
            assertThat(mail(sim, "bob")).isEmpty();
            assertThat(mail(sim, "anna"))
                    .singleElement()
                    .asString()
                    .contains("\nResent-Date: ", "\nResent-From: bob@example.org\n", "\nSender: sec@there.example\n")
                    .doesNotContain("Resent-Bcc", "\nSender: bob@", "Resent-Sender");
        }
        assertThat(one("bob", TO + "Resent-From: ann@there.example\nResent-Date: x\nFrom: ann@there.example\n\nx\n"))
                .contains("\nResent-Sender: bob@example.org\nDate:")
                .doesNotContain("\nSender:", "Resent-From: bob");
    }

    @Test
    void aNameBeyondAsciiGoesAsEncodedWordsAndNeedsNoEightBits() throws IOException {
        String name = "Jörg \u0001Größe".repeat(20);
        String mail = one("bob", "hikyaku-drop 1\nname " + name + "\nto anna\n\nSubject: s\n\nx\n");
        assertThat(mail).contains("\nFrom: =?utf-8?B?", "?=\n <bob@example.org>\n");
        assertThat(mail.chars()).allMatch(c -> c < 128);
        assertThat(mail.lines()).allMatch(line -> line.length() <= 78 || line.startsWith("Received:"));
    }

    @Test
    void whatCannotGoIsToldToItsOwnerAndToNobodyElse() throws IOException {
        List<String> wrong = List.of(
                "no request at all\n\nx",
                "hikyaku-drop 1\nfields\n\nSubject: nobody\n\nx\n",
                "hikyaku-drop 1\nto a b c <\n\nx\n",
                "hikyaku-drop 1\nfields\nto bob\n\nTo: \"open\n\nx\n",
                TO + "a: b\n\n" + "x".repeat(70_000));
        for (String text : wrong) {
            assertThat(one("anna", text))
                    .contains("\nSubject: A message was not sent\n")
                    .startsWith("Return-Path: <>\n");
        }
    }

    /** Programs of users without a mailbox are many, and nobody would hear that their mail fails: cron's of www-data. */
    @Test
    void whatFailsOfAUserWithoutAMailboxIsToldToThePostmaster() throws IOException {
        assertThat(one("www-data", "hikyaku-drop 1\nto nosuch@example.org\n\nSubject: cron\n\nimportant\n"))
                .startsWith("Return-Path: <>\n")
                .contains("\nTo: <postmaster@example.org>\n", "nosuch@example.org", "important");
        assertThat(one("www-data", "hikyaku-drop 1\nto bad@@\n\nSubject: cron\n\nimportant\n"))
                .startsWith("Return-Path: <>\n")
                .contains("A message that a program of www-data gave", "`bad@@` is no address");
    }

    /** A program that was taken over must not fill the postmaster's mailbox. */
    @Test
    void ofManyFilesThatAreNoMessageThePostmasterHearsOnceInAWhile() throws IOException {
        try (SimWorld sim = new SimWorld(1)) {
            for (int i = 0; i < 30; i++) {
                leave(sim, "m" + i, "www-data", "no request " + i);
            }
            leave(sim, "mx", "flood", "no request");
            run(sim);
            assertThat(sim.disk().list(DROP.resolve("taken"))).isEmpty();
            assertThat(sim.events().count(Event.DROP_REFUSED)).isEqualTo(31);
            assertThat(mail(sim, "anna"))
                    .hasSize(2)
                    .allMatch(text -> text.contains("only the log tells (drop-refused)"));
            sim.runFor(Duration.ofMinutes(10));
            leave(sim, "m1", "www-data", "no request");
            sim.runFor(Duration.ofSeconds(10));
            assertThat(mail(sim, "anna")).hasSize(3);
        }
    }

    @Test
    void whatAUserIsToldOfHisFilesCountsAsHisAndIsToldLater() throws IOException {
        try (SimWorld sim = new SimWorld(1)) {
            for (int i = 0; i < 5; i++) {
                leave(sim, "m" + i, "anna", "no request " + i);
            }
            Config three = ConfigReader.fromText(SETTINGS + "outbound.local.messages_per_hour = 3\n");
            sim.run(world -> {
                started(world, three);
            });
            sim.runFor(Duration.ofMinutes(1));
            assertThat(mail(sim, "anna")).hasSize(3).noneMatch(text -> text.contains("only the log"));
            sim.runFor(Duration.ofHours(2));
            assertThat(mail(sim, "anna")).hasSize(5);
            assertThat(sim.events().count(Event.DROP_REFUSED)).isEqualTo(5);
        }
    }

    @Test
    void aFailureIsToldWithItsReason() throws IOException {
        try (SimWorld sim = new SimWorld(1)) {
            leave(sim, "taken", "bob", "in the way");
            run(sim);
            assertThat(sim.events().lines())
                    .anyMatch(line -> line.contains("drop-failed") && line.contains("/drop/taken: "));
        }
    }

    @Test
    void unfinishedFilesAreLeftAndForgottenAfterADay() throws IOException {
        try (SimWorld sim = new SimWorld(1)) {
            leave(sim, "tXYZ", "bob", TO + "half");
            run(sim);
            assertThat(sim.disk().exists(DROP.resolve("tXYZ"))).isTrue();
            sim.runFor(Duration.ofHours(25));
            assertThat(sim.disk().exists(DROP.resolve("tXYZ"))).isFalse();
            assertThat(mail(sim, "anna")).isEmpty();
        }
    }

    @Test
    void aDirectoryInTheWayStopsNobody() throws IOException {
        try (SimWorld sim = new SimWorld(1)) {
            sim.disk().makeDirectories(DROP.resolve("m0"));
            leave(sim, "m1", "bob", TO + "x\n");
            run(sim);
            assertThat(mail(sim, "anna")).hasSize(1);
            assertThat(sim.events().count(Event.DROP_FAILED)).isEqualTo(1);
        }
    }

    @Test
    void whateverMomentTheServerDiesTheMessageArrivesAndASecondCopyOnlyThen() throws IOException {
        int crashes = 0;
        for (long seed = 0; seed < 60; seed++) {
            try (SimWorld sim = new SimWorld(seed)) {
                leave(sim, "m1", "bob", TO + "Subject: s\n\nwhole\n");
                sim.crashAfter(40 + seed * 7);
                boolean alive = sim.run(world -> {
                    try {
                        Assembly.start(world, CONFIG, Hooks.simulated(UnaryOperator.identity()));
                    } catch (StartFailure e) {
                        throw new AssertionError(String.join("; ", e.problems()), e);
                    }
                });
                if (alive && sim.runFor(Duration.ofSeconds(10))) {
                    sim.crashNever();
                    sim.crash();
                } else {
                    crashes++;
                }
                run(sim);
                assertThat(mail(sim, "anna"))
                        .as("seed " + seed)
                        .hasSizeBetween(1, 3)
                        .allSatisfy(text -> assertThat(text).endsWith("\n\nwhole\n"));
            }
        }
        assertThat(crashes).isGreaterThan(20);
    }

    @Test
    void directoriesThatAnybodyMakesHoldNobodyUp() throws IOException {
        try (SimWorld sim = new SimWorld(1)) {
            for (int i = 0; i < 2500; i++) {
                sim.disk().makeDirectories(DROP.resolve("m" + String.format("%05d", i)));
            }
            leave(sim, "mzzz", "bob", TO + "Subject: s\n\nbody\n");
            run(sim);
            assertThat(mail(sim, "anna")).hasSize(1);
            assertThat(sim.events().count(Event.DROP_FAILED)).isEqualTo(1);
        }
    }

    @Test
    void aFloodOfOneOwnerDoesNotHoldUpAnother() throws IOException {
        try (SimWorld sim = new SimWorld(1)) {
            for (int i = 0; i < 1500; i++) {
                leave(sim, "m" + String.format("%05d", i), "flood", TO + "Subject: flood\n\nbody\n");
            }
            leave(sim, "mzzz", "bob", TO + "Subject: s\n\nbody\n");
            sim.run(world -> started(world));
            sim.runFor(Duration.ofMillis(900));
            assertThat(sim.disk().exists(DROP.resolve("mzzz"))).isFalse();
            assertThat(sim.disk().exists(DROP.resolve("m01499")))
                    .as("a thousand a look")
                    .isTrue();
        }
    }

    /** Only what is looked at whole can be told to have one author. */
    @Test
    void aHeaderBehindARequestOfMegabytesIsRefused() throws IOException {
        String request = "hikyaku-drop 1\nname " + "x".repeat((2 << 20) - 80) + "\nto anna\n\n";
        String text = request + "From: anna@example.org\nX: " + "x".repeat(100) + "\nFrom: bob@example.org\n\nb\n";
        assertThat(one("anna", text)).contains("\nSubject: A message was not sent\n");
    }

    /** As when LDAP is away for a while: whose it is must be known, and is asked for again. */
    @Test
    void whileTheListOfUsersDoesNotAnswerAMessageWaitsAndThenGoes() throws IOException {
        try (SimWorld sim = new SimWorld(1)) {
            for (int i = 0; i < 50; i++) {
                leave(sim, "m" + String.format("%02d", i), "flood", TO + "Subject: s\n\nbody\n");
            }
            leave(sim, "mz", "bob", TO + "Subject: of bob\n\nbody\n");
            sim.host().user(1002, Optional.empty());
            run(sim);
            sim.runFor(Duration.ofMinutes(10));
            assertThat(mail(sim, "anna")).singleElement().asString().contains("of bob");
            assertThat(sim.host().usersAsked()).as("once a minute").isBetween(9, 20);
            assertThat(sim.events().count(Event.DROP_FAILED)).isBetween(1L, 2L);
            sim.host().user(1002, Optional.of("flood"));
            sim.runFor(Duration.ofSeconds(90));
            assertThat(mail(sim, "anna")).hasSize(51);
            assertThat(sim.disk().list(DROP.resolve("taken"))).isEmpty();
        }
    }

    @Test
    void aMessageThatCanNeverBeStoredIsToldToItsOwnerAndHoldsNobodyUp() throws IOException {
        try (SimWorld sim = new SimWorld(1)) {
            leave(sim, "m1", "bob", "hikyaku-drop 1\nto everybody\n\nSubject: s\n\nbody\n");
            leave(sim, "m2", "bob", TO + "Subject: s\n\nbody\n");
            StringBuilder members = new StringBuilder();
            for (int i = 0; i <= 50_000; i++) {
                members.append('u').append(i).append("@elsewhere.example\n");
            }
            write(sim.disk(), Path.of("/members"), members.toString());
            write(sim.disk(), Path.of("/aliases"), "everybody: :include:/members\n");
            sim.disk().settle();
            Config lists = ConfigReader.fromText(SETTINGS + "local { aliases = /aliases, expansion_max = 100000 }\n");
            sim.run(world -> {
                started(world, lists);
            });
            sim.runFor(Duration.ofSeconds(10));
            assertThat(mail(sim, "anna")).hasSize(1);
            assertThat(mail(sim, "bob")).singleElement().asString().contains("more than 50000 recipients");
        }
    }

    @Test
    void anOrderlyStopInTheMiddleLeavesNoFileThatWasStored() throws IOException {
        for (long seed = 1; seed <= 40; seed++) {
            try (SimWorld sim = new SimWorld(seed)) {
                for (int i = 0; i < 30; i++) {
                    leave(sim, "m" + i, "bob", TO + "Subject: number " + i + ".\n\nbody\n");
                }
                AtomicReference<Assembly> running = new AtomicReference<>();
                sim.run(world -> running.set(started(world)));
                sim.runFor(Duration.ofMillis(5 * seed));
                sim.run(world -> running.get().stop());
                run(sim);
                List<String> got = mail(sim, "anna");
                for (int i = 0; i < 30; i++) {
                    String number = "Subject: number " + i + ".";
                    assertThat(got.stream().filter(text -> text.contains(number)))
                            .as("seed %d, %s", seed, number)
                            .hasSize(1);
                }
            }
        }
    }
}
