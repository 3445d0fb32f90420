package org.hikyaku.listen;

import java.util.List;
import java.util.function.Function;
import java.util.function.Supplier;
import org.hikyaku.mail.DomainPattern;
import org.hikyaku.mail.Envelope;
import org.hikyaku.policy.PolicyChain;
import org.hikyaku.queue.QueueManager;
import org.hikyaku.sasl.ServerMechanisms;
import org.hikyaku.spool.Draft;
import org.hikyaku.spool.Origin;
import org.hikyaku.spool.Spool;
import org.hikyaku.world.Loop;
import org.hikyaku.world.World;

/**
 * What every session works with.
 *
 * @param drafts {@code spool::draft}
 * @param store intake
 * @param queue has what waits for these domains sent; returns at once
 */
public record Reception(
        World world,
        PolicyChain policy,
        ServerMechanisms mechanisms,
        Supplier<Draft> drafts,
        Store store,
        Function<List<DomainPattern>, QueueManager.Started> queue) {
    /** Intake, as a session sees it: never waits, tells {@code done} on {@code loop}. */
    public interface Store {
        void take(
                Draft draft,
                byte[] prepended,
                Envelope envelope,
                Origin origin,
                String hold,
                String messageId,
                Loop loop,
                Spool.Done done);
    }
}
