package org.hikyaku.check;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.hikyaku.check.DovecotUsers.Told;
import org.hikyaku.mail.Address;
import org.hikyaku.policy.Check;
import org.hikyaku.policy.Question;
import org.hikyaku.policy.SessionFacts;
import org.hikyaku.policy.Verdict;
import org.hikyaku.smtp.Replies;
import org.hikyaku.table.LocalDirectory;
import org.hikyaku.table.Residents;

/**
 * Asks Dovecot, where it knows who has a mailbox here, for all the names that a recipient may stand for: at RCPT, and at VRFY.
 * It decides nothing: the checks behind it find what was said in {@link DovecotUsers}.
 *
 * <p><i>Failure:</i> what Dovecot cannot tell now is 451 4.3.0.
 */
public final class ResidentCheck implements Check {
    /** An alias leads on only when the names before it are known. */
    private static final int ROUNDS_MAX = 8;
    /** Names of one recipient: forms of an address with tags, members of a list. Those beyond it are found out at delivery. */
    private static final int NAMES_MAX = 100;

    private final Supplier<LocalDirectory> directory;
    private final Predicate<String> listed;
    private final DovecotUsers users;

    /** @param listed who needs not be asked for */
    public ResidentCheck(Supplier<LocalDirectory> directory, Predicate<String> listed, DovecotUsers users) {
        this.directory = directory;
        this.listed = listed;
        this.users = users;
    }

    @Override
    public boolean concerns(Question question) {
        return question instanceof Question.Recipient || question instanceof Question.Verify;
    }

    @Override
    public boolean concerns(Question question, SessionFacts facts) {
        return concerns(question) && users.isUsed() && !open(question, facts).isEmpty();
    }

    @Override
    public boolean waits() {
        return true;
    }

    @Override
    public Verdict answer(Question question, SessionFacts facts) {
        Set<String> asked = new LinkedHashSet<>();
        for (int round = 0; round < ROUNDS_MAX; round++) {
            List<String> names = open(question, facts).stream()
                    .filter(name -> !asked.contains(name))
                    .toList();
            for (String name : names) {
                if (asked.size() < NAMES_MAX && asked.add(name) && users.ask(name) == Told.UNSURE) {
                    return new Verdict.Reject(Replies.USERS_UNKNOWN);
                }
            }
            if (names.isEmpty() || asked.size() >= NAMES_MAX) {
                break;
            }
        }
        return Verdict.PASS;
    }

    /** The names on the way of the address that Dovecot is to be asked for now. */
    private List<String> open(Question question, SessionFacts facts) {
        Set<String> names = new LinkedHashSet<>();
        LocalDirectory here = directory.get();
        LocalDirectory noting = here.with((Residents) name -> {
            if (listed.test(name)) {
                return true;
            }
            if (DovecotUsers.isAddress(name) && users.isOld(name)) {
                names.add(name);
            }
            return DovecotUsers.isAddress(name) && users.last(name) == Told.THERE;
        });
        switch (question) {
            case Question.Recipient asked ->
                noting.resolve(
                        asked.recipient(), asked.sender(), here.rewriting().isOurs(facts.user(), facts.remote()));
            case Question.Verify asked -> {
                Optional<Address> meant = InquiryCheck.meant(asked.text(), here);
                meant.ifPresent(noting::resolve);
            }
            default -> {}
        }
        return new ArrayList<>(names);
    }
}
