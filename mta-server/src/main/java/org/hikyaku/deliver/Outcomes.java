package org.hikyaku.deliver;

import java.util.ArrayList;
import java.util.List;
import org.hikyaku.mail.Diagnosis;
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
    private boolean siteRests;

    /** What the last host to be believed said of an open recipient. */
    private record Remark(FailurePolicy row, Diagnosis why) {}

    public Outcomes(int recipients, String route) {
        this.route = route;
        settled = new Outcome[recipients];
        remarks = new Remark[recipients];
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
        if (row.hosts() == FailurePolicy.Hosts.NONE_LEFT) {
            settled[place] = outcome(row, why);
            return;
        }
        Remark before = remarks[place];
        // a host that may serve him later outweighs one that never will
        if (before == null || before.row.then() == FailurePolicy.Then.FAIL || row.then() == FailurePolicy.Then.RETRY) {
            remarks[place] = new Remark(row, why);
        }
    }

    /** No host of the site could be reached: its other mail may wait. */
    public void siteRests() {
        siteRests = true;
    }

    public boolean isSiteResting() {
        return siteRests;
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
                all.add(outcome(remark.row, remark.why));
            } else {
                all.add(outcome(
                        FailurePolicy.ROUTE_UNUSABLE, FailurePolicy.ROUTE_UNUSABLE.diagnosis("the route has no host")));
            }
        }
        return all;
    }

    private Outcome outcome(FailurePolicy row, Diagnosis why) {
        return row.then() == FailurePolicy.Then.FAIL ? new Outcome.Failed(route, why) : new Outcome.Retry(route, why);
    }
}
