package org.hikyaku.deliver;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import org.hikyaku.config.Config;
import org.hikyaku.config.DeliverySettings;
import org.hikyaku.mail.Domain;
import org.hikyaku.mail.DomainPattern;
import org.hikyaku.queue.QueueManager;
import org.hikyaku.route.Hop;
import org.hikyaku.smtp.client.Patience;
import org.hikyaku.smtp.client.Terms;
import org.hikyaku.world.Event;
import org.hikyaku.world.Tasks;
import org.hikyaku.world.Wire;
import org.hikyaku.world.WireHandler;
import org.hikyaku.world.World;

/**
 * Who is fetching his mail now (RFC 2645): one connection a user. What is kept for him is made due when he comes; the deliverers bring
 * it over his connection ({@link PickupAgent}), and when nothing more comes it is ended.
 *
 * <p><i>Failure:</i> a connection that ends leaves what was not sent in the queue, for his next visit.
 */
public final class Pickups {
    private static final int PICKUPS_MAX = 100;
    /** So long nothing came to be sent: he has all. */
    private static final Duration IDLE = Duration.ofSeconds(5);
    /** Then he may come again. */
    private static final Duration LONGEST = Duration.ofHours(2);

    private static final Duration LOOK = Duration.ofSeconds(1);

    private final World world;
    private final QueueManager queue;
    private final Supplier<Config> config;
    /** Its own monitor; a user is here from {@link #prepare} to the end. */
    private final Set<String> users = new LinkedHashSet<>();

    private final List<Pickup> open = new ArrayList<>();

    /** Whether a user's mail can be fetched. */
    public enum Prepared {
        READY,
        NO_MAIL,
        BUSY,
        UNABLE
    }

    public Pickups(World world, QueueManager queue, Supplier<Config> config) {
        this.world = world;
        this.queue = queue;
        this.config = config;
    }

    /** After READY {@link #begin} has to follow. */
    public Prepared prepare(String user, List<DomainPattern> domains) {
        synchronized (users) {
            if (users.contains(user)) {
                return Prepared.BUSY;
            }
        }
        QueueManager.Started waiting = queue.pending(domains);
        if (!waiting.works()) {
            return Prepared.UNABLE;
        }
        if (waiting.pending() == 0) {
            return waiting.all() ? Prepared.NO_MAIL : Prepared.UNABLE;
        }
        synchronized (users) {
            if (users.size() >= PICKUPS_MAX) {
                return Prepared.UNABLE;
            }
            return users.add(user) ? Prepared.READY : Prepared.BUSY;
        }
    }

    /** The roles on {@code wire} have changed; on its loop. What is heard on it goes to the handler. */
    public WireHandler begin(String user, List<DomainPattern> domains, Wire wire) {
        Hop hop = new Hop(user, wire.remote(), Hop.Protocol.SMTP, Hop.Security.NONE, Optional.empty());
        ConversationRunner runner = new ConversationRunner(world, hop, terms());
        Tasks.Promise<Step> greeted = runner.adopt(wire);
        world.tasks().start("pickup", () -> serve(user, domains, runner, greeted));
        return runner;
    }

    private Terms terms() {
        Config settings = config.get();
        DeliverySettings.ClientTimeouts t = settings.delivery().timeouts();
        Patience patience = new Patience(
                t.greeting(), t.hello(), t.mail(), t.recipient(), t.dataStart(), t.dataBlock(), t.dataEnd(), t.quit());
        return new Terms(settings.hostname().ascii(), false, Terms.Tls.NO, false, Set.of(), Optional.empty(), patience);
    }

    private void serve(
            String user, List<DomainPattern> domains, ConversationRunner runner, Tasks.Promise<Step> greeted) {
        String why;
        try {
            why = switch (greeted.await()) {
                case Step.Ready ready -> send(user, domains, runner);
                case Step.Unusable unusable -> unusable.why().sentence();
                case Step.More more -> throw new IllegalStateException("a message that nobody began");
                case Step.Done done -> throw new IllegalStateException("a transaction that nobody began");
                case Step.Told told -> throw new IllegalStateException("an answer that nobody asked for");
            };
        } finally {
            synchronized (users) {
                users.remove(user);
            }
        }
        world.events().emit(Event.FETCH_ENDED, user, HopAttempt.remote(runner.hop()), runner.uses(), why);
    }

    private String send(String user, List<DomainPattern> domains, ConversationRunner runner) {
        Pickup pickup = new Pickup(world, user, domains, runner);
        add(pickup);
        long began = world.clock().nanos();
        try {
            queue.startDomains(domains);
            while (!runner.hasEnded() && !pickup.isIdleFor(IDLE)) {
                if (world.clock().nanos() - began > LONGEST.toNanos()) {
                    return "too long";
                }
                world.tasks().sleep(LOOK);
            }
            return runner.hasEnded() ? "the connection ended" : "fetched";
        } finally {
            remove(pickup);
            pickup.close();
            boolean unused = pickup.enter(); // whoever is at it comes to his end
            pickup.leave();
            if (unused || !runner.hasEnded()) {
                runner.quit();
            }
        }
    }

    private void add(Pickup pickup) {
        synchronized (users) {
            open.add(pickup);
        }
    }

    private void remove(Pickup pickup) {
        synchronized (users) {
            open.remove(pickup);
        }
    }

    /** On which connection the mail of a domain can go now; he may have come under other settings, by which it was his. */
    Optional<Pickup> of(Domain domain, Config settings) {
        synchronized (users) {
            return open.stream()
                    .filter(each -> each.holds(domain) && each.isStillOwner(domain, settings))
                    .findFirst();
        }
    }
}
