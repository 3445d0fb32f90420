package org.hikyaku.deliver;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.hikyaku.config.SiteRule;
import org.hikyaku.mail.Address;
import org.hikyaku.mail.Diagnosis;
import org.hikyaku.mail.Recipient;
import org.hikyaku.mail.Wishes;
import org.hikyaku.queue.Lesson;
import org.hikyaku.queue.Outcome;
import org.hikyaku.route.Hop;
import org.hikyaku.smtp.Extension;
import org.hikyaku.smtp.client.Fate;
import org.hikyaku.smtp.client.ServerOffer;
import org.hikyaku.smtp.client.Transaction;
import org.hikyaku.smtp.client.Trouble;
import org.hikyaku.smtp.client.Trouble.Kind;
import org.hikyaku.smtp.client.Trouble.Stage;
import org.hikyaku.world.Event;
import org.hikyaku.world.World;
import org.jspecify.annotations.Nullable;

/**
 * One host's turn: as many transactions as the recipients need, on a connection that was idle or on a new one.
 *
 * <p><i>Failure:</i> goes by {@link FailurePolicy} into the {@link Outcomes}. An idle connection that turns out to be dead
 * costs nothing but a new one.
 */
final class HopAttempt {
    private final World world;
    private final Way way;
    private final Delivery delivery;
    private final Letter letter;
    private final Outcomes outcomes;
    /** Whose turn it is: the first in a race, once that is over. */
    private Hop hop;

    private String remote;
    private @Nullable ConversationRunner current;
    /** The current connection has been used by this attempt or made by it: it is no stale one. */
    private boolean fresh;

    /** How the first transaction, begun on the loop, has ended. */
    private @Nullable Step begun;

    private final List<Fallen> unusable = new ArrayList<>();

    private @Nullable Hop used;

    /** The next transaction was counted where it leaves from. */
    private boolean counted;

    HopAttempt(World world, Way way, Delivery delivery, Hop hop, Letter letter, Outcomes outcomes) {
        this.world = world;
        this.way = way;
        this.delivery = delivery;
        this.hop = hop;
        this.letter = letter;
        this.outcomes = outcomes;
        this.remote = remote(hop);
    }

    /** Goes on with a connection on which all recipients' transaction was begun, and ended so. */
    void goOn(Begun from) {
        current = from.runner();
        begun = from.step();
    }

    /** Name and address; once where the operator gave the address itself. */
    static String remote(Hop hop) {
        String address = hop.endpoint().toString();
        return address.contains(hop.host()) ? address : hop.host() + " " + address;
    }

    /** Tries; {@link #unusable} says whether it came to anything. */
    void run() {
        boolean ended = false;
        try {
            serve(outcomes.open());
            ended = true;
        } finally {
            if (counted) {
                way.notBegun();
            }
            ConversationRunner runner = current;
            if (runner != null && ended) {
                way.giveBack(runner);
            } else if (runner != null) {
                runner.abandon();
            }
        }
    }

    /** Which hosts are to be passed by for a while, and why. */
    List<Fallen> unusable() {
        return unusable;
    }

    /** To which there was a connection. */
    Optional<Hop> used() {
        return Optional.ofNullable(used);
    }

    /** Whose turn it was. */
    Hop hop() {
        return hop;
    }

    private void serve(List<Integer> places) {
        List<Integer> todo = new ArrayList<>(places);
        // a name that came by MX is proved by DNSSEC or MTA-STS only, which are not there: what the operator named
        // remains
        if (needsProof() && !hop.isProved() && !way.isProved()) {
            todo.forEach(place -> failed(place, FailurePolicy.UNPROVED_HOST, objection(FailurePolicy.UNPROVED_HOST)));
            return;
        }
        while (!todo.isEmpty()) {
            counted = begun == null && (counted || way.mayBegin());
            if (begun == null && !counted) {
                todo.forEach(place -> failed(place, FailurePolicy.SOURCES_REST, objection(FailurePolicy.SOURCES_REST)));
                return;
            }
            ConversationRunner runner = connection(todo);
            if (runner == null) {
                return;
            }
            used = runner.hop();
            List<Integer> batch = List.copyOf(todo.subList(0, Math.min(most(runner), todo.size())));
            try {
                transact(runner, batch, todo);
            } catch (IOException e) {
                Diagnosis why =
                        FailurePolicy.CONTENT_UNREADABLE.diagnosis("the message cannot be read from the spool now");
                todo.forEach(place -> failed(place, FailurePolicy.CONTENT_UNREADABLE, why));
                return;
            }
        }
    }

    /** Recipients of a transaction: ours are of one domain, so RCPTDOMAINMAX of RFC 9422 is always kept. */
    private int most(ConversationRunner runner) {
        int setting = delivery.sites().recipientsPerTransaction(delivery.site());
        return Math.min(setting, runner.offer().limits().recipients());
    }

    private @Nullable ConversationRunner connection(List<Integer> todo) {
        ConversationRunner used = current;
        if (used != null
                && begun == null
                && used.uses() >= used.offer().limits().messages()) {
            used.quit(); // RFC 9422, MAILMAX
            fresh = true;
            current = null;
        }
        if (current == null) {
            Optional<ConversationRunner> idle = fresh ? Optional.empty() : way.idle();
            if (idle.isPresent()) {
                current = idle.get();
            } else {
                current = open(todo);
                fresh = !way.isSecondHand();
            }
        }
        return current;
    }

    private @Nullable ConversationRunner open(List<Integer> todo) {
        ConversationRunner opened = way.open();
        for (Fallen each : way.fallen()) {
            turnOf(each.hop());
            Trouble trouble = each.why();
            boolean rests = FailurePolicy.of(trouble).site() == FailurePolicy.Site.RESTS;
            if (rests && ruling(trouble).lesson() != Lesson.SLOW_DOWN) {
                unusable.add(each);
            }
            todo.forEach(place -> failed(place, trouble));
        }
        if (opened != null) {
            turnOf(opened.hop());
        }
        return opened;
    }

    private void turnOf(Hop other) {
        hop = other;
        remote = remote(other);
    }

    /** Takes out of {@code todo} whom this transaction has dealt with. */
    private void transact(ConversationRunner runner, List<Integer> batch, List<Integer> todo) throws IOException {
        ServerOffer offer = runner.offer();
        Letter.Form form = letter.formFor(offer);
        Optional<FailurePolicy> objection =
                form.objection().or(() -> lacksDeliverBy(offer)).or(() -> lacksRequireTls(offer));
        if (objection.isPresent()) {
            todo.forEach(place -> failed(place, objection.get(), objection(objection.get())));
            todo.clear();
            return;
        }
        List<Integer> able = new ArrayList<>();
        for (int place : batch) {
            if (address(place).isInternational() && !offer.has(Extension.SMTPUTF8)) {
                failed(place, FailurePolicy.NEEDS_SMTPUTF8, objection(FailurePolicy.NEEDS_SMTPUTF8));
                todo.remove(Integer.valueOf(place));
            } else {
                able.add(place);
            }
        }
        if (!able.isEmpty()) {
            settle(runner, able, todo, send(runner, able, form));
        }
    }

    private Step send(ConversationRunner runner, List<Integer> able, Letter.Form form) throws IOException {
        Step known = begun;
        if (known != null) {
            begun = null;
            return known;
        }
        List<Recipient> recipients =
                able.stream().map(delivery.recipients()::get).toList();
        Outgoing outgoing = letter.outgoing(runner.offer(), Outgoing.PART);
        byte[] first = outgoing.next();
        Transaction transaction = letter.transaction(recipients, form, bySeconds());
        counted = false;
        Step step = runner.begin(transaction, first, outgoing.isFinished()).await();
        while (step instanceof Step.More) {
            byte[] part;
            try {
                part = outgoing.next();
            } catch (IOException e) {
                current = null;
                runner.abandon();
                throw e;
            }
            step = runner.more(part, outgoing.isFinished()).await();
        }
        return step;
    }

    private void settle(ConversationRunner runner, List<Integer> able, List<Integer> todo, Step step) {
        List<Fate> fates = switch (step) {
            case Step.Done done -> done.fates();
            case Step.Unusable unusable ->
                able.stream().<Fate>map(p -> new Fate.Refused(unusable.why())).toList();
            case Step.Ready ready -> List.of();
            case Step.More more -> List.of();
            case Step.Told told -> List.of();
        };
        boolean reusable = step instanceof Step.Done done && done.reusable();
        if (!reusable) {
            current = null;
            if (!fresh && fates.stream().allMatch(HopAttempt::isStale)) {
                used = null;
                fresh = true; // it had died while idle: nothing was said of the mail
                counted = true; // for the next one
                return;
            }
        }
        fresh = true;
        if (way.wantsAgain(runner, fates)) {
            current = null;
            runner.quit();
            return;
        }
        boolean someTaken = fates.stream().anyMatch(Fate.Taken.class::isInstance);
        for (int i = 0; i < able.size(); i++) {
            int place = able.get(i);
            switch (fates.get(i)) {
                case Fate.Taken taken -> {
                    outcomes.delivered(
                            place, remote, runner.tls(), taken.reply().text(), word(runner, wishes()));
                    todo.remove(Integer.valueOf(place));
                }
                case Fate.Refused refused -> {
                    boolean again = someTaken && FailurePolicy.of(refused.why()) == FailurePolicy.TOO_MANY_RECIPIENTS;
                    if (!again) {
                        failed(place, refused.why());
                        todo.remove(Integer.valueOf(place));
                    }
                }
            }
        }
        if (!reusable) {
            lastOf(fates).ifPresent(trouble -> {
                outcomes.learn(Lesson.STRAINED);
                todo.forEach(place -> failed(place, trouble));
                todo.clear();
            });
        }
    }

    /** RFC 3461 5.2.1 to 5.2.3: LMTP leads into the mailbox (RFC 2033 1). */
    static Outcome.Word word(ConversationRunner runner, Wishes wishes) {
        boolean lmtp = runner.hop().protocol() == Hop.Protocol.LMTP;
        // RFC 2852 4.1.4, 4.1.4.2
        boolean announced = wishes.deadline()
                .filter(by -> by.trace() || !runner.offer().has(Extension.DELIVERBY))
                .isPresent();
        if (announced && !lmtp) {
            return Outcome.Word.ANNOUNCED;
        }
        if (runner.offer().has(Extension.DSN)) {
            return Outcome.Word.PASSED_ON;
        }
        return lmtp ? Outcome.Word.DELIVERED : Outcome.Word.RELAYED;
    }

    /** Why the connection ended, when it was not by our choice. */
    private static Optional<Trouble> lastOf(List<Fate> fates) {
        return fates.reversed().stream()
                .filter(Fate.Refused.class::isInstance)
                .map(fate -> ((Fate.Refused) fate).why())
                .filter(why -> why.kind() != Kind.REPLY)
                .findFirst();
    }

    private static boolean isStale(Fate fate) {
        return fate instanceof Fate.Refused refused
                && (refused.why().stage() == Stage.IDLE || refused.why().stage() == Stage.MAIL)
                && switch (refused.why().kind()) {
                    case LOST, SHUTTING_DOWN, GARBAGE, TIMEOUT -> true;
                    default -> false;
                };
    }

    private Address address(int place) {
        return delivery.recipients().get(place).address();
    }

    private static Diagnosis objection(FailurePolicy row) {
        return row.diagnosis(
                switch (row) {
                    case NEEDS_SMTPUTF8 ->
                        "the message needs SMTPUTF8 (international addresses or headers), which the next host does not offer";
                    case SOURCES_REST ->
                        "the address that it was to leave from is warming up and has sent what it may today";
                    case UNPROVED_HOST -> "the message must go under TLS to a proved host, and nothing proves this one";
                    case NEEDS_REQUIRETLS ->
                        "REQUIRETLS support required: the next host does not promise to send it on under TLS only";
                    case NEEDS_DELIVERBY ->
                        "the message is wanted by a certain time or not at all, which the next host does not promise";
                    default ->
                        "the message has 8 bit or binary parts that must not be converted, and the next host does not take them";
                });
    }

    /** RFC 2852 4.1.4.1: of a message that is not wanted later; LMTP ends where the mailbox is. */
    private Optional<FailurePolicy> lacksDeliverBy(ServerOffer offer) {
        boolean returns = wishes().deadline().filter(Wishes.Deadline::returns).isPresent();
        if (!returns || hop.protocol() == Hop.Protocol.LMTP) {
            return Optional.empty();
        }
        boolean promises = offer.has(Extension.DELIVERBY) && offer.deliverByLeast() <= bySeconds();
        return promises && bySeconds() > 0 ? Optional.empty() : Optional.of(FailurePolicy.NEEDS_DELIVERBY);
    }

    /** RFC 8689 4.2.1; 5: a notice goes even so, the null sender has nobody to be told. */
    private boolean needsProof() {
        return wishes().tls() == Wishes.Tls.REQUIRED
                && !delivery.message().envelope().sender().isNull()
                && hop.protocol() != Hop.Protocol.LMTP;
    }

    private Optional<FailurePolicy> lacksRequireTls(ServerOffer offer) {
        return needsProof() && !offer.has(Extension.REQUIRETLS)
                ? Optional.of(FailurePolicy.NEEDS_REQUIRETLS)
                : Optional.empty();
    }

    private Wishes wishes() {
        return delivery.message().envelope().wishes();
    }

    /** What is left of the time by which it is to be delivered. */
    private long bySeconds() {
        return wishes().deadline()
                .map(by -> Duration.between(world.clock().now(), by.at()).toSeconds())
                .orElse(0L);
    }

    private Ruling ruling(Trouble trouble) {
        FailurePolicy row = FailurePolicy.of(trouble);
        return meaning(trouble).map(rule -> Ruling.of(row, rule)).orElseGet(() -> Ruling.of(row));
    }

    private Optional<SiteRule.ReplyRule> meaning(Trouble trouble) {
        return trouble.reply().flatMap(reply -> delivery.sites().meaning(delivery.site(), reply.text()));
    }

    private void failed(int place, Trouble trouble) {
        FailurePolicy row = FailurePolicy.of(trouble);
        Ruling ruling = ruling(trouble);
        Diagnosis why = ruling.fitted(row.diagnosis(trouble, remote));
        tell(place, row, why);
        outcomes.failed(place, ruling, why);
        meaning(trouble)
                .filter(rule -> rule.then() == SiteRule.Then.SUSPEND)
                .ifPresent(rule -> outcomes.suspend(rule.time(), why.reply()));
    }

    private void failed(int place, FailurePolicy row, Diagnosis why) {
        tell(place, row, why);
        outcomes.failed(place, row, why);
    }

    private void tell(int place, FailurePolicy row, Diagnosis why) {
        String text = why.reply().isEmpty() ? why.text() : why.reply();
        world.events().emit(Event.ATTEMPT_FAILED, delivery.message().id(), address(place), remote, row.name(), text);
    }
}
