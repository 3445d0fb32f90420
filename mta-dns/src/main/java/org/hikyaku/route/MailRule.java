package org.hikyaku.route;

import java.util.Optional;
import org.hikyaku.mail.Domain;
import org.hikyaku.table.AddressKeys;
import org.hikyaku.table.DomainShare;
import org.hikyaku.table.HostTable;
import org.jspecify.annotations.Nullable;

/**
 * A rule that fits a message, but for its header and recipients. The header is read last, only if all else fits, and once. Of one task
 * or loop.
 */
final class MailRule {
    private final RuleMatcher rule;
    private final Mail mail;
    private final AddressKeys sender;
    private @Nullable Header header;

    /** What came of the look into it; {@code unknown} why there was none. */
    private record Header(boolean fits, Optional<Course.Target> unknown) {}

    MailRule(RuleMatcher rule, Mail mail, AddressKeys sender) {
        this.rule = rule;
        this.mail = mail;
        this.sender = sender;
    }

    /** The agent that it gives mail to. */
    Optional<String> agent() {
        return rule.agent();
    }

    /** Which recipients of {@code domain} it may be for. */
    DomainShare of(Domain domain) {
        return rule.of(domain);
    }

    /** What it says, if it fits; {@code usual} is where the mail would go without it. */
    Optional<Decision> decide(Asked asked, AddressKeys recipient, Course usual) {
        if (!rule.fits(recipient, usual)) {
            return Optional.empty();
        }
        Optional<HostTable.Found> host = rule.host(sender, recipient);
        Optional<Course.Target> target = rule.target(asked, usual, host);
        if (target.isEmpty()) {
            return Optional.empty();
        }
        String where = host.map(found -> found.where() + " by ").orElse("") + rule.place();
        Header known = header();
        if (known.unknown.isPresent()) {
            return Optional.of(new Decision(new Course(known.unknown.get()), where, true));
        }
        return known.fits ? Optional.of(new Decision(rule.course(target.get(), usual), where, true)) : Optional.empty();
    }

    private Header header() {
        Header known = header;
        if (known == null) {
            Optional<Course.Target> unknown = rule.unknownHeader(mail);
            known = new Header(unknown.isEmpty() && rule.fitsHeader(mail), unknown);
            header = known;
        }
        return known;
    }
}
