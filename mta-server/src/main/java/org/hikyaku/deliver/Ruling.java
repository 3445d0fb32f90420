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
 * @param ofRecipient it answers the command that names him
 */
record Ruling(Then then, Hosts hosts, Lesson lesson, Optional<Duration> soon, boolean unreached, boolean ofRecipient) {
    /** It was nothing of the message's own: it waits for its site, not by its schedule. */
    private static final Duration SITE_RESTS = Duration.ofMinutes(1);

    static Ruling of(FailurePolicy row) {
        boolean slows = row.site() == FailurePolicy.Site.SLOWS;
        return new Ruling(
                row.then(),
                row.hosts(),
                slows ? Lesson.STRAINED : Lesson.NOTHING,
                Optional.empty(),
                row.isBeforeMail(),
                row == FailurePolicy.RECIPIENT_4XX || row == FailurePolicy.RECIPIENT_5XX);
    }

    static Ruling of(FailurePolicy row, ReplyRule rule) {
        Ruling said = of(row);
        return switch (rule.then()) {
            case AS_SAID -> said;
            // its other hosts are the same receiver
            case SLOW_DOWN -> said.but(said.then, Hosts.NONE_LEFT, Lesson.SLOW_DOWN, Optional.of(SITE_RESTS));
            case SUSPEND -> said.but(Then.RETRY, Hosts.NONE_LEFT, said.lesson, Optional.empty());
            case RETRY_SOON -> said.but(Then.RETRY, said.hosts, said.lesson, Optional.of(rule.time()));
            case RETRY -> said.but(Then.RETRY, Hosts.NONE_LEFT, said.lesson, Optional.empty());
            case FAIL -> said.but(Then.FAIL, Hosts.NONE_LEFT, said.lesson, Optional.empty());
        };
    }

    private Ruling but(Then other, Hosts next, Lesson taught, Optional<Duration> after) {
        return new Ruling(other, next, taught, after, false, ofRecipient);
    }

    /** With a code of the class that this makes of it (RFC 3463 3.1). */
    Diagnosis fitted(Diagnosis why) {
        String wanted = (then == Then.FAIL ? "5" : "4") + why.status().substring(1);
        return new Diagnosis(wanted, why.text(), why.remote(), why.reply());
    }
}
