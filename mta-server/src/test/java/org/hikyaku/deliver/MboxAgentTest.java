package org.hikyaku.deliver;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.hikyaku.mail.Content;
import org.hikyaku.sim.SimFault;
import org.hikyaku.sim.SimFaults;
import org.hikyaku.sim.SimWorld;
import org.hikyaku.table.LocalDirectory;
import org.hikyaku.table.Users;
import org.hikyaku.world.Disk;
import org.hikyaku.world.Event;
import org.hikyaku.world.World;
import org.junit.jupiter.api.Test;

class MboxAgentTest implements DeliveryAgentContract {
    private static final Path BOX = Path.of("/data/mbox/b.example/b");
    private static final Path LOCK = Path.of("/data/mbox/b.example/b.lock");
    private static final String OTHER =
            "From other@x Thu Jan  1 00:00:00 1970\nSubject: other\n\nby another program\n\n";

    private static MailboxAgent agent(World world) {
        LocalDirectory directory = MailboxPlace.directory(world, "b@b.example", "c@b.example", "b.lock@b.example");
        return MailboxAgent.mbox(world, () -> directory, Users::none);
    }

    private static String text(World world, Path box) throws IOException {
        return world.disk().exists(box)
                ? new String(world.disk().readAll(box, 1 << 24), StandardCharsets.ISO_8859_1)
                : "";
    }

    /** As a reader of mboxrd takes it apart. */
    private static List<String> messages(String mbox) {
        assertThat(mbox).matches("(?s)(From .*\n\n)?");
        return Arrays.stream(mbox.split("(?m)^From .*\n"))
                .filter(text -> !text.isEmpty())
                .map(text -> text.substring(0, text.length() - 1).replaceAll("(?m)^>(>*From )", "$1"))
                .toList();
    }

    @Override
    public Place place(SimWorld sim) {
        return new MailboxPlace(
                sim, MboxAgentTest::agent, (world, user) -> messages(text(world, BOX.resolveSibling(user))));
    }

    private static Delivery delivery(String body, String... recipients) {
        Content content = Errand.content("Subject: s\r\nStatus: RO\r\nContent-Length: 2\r\n\r\n" + body);
        return Errand.delivery(Errand.message(content, false, false, recipients), Errand.CONFIG);
    }

    private static List<String> deliver(SimWorld sim, String body) {
        return Errand.words(Errand.deliver(sim, agent(sim.world()), delivery(body, "b@b.example")));
    }

    private static void append(Disk disk, String text) throws IOException {
        try (Disk.File file = disk.openLocked(BOX).orElseThrow()) {
            file.write(file.size(), ByteBuffer.wrap(text.getBytes(StandardCharsets.US_ASCII)));
            file.force();
        }
    }

    private static void make(Disk disk, Path path, String text) throws IOException {
        disk.makeDirectories(Objects.requireNonNull(path.getParent()));
        try (Disk.File file = disk.create(path)) {
            file.write(0, ByteBuffer.wrap(text.getBytes(StandardCharsets.US_ASCII)));
            file.force();
        }
    }

    @Test
    void aMessageStandsInTheFileAsReadersWantIt() { // RFC 4155, mboxrd
        try (SimWorld sim = new SimWorld(1)) {
            assertThat(deliver(sim, "From me\r\n>From you\r\nend")).containsExactly("delivered");
            sim.run(world -> assertThat(text(world, BOX))
                    .matches("From a@x\\.example [A-Z][a-z]{2} [A-Z][a-z]{2} [ 0-9]\\d \\d\\d:\\d\\d:\\d\\d \\d{4}\n"
                            + "Return-Path: <a@x.example>\nDelivered-To: b@b.example\nSubject: s\n\n"
                            + ">From me\n>>From you\nend\n\n"));
        }
    }

    @Test
    void anEmptyLineStandsBetweenTwoMessagesWhateverWasThere() {
        for (String before : List.of("From x\na: b\n\nc", "From x\na: b\n\nc\n", "From x\na: b\n\nc\n\n")) {
            try (SimWorld sim = new SimWorld(1)) {
                sim.run(world -> make(world.disk(), BOX, before));
                assertThat(deliver(sim, "new\r\n")).containsExactly("delivered");
                sim.run(world -> assertThat(text(world, BOX)).startsWith("From x\na: b\n\nc\n\nFrom a@x"));
            }
        }
    }

    @Test
    void noMailboxIsTheLockOfAnother() {
        assertThat(Mboxes.fileName("b.lock")).isEqualTo("b%2Elock");
        assertThat(Mboxes.fileName("../b")).isEqualTo("%2E.%2Fb");
    }

    @Test
    void whileAnotherProgramHasEitherLockNothingIsWrittenAndTheMessageWaits() {
        try (SimWorld sim = new SimWorld(1)) {
            sim.run(world -> make(world.disk(), BOX, OTHER));
            sim.run(world -> make(world.disk(), LOCK, "4711"));
            assertThat(deliver(sim, "x\r\n")).containsExactly("retry 4.2.0");
            sim.run(world -> {
                assertThat(text(world, BOX)).isEqualTo(OTHER);
                assertThat(text(world, LOCK)).isEqualTo("4711");
                world.disk().delete(LOCK);
            });
            Disk.File[] held = new Disk.File[1];
            sim.run(world -> held[0] = world.disk().openLocked(BOX).orElseThrow());
            assertThat(deliver(sim, "x\r\n")).containsExactly("retry 4.2.0");
            sim.run(world -> {
                assertThat(text(world, BOX)).isEqualTo(OTHER);
                assertThat(world.disk().exists(LOCK)).isFalse();
                held[0].close();
            });
            assertThat(deliver(sim, "x\r\n")).containsExactly("delivered");
        }
    }

    @Test
    void aLockThatComesFreeInTimeIsWaitedFor() {
        try (SimWorld sim = new SimWorld(1)) {
            sim.run(world -> {
                make(world.disk(), LOCK, "");
                world.tasks().start("reader", () -> {
                    world.tasks().sleep(Duration.ofSeconds(5));
                    try {
                        world.disk().delete(LOCK);
                    } catch (IOException e) {
                        throw new java.io.UncheckedIOException(e);
                    }
                });
            });
            assertThat(deliver(sim, "x\r\n")).containsExactly("delivered");
        }
    }

    @Test
    void theLockFileOfADeadProgramIsTakenAwayOnceItIsOld() {
        try (SimWorld sim = new SimWorld(1)) {
            sim.run(world -> make(world.disk(), LOCK, ""));
            assertThat(deliver(sim, "x\r\n")).containsExactly("retry 4.2.0");
            sim.runFor(MboxLock.STALE);
            assertThat(deliver(sim, "x\r\n")).containsExactly("delivered");
        }
    }

    @Test
    void whateverTheDiskRefusesTheFileIsAsItWasOrHasTheMessageWhole() {
        int refused = 0;
        for (long seed = 0; seed < 200; seed++) {
            try (SimWorld sim = new SimWorld(seed, MailboxPlace.refusals())) {
                sim.disk().makeDirectories(Objects.requireNonNull(BOX.getParent()));
                make(sim.disk(), BOX, OTHER);
                sim.disk().settle();
                List<String> words = deliver(sim, "x".repeat(3000) + "\r\n");
                sim.calm();
                sim.crash();
                sim.runFor(MboxLock.STALE); // the octets of the lock file that tell that it is ours may be lost
                List<String> again =
                        words.getFirst().equals("delivered") ? words : deliver(sim, "x".repeat(3000) + "\r\n");
                assertThat(again).as("seed " + seed).containsExactly("delivered");
                sim.run(world -> {
                    List<String> all = messages(text(world, BOX));
                    assertThat(all).as("seed " + sim.seed()).hasSizeBetween(2, 3);
                    assertThat(all.getFirst()).isEqualTo("Subject: other\n\nby another program\n");
                    assertThat(all.subList(1, all.size()))
                            .as("seed " + sim.seed())
                            .allSatisfy(text -> assertThat(text).endsWith("\n\n" + "x".repeat(3000) + "\n"));
                });
                refused += words.equals(again) ? 0 : 1;
            } catch (IOException e) {
                throw new AssertionError(e);
            }
        }
        assertThat(refused).isGreaterThan(10);
    }

    /** What others do between a crash of ours and our next message is never lost. */
    @Test
    void whatAnotherProgramHasAppendedBehindAPartOfOursStays() {
        int parts = 0;
        for (long seed = 0; seed < 150; seed++) {
            try (SimWorld sim = new SimWorld(seed)) {
                sim.run(world -> make(world.disk(), BOX, OTHER));
                sim.disk().settle();
                String body = ("y".repeat(70) + "\r\n").repeat(3000);
                sim.killAfter(5 + seed % 60);
                if (sim.run(world -> agent(world).deliver(delivery(body, "b@b.example")))) {
                    sim.crashNever();
                    continue;
                }
                sim.run(world -> {
                    parts(world);
                    append(world.disk(), OTHER);
                });
                assertThat(deliver(sim, "last\r\n")).containsExactly("delivered");
                sim.run(world -> {
                    String all = text(world, BOX);
                    assertThat(all.split("by another program", -1))
                            .as("seed " + sim.seed())
                            .hasSize(3);
                    assertThat(all).contains("\n\nFrom a@x.example").endsWith("\n\nlast\n\n");
                });
                parts++;
            }
        }
        assertThat(parts).isGreaterThan(50);
    }

    private static void parts(World world) throws IOException {
        if (world.disk().exists(LOCK)) {
            world.disk().delete(LOCK); // as the other program would, after its time
        }
    }

    @Test
    void aFileThatAReaderHasWrittenAnewAfterACrashIsNotCut() {
        int cut = 0;
        for (long seed = 0; seed < 100; seed++) {
            try (SimWorld sim = new SimWorld(seed)) {
                sim.run(world -> make(world.disk(), BOX, OTHER + OTHER));
                sim.killAfter(5 + seed % 40);
                if (sim.run(world -> agent(world).deliver(delivery("z\r\n", "b@b.example")))) {
                    sim.crashNever();
                    continue;
                }
                String another = OTHER.replace("another", "some quite different") + OTHER + OTHER;
                sim.run(world -> {
                    parts(world);
                    try (Disk.File file = world.disk().openLocked(BOX).orElseThrow()) {
                        file.setSize(0);
                        file.write(0, ByteBuffer.wrap(another.getBytes(StandardCharsets.US_ASCII)));
                    }
                });
                assertThat(deliver(sim, "last\r\n")).containsExactly("delivered");
                sim.run(world -> assertThat(text(world, BOX)).startsWith(another + "From a@x.example"));
                cut++;
            }
        }
        assertThat(cut).isGreaterThan(30);
    }

    @Test
    void whatACrashHasLeftIsCutOffAndTold() {
        int told = 0;
        for (long seed = 0; seed < 60; seed++) {
            try (SimWorld sim = new SimWorld(seed)) {
                sim.run(world -> make(world.disk(), BOX, OTHER));
                String body = ("y".repeat(70) + "\r\n").repeat(3000);
                sim.killAfter(25 + seed % 20);
                if (sim.run(world -> agent(world).deliver(delivery(body, "b@b.example")))) {
                    sim.crashNever();
                    continue;
                }
                assertThat(deliver(sim, "last\r\n")).containsExactly("delivered");
                // killed between the last force and the end of the call, it is there, whole
                sim.run(world -> assertThat(messages(text(world, BOX)))
                        .hasSizeBetween(2, 3)
                        .filteredOn(text -> text.contains("yyy"))
                        .allSatisfy(text -> assertThat(text).endsWith(body.replace("\r\n", "\n"))));
                told += sim.events().count(Event.MBOX_MENDED) > 0 ? 1 : 0;
            }
        }
        assertThat(told).isPositive();
    }

    /** The note is on the disk before anything it stands for, and struck out there before the word is given. */
    @Test
    void noPowerCutLeavesAPartThatNoNoteTellsOf() {
        String body = ("y".repeat(70) + "\n").repeat(100);
        for (long seed = 0; seed < 400; seed++) {
            try (SimWorld sim = new SimWorld(seed, SimFaults.none().with(SimFault.WRITEBACK_EARLY, 0.5))) {
                sim.run(world -> make(world.disk(), BOX, OTHER));
                assertThat(deliver(sim, "first\r\n")).containsExactly("delivered");
                sim.disk().settle();
                sim.crashAfter(20 + seed % 60);
                if (sim.run(world -> agent(world).deliver(delivery(body.replace("\n", "\r\n"), "b@b.example")))) {
                    sim.crashNever();
                    sim.crash();
                }
                sim.runFor(MboxLock.STALE.plusMinutes(1));
                assertThat(deliver(sim, "last\r\n")).containsExactly("delivered");
                sim.run(world -> {
                    List<String> all = messages(text(world, BOX));
                    assertThat(all).as("seed " + sim.seed()).hasSizeBetween(3, 4);
                    assertThat(all.get(1)).as("seed " + sim.seed()).endsWith("\n\nfirst\n");
                    assertThat(all.getLast()).as("seed " + sim.seed()).endsWith("\n\nlast\n");
                    assertThat(all.size() == 3 || all.get(2).endsWith("\n\n" + body))
                            .as("seed " + sim.seed())
                            .isTrue();
                });
            }
        }
    }

    /** Nor when it is the first note of all, whose name is as new, or when it is struck out behind what a crash had left. */
    @Test
    void noPowerCutLeavesAPartOfTheFirstMessageOrOfOneThatWasCutOff() {
        String body = ("y".repeat(70) + "\n").repeat(100);
        for (long seed = 0; seed < 600; seed++) {
            try (SimWorld sim = new SimWorld(seed, SimFaults.none().with(SimFault.WRITEBACK_EARLY, 0.5))) {
                sim.run(world -> make(world.disk(), BOX, OTHER));
                sim.disk().settle();
                if (seed % 2 == 0) { // else the note is new at the power cut
                    sim.killAfter(20 + seed % 30);
                    sim.run(world -> agent(world).deliver(delivery(body.replace("\n", "\r\n"), "b@b.example")));
                    sim.crashNever();
                    sim.disk().settle();
                    sim.runFor(MboxLock.STALE.plusMinutes(1));
                }
                sim.crashAfter(10 + seed % 70);
                sim.run(world -> agent(world).deliver(delivery(body.replace("\n", "\r\n"), "b@b.example")));
                sim.crashNever();
                sim.crash();
                sim.runFor(MboxLock.STALE.plusMinutes(1));
                assertThat(deliver(sim, "last\r\n")).containsExactly("delivered");
                sim.run(world -> {
                    List<String> all = messages(text(world, BOX));
                    assertThat(all).as("seed " + sim.seed()).hasSizeBetween(2, 4);
                    assertThat(all.getLast()).as("seed " + sim.seed()).endsWith("\n\nlast\n");
                    assertThat(all.subList(1, all.size() - 1))
                            .as("seed " + sim.seed())
                            .allSatisfy(text -> assertThat(text).endsWith("\n\n" + body));
                });
            }
        }
    }

    @Test
    void aQuotaHoldsForTheFileAndAMessageTooManyLeavesNothing() {
        try (SimWorld sim = new SimWorld(1)) {
            Delivery big = Errand.delivery(
                    Errand.message(Errand.content("a: b\r\n\r\n" + "x".repeat(900)), false, false, "b@b.example"),
                    Errand.config("agents.quota = 1500B"));
            assertThat(Errand.words(Errand.deliver(sim, agent(sim.world()), big)))
                    .containsExactly("delivered");
            assertThat(Errand.words(Errand.deliver(sim, agent(sim.world()), big)))
                    .containsExactly("retry 4.2.2");
            sim.run(world -> assertThat(messages(text(world, BOX))).hasSize(1));
        }
    }
}
