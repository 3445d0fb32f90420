package org.hikyaku.queue;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.hikyaku.bounce.Report.Affected;
import org.hikyaku.mail.Diagnosis;
import org.hikyaku.mail.Recipient;
import org.hikyaku.mail.Wishes;
import org.hikyaku.spool.RecipientState;
import org.hikyaku.spool.RecipientState.Status;

/**
 * What the outcomes of one claim mean: new states, and whom the sender is to be told of. Pure.
 *
 * @param states by place
 * @param failed given up now, also because their time is over
 * @param delayed not given up, and due to be told of
 * @param delivered in their mailboxes now
 * @param relayed with a host that tells nothing of them
 * @param stored places whose states are on disk already
 */
record Settlement(
        Claim claim,
        Parcel parcel,
        Instant at,
        Map<Integer, RecipientState> states,
        List<Affected> failed,
        List<Affected> delayed,
        List<Affected> delivered,
        List<Affected> relayed,
        Set<Integer> stored) {

    static Settlement of(
            Claim claim, Parcel parcel, List<Outcome> outcomes, RetryPlan plan, Instant now, double chance) {
        if (outcomes.size() != claim.places().size()) {
            throw new IllegalArgumentException(
                    outcomes.size() + " outcomes for " + claim.places().size() + " recipients");
        }
        Settlement settlement = new Settlement(
                claim,
                parcel,
                now,
                new TreeMap<>(),
                new ArrayList<>(0),
                new ArrayList<>(0),
                new ArrayList<>(0),
                new ArrayList<>(0),
                Set.of());
        for (int i = 0; i < outcomes.size(); i++) {
            settlement.add(claim.places().get(i), outcomes.get(i), plan, chance);
        }
        return settlement;
    }

    /** Whether the sender is to hear of a failure or a delay. */
    boolean isBadNews() {
        return !failed.isEmpty() || !delayed.isEmpty();
    }

    /** What is to be stored. */
    Map<Integer, RecipientState> unstored() {
        Map<Integer, RecipientState> some = new TreeMap<>(states);
        some.keySet().removeAll(stored);
        return some;
    }

    /** Who was delivered, and what is told of that; nobody else is touched. Empty for nobody. */
    Optional<Settlement> good() {
        Map<Integer, RecipientState> some = new TreeMap<>(states);
        some.values().removeIf(state -> state.status() != Status.DELIVERED);
        return some.isEmpty()
                ? Optional.empty()
                : Optional.of(
                        new Settlement(claim, parcel, at, some, List.of(), List.of(), delivered, relayed, Set.of()));
    }

    /** The same with {@link #good} stored and told. */
    Settlement withGoodStored() {
        Set<Integer> done = good().map(some -> some.states.keySet()).orElse(Set.of());
        return new Settlement(claim, parcel, at, states, failed, delayed, List.of(), List.of(), Set.copyOf(done));
    }

    private void add(int place, Outcome outcome, RetryPlan plan, double chance) {
        Recipient recipient = claim.message().envelope().recipients().get(place);
        RecipientState before = claim.message().states().get(place);
        int attempts = before.attempts() + 1;
        states.put(
                place,
                (switch (outcome) {
                            case Outcome.Delivered d -> {
                                Diagnosis how = new Diagnosis("2.0.0", "", d.remote(), d.reply());
                                succeeded(recipient, d.word(), how);
                                yield new RecipientState(Status.DELIVERED, attempts, at, how, before.noticed());
                            }
                            case Outcome.Failed f -> {
                                failed.add(new Affected(recipient, f.why()));
                                yield new RecipientState(Status.FAILED, attempts, at, f.why(), before.noticed());
                            }
                            case Outcome.Retry r -> retry(recipient, before, r, plan, chance);
                        })
                        .ruled(before.ruled() || (outcome instanceof Outcome.Retry r && r.ruled())));
    }

    private void succeeded(Recipient recipient, Outcome.Word word, Diagnosis how) {
        boolean wanted = recipient.wanted().ofSuccess();
        switch (word) {
            case DELIVERED -> tell(wanted, delivered, recipient, how);
            case RELAYED -> tell(wanted, relayed, recipient, how);
            case ANNOUNCED -> tell(!recipient.wanted().isNever(), relayed, recipient, how);
            case PASSED_ON -> {}
        }
    }

    private static void tell(boolean wanted, List<Affected> news, Recipient recipient, Diagnosis how) {
        if (wanted) {
            news.add(new Affected(recipient, how));
        }
    }

    private RecipientState retry(
            Recipient recipient, RecipientState before, Outcome.Retry outcome, RetryPlan plan, double chance) {
        Diagnosis why = outcome.why();
        Instant arrival = claim.message().begins();
        boolean notice = claim.message().envelope().sender().isNull();
        int attempts = before.attemptsInVain();
        Optional<Wishes.Deadline> by = claim.message().envelope().wishes().deadline();
        boolean late = by.filter(d -> !at.isBefore(d.at())).isPresent();
        boolean returns = by.filter(Wishes.Deadline::returns).isPresent();
        if (plan.isExpired(arrival, notice, at) || (late && returns)) {
            // RFC 3463 3.5 X.4.7, of class 4: given up although nothing says never; but RFC 2852 4.1.3: 5.4.7
            Diagnosis over = with(
                    late && returns ? "5.4.7" : "4.4.7", "Given up after " + span(Duration.between(arrival, at)), why);
            failed.add(new Affected(recipient, over));
            return new RecipientState(Status.FAILED, attempts, at, over, before.noticed());
        }
        boolean notifies = by.isPresent() && !returns;
        boolean tell = notifies ? late && !before.noticed() : plan.isNoticeDue(arrival, before.noticed(), at);
        if (tell) { // RFC 2852 4.1.3
            delayed.add(new Affected(
                    recipient, notifies ? with("4.4.7", "Not there by the time that was asked for", why) : why));
        }
        boolean noticed = before.noticed() || tell;
        Instant next = plan.next(attempts, outcome.soon(), arrival, noticed, notice, at, chance);
        Instant due = by.map(Wishes.Deadline::at)
                .filter(end -> end.isAfter(at) && end.isBefore(next))
                .orElse(next);
        return new RecipientState(Status.PENDING, attempts, due, why, noticed);
    }

    private static Diagnosis with(String status, String text, Diagnosis why) {
        return new Diagnosis(status, text + ": " + why.text(), why.remote(), why.reply());
    }

    private static String span(Duration time) {
        long hours = time.toHours();
        return hours < 48 ? hours + " hours" : time.toDays() + " days";
    }
}
