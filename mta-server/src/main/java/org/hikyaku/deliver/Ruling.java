package org.hikyaku.deliver;

import java.time.Duration;
import java.util.Optional;
import org.hikyaku.config.SiteRule.ReplyRule;
import org.hikyaku.deliver.FailurePolicy.Hosts;
import org.hikyaku.deliver.FailurePolicy.Then;
import org.hikyaku.mail.Diagnosis;
import org.hikyaku.queue.Lesson;

/**
 * What follows from a failure: the row of {@link FailurePolicy}, unless the rules of sites know better what the host's words
 * mean (docs/sites.md).
 *
 * @param lesson for the site
 * @param soon after how long the recipient is tried again, whatever the schedule says
 * @param unreached the host could not be used: it has said nothing of the mail
 */
record Ruling(Then then, Hosts hosts, Lesson lesson, Optional<Duration> soon, boolean unreached) {
    /** It was nothing of the message's own: it waits for its site, not by its schedule. */
    private static final Duration SITE_RESTS = Duration.ofMinutes(1);

    static Ruling of(FailurePolicy row) {
        boolean slows = row.site() == FailurePolicy.Site.SLOWS;
        return new Ruling(
                row.then(),
                row.hosts(),
                slows ? Lesson.STRAINED : Lesson.NOTHING,
                Optional.empty(),
                row.isBeforeMail());
    }

    static Ruling of(FailurePolicy row, ReplyRule rule) {
        Ruling said = of(row);
        return switch (rule.then()) {
            case AS_SAID -> said;
            // its other hosts are the same receiver
            case SLOW_DOWN -> new Ruling(said.then, Hosts.NONE_LEFT, Lesson.SLOW_DOWN, Optional.of(SITE_RESTS), false);
            case SUSPEND -> new Ruling(Then.RETRY, Hosts.NONE_LEFT, said.lesson, Optional.empty(), false);
            case RETRY_SOON -> new Ruling(Then.RETRY, said.hosts, said.lesson, Optional.of(rule.time()), false);
            case RETRY -> new Ruling(Then.RETRY, Hosts.NONE_LEFT, said.lesson, Optional.empty(), false);
            case FAIL -> new Ruling(Then.FAIL, Hosts.NONE_LEFT, said.lesson, Optional.empty(), false);
        };
    }

    /** With a code of the class that this makes of it (RFC 3463 3.1). */
    Diagnosis fitted(Diagnosis why) {
        String wanted = (then == Then.FAIL ? "5" : "4") + why.status().substring(1);
        return new Diagnosis(wanted, why.text(), why.remote(), why.reply());
    }
}
