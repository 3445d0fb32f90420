package org.hikyaku.check;

import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.hikyaku.config.Config;
import org.hikyaku.mail.Address;
import org.hikyaku.mail.HostUser;
import org.hikyaku.policy.Check;
import org.hikyaku.policy.Question;
import org.hikyaku.policy.SessionFacts;
import org.hikyaku.policy.Verdict;
import org.hikyaku.smtp.Replies;
import org.hikyaku.table.LocalDirectory;

/**
 * Asks Dovecot, where it knows who has a mailbox here, for an address that a login, or a user of this host, sends as and that may be
 * his own with a tag, in the envelope and in From: whether it is, or somebody else's. It decides nothing: {@link SenderCheck} and
 * {@link HostSenderCheck} behind it find what was said in {@link DovecotUsers}.
 *
 * <p><i>Failure:</i> what Dovecot cannot tell now is 451 4.3.0.
 */
public final class OwnTagCheck implements Check {
    private final ResidentQuestions questions;

    /** @param listed who needs not be asked for */
    public OwnTagCheck(Supplier<LocalDirectory> directory, Predicate<String> listed, DovecotUsers users) {
        this.questions = new ResidentQuestions(directory, listed, users);
    }

    @Override
    public boolean concerns(Question question) {
        return question instanceof Question.Sender || question instanceof Question.Message;
    }

    @Override
    public boolean concerns(Question question, SessionFacts facts) {
        if (sender(facts).isEmpty() || !questions.isUsed()) {
            return false;
        }
        List<Address> tagged = tagged(question, facts);
        return !tagged.isEmpty() && questions.isOpen(facts.config(), true, here -> tagged.forEach(here::mailbox));
    }

    @Override
    public boolean waits() {
        return true;
    }

    @Override
    public Verdict answer(Question question, SessionFacts facts) {
        List<Address> tagged = tagged(question, facts);
        return questions.ask(facts.config(), true, here -> tagged.forEach(here::mailbox))
                ? Verdict.PASS
                : new Verdict.Reject(Replies.USERS_UNKNOWN);
    }

    /** Who has logged in, or the user of this host, if he may not be anybody. */
    private static Optional<String> sender(SessionFacts facts) {
        return facts.user()
                .or(() -> facts.hostUser()
                        .map(HostUser::name)
                        .filter(name -> !facts.config().sendmail().anySender().contains(name)));
    }

    private static List<Address> tagged(Question question, SessionFacts facts) {
        String user = sender(facts).orElse("").toLowerCase(Locale.ROOT);
        Stream<Address> all = switch (question) {
            case Question.Sender asked -> Stream.of(asked.sender());
            case Question.Message asked ->
                Stream.concat(asked.headers().from().stream(), asked.headers().sender().stream());
            default -> Stream.empty();
        };
        return all.filter(address -> mayBeTagged(address, user, facts.config())).toList();
    }

    /** Whether it is his name and something behind a separator. */
    private static boolean mayBeTagged(Address address, String user, Config config) {
        int at = user.lastIndexOf('@');
        String name = at < 0 ? user : user.substring(0, at);
        String key = address.localKey();
        return address.domain().isPresent()
                && (at < 0 || key.endsWith(user.substring(at)))
                && address.local().length() > name.length()
                && key.startsWith(name)
                && config.local().subAddressSeparator().indexOf(key.charAt(name.length())) >= 0;
    }
}
