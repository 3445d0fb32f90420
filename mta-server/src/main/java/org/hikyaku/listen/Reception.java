package org.hikyaku.listen;

import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.hikyaku.mail.DomainPattern;
import org.hikyaku.mail.Envelope;
import org.hikyaku.policy.PolicyChain;
import org.hikyaku.policy.SessionFacts;
import org.hikyaku.queue.QueueManager;
import org.hikyaku.sasl.ServerMechanisms;
import org.hikyaku.smtp.server.Input;
import org.hikyaku.spool.Draft;
import org.hikyaku.spool.Origin;
import org.hikyaku.spool.Spool;
import org.hikyaku.world.Loop;
import org.hikyaku.world.Wire;
import org.hikyaku.world.WireHandler;
import org.hikyaku.world.World;

/**
 * What every session works with.
 *
 * @param drafts of intake
 * @param store intake
 * @param queue has what waits for these domains sent; returns at once
 * @param turns what becomes of connections whose client fetches his mail
 */
public record Reception(
        World world,
        PolicyChain policy,
        ServerMechanisms mechanisms,
        Drafts drafts,
        Store store,
        Function<List<DomainPattern>, QueueManager.Started> queue,
        Turns turns) {
    /** Opens drafts. */
    public interface Drafts {
        /** One for a message that comes now. */
        Draft open(SessionFacts session);
    }

    /** Prepares that a user fetches his mail; never waits. */
    public interface Turns {
        Turn prepare(String user, List<DomainPattern> domains);
    }

    /**
     * Whether the roles can change.
     *
     * @param take gives who is the client on the wire from now on; there when it is READY, and then to be called at once
     */
    public record Turn(Input.Fetching how, Optional<Function<Wire, WireHandler>> take) {}

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
