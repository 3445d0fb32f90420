package org.hikyaku.deliver;

import java.util.List;
import java.util.Optional;
import java.util.function.BiFunction;
import org.hikyaku.config.Config;
import org.hikyaku.route.Hop;
import org.hikyaku.smtp.client.Fate;
import org.hikyaku.smtp.client.Trouble;
import org.hikyaku.world.World;
import org.jspecify.annotations.Nullable;

/**
 * To a host that we connect to: over a connection that waits, or a new one.
 *
 * <p><i>Failure:</i> as {@link ConnectionMaker}.
 */
final class HostWay implements Way {
    private final Connections connections;
    private final Delivery delivery;
    private final Hop hop;
    private final Doubts doubts;
    private final BiFunction<Hop, Config, Optional<Runnable>> begins;
    private Runnable notBegun = () -> {};
    private final ConnectionMaker maker;

    /** @param begins is asked before each transaction: what takes it back, or empty when it must not begin */
    HostWay(
            World world,
            Connections connections,
            Delivery delivery,
            Hop hop,
            Doubts doubts,
            BiFunction<Hop, Config, Optional<Runnable>> begins) {
        this.begins = begins;
        this.connections = connections;
        this.delivery = delivery;
        this.hop = hop;
        this.doubts = doubts;
        this.maker = new ConnectionMaker(
                world,
                delivery.config(),
                delivery.sites().timeouts(delivery.site()),
                delivery.message().id().toString(),
                hop,
                HopAttempt.remote(hop),
                doubts);
    }

    @Override
    public Optional<ConversationRunner> idle() {
        Optional<ConversationRunner> idle = connections.borrow(hop);
        if (idle.isPresent() && !doubts.suits(idle.get())) {
            idle.get().quit();
            return Optional.empty();
        }
        return idle;
    }

    @Override
    public @Nullable ConversationRunner open() {
        return maker.open();
    }

    @Override
    public Trouble trouble() {
        return maker.trouble();
    }

    @Override
    public boolean wantsAgain(ConversationRunner runner, List<Fate> fates) {
        return doubts.wantsAgain(runner, fates);
    }

    @Override
    public boolean isProved() {
        return false;
    }

    @Override
    public boolean mayBegin() {
        Optional<Runnable> counted = begins.apply(hop, delivery.config());
        counted.ifPresent(back -> notBegun = back);
        return counted.isPresent();
    }

    @Override
    public void notBegun() {
        notBegun.run();
    }

    @Override
    public void giveBack(ConversationRunner runner) {
        connections.giveBack(
                runner,
                delivery.site(),
                delivery.sites().messagesPerConnection(delivery.site()),
                delivery.config().delivery().connectionIdle());
    }
}
