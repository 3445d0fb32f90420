package org.hikyaku.queue;

import java.util.List;
import org.hikyaku.mail.Address;
import org.hikyaku.mail.Recipient;
import org.hikyaku.sim.SimWorld;
import org.hikyaku.world.Event;

/** A simulated world, the store in it, and stories of queues over that store, one after the other. */
final class QueueStories implements AutoCloseable {
    final SimWorld sim = new SimWorld(1);
    final MemorySpool.Store store = new MemorySpool.Store();

    /** What a test does with a queue. */
    interface Story {
        void tell(QueueBed bed) throws Exception;
    }

    /** False when it ended in a crash. */
    boolean run(Story story) {
        return sim.run(world -> story.tell(new QueueBed(world, store)));
    }

    long count(Event event) {
        return sim.events().count(event);
    }

    static List<Address> to(Claim claim) {
        return claim.recipients().stream().map(Recipient::address).toList();
    }

    @Override
    public void close() {
        sim.close();
    }
}
