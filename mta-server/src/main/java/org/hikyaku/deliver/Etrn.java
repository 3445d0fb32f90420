package org.hikyaku.deliver;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Supplier;
import org.hikyaku.config.Config;
import org.hikyaku.mail.Domain;
import org.hikyaku.route.Hop;
import org.hikyaku.route.Route;
import org.hikyaku.route.Router;
import org.hikyaku.smtp.Extension;
import org.hikyaku.smtp.Reply;
import org.hikyaku.world.Event;
import org.hikyaku.world.Tasks;
import org.hikyaku.world.World;
import org.jspecify.annotations.Nullable;

/**
 * Asks the servers that keep mail for us to send it (RFC 1985): by command, and each as often as the settings say. The mail then comes
 * over connections of theirs.
 *
 * <p><i>Failure:</i> is told to who asked and to the log; at its next time it is asked again.
 */
public final class Etrn {
    /** How often a look is taken whether somebody is to be asked. */
    private static final Duration LOOK = Duration.ofSeconds(15);

    private final World world;
    private final Router router;
    private final Quirks quirks;
    private final Supplier<Config> config;
    /** When each was last asked, in nanoseconds; of the one task. */
    private final Map<String, Long> asked = new TreeMap<>();

    /** What came of one name; {@code taken}: it was a 25x. */
    public record Answer(String node, boolean taken, String text) {}

    public Etrn(World world, Router router, Quirks quirks, Supplier<Config> config) {
        this.world = world;
        this.router = router;
        this.quirks = quirks;
        this.config = config;
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
        Map<String, Config.Provider> providers = config.get().onDemand().providers();
        asked.keySet().retainAll(providers.keySet());
        providers.forEach((name, provider) -> {
            Long last = asked.get(name);
            long now = world.clock().nanos();
            boolean due = provider.every()
                    .filter(every -> last == null || now - last >= every.toNanos())
                    .isPresent();
            if (due) {
                asked.put(name, now);
                ask(provider.server(), provider.domains());
            }
        });
    }

    /** Asks now; waits. An answer for each of {@code nodes}. */
    public List<Answer> ask(Config.SmartHost server, List<String> nodes) {
        Config settings = config.get();
        List<Answer> answers = new ArrayList<>();
        switch (router.to("etrn", server, settings)) {
            case Route.Hops hops -> ask(hops.hops(), nodes, settings, answers);
            case Route.Later later -> all(nodes, later.text(), answers);
            case Route.Never never -> all(nodes, never.text(), answers);
            case Route.Agent agent -> all(nodes, "no host", answers);
        }
        for (Answer answer : answers) {
            world.events()
                    .emit(answer.taken ? Event.ETRN_ASKED : Event.ETRN_FAILED, server.host(), answer.node, answer.text);
        }
        return answers;
    }

    private void ask(List<Hop> hops, List<String> nodes, Config settings, List<Answer> answers) {
        String why = "no address";
        for (Hop hop : hops) {
            Doubts doubts = new Doubts(quirks, hop, settings.delivery().quirks());
            ConnectionMaker maker = new ConnectionMaker(world, settings, "etrn", hop, HopAttempt.remote(hop), doubts);
            ConversationRunner runner = maker.open();
            if (runner != null) {
                ask(runner, nodes, answers);
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
            Reply reply = reply(runner, node);
            if (reply == null) {
                all(nodes.subList(answers.size(), nodes.size()), "the connection was lost", answers);
                return;
            }
            answers.add(new Answer(node, reply.code() / 100 == 2, reply.text()));
        }
        runner.quit();
    }

    private static @Nullable Reply reply(ConversationRunner runner, String node) {
        return switch (runner.ask("ETRN " + written(node)).await()) {
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
