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

        List<Hop> hops();

        /** The bodies (behind the header, LF lines) that have arrived for this recipient, whole ones only. */
        List<String> bodies(String recipient) throws Exception;
    }

    Place place(SimWorld sim);

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
}
