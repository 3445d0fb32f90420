package org.hikyaku.deliver;

import static org.assertj.core.api.Assertions.assertThat;

import org.hikyaku.sim.SimWorld;
import org.junit.jupiter.api.Test;

class DiscardAgentTest {
    @Test
    void allIsTakenAndNothingOfItRead() {
        try (SimWorld sim = new SimWorld(1)) {
            Delivery delivery = Errand.delivery(
                    Errand.message(Errand.broken(100, 0), false, false, "b@b.example", "c@b.example"), Errand.CONFIG);
            assertThat(Errand.words(Errand.deliver(sim, new DiscardAgent(), delivery)))
                    .containsExactly("delivered", "delivered");
        }
    }
}
