package org.hikyaku.check;

import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.hikyaku.mail.Address;
import org.hikyaku.policy.Check;
import org.hikyaku.policy.Question;
import org.hikyaku.policy.SessionFacts;
import org.hikyaku.policy.Verdict;
import org.hikyaku.smtp.Replies;
import org.hikyaku.table.LocalDirectory;

/**
 * VRFY and EXPN, where the session lets them through (RFC 5321 3.5): who lives here, and whom an alias stands for. Of
 * addresses elsewhere nothing is said.
 */
public final class InquiryCheck implements Check {
    /** Members of a list that are told; a longer one is not. */
    private static final int MEMBERS_MAX = 100;

    private final Supplier<LocalDirectory> directory;

    public InquiryCheck(Supplier<LocalDirectory> directory) {
        this.directory = directory;
    }

    @Override
    public boolean concerns(Question question) {
        return question instanceof Question.Verify;
    }

    @Override
    public boolean waits() {
        return false;
    }

    @Override
    public Verdict answer(Question question, SessionFacts facts) {
        if (!(question instanceof Question.Verify asked)) {
            return Verdict.PASS;
        }
        LocalDirectory here = directory.get();
        Optional<Address> meant = meant(asked.text(), here);
        boolean ours = here.rewriting().isOurs(facts.account(), facts.remote());
        return meant.isEmpty()
                ? new Verdict.Reject(Replies.NO_SUCH_USER)
                : found(meant.get(), asked.expand(), here.resolve(meant.get(), Address.NULL, ours));
    }

    private static Verdict found(Address asked, boolean expand, LocalDirectory.Resolution here) {
        return switch (here) {
            case LocalDirectory.Resolution.NotLocal elsewhere -> Verdict.PASS;
            case LocalDirectory.Resolution.Unknown nobody -> new Verdict.Reject(Replies.noSuchUser(asked));
            case LocalDirectory.Resolution.Mailbox box when expand -> new Verdict.Reject(Replies.NO_LIST);
            case LocalDirectory.Resolution.Expanded list
            when expand -> list.to().size() > MEMBERS_MAX ? Verdict.PASS : new Verdict.Found(list.to());
            case LocalDirectory.Resolution.Mailbox box -> new Verdict.Found(List.of(asked));
            case LocalDirectory.Resolution.Expanded alias -> new Verdict.Found(List.of(asked));
        };
    }

    /** RFC 5321 3.5.1: a user name, or a mailbox with or without its brackets. */
    static Optional<Address> meant(String text, LocalDirectory here) {
        boolean bracketed = text.startsWith("<") && text.endsWith(">");
        String bare = bracketed ? text.substring(1, text.length() - 1) : text;
        Optional<Address> whole = Address.parse(bare);
        return whole.isPresent() ? whole : Address.parse(bare + "@" + here.firstDomain());
    }
}
