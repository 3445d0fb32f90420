package org.hikyaku.queue;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.hikyaku.bounce.Report.Affected;
import org.hikyaku.mail.Diagnosis;
import org.hikyaku.mail.Recipient;
import org.hikyaku.spool.RecipientState;
import org.hikyaku.spool.RecipientState.Status;

/**
 * What the outcomes of one claim mean: new states, and whom the sender is to be told of. Pure.
 *
 * @param states by place
 * @param failed given up now, also because their time is over
 * @param delayed not given up, and due to be told of
 */
record Settlement(
        Claim claim,
        Parcel parcel,
        Instant at,
        Map<Integer, RecipientState> states,
        List<Affected> failed,
        List<Affected> delayed) {

    static Settlement of(
            Claim claim, Parcel parcel, List<Outcome> outcomes, RetryPlan plan, Instant now, double chance) {
        if (outcomes.size() != claim.places().size()) {
            throw new IllegalArgumentException(
                    outcomes.size() + " outcomes for " + claim.places().size() + " recipients");
        }
        Settlement settlement =
                new Settlement(claim, parcel, now, new TreeMap<>(), new ArrayList<>(), new ArrayList<>());
        for (int i = 0; i < outcomes.size(); i++) {
            settlement.add(claim.places().get(i), outcomes.get(i), plan, chance);
        }
        return settlement;
    }

    private void add(int place, Outcome outcome, RetryPlan plan, double chance) {
        Recipient recipient = claim.message().envelope().recipients().get(place);
        RecipientState before = claim.message().states().get(place);
        int attempts = before.attempts() + 1;
        states.put(
                place,
                switch (outcome) {
                    case Outcome.Delivered d ->
                        new RecipientState(
                                Status.DELIVERED,
                                attempts,
                                at,
                                new Diagnosis("2.0.0", "", d.remote(), d.reply()),
                                before.noticed());
                    case Outcome.Failed f -> {
                        failed.add(new Affected(recipient, f.why()));
                        yield new RecipientState(Status.FAILED, attempts, at, f.why(), before.noticed());
                    }
                    case Outcome.Retry r -> retry(recipient, before, r.why(), plan, chance);
                });
    }

    private RecipientState retry(
            Recipient recipient, RecipientState before, Diagnosis why, RetryPlan plan, double chance) {
        Instant arrival = claim.message().arrival();
        boolean notice = claim.message().envelope().sender().isNull();
        int attempts = before.attempts() + 1;
        if (plan.isExpired(arrival, notice, at)) {
            // RFC 3463 3.5 X.4.7, of class 4: given up although nothing says never
            Diagnosis over = new Diagnosis(
                    "4.4.7",
                    "Given up after " + span(Duration.between(arrival, at)) + ": " + why.text(),
                    why.remote(),
                    why.reply());
            failed.add(new Affected(recipient, over));
            return new RecipientState(Status.FAILED, attempts, at, over, before.noticed());
        }
        boolean tell = plan.isNoticeDue(arrival, before.noticed(), at);
        if (tell) {
            delayed.add(new Affected(recipient, why));
        }
        boolean noticed = before.noticed() || tell;
        Instant due = plan.next(attempts, arrival, noticed, notice, at, chance);
        return new RecipientState(Status.PENDING, attempts, due, why, noticed);
    }

    private static String span(Duration time) {
        long hours = time.toHours();
        return hours < 48 ? hours + " hours" : time.toDays() + " days";
    }
}
