package org.hikyaku.deliver;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.hikyaku.config.Config;
import org.hikyaku.mail.Domain;
import org.hikyaku.mail.DomainPattern;
import org.hikyaku.smtp.client.Fate;
import org.hikyaku.smtp.client.Trouble;
import org.hikyaku.smtp.client.Trouble.Kind;
import org.hikyaku.smtp.client.Trouble.Stage;
import org.hikyaku.world.Tasks;
import org.hikyaku.world.World;
import org.jspecify.annotations.Nullable;

/**
 * One user's connection on which he fetches his mail (RFC 2645): one delivery after another goes over it, whoever has the claim.
 *
 * <p><i>Failure:</i> who waits for it when it ends is told so.
 */
final class Pickup implements Way {
    private final World world;
    private final String user;
    private final List<DomainPattern> domains;
    private final ConversationRunner runner;
    private final Tasks.Permits turn;
    /** Deliveries that use it or wait for it. */
    private final AtomicInteger deliveries = new AtomicInteger();

    private volatile long used;
    private volatile boolean closed;

    Pickup(World world, String user, List<DomainPattern> domains, ConversationRunner runner) {
        this.world = world;
        this.user = user;
        this.domains = List.copyOf(domains);
        this.runner = runner;
        this.turn = world.tasks().permits(1);
        this.used = world.clock().nanos();
    }

    boolean isStillOwner(Domain domain, Config settings) {
        return settings.onDemand().customers().values().stream().anyMatch(customer -> customer.mayFetch(domain, user));
    }

    boolean holds(Domain domain) {
        return domains.stream().anyMatch(pattern -> pattern.holds(domain));
    }

    ConversationRunner runner() {
        return runner;
    }

    /** Waits for the turn; false when the connection has ended. {@link #leave} follows in any case. */
    boolean enter() {
        deliveries.incrementAndGet();
        turn.acquire();
        return !closed && !runner.hasEnded();
    }

    void leave() {
        used = world.clock().nanos();
        turn.release();
        deliveries.decrementAndGet();
    }

    /** Whether nothing was sent for so long, and nothing waits to be. */
    boolean isIdleFor(Duration time) {
        return deliveries.get() == 0 && world.clock().nanos() - used >= time.toNanos();
    }

    /** No delivery begins any more. */
    void close() {
        closed = true;
    }

    @Override
    public Optional<ConversationRunner> idle() {
        return Optional.of(runner).filter(one -> !one.hasEnded());
    }

    /** Never another: it was he who connected. */
    @Override
    public @Nullable ConversationRunner open() {
        return null;
    }

    @Override
    public boolean isSecondHand() {
        return false;
    }

    @Override
    public boolean mayBegin() {
        return true;
    }

    @Override
    public void notBegun() {}

    @Override
    public List<Fallen> fallen() {
        String why = "the connection on which " + user + " fetched his mail is over";
        return List.of(new Fallen(runner.hop(), Trouble.of(Stage.IDLE, Kind.LOST, why)));
    }

    /** Never: nothing is noted of hosts that connect to us from wherever they are. */
    @Override
    public boolean wantsAgain(ConversationRunner used, List<Fate> fates) {
        return false;
    }

    /** His login says who is there, and came under TLS that is still up (RFC 2645 5.2.1). */
    @Override
    public boolean isProved() {
        return !runner.tls().isEmpty();
    }

    @Override
    public void giveBack(ConversationRunner given) {
        // it stays his until he has all
    }
}
