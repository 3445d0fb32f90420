package org.hikyaku.deliver;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.hikyaku.config.Config;
import org.hikyaku.mail.Address;
import org.hikyaku.mail.Diagnosis;
import org.hikyaku.mail.Recipient;
import org.hikyaku.mail.Site;
import org.hikyaku.mail.SpoolId;
import org.hikyaku.queue.Claim;
import org.hikyaku.queue.Outcome;
import org.hikyaku.queue.QueueAdmin;
import org.hikyaku.queue.QueueManager;
import org.hikyaku.route.Asked;
import org.hikyaku.route.Hop;
import org.hikyaku.route.Route;
import org.hikyaku.route.Router;
import org.hikyaku.world.Event;
import org.hikyaku.world.Tasks;
import org.hikyaku.world.World;
import org.jspecify.annotations.Nullable;

/**
 * Claim, route, agent, settle: tasks that wait for the claims that the queue lends (it bounds them), and each go on with
 * further claims of the same site while its connection is warm ({@link DirectDeliveries} need no task at all). One always waits, so that whoever takes a claim can
 * deliver it himself: no claim is handed from task to task.
 *
 * <p><i>Failure:</i> every claim that was taken is settled, also when an agent breaks (its recipients then wait and the
 * event TASK_DIED tells), except when the task is cancelled: then the process ends.
 */
public final class Deliverer {
    /** Tasks that may wait for a claim; the others end. */
    private static final int WAITING_MAX = 32;

    private final World world;
    private final QueueManager queue;
    private final Router router;
    private final SmtpAgent smtp;
    private final Map<String, DeliveryAgent> agents;
    private final Supplier<Config> config;
    private final Predicate<Address> suppressed;
    private final AtomicInteger waiting = new AtomicInteger();
    private final Crew crew;

    /** What came of one claim; {@code site} null when there is no route. */
    private record Result(Outcomes outcomes, @Nullable Site site) {}

    /**
     * Recipients of a claim that go one way.
     *
     * @param asked of each
     */
    private record Part(Claim claim, List<Recipient> recipients, List<Asked> asked, Config settings) {
        /** Those at some places of it. */
        Part of(List<Integer> places) {
            return new Part(
                    claim,
                    places.stream().map(recipients::get).toList(),
                    places.stream().map(asked::get).toList(),
                    settings);
        }
    }

    /**
     * @param smtp for routes of hosts
     * @param agents for routes of this host, by their name
     */
    public Deliverer(
            World world,
            QueueManager queue,
            Router router,
            SmtpAgent smtp,
            Map<String, DeliveryAgent> agents,
            Supplier<Config> config) {
        this(world, queue, router, smtp, agents, config, address -> false);
    }

    /** @param suppressed to whom nothing is sent; never waits */
    public Deliverer(
            World world,
            QueueManager queue,
            Router router,
            SmtpAgent smtp,
            Map<String, DeliveryAgent> agents,
            Supplier<Config> config,
            Predicate<Address> suppressed) {
        this.suppressed = suppressed;
        this.world = world;
        this.crew = new Crew(world.tasks());
        this.queue = queue;
        this.router = router;
        this.smtp = smtp;
        this.agents = Map.copyOf(agents);
        this.config = config;
        queue.onHurry(smtp.memory()::forget);
        smtp.onBegin(router::begins);
        smtp.connections().onRest(new DirectDeliveries(world, queue, router, smtp, config, suppressed, tasked()));
    }

    private DirectDeliveries.Tasked tasked() {
        return new DirectDeliveries.Tasked() {
            @Override
            public void deliver(Claim claim) {
                crew.start("delivery", () -> follow(claim));
            }

            @Override
            public void goOn(Claim claim, Route.Hops route, Config settings, Begun begun) {
                crew.start(
                        "delivery",
                        () -> finish(claim, guarded(claim, claim.recipients(), () -> {
                            Part part = new Part(claim, claim.recipients(), Asking.of(claim), settings);
                            Outcomes outcomes = smtp.deliver(delivery(part, route), begun);
                            return Optional.of(new Result(withFallback(part, route.site(), outcomes), route.site()));
                        })));
            }
        };
    }

    /** Starts the first of the tasks; they end when the queue stops. @return all of them together, to be cancelled */
    public Tasks.Task start() {
        await();
        return crew;
    }

    /** One more waits for a claim. */
    private void await() {
        waiting.incrementAndGet();
        crew.start("deliverer", this::work);
    }

    private void work() {
        boolean wanted = true;
        while (wanted) {
            Optional<Claim> claim = queue.take();
            if (claim.isEmpty()) {
                return;
            }
            if (waiting.decrementAndGet() == 0) {
                await();
            }
            follow(claim.get());
            wanted = waiting.incrementAndGet() <= WAITING_MAX;
        }
        waiting.decrementAndGet();
    }

    /** Delivers this claim and then others of its site. */
    private void follow(Claim first) {
        Optional<Claim> claim = Optional.of(first);
        for (int count = 1; claim.isPresent(); count++) {
            Claim lent = claim.get();
            Site site = finish(lent, guarded(lent, lent.recipients(), () -> attempt(lent)));
            boolean isEnough =
                    site == null || count >= router.sites(config.get()).messagesPerConnection(site);
            claim = site == null || isEnough ? Optional.empty() : queue.more(site);
        }
    }

    /** Settles; the site, if there is one that goes on. */
    private @Nullable Site finish(Claim claim, Optional<Result> result) {
        if (result.isEmpty()) {
            return null; // the queue has it back: no room at the site, or a hold could not be stored
        }
        Site site = result.get().site();
        Outcomes outcomes = result.get().outcomes();
        queue.settle(claim, outcomes.all(), outcomes.lesson());
        return site;
    }

    private Optional<Result> guarded(Claim claim, List<Recipient> recipients, Supplier<Optional<Result>> attempt) {
        try {
            return attempt.get();
        } catch (Tasks.TaskCancelled e) {
            throw e;
        } catch (RuntimeException e) {
            // a broken invariant of ours must not keep the claim for ever; its message waits, the operator hears
            world.events().emit(Event.TASK_DIED, "delivery " + claim.message().id(), e);
            FailurePolicy row = FailurePolicy.AGENT_BROKEN;
            return Optional.of(
                    new Result(all(claim, recipients, "none", row, row.diagnosis("an internal error")), null));
        }
    }

    private Optional<Result> attempt(Claim claim) {
        Config settings = config.get();
        if (isTooLate(claim)) {
            String text = "the time by which its sender wanted it delivered is over";
            return Optional.of(new Result(all(claim, FailurePolicy.TOO_LATE, text), null));
        }
        Part whole = new Part(claim, claim.recipients(), Asking.of(claim), settings);
        List<List<Integer>> ways = router.ways(whole.asked, settings);
        List<Integer> dead = suppressed(claim);
        if (!dead.isEmpty()) {
            return without(dead, whole, ways);
        }
        return ways.size() == 1 ? attempt(whole, true) : byWays(whole, ways);
    }

    private List<Integer> suppressed(Claim claim) {
        List<Recipient> all = claim.recipients();
        return IntStream.range(0, all.size())
                .filter(place -> suppressed.test(all.get(place).address()))
                .boxed()
                .toList();
    }

    /** Some have long been gone: their sender hears it at once, the others' copies go. */
    private Optional<Result> without(List<Integer> dead, Part whole, List<List<Integer>> ways) {
        String text = "its server has said several times that nobody has this address, so it was not asked again";
        List<List<Integer>> others = ways.stream()
                .map(places -> places.stream().filter(p -> !dead.contains(p)).toList())
                .filter(places -> !places.isEmpty())
                .toList();
        Optional<Result> result = others.isEmpty()
                ? Optional.of(new Result(new Outcomes(whole.recipients.size(), Outcome.NO_ROUTE), null))
                : byWays(whole, others);
        result.ifPresent(some ->
                some.outcomes().take(dead, all(whole.of(dead), Outcome.NO_ROUTE, FailurePolicy.SUPPRESSED, text)));
        return result;
    }

    /**
     * Recipients of one domain may have several ways: each by his own, in one attempt. It is counted where the first of them is.
     */
    private Optional<Result> byWays(Part whole, List<List<Integer>> ways) {
        Outcomes all = new Outcomes(whole.recipients.size(), "local");
        Site site = null;
        for (List<Integer> places : ways) {
            boolean first = places.equals(ways.getFirst());
            Part part = whole.of(places);
            // each by itself: what breaks here has nothing to do with those who have it already
            Optional<Result> result = guarded(part.claim, part.recipients, () -> attempt(part, first));
            if (result.isEmpty()) {
                return Optional.empty(); // no room: of the first, so nothing was done
            }
            site = first ? result.get().site() : site;
            all.take(places, result.get().outcomes());
        }
        return Optional.of(new Result(all, site));
    }

    /** @param counts whether the site is to be told that it serves the claim, and asked for room */
    private Optional<Result> attempt(Part part, boolean counts) {
        Route route = router.route(part.asked.getFirst(), part.settings);
        return switch (route) {
            case Route.Never never ->
                Optional.of(new Result(all(part, Outcome.NO_ROUTE, FailurePolicy.of(never), never.text()), null));
            case Route.Refused refused -> Optional.of(new Result(refused(part, refused.reply()), null));
            case Route.Held held -> held(part, held.why());
            case Route.Later later -> Optional.of(new Result(later(part, later), null));
            case Route.Hops hops -> by(smtp, part, counts, delivery(part, hops));
            case Route.Agent agent -> {
                boolean pipe = part.settings.agents().pipes().containsKey(agent.name());
                DeliveryAgent own = agents.get(pipe ? PipeAgent.NAME : agent.name());
                yield own == null
                        ? Optional.of(new Result(
                                all(part, agent.name(), FailurePolicy.ROUTE_UNUSABLE, "no agent " + agent.name()),
                                null))
                        : by(own, part, counts, delivery(part, agent.name(), agent.site(), List.of()));
            }
        };
    }

    /** {@code 550 5.7.1 text}. */
    private Outcomes refused(Part part, String reply) {
        String[] words = reply.split(" ", 3);
        return all(part, Outcome.NO_ROUTE, FailurePolicy.RULE_REFUSES, Diagnosis.ours(words[1], words[2]));
    }

    /**
     * The message is held first, unless an operator holds it meanwhile: whatever happens then, nothing of it goes out. What it is
     * tried for by then waits; only what this rule has held is not held again.
     */
    private Optional<Result> held(Part part, String why) {
        Tasks.Promise<QueueAdmin.Answer> told = world.tasks().promise();
        SpoolId id = part.claim.message().id();
        String text = "rule: " + why;
        queue.admin().holdIfFree(id, text, told::complete);
        if (told.await() instanceof QueueAdmin.Answer.StorageFailed) {
            return notHeld(part, why);
        }
        Outcomes outcomes = all(part, Outcome.NO_ROUTE, FailurePolicy.RULE_HOLDS, why);
        if (isHeld(id, text)) {
            world.events().emit(Event.MESSAGE_HELD, id, "rule");
            IntStream.range(0, part.recipients.size()).forEach(outcomes::ruled);
        }
        return Optional.of(new Result(outcomes, null));
    }

    /** Untried, where that can be: the rule is asked again later. */
    private Optional<Result> notHeld(Part part, String why) {
        if (part.recipients.size() == part.claim.places().size()) {
            queue.giveBack(part.claim);
            return Optional.empty();
        }
        return Optional.of(
                new Result(all(part, Outcome.NO_ROUTE, FailurePolicy.RULE_HOLDS, why), null)); // others of it went
    }

    private boolean isHeld(SpoolId id, String text) {
        try {
            return queue.admin()
                    .show(id)
                    .filter(row -> row.message().held().equals(text))
                    .isPresent();
        } catch (IOException e) {
            return false; // then it is held once more
        }
    }

    private Outcomes later(Part part, Route.Later later) {
        Outcomes outcomes = all(part, Outcome.NO_ROUTE, FailurePolicy.of(later), later.text());
        boolean dns = switch (later.why()) {
            case MESSAGE_UNREADABLE, NO_SOURCE, SOURCES_REST -> false;
            default -> true;
        };
        if (dns
                && router.fallback(part.asked.getFirst(), Optional.empty(), part.settings)
                                .orElse(null)
                        instanceof Route.Hops hops) {
            List<Integer> all =
                    IntStream.range(0, part.recipients.size()).boxed().toList();
            outcomes.replace(all, smtp.deliver(delivery(part, hops)));
        }
        return outcomes;
    }

    /** What its hosts could not be used for, by other hosts that the operator names for such mail. */
    private Outcomes withFallback(Part part, Site site, Outcomes outcomes) {
        List<Integer> left = outcomes.leftOver(isOld(part));
        if (!left.isEmpty()
                && router.fallback(part.asked.getFirst(), Optional.of(site), part.settings)
                                .orElse(null)
                        instanceof Route.Hops hops) {
            outcomes.replace(left, smtp.deliver(delivery(part.of(left), hops)));
        }
        return outcomes;
    }

    private boolean isOld(Part part) {
        return part.settings
                .delivery()
                .fallbackAfter()
                .filter(after -> !world.clock()
                        .now()
                        .isBefore(part.claim.message().begins().plus(after)))
                .isPresent();
    }

    /** RFC 2852 4.1.3: with mode R no attempt is made any more. */
    private boolean isTooLate(Claim claim) {
        return claim.message()
                .envelope()
                .wishes()
                .deadline()
                .filter(by -> by.returns() && !world.clock().now().isBefore(by.at()))
                .isPresent();
    }

    private Optional<Result> by(DeliveryAgent agent, Part part, boolean counts, Delivery delivery) {
        Site home = router.home(part.asked.getFirst(), part.settings);
        return !counts || queue.siteKnown(part.claim, home, delivery.site())
                ? Optional.of(new Result(withFallback(part, delivery.site(), agent.deliver(delivery)), delivery.site()))
                : Optional.empty();
    }

    private Delivery delivery(Part part, Route.Hops route) {
        return delivery(part, route.name(), route.site(), route.hops());
    }

    private Delivery delivery(Part part, String route, Site site, List<Hop> hops) {
        return new Delivery(part.claim.message(), part.recipients, route, site, hops, router.sites(part.settings));
    }

    /** One row for all recipients. */
    private Outcomes all(Claim claim, FailurePolicy row, String text) {
        return all(claim, claim.recipients(), Outcome.NO_ROUTE, row, row.diagnosis(text));
    }

    private Outcomes all(Part part, String route, FailurePolicy row, String text) {
        return all(part, route, row, row.diagnosis(text));
    }

    private Outcomes all(Part part, String route, FailurePolicy row, Diagnosis why) {
        return all(part.claim, part.recipients, route, row, why);
    }

    private Outcomes all(Claim claim, List<Recipient> recipients, String route, FailurePolicy row, Diagnosis why) {
        Outcomes outcomes = new Outcomes(recipients.size(), route);
        for (int place = 0; place < recipients.size(); place++) {
            world.events()
                    .emit(
                            Event.ATTEMPT_FAILED,
                            claim.message().id(),
                            recipients.get(place).address(),
                            "",
                            row.name(),
                            why.text());
            outcomes.failed(place, row, why);
        }
        return outcomes;
    }
}
