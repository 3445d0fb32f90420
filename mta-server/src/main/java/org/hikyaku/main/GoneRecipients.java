package org.hikyaku.main;

import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Supplier;
import org.hikyaku.config.Config;
import org.hikyaku.config.SiteRule.ReplyClass;
import org.hikyaku.mail.Address;
import org.hikyaku.mail.Diagnosis;
import org.hikyaku.mail.Domain;
import org.hikyaku.operate.Suppressions;
import org.hikyaku.queue.Outcome;
import org.hikyaku.route.Router;
import org.hikyaku.table.LocalDirectory;

/**
 * Which refusals say that a recipient is not there, and which addresses are never given up whatever is said of them
 * (docs/notices.md, Recipients who are gone). One sender's faults must not close a recipient to all others: what a server
 * says of the sender, of the message or of mail without a sender says nothing of the recipient.
 *
 * <p><i>Failure:</i> none; in doubt a refusal does not count.
 */
final class GoneRecipients {
    /** Of the sender's address (RFC 3463 3.2), or of either. */
    private static final List<String> OF_THE_SENDER = List.of("5.1.0", "5.1.7", "5.1.8");

    /** In small letters. */
    private static final List<String> WORDS_OF_THE_SENDER = List.of("sender", "verif", "mail from", "return path");

    private final Suppressions suppressions;
    private final Router router;
    private final Supplier<Config> config;
    private final Supplier<LocalDirectory> directory;

    GoneRecipients(
            Suppressions suppressions, Router router, Supplier<Config> config, Supplier<LocalDirectory> directory) {
        this.suppressions = suppressions;
        this.router = router;
        this.config = config;
        this.directory = directory;
    }

    /** Whether nothing is to be sent there. Never waits. */
    boolean holds(Address address) {
        return suppressions.holds(address) && !isSpared(address);
    }

    /** A recipient has failed for good. Never waits. */
    void refused(Address sender, Address to, Outcome.Failed how) {
        if (how.ofRecipient() && !sender.isNull() && !isSpared(to) && isNobody(sender, to, how.why())) {
            suppressions.failed(to, how.why().reply());
        }
    }

    /**
     * Domains whose mail strangers may send through us, or whose servers the operator has named: he knows better than the list
     * who is there, and what would be refused now is mail that somebody has been promised.
     */
    boolean isSpared(Address address) {
        Optional<Domain> domain = address.domain();
        Config now = config.get();
        return domain.isEmpty()
                || directory.get().isLocal(domain.get())
                || now.relay().domains().contains(domain.get())
                || router.isNamed(domain.get(), now);
    }

    /** Whether its server says that nobody has the address: in words that are known, else by its code. */
    private boolean isNobody(Address sender, Address to, Diagnosis why) {
        Optional<ReplyClass> meaning =
                to.domain().flatMap(domain -> router.sites(config.get()).classOf(domain, why));
        return !why.reply().isEmpty()
                && !isOfTheSender(sender, to, why)
                && meaning.map(found -> found == ReplyClass.UNKNOWN_USER || found == ReplyClass.INACTIVE_USER)
                        .orElse(why.status().equals("5.1.1") || why.status().equals("5.1.6"));
    }

    private static boolean isOfTheSender(Address sender, Address to, Diagnosis why) {
        String said = small(why.reply()).replace(small(to.toString()), "");
        return said.contains(small(sender.toString()))
                || OF_THE_SENDER.contains(why.status())
                || WORDS_OF_THE_SENDER.stream().anyMatch(said::contains);
    }

    private static String small(String text) {
        return text.toLowerCase(Locale.ROOT);
    }
}
