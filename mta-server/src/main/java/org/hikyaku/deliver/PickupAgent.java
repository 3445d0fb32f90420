package org.hikyaku.deliver;

import java.util.Optional;
import org.hikyaku.mail.Diagnosis;
import org.hikyaku.world.Event;
import org.hikyaku.world.World;

/**
 * Brings mail that is kept for a customer (RFC 2645) over the connection on which he fetches it. While there is none, it waits in the
 * queue as what cannot be delivered does, and expires as that.
 *
 * <p><i>Failure:</i> as {@link FailurePolicy}; AWAITS_PICKUP while nobody fetches.
 */
public final class PickupAgent implements DeliveryAgent {
    private static final String WAITS = "kept until its owner fetches it (ATRN)";

    private final World world;
    private final Pickups pickups;

    public PickupAgent(World world, Pickups pickups) {
        this.world = world;
        this.pickups = pickups;
    }

    @Override
    public Outcomes deliver(Delivery delivery) {
        Outcomes outcomes = new Outcomes(delivery.recipients().size(), delivery.route());
        Optional<Pickup> open =
                pickups.of(delivery.recipients().getFirst().address().requireDomain(), delivery.config());
        if (open.isEmpty()) {
            waits(delivery, outcomes);
            return outcomes;
        }
        Pickup pickup = open.get();
        boolean there = false;
        try {
            there = pickup.enter();
            if (there) {
                bring(delivery, pickup, outcomes);
            }
        } finally {
            pickup.leave();
        }
        if (!there) {
            waits(delivery, outcomes);
        }
        return outcomes;
    }

    private void bring(Delivery delivery, Pickup pickup, Outcomes outcomes) {
        new HopAttempt(world, pickup, delivery, pickup.runner().hop(), new Letter(delivery.message()), outcomes).run();
    }

    private void waits(Delivery delivery, Outcomes outcomes) {
        Diagnosis why = FailurePolicy.AWAITS_PICKUP.diagnosis(WAITS);
        for (int place = 0; place < delivery.recipients().size(); place++) {
            world.events()
                    .emit(
                            Event.ATTEMPT_FAILED,
                            delivery.message().id(),
                            delivery.recipients().get(place).address(),
                            "",
                            FailurePolicy.AWAITS_PICKUP.name(),
                            WAITS);
            outcomes.failed(place, FailurePolicy.AWAITS_PICKUP, why);
        }
    }
}
