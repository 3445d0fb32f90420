package org.hikyaku.main;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.hikyaku.sim.SimWorld;
import org.hikyaku.world.Disk;
import org.hikyaku.world.Event;
import org.junit.jupiter.api.Test;

/** Users who send more than they may, in the whole server. */
class OutboundLimitsTest {
    @Test
    void whoSendsTooMuchIsToldToComeBack() throws IOException {
        try (OutboundBed bed = new OutboundBed(2)) {
            SimWorld sim = bed.sim();
            for (int i = 0; i < 4; i++) {
                assertThat(bed.connect(OutboundBed.message("bob@b.example")).last())
                        .startsWith("250 ");
            }
            assertThat(bed.connect("EHLO c.example", OutboundBed.AUTH, "MAIL FROM:<" + OutboundBed.EVE + ">")
                            .last())
                    .startsWith("450 4.7.1 ");
            sim.runFor(Duration.ofMinutes(70));
            assertThat(bed.connect(OutboundBed.message("bob@b.example")).last()).startsWith("250 ");
            assertThat(sim.events().count(Event.OUTBOUND_LIMITED)).isEqualTo(1);
        }
    }

    @Test
    void whatAUserOfTheHostSendsTooMuchOfWaitsInTheDropDirectory() throws IOException {
        try (OutboundBed bed = new OutboundBed(4)) {
            SimWorld sim = bed.sim();
            for (int i = 0; i < 5; i++) {
                Path file = Path.of("/drop/m" + i);
                try (Disk.File left = sim.disk().create(file)) {
                    left.write(
                            0,
                            ByteBuffer.wrap(
                                    "hikyaku-drop 1\nto bob@b.example\n\nSubject: s\n\nhi\n".getBytes(US_ASCII)));
                    left.force();
                }
                sim.disk().own(file, 1001);
                sim.host().user(1001, Optional.of("cronjob"));
            }
            sim.runFor(Duration.ofMinutes(1));
            assertThat(sim.events().count(Event.MESSAGE_QUEUED)).isEqualTo(2);
            sim.runFor(Duration.ofMinutes(75));
            assertThat(sim.events().lines().stream()
                            .filter(l -> l.contains("cronjob@"))
                            .count())
                    .isGreaterThan(2);
            sim.runFor(Duration.ofMinutes(75));
            assertThat(sim.disk().list(Path.of("/drop/taken"))).isEmpty();
        }
    }

    @Test
    void aMessageIsCountedOnceHoweverLongTheDiskIsFull() throws IOException {
        try (OutboundBed bed = new OutboundBed(19)) {
            SimWorld sim = bed.sim();
            bed.drop("m1", "cronjob", "to bob@b.example\n");
            sim.disk().capacity(1);
            sim.runFor(Duration.ofMinutes(5));
            assertThat(sim.events().count(Event.DROP_FAILED)).isEqualTo(1);
            assertThat(sim.events().count(Event.MESSAGE_QUEUED)).isZero();
            sim.disk().capacity(Long.MAX_VALUE);
            sim.runFor(Duration.ofMinutes(2));
            assertThat(sim.events().count(Event.MESSAGE_QUEUED)).isEqualTo(1);
        }
    }
}
