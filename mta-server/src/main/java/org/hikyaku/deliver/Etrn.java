package org.hikyaku.deliver;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.function.Function;
import java.util.function.Supplier;
import org.hikyaku.config.Config;
import org.hikyaku.config.DeliverySettings;
import org.hikyaku.config.OnDemandSettings;
import org.hikyaku.mail.Domain;
import org.hikyaku.mail.Site;
import org.hikyaku.route.Hop;
import org.hikyaku.route.Route;
import org.hikyaku.route.Router;
import org.hikyaku.smtp.Extension;
import org.hikyaku.smtp.Reply;
import org.hikyaku.world.Event;
import org.hikyaku.world.Tasks;
import org.hikyaku.world.Wire;
import org.hikyaku.world.WireHandler;
import org.hikyaku.world.World;
import org.jspecify.annotations.Nullable;

/**
 * Asks the servers that keep mail for us to send it: by command, and each as often as the settings say. By ETRN (RFC 1985) the mail
 * then comes over connections of theirs; by ATRN (RFC 2645) over the one on which we asked, on which we are the server from then on.
 *
 * <p><i>Failure:</i> is told to who asked and to the log; at its next time it is asked again.
 */
public final class Etrn {
    /** How often a look is taken whether somebody is to be asked. */
    private static final Duration LOOK = Duration.ofSeconds(15);
    /** For an answer to ETRN, which comes at once (RFC 1985 5.1). */
    private static final Duration PATIENCE = Duration.ofMinutes(5);
    /** RFC 2645 5.2.1: at least ten minutes. */
    private static final Duration FETCH_PATIENCE = Duration.ofMinutes(10);

    private static final int NO_MAIL = 453;

    private final World world;
    private final Router router;
    private final Quirks quirks;
    /** What we are on a connection that has turned. */
    private final Function<Wire, WireHandler> server;

    private final Supplier<Config> config;
    /** As many as it takes: a server is asked seldom, and by one. */
    private final Places places;

    /** When each was last asked, in nanoseconds; of the one task. */
    private final Map<String, Long> asked = new TreeMap<>();
    /** Who has not answered yet: a slow one delays no other, and is not asked twice. */
    private final Set<String> busy = new ConcurrentSkipListSet<>();

    /** What came of one name; {@code taken}: it was a 25x. */
    public record Answer(String node, boolean taken, String text) {}

    /** @param server makes us the server on a connection of ours; on its loop */
    public Etrn(
            World world, Router router, Quirks quirks, Function<Wire, WireHandler> server, Supplier<Config> config) {
        this.world = world;
        this.router = router;
        this.quirks = quirks;
        this.server = server;
        this.config = config;
        this.places = new Places(world, site -> false);
    }

    /** Starts the task that asks in time; it runs until it is cancelled. */
    public Tasks.Task start() {
        return world.tasks().start("etrn", () -> {
            while (true) {
                askWhoIsDue();
                world.tasks().sleep(LOOK);
            }
        });
    }

    private void askWhoIsDue() {
        Map<String, OnDemandSettings.Provider> providers =
                config.get().onDemand().providers();
        asked.keySet().retainAll(providers.keySet());
        providers.forEach((name, provider) -> {
            Long last = asked.get(name);
            long now = world.clock().nanos();
            boolean due = provider.every()
                    .filter(every -> last == null || now - last >= every.toNanos())
                    .isPresent();
            if (due && busy.add(name)) {
                asked.put(name, now);
                world.tasks().start("etrn " + name, () -> {
                    try {
                        ask(provider);
                    } finally {
                        busy.remove(name);
                    }
                });
            }
        });
    }

    /** As the settings say; waits for the answer, not for the mail. */
    public List<Answer> ask(OnDemandSettings.Provider provider) {
        return ask(provider.server(), provider.ask(), provider.domains());
    }

    /** Asks now; waits. An answer for each of {@code nodes} by ETRN, one for all by ATRN. */
    public List<Answer> ask(DeliverySettings.SmartHost server, OnDemandSettings.Ask how, List<String> names) {
        Config settings = config.get();
        List<Answer> answers = new ArrayList<>();
        List<String> nodes = how == OnDemandSettings.Ask.ATRN ? List.of(String.join(",", names)) : names;
        switch (router.to("etrn", server, settings)) {
            case Route.Hops hops -> ask(hops.hops(), how, nodes, settings, answers);
            case Route.Later later -> all(nodes, later.text(), answers);
            case Route.Never never -> all(nodes, never.text(), answers);
            case Route.Agent agent -> all(nodes, "no host", answers);
            case Route.Refused refused -> all(nodes, refused.reply(), answers);
            case Route.Held held -> all(nodes, held.why(), answers);
        }
        for (Answer answer : answers) {
            world.events()
                    .emit(answer.taken ? Event.ETRN_ASKED : Event.ETRN_FAILED, server.host(), answer.node, answer.text);
        }
        return answers;
    }

    private void ask(
            List<Hop> hops, OnDemandSettings.Ask how, List<String> nodes, Config settings, List<Answer> answers) {
        String why = "no address";
        for (Hop hop : hops) {
            Doubts doubts = new Doubts(quirks, hop, settings.delivery().quirks());
            Places.Room room = places.room(new Site("etrn"), Integer.MAX_VALUE);
            ConnectionMaker maker =
                    new ConnectionMaker(world, settings, settings.delivery().timeouts(), "etrn", hop, doubts, room);
            ConversationRunner runner = maker.open();
            if (runner != null) {
                if (how == OnDemandSettings.Ask.ATRN) {
                    answers.add(fetch(runner, nodes.getFirst()));
                } else {
                    ask(runner, nodes, answers);
                }
                return;
            }
            why = maker.trouble().sentence();
        }
        all(nodes, why, answers);
    }

    private static void ask(ConversationRunner runner, List<String> nodes, List<Answer> answers) {
        if (!runner.offer().has(Extension.ETRN)) {
            all(nodes, "the server does not offer ETRN to us", answers);
            runner.quit();
            return;
        }
        for (String node : nodes) {
            Reply reply = reply(runner, "ETRN " + written(node), PATIENCE);
            if (reply == null) {
                all(nodes.subList(answers.size(), nodes.size()), "the connection was lost", answers);
                return;
            }
            answers.add(new Answer(node, reply.code() / 100 == 2, reply.text()));
        }
        runner.quit();
    }

    /** RFC 2645: after 250 we are the server on this connection. */
    private Answer fetch(ConversationRunner runner, String domains) {
        if (!runner.offer().has(Extension.ATRN)) {
            runner.quit();
            return new Answer(domains, false, "the server does not offer ATRN to us");
        }
        Reply reply = reply(runner, domains.isEmpty() ? "ATRN" : "ATRN " + domains, FETCH_PATIENCE);
        if (reply == null) {
            return new Answer(domains, false, "the connection was lost");
        }
        if (reply.code() == 250) {
            boolean turned = runner.turn(server).await();
            return new Answer(domains, turned, turned ? reply.text() : "the connection was lost");
        }
        runner.quit();
        return new Answer(domains, reply.code() == NO_MAIL, reply.text());
    }

    private static @Nullable Reply reply(ConversationRunner runner, String line, Duration limit) {
        return switch (runner.ask(line, limit).await()) {
            case Step.Told told -> told.reply();
            case Step.Unusable unusable -> null;
            case Step.Ready ready -> null;
            case Step.More more -> null;
            case Step.Done done -> null;
        };
    }

    /** As it goes over the wire: a domain in its A-labels. */
    private static String written(String node) {
        boolean option = node.startsWith("@");
        String name = option ? node.substring(1) : node;
        return (option ? "@" : "") + Domain.parse(name).map(Domain::ascii).orElse(name);
    }

    private static void all(List<String> nodes, String why, List<Answer> answers) {
        nodes.forEach(node -> answers.add(new Answer(node, false, why)));
    }
}
