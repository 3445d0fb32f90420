package org.hikyaku.deliver;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.hikyaku.mail.Diagnosis;
import org.hikyaku.queue.Lesson;
import org.hikyaku.queue.Outcome;
import org.jspecify.annotations.Nullable;

/**
 * What an attempt has done so far, by the recipients' places in the delivery. A recipient is open until he is delivered or
 * a row of {@link FailurePolicy} says that no other host can help; what one host said of an open one is kept for the end.
 */
public final class Outcomes {
    private final String route;
    private final @Nullable Outcome[] settled;
    private final @Nullable Remark[] remarks;
    /** Of which a host has said something. */
    private final boolean[] answered;

    private Lesson lesson = Lesson.NOTHING;
    private Optional<Suspension> suspension = Optional.empty();

    /** For how long nothing is to come, in the site's words. */
    record Suspension(Duration time, String why) {}

    /** What the last host to be believed said of an open recipient. */
    private record Remark(Ruling ruling, Diagnosis why) {}

    public Outcomes(int recipients, String route) {
        this.route = route;
        settled = new Outcome[recipients];
        remarks = new Remark[recipients];
        answered = new boolean[recipients];
    }

    /** Places that another host could still serve. */
    public List<Integer> open() {
        List<Integer> places = new ArrayList<>();
        for (int i = 0; i < settled.length; i++) {
            if (settled[i] == null) {
                places.add(i);
            }
        }
        return places;
    }

    public void delivered(int place, String remote, String tls, String reply, Outcome.Word word) {
        settled[place] = new Outcome.Delivered(route, remote, tls, reply, word);
    }

    /** One host (or none) failed for this recipient. */
    public void failed(int place, FailurePolicy row, Diagnosis why) {
        failed(place, Ruling.of(row), why);
    }

    /** The same, by what was made of it. */
    void failed(int place, Ruling ruling, Diagnosis why) {
        learn(ruling.lesson());
        answered[place] |= !ruling.unreached();
        if (ruling.hosts() == FailurePolicy.Hosts.NONE_LEFT) {
            settled[place] = outcome(ruling, why);
            return;
        }
        Remark before = remarks[place];
        // a host that may serve him later outweighs one that never will
        if (before == null
                || before.ruling.then() == FailurePolicy.Then.FAIL
                || ruling.then() == FailurePolicy.Then.RETRY) {
            remarks[place] = new Remark(ruling, why);
        }
    }

    /** A rule has held the message; it will not do so again. */
    void ruled(int place) {
        if (settled[place] instanceof Outcome.Retry retry) {
            settled[place] = new Outcome.Retry(retry.route(), retry.why(), retry.soon(), true);
        }
    }

    /** What an attempt for some of the recipients did, which are at {@code places} here. */
    void take(List<Integer> places, Outcomes some) {
        List<Outcome> all = some.all();
        for (int i = 0; i < all.size(); i++) {
            settled[places.get(i)] = all.get(i);
        }
        learn(some.lesson);
    }

    /**
     * Places that the hosts of a fallback may serve: those no host of the route could be used for.
     *
     * @param any those, too, that a host has put off
     */
    List<Integer> leftOver(boolean any) {
        List<Integer> places = new ArrayList<>();
        for (int place : open()) {
            Remark remark = remarks[place];
            boolean waits = remark != null && remark.ruling.then() == FailurePolicy.Then.RETRY;
            if (waits && (any || !answered[place])) {
                places.add(place);
            }
        }
        return places;
    }

    /**
     * What a fallback did for {@code places}, in their order; it teaches nothing about the site. That a fallback is no host for this
     * message says nothing of the hosts it was to go to: there it waits as before.
     */
    void replace(List<Integer> places, Outcomes some) {
        List<Outcome> all = some.all();
        for (int i = 0; i < all.size(); i++) {
            Remark remark = some.remarks[i];
            boolean waits = remark != null && remark.ruling.then() == FailurePolicy.Then.RETRY;
            if (some.settled[i] != null || waits) {
                settled[places.get(i)] = all.get(i);
            }
        }
    }

    /** Something about the site as a whole; the weightiest stays. */
    void learn(Lesson more) {
        lesson = lesson.and(more);
    }

    /** The site wants nothing for {@code time}. */
    void suspend(Duration time, String why) {
        suspension = Optional.of(new Suspension(time, why));
    }

    Optional<Suspension> suspension() {
        return suspension;
    }

    /** What the attempt taught about the site, beyond what became of the recipients. */
    public Lesson lesson() {
        return lesson;
    }

    /** The end: one for each recipient. */
    public List<Outcome> all() {
        List<Outcome> all = new ArrayList<>(settled.length);
        for (int i = 0; i < settled.length; i++) {
            Outcome outcome = settled[i];
            Remark remark = remarks[i];
            if (outcome != null) {
                all.add(outcome);
            } else if (remark != null) {
                all.add(outcome(remark.ruling, remark.why));
            } else {
                FailurePolicy none = FailurePolicy.ROUTE_UNUSABLE;
                all.add(outcome(Ruling.of(none), none.diagnosis("the route has no host")));
            }
        }
        return all;
    }

    private Outcome outcome(Ruling ruling, Diagnosis why) {
        return ruling.then() == FailurePolicy.Then.FAIL
                ? new Outcome.Failed(route, why, ruling.ofRecipient())
                : new Outcome.Retry(route, why, ruling.soon());
    }
}
