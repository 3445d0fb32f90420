package org.hikyaku.table;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Random;
import org.hikyaku.mail.Address;
import org.hikyaku.mail.Domain;
import org.hikyaku.sim.SimWorld;
import org.hikyaku.world.Clock;
import org.hikyaku.world.Disk;
import org.junit.jupiter.api.Test;

class SrsTest {
    private static final Domain OURS = Domain.of("fwd.example");
    private static final Duration THREE_WEEKS = Duration.ofDays(21);
    private Instant now = Instant.parse("2026-11-22T06:00:00Z");
    private final Clock clock = new Clock() {
        @Override
        public Instant now() {
            return now;
        }

        @Override
        public long nanos() {
            return 0;
        }
    };
    private final Srs srs = srs(OURS, 1);

    private Srs srs(Domain domain, int key) {
        byte[] secret = new byte[32];
        secret[0] = (byte) key;
        return new Srs(domain, SrsKeys.of(now, secret), THREE_WEEKS, clock);
    }

    private Address forward(String sender) {
        return srs.forward(Address.of(sender)).orElseThrow();
    }

    @Test
    void theSenderIsCarriedAndComesBackWhateverCaseItReturnsIn() {
        Address sent = forward("Ann.Lee@c.example");
        assertThat(sent.toString()).matches("SRS0=[a-z2-7]{8}=[a-z2-7]{2}=c\\.example=Ann\\.Lee@fwd\\.example");
        assertThat(srs.claims(sent)).isTrue();
        assertThat(srs.reverse(sent)).contains(Address.of("Ann.Lee@c.example"));
        Address small = sent.withLocal(sent.local().toLowerCase(Locale.ROOT));
        assertThat(srs.claims(small)).isTrue();
        assertThat(srs.reverse(small)).contains(Address.of("ann.lee@c.example"));
    }

    @Test
    void whatWasForwardedBeforeKeepsTheFirstForwarderOnly() {
        Srs second = srs(Domain.of("two.example"), 2);
        Srs third = srs(Domain.of("three.example"), 3);
        Address one = forward("ann@c.example");
        Address two = second.forward(one).orElseThrow();
        Address three = third.forward(two).orElseThrow();
        assertThat(two.toString())
                .startsWith("SRS1=")
                .contains("=fwd.example==")
                .endsWith("ann@two.example");
        assertThat(three.toString())
                .contains("=fwd.example==")
                .doesNotContain("two.example")
                .endsWith("@three.example");
        assertThat(third.reverse(three)).contains(one);
        assertThat(second.reverse(two)).contains(one);
        assertThat(srs.reverse(one)).contains(Address.of("ann@c.example"));
    }

    @Test
    void whatOthersSignedOrAlteredOrIsTooOldIsNobodys() {
        Address sent = forward("ann@c.example");
        assertThat(srs(OURS, 9).reverse(sent)).isEmpty();
        assertThat(srs.reverse(sent.withLocal(sent.local().replace("=ann", "=bob"))))
                .isEmpty();
        assertThat(srs.reverse(sent.withLocal(sent.local().replace("=c.example", "=d.example"))))
                .isEmpty();
        assertThat(srs.reverse(Address.of("SRS0=x@fwd.example"))).isEmpty();
        assertThat(srs.reverse(Address.of("SRS0==aa=c.example=ann@fwd.example")))
                .isEmpty();
        now = now.plus(Duration.ofDays(21));
        assertThat(srs.reverse(sent)).isPresent();
        now = now.plus(Duration.ofDays(1));
        assertThat(srs.reverse(sent)).isEmpty();
        now = now.minus(Duration.ofDays(24)); // the clock was set back
        assertThat(srs.reverse(sent)).isEmpty();
    }

    @Test
    void whatNeedNotOrCannotBeRewrittenStays() {
        assertThat(srs.forward(Address.NULL)).isEmpty();
        assertThat(srs.forward(Address.of("a".repeat(230) + "@c.example"))).isEmpty();
        assertThat(srs.claims(Address.of("srs0=x=y@other.example"))).isFalse();
        assertThat(srs.claims(Address.of("srs@fwd.example"))).isFalse();
        assertThat(srs.claims(Address.of("srs2=x=y@fwd.example"))).isFalse();
    }

    @Test
    void anySenderComesBackAsItWentOrIsNotRewritten() {
        Random lot = new Random(5321);
        String letters = "abZ019.=+-_%!@ \"\\'é𐀀";
        for (int i = 0; i < 2_000; i++) {
            StringBuilder local = new StringBuilder(lot.nextInt(4) == 0 ? "SRS" + lot.nextInt(3) + "=" : "");
            for (int j = lot.nextInt(lot.nextInt(5) == 0 ? 250 : 20); j >= 0; j--) {
                int at = lot.nextInt(letters.codePointCount(0, letters.length()));
                local.appendCodePoint(letters.codePointAt(letters.offsetByCodePoints(0, at)));
            }
            Address sender = Address.of(local.toString(), Domain.of(lot.nextBoolean() ? "c.example" : "[192.0.2.1]"));
            Optional<Address> sent = srs.forward(sender);
            if (sent.isPresent()) {
                assertThat(sent.get().octets()).isLessThanOrEqualTo(254);
                assertThat(Address.parse(sent.get().toString())).isEqualTo(sent);
                assertThat(srs.claims(sent.get())).isTrue();
                Optional<Address> back = srs.reverse(sent.get());
                if (sender.local().startsWith("SRS1=")) {
                    assertThat(back).isPresent(); // to the first forwarder, or as it is
                } else {
                    assertThat(back).contains(sender);
                }
            }
        }
    }

    private static String text(Disk disk, Path file) throws IOException {
        return new String(disk.readAll(file, 1 << 20), StandardCharsets.US_ASCII);
    }

    @Test
    void keysAreMadeRenewedAndGoWhenAllTheySignedIsOver() {
        Path file = SrsKeys.file(Path.of("/keys"));
        try (SimWorld sim = new SimWorld(1)) {
            sim.run(world -> {
                SrsKeys.renew(world, file, Duration.ofDays(30), THREE_WEEKS);
                String first = text(world.disk(), file);
                assertThat(first).matches("\\d{4}-\\d\\d-\\d\\d [0-9a-f]{64}\n");
                SrsKeys.renew(world, file, Duration.ofDays(30), THREE_WEEKS);
                assertThat(text(world.disk(), file)).isEqualTo(first);
                world.tasks().sleep(Duration.ofDays(31));
                SrsKeys.renew(world, file, Duration.ofDays(30), THREE_WEEKS);
                assertThat(text(world.disk(), file)).startsWith(first).hasLineCount(2);
                List<String> problems = new ArrayList<>();
                assertThat(SrsKeys.read(world.disk(), file, problems).newestFirst())
                        .hasSize(2);
                world.tasks().sleep(Duration.ofDays(31));
                SrsKeys.renew(world, file, Duration.ofDays(30), THREE_WEEKS);
                assertThat(text(world.disk(), file)).doesNotContain(first).hasLineCount(2);
                assertThat(problems).isEmpty();
            });
        }
    }

    @Test
    void aBrokenFileOfKeysIsToldAndKept() {
        Path file = SrsKeys.file(Path.of("/keys"));
        try (SimWorld sim = new SimWorld(1)) {
            sim.run(world -> {
                world.disk().makeDirectories(Path.of("/keys"));
                try (Disk.File out = world.disk().create(file)) {
                    out.write(0, ByteBuffer.wrap("2026-11-22 zz\n".getBytes(StandardCharsets.US_ASCII)));
                }
                assertThatThrownBy(() -> SrsKeys.renew(world, file, Duration.ofDays(30), THREE_WEEKS))
                        .hasMessageStartingWith("/keys/srs-keys:1: not of the form");
                assertThat(text(world.disk(), file)).isEqualTo("2026-11-22 zz\n");
            });
        }
    }
}
