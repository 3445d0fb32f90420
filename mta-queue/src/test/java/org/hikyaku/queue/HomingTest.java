package org.hikyaku.queue;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.hikyaku.mail.DomainPattern;
import org.hikyaku.mail.Site;
import org.hikyaku.sim.SimWorld;
import org.hikyaku.spool.StoredMessage;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Recipients of one domain of ours with different agents: help and sales have a program. */
class HomingTest {
    private final SimWorld sim = new SimWorld(5);
    private final MemorySpool.Store store = new MemorySpool.Store();

    @AfterEach
    void close() {
        sim.close();
    }

    private interface Body {
        void run(QueueBed bed);
    }

    private void with(Body body) {
        sim.run(world -> {
            QueueBed bed = new QueueBed(world, store);
            bed.queue.homing(new Homing() {
                @Override
                public Site home(StoredMessage message, int place) {
                    Site domain = BY_DOMAIN.home(message, place);
                    return isAlone(message, place) ? domain.by("ticket") : domain;
                }

                @Override
                public boolean isAlone(StoredMessage message, int place) {
                    String name =
                            message.envelope().recipients().get(place).address().local();
                    return name.equals("help") || name.equals("sales");
                }
            });
            body.run(bed);
        });
    }

    private static String local(Claim claim) {
        return String.join(
                " ", claim.recipients().stream().map(to -> to.address().local()).toList());
    }

    @Test
    void aProgramThatHangsHoldsUpNoOtherMailOfItsDomain() {
        with(bed -> {
            Optional<Claim> hung;
            do { // and none comes back
                bed.send("bob@c.example", "help@d.example");
                hung = bed.takeSoon();
                hung.ifPresent(claim -> bed.queue.siteKnown(claim, new Site("agent:ticket")));
            } while (hung.isPresent());
            bed.send("bob@c.example", "ann@d.example");
            Optional<Claim> next = bed.takeSoon();
            assertThat(next.map(HomingTest::local)).contains("ann");
            assertThat(bed.queue.siteKnown(next.orElseThrow(), new Site("agent:maildir")))
                    .isTrue();
        });
    }

    @Test
    void eachRecipientOfAProgramIsAClaimOfHisOwnAndThoseOfAMailboxAreOne() {
        with(bed -> {
            bed.send("bob@c.example", "help@d.example", "ann@d.example", "sales@d.example", "joe@d.example");
            List<String> claims = new ArrayList<>();
            for (Optional<Claim> claim = bed.takeSoon(); claim.isPresent(); claim = bed.takeSoon()) {
                claims.add(local(claim.get()));
            }
            assertThat(claims).containsExactlyInAnyOrder("help", "sales", "ann joe");
        });
    }

    @Test
    void whatWaitsForADomainIsAllOfIt() {
        with(bed -> {
            bed.send("bob@c.example", "help@d.example", "ann@d.example", "u@x.d.example");
            assertThat(pending(bed, "d.example")).isEqualTo(2);
            assertThat(pending(bed, ".d.example")).isEqualTo(3);
            for (Optional<Claim> claim = bed.takeSoon(); claim.isPresent(); claim = bed.takeSoon()) {
                bed.settle(claim.get(), QueueBed.delivered());
            }
            assertThat(pending(bed, ".d.example")).isZero();
        });
    }

    private static int pending(QueueBed bed, String pattern) {
        return bed.queue
                .pending(List.of(DomainPattern.parse(pattern).orElseThrow()))
                .pending();
    }
}
