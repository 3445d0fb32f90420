package org.hikyaku.deliver;

import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.hikyaku.config.Config;
import org.hikyaku.mail.Address;
import org.hikyaku.mail.Envelope;
import org.hikyaku.mail.Recipient;
import org.hikyaku.mail.Site;
import org.hikyaku.mail.Wishes;
import org.hikyaku.queue.Claim;
import org.hikyaku.queue.QueueManager;
import org.hikyaku.queue.Standby;
import org.hikyaku.route.Asked;
import org.hikyaku.route.Route;
import org.hikyaku.route.Router;
import org.hikyaku.smtp.client.Fate;
import org.hikyaku.smtp.client.ServerOffer;
import org.hikyaku.world.Event;
import org.hikyaku.world.World;

/**
 * Deliveries without a task: a connection that rests waits for the next message of its site and sends it on its loop, when
 * nothing needs waiting for: the message is whole in memory and goes as it is, in one part, by a way that is known.
 * When all went well it is settled there, too. Everything else goes to a task, also in the middle: then it goes on
 * with the transaction's end.
 *
 * <p><i>Failure:</i> as {@link Deliverer}: every claim is settled or handed to a task that does.
 */
final class DirectDeliveries implements Connections.Rests {
    /** Octets of a message that is sent in one part: times the window, what lies in memory at once. */
    static final int SIZE_MAX = 256 * 1024;

    private final World world;
    private final QueueManager queue;
    private final Router router;
    private final Connections connections;
    private final HostMemory memory;
    private final Quirks quirks;
    private final Supplier<Config> config;
    private final Predicate<Address> suppressed;
    private final Tasked tasked;

    /** What needs a task; starts one and returns. */
    interface Tasked {
        /** From the beginning. */
        void deliver(Claim claim);

        /** After a transaction for all recipients that was not all well. */
        void goOn(Claim claim, Route.Hops route, Config settings, Begun begun);
    }

    /** One message that can go. */
    private record Direct(Claim claim, List<Recipient> recipients, Route.Hops route, Config settings) {}

    DirectDeliveries(
            World world,
            QueueManager queue,
            Router router,
            SmtpAgent smtp,
            Supplier<Config> config,
            Predicate<Address> suppressed,
            Tasked tasked) {
        this.suppressed = suppressed;
        this.world = world;
        this.queue = queue;
        this.router = router;
        this.connections = smtp.connections();
        this.memory = smtp.memory();
        this.quirks = smtp.quirks();
        this.config = config;
        this.tasked = tasked;
    }

    @Override
    public Runnable rests(ConversationRunner runner, Site site) {
        Standby standby = new Standby(site, new Standby.Taker() {
            @Override
            public void take(Claim claim, boolean inMemory) {
                DirectDeliveries.this.take(runner, claim, inMemory);
            }

            @Override
            public boolean isHere() {
                return runner.isHere();
            }
        });
        queue.standby(standby);
        return () -> queue.withdraw(standby);
    }

    private void take(ConversationRunner runner, Claim claim, boolean inMemory) {
        if (connections.take(runner)) {
            runner.onLoop(() -> serve(runner, claim, inMemory));
        } else {
            tasked.deliver(claim); // somebody borrowed it, or it has just ended
        }
    }

    // On the loop

    private void serve(ConversationRunner runner, Claim claim, boolean inMemory) {
        Config settings = config.get();
        try {
            Optional<Direct> direct = inMemory ? direct(runner, claim, settings) : Optional.empty();
            if (direct.isPresent() && begin(runner, direct.get())) {
                return;
            }
            giveBack(runner, claim.site(), settings);
        } catch (RuntimeException e) {
            world.events().emit(Event.TASK_DIED, "delivery " + claim.message().id(), e);
            runner.abandon(); // nobody knows how far it has come
        }
        tasked.deliver(claim);
    }

    /** What is to be done, if it can be done here. */
    private Optional<Direct> direct(ConversationRunner runner, Claim claim, Config settings) {
        List<Recipient> recipients = claim.recipients();
        List<Asked> asked = Asking.of(claim);
        return router.known(asked.getFirst(), settings)
                .filter(route -> recipients.stream().map(Recipient::address).noneMatch(suppressed)
                        && router.ways(asked, settings).size() == 1
                        && route.site().equals(claim.site())
                        && memory.suspended(route.site()).isEmpty()
                        && runner.hop().serves(memory.inOrder(route.hops()).getFirst())
                        && recipients.size() <= router.sites(settings).recipientsPerTransaction(route.site())
                        && recipients.size() <= runner.offer().limits().recipients()
                        && quirks.suits(runner, settings.delivery().quirks())
                        && goesAsItIs(claim, recipients, runner.offer()))
                .map(route -> new Direct(claim, recipients, route, settings));
    }

    private static boolean goesAsItIs(Claim claim, List<Recipient> recipients, ServerOffer offer) {
        Envelope envelope = claim.message().envelope();
        return claim.message().content().size() <= SIZE_MAX
                && !envelope.needsUtf8()
                && envelope.wishes().deadline().isEmpty()
                && envelope.wishes().tls() != Wishes.Tls.REQUIRED
                && Letter.goesAsItIs(envelope, offer)
                && !envelope.sender().isInternational()
                && recipients.stream().noneMatch(r -> r.address().isInternational());
    }

    /** False when nothing was begun. */
    private boolean begin(ConversationRunner runner, Direct direct) {
        Letter letter = new Letter(direct.claim.message());
        byte[] octets;
        Letter.Form form;
        try {
            form = letter.formFor(runner.offer());
            Outgoing outgoing = letter.outgoing(runner.offer(), SIZE_MAX);
            octets = outgoing.next();
            if (form.objection().isPresent() || !outgoing.isFinished()) {
                return false;
            }
        } catch (IOException e) {
            return false; // the task finds it too, and says so
        }
        Optional<Runnable> counted = router.beginsNow(runner.hop(), direct.settings);
        if (counted.isEmpty()) {
            return false; // the task may, or find another address
        }
        runner.begin(
                letter.transaction(direct.recipients, form, 0),
                octets,
                step -> ended(runner, direct, step, counted.get()));
        return true;
    }

    private void ended(ConversationRunner runner, Direct direct, Step step, Runnable notBegun) {
        if (step instanceof Step.Done done && done.fates().stream().allMatch(Fate.Taken.class::isInstance)) {
            settle(runner, direct, done);
        } else {
            tasked.goOn(direct.claim, direct.route, direct.settings, new Begun(runner, step, notBegun));
        }
    }

    private void settle(ConversationRunner runner, Direct direct, Step.Done done) {
        Outcomes outcomes = new Outcomes(direct.recipients.size(), direct.route.name());
        String remote = HopAttempt.remote(runner.hop());
        for (int place = 0; place < done.fates().size(); place++) {
            if (done.fates().get(place) instanceof Fate.Taken taken) {
                outcomes.delivered(
                        place,
                        remote,
                        runner.tls(),
                        taken.reply().text(),
                        HopAttempt.word(
                                runner, direct.claim.message().envelope().wishes()));
            }
        }
        if (done.reusable()) {
            giveBack(runner, direct.claim.site(), direct.settings); // first: what the settling sets free may go by it
        }
        queue.settle(direct.claim, outcomes.all());
    }

    private void giveBack(ConversationRunner runner, Site site, Config settings) {
        connections.giveBack(
                runner,
                site,
                router.sites(settings).messagesPerConnection(site),
                settings.delivery().connectionIdle());
    }
}
