package org.hikyaku.queue;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Supplier;
import org.hikyaku.config.Config;
import org.hikyaku.mail.Address;
import org.hikyaku.mail.Envelope;
import org.hikyaku.mail.Recipient;
import org.hikyaku.table.LocalDirectory;

/**
 * Tells what would become of an address, step by step, by the very code that intake uses. Nothing is stored or sent.
 *
 * <p><i>Failure:</i> none; an address that would be refused is told as such.
 */
public final class Explainer {
    private final Supplier<Config> config;
    private final Supplier<LocalDirectory> directory;
    private final Function<Address, Optional<String>> suppressed;

    /**
     * What is asked.
     *
     * @param recipient may be the bare postmaster
     * @param user the login of who sends, or empty
     * @param client the address he comes from, or empty
     */
    public record Case(Address recipient, Address sender, String user, String client) {}

    /** What is told, in its order. */
    public sealed interface Line {
        /**
         * One step of the way.
         *
         * @param step the kind of rule: {@code virtual}, {@code alias}, {@code srs}...
         * @param where {@code file:line} of the rule that decided, or the setting
         * @param to empty where the way ends
         */
        record Step(String step, String address, String where, List<String> to) implements Line {}

        /**
         * An end.
         *
         * @param end {@code mailbox}, {@code elsewhere}, {@code refused} (at RCPT) or {@code returned} (as nobody's, later)
         * @param sender the envelope sender it goes there with
         * @param note the mailbox, or why it is refused
         */
        record End(String end, String address, String sender, String note) implements Line {}
    }

    public Explainer(Supplier<Config> config, Supplier<LocalDirectory> directory) {
        this(config, directory, address -> Optional.empty());
    }

    /** @param suppressed what is told of an address elsewhere to which nothing is sent */
    public Explainer(
            Supplier<Config> config,
            Supplier<LocalDirectory> directory,
            Function<Address, Optional<String>> suppressed) {
        this.suppressed = suppressed;
        this.config = config;
        this.directory = directory;
    }

    /** What would become of mail for that recipient. */
    public List<Line> explain(Case asked) {
        LocalDirectory here = directory.get();
        boolean ours = here.rewriting().isOurs(asked.user, asked.client);
        Set<Line> steps = new LinkedHashSet<>();
        Envelope envelope = new Envelope(asked.sender, List.of(Recipient.of(asked.recipient)), false, false);
        Expander.Expansion expansion = Expander.expand(
                envelope,
                here,
                ours,
                Set.of(),
                (address, rule, where, to) -> steps.add(new Line.Step(
                        rule,
                        shown(address),
                        where,
                        to.stream().map(Explainer::shown).toList())));
        List<Line> lines = new ArrayList<>(steps);
        Optional<String> refusal = refusal(here, asked, ours);
        if (refusal.isPresent()) {
            lines.add(new Line.End("refused", shown(asked.recipient), shown(asked.sender), refusal.get()));
        } else {
            expansion.envelopes().forEach(each -> ends(here, each, lines));
        }
        return lines;
    }

    /** Why RCPT would be refused. */
    private Optional<String> refusal(LocalDirectory here, Case asked, boolean ours) {
        return switch (here.resolve(asked.recipient, asked.sender, ours)) {
            case LocalDirectory.Resolution.Unknown u -> Optional.of("550 5.1.1: nobody has this address");
            case LocalDirectory.Resolution.NotLocal n -> {
                boolean relayed = asked.recipient
                        .domain()
                        .map(config.get().relay().domains()::contains)
                        .orElse(false);
                yield ours || relayed
                        ? Optional.empty()
                        : Optional.of("550 5.7.1: elsewhere, and the client may not send there");
            }
            default -> Optional.empty();
        };
    }

    private void ends(LocalDirectory here, Envelope envelope, List<Line> lines) {
        for (Recipient recipient : envelope.recipients()) {
            Address address = recipient.address();
            Optional<LocalDirectory.Resolution.Mailbox> mailbox = here.mailbox(address);
            boolean local = here.isLocal(address.requireDomain());
            Optional<String> dead = local ? Optional.empty() : suppressed.apply(address);
            String end = mailbox.isPresent() ? "mailbox" : local || dead.isPresent() ? "returned" : "elsewhere";
            String note =
                    mailbox.map(box -> shown(box.home())).or(() -> dead).orElse(local ? "nobody has this address" : "");
            lines.add(new Line.End(end, shown(address), shown(envelope.sender()), note));
        }
    }

    private static String shown(Address address) {
        return address.isNull() ? "<>" : address.toString();
    }
}
