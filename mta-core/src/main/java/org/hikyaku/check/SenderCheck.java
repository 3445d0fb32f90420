package org.hikyaku.check;

import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Supplier;
import org.hikyaku.config.AuthSettings;
import org.hikyaku.config.Config;
import org.hikyaku.mail.Address;
import org.hikyaku.mail.HeaderFacts;
import org.hikyaku.policy.Check;
import org.hikyaku.policy.Question;
import org.hikyaku.policy.SessionFacts;
import org.hikyaku.policy.Verdict;
import org.hikyaku.smtp.Replies;
import org.hikyaku.table.Grants;
import org.hikyaku.table.LocalDirectory;

/**
 * An authenticated user sends as himself: his login, its sub-addresses, and what was granted to him, in the envelope and
 * in From: alike (RFC 6409 6.1). MAIL FROM:&lt;&gt; is his when From: is. Others are not asked here.
 *
 * <p>On a login's message From: must be one field that can be read (RFC 5322 3.6.2), else nobody could tell whose it is.
 * Where {@code auth.sender_field} says so, a Sender field tells who has logged in (RFC 6409 8.1).
 */
public final class SenderCheck implements Check {
    private final Supplier<LocalDirectory> directory;
    private final Supplier<Grants> grants;

    public SenderCheck(Supplier<LocalDirectory> directory, Supplier<Grants> grants) {
        this.directory = directory;
        this.grants = grants;
    }

    @Override
    public boolean concerns(Question question) {
        return question instanceof Question.Sender || question instanceof Question.Message;
    }

    @Override
    public boolean waits() {
        return false;
    }

    @Override
    public Verdict answer(Question question, SessionFacts facts) {
        if (facts.user().isEmpty()) {
            return Verdict.PASS;
        }
        String user = facts.user().get().toLowerCase(Locale.ROOT);
        return switch (question) {
            case Question.Sender asked -> asked.sender().isNull() ? Verdict.PASS : verdict(owns(user, asked.sender()));
            case Question.Message asked -> header(user, asked, facts.config());
            default -> Verdict.PASS;
        };
    }

    private Verdict header(String user, Question.Message asked, Config config) {
        HeaderFacts headers = asked.headers();
        if (!headers.fromReadable() || headers.from().isEmpty()) {
            return new Verdict.Reject(Replies.FROM_MISSING);
        }
        Verdict owned = verdict(headers.from().stream().allMatch(address -> owns(user, address)));
        return owned.equals(Verdict.PASS) && config.auth().senderField() == AuthSettings.SenderField.ADD
                ? senderField(user, asked)
                : owned;
    }

    /** RFC 6409 8.1: who has logged in, where From does not tell it. One that is there must be his, as From must. */
    private Verdict senderField(String user, Question.Message asked) {
        HeaderFacts headers = asked.headers();
        if (headers.hasSender()) {
            return verdict(
                    headers.sender().filter(address -> owns(user, address)).isPresent());
        }
        if (headers.from().stream().anyMatch(address -> isHimself(user, address))) {
            return Verdict.PASS;
        }
        return address(user)
                .filter(address ->
                        !address.isInternational() || asked.envelope().needsUtf8())
                .<Verdict>map(address -> new Verdict.Pass(List.of("Sender: <" + address + ">")))
                .orElse(Verdict.PASS);
    }

    /** An address of his that mail reaches (RFC 6409 8.1: valid). */
    private Optional<Address> address(String user) {
        LocalDirectory here = directory.get();
        return Address.parse(user.indexOf('@') >= 0 ? user : user + "@" + here.firstDomain())
                .filter(address -> here.isLocal(address.requireDomain()))
                .filter(address -> !(here.resolve(address) instanceof LocalDirectory.Resolution.Unknown));
    }

    private static Verdict verdict(boolean owned) {
        return owned ? Verdict.PASS : new Verdict.Reject(Replies.NOT_YOUR_ADDRESS);
    }

    /** Aliases are not followed: that mail to an address reaches him does not make it his to send from. */
    private boolean owns(String user, Address address) {
        if (address.domain().isEmpty()) {
            return false;
        }
        return isHimself(user, address) || grants.get().allow(user, address);
    }

    private boolean isHimself(String user, Address address) {
        return address.localKey().equals(user)
                || directory
                        .get()
                        .mailbox(address)
                        .map(box -> box.user().equals(user))
                        .orElse(false);
    }
}
