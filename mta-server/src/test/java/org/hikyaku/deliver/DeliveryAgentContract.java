package org.hikyaku.deliver;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import org.hikyaku.config.Config;
import org.hikyaku.mail.Content;
import org.hikyaku.route.Hop;
import org.hikyaku.sim.SimWorld;
import org.junit.jupiter.api.Test;

/** What every {@link DeliveryAgent} holds. The place it delivers to knows b@b.example and c@b.example, and nobody else. */
interface DeliveryAgentContract {
    /** One agent, with the place it delivers to. */
    interface Place {
        DeliveryAgent agent();

        /** The same in the next process, after a crash. */
        DeliveryAgent restarted();

        List<Hop> hops();

        /** The bodies (behind the header, LF lines) that have arrived for this recipient, whole ones only. */
        List<String> bodies(String recipient) throws Exception;
    }

    Place place(SimWorld sim);

    /** In how many calls of the world a delivery is done, about. */
    default int steps() {
        return 60;
    }

    private static Delivery delivery(Place place, Content content, String... recipients) {
        Config config = Errand.CONFIG;
        return Errand.delivery(
                Errand.message(content, false, false, recipients),
                config,
                place.hops().toArray(new Hop[0]));
    }

    @Test
    default void eachRecipientHasHisOwnOutcomeInOrder() throws Exception {
        try (SimWorld sim = new SimWorld(1)) {
            Place place = place(sim);
            Content content = Errand.content(Errand.TEXT);
            List<String> words = Errand.words(Errand.deliver(
                    sim, place.agent(), delivery(place, content, "nobody@b.example", "b@b.example", "c@b.example")));
            assertThat(words).containsExactly("failed 5.1.1", "delivered", "delivered");
            assertThat(place.bodies("b@b.example")).containsExactly(".dot\nbody\n");
            assertThat(place.bodies("c@b.example")).containsExactly(".dot\nbody\n");
        }
    }

    @Test
    default void aLongMessageArrivesWhole() throws Exception {
        try (SimWorld sim = new SimWorld(2)) {
            Place place = place(sim);
            String body = ("x".repeat(2000) + "\r\n..\r\n").repeat(150);
            Content content = Errand.content("Subject: long\r\n\r\n" + body);
            assertThat(Errand.words(Errand.deliver(sim, place.agent(), delivery(place, content, "b@b.example"))))
                    .containsExactly("delivered");
            assertThat(place.bodies("b@b.example")).containsExactly(body.replace("\r\n", "\n"));
        }
    }

    @Test
    default void aMessageThatCannotBeReadArrivesNotAtAllAndWaits() throws Exception {
        for (long good : List.of(0L, 100L, 200_000L)) {
            try (SimWorld sim = new SimWorld(3)) {
                Place place = place(sim);
                Content content = Errand.broken(400_000, good);
                assertThat(Errand.words(Errand.deliver(sim, place.agent(), delivery(place, content, "b@b.example"))))
                        .containsExactly("retry 4.3.0");
                sim.runFor(Duration.ofMinutes(30));
                assertThat(place.bodies("b@b.example")).isEmpty();
            }
        }
    }

    @Test
    default void manyDeliveriesAtOnceDoNotMix() throws Exception {
        try (SimWorld sim = new SimWorld(4)) {
            Place place = place(sim);
            sim.run(world -> {
                for (int i = 0; i < 20; i++) {
                    Content content = Errand.content("Subject: s\r\n\r\nnumber " + i + "\r\n");
                    world.tasks()
                            .start("delivery", () -> place.agent().deliver(delivery(place, content, "b@b.example")));
                }
            });
            sim.runFor(Duration.ofMinutes(1));
            assertThat(place.bodies("b@b.example")).hasSize(20).doesNotHaveDuplicates();
        }
    }

    @Test
    default void whatIsDeliveredOutlivesThePowerWholeAndOnce() throws Exception {
        for (long seed = 0; seed < 20; seed++) {
            try (SimWorld sim = new SimWorld(seed)) {
                Place place = place(sim);
                Content content = Errand.content(Errand.TEXT);
                assertThat(Errand.words(Errand.deliver(
                                sim, place.agent(), delivery(place, content, "b@b.example", "c@b.example"))))
                        .containsOnly("delivered");
                sim.crash();
                assertThat(place.bodies("b@b.example")).as("seed " + seed).containsExactly(".dot\nbody\n");
                assertThat(place.bodies("c@b.example")).as("seed " + seed).containsExactly(".dot\nbody\n");
                DeliveryAgent next = place.restarted(); // whatever it mends, not what was delivered
                sim.runFor(Duration.ofMinutes(6));
                Content another = Errand.content("Subject: s\r\n\r\nanother\r\n");
                assertThat(Errand.words(Errand.deliver(sim, next, delivery(place, another, "b@b.example"))))
                        .containsExactly("delivered");
                assertThat(place.bodies("b@b.example"))
                        .as("seed " + seed)
                        .containsExactlyInAnyOrder(".dot\nbody\n", "another\n");
            }
        }
    }

    /** Between the last force and the word that it is delivered lies a crash that brings a second copy; no other does. */
    @Test
    default void aCrashInTheMiddleLeavesNoPartOfAMessageOnceItIsTriedAgain() throws Exception {
        String body = ("x".repeat(70) + "\n").repeat(100);
        Content content = Errand.content("Subject: crash\r\n\r\n" + body.replace("\n", "\r\n"));
        int twice = 0;
        int crashes = 0;
        for (long seed = 0; seed < 120; seed++) {
            try (SimWorld sim = new SimWorld(seed)) {
                Place place = place(sim);
                List<String> before = Errand.words(Errand.deliver(
                        sim, place.agent(), delivery(place, Errand.content(Errand.TEXT), "b@b.example")));
                assertThat(before).containsExactly("delivered");
                sim.crashAfter(1 + seed % steps());
                if (sim.run(world -> place.agent().deliver(delivery(place, content, "b@b.example")))) {
                    sim.crashNever();
                    sim.crash();
                } else {
                    crashes++;
                }
                DeliveryAgent next = place.restarted();
                List<String> again = List.of();
                for (int tries = 0; tries < 3 && !again.equals(List.of("delivered")); tries++) {
                    again = Errand.words(Errand.deliver(sim, next, delivery(place, content, "b@b.example")));
                    sim.runFor(Duration.ofMinutes(5)); // as queue.retry has it
                }
                assertThat(again).as("seed " + seed).containsExactly("delivered");
                List<String> bodies = place.bodies("b@b.example");
                assertThat(bodies).as("seed " + seed).hasSizeBetween(2, 3).containsOnly(".dot\nbody\n", body);
                assertThat(bodies.stream().filter(body::equals).count())
                        .as("seed " + seed)
                        .isPositive();
                twice += bodies.size() - 2;
            }
        }
        assertThat(crashes).isGreaterThan(10);
        assertThat(twice).isLessThan(crashes + 120);
    }
}
