package org.hikyaku.hostmail;

import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;
import org.hikyaku.config.Config;
import org.hikyaku.mail.Address;
import org.hikyaku.mail.Domain;
import org.hikyaku.mail.HostUser;

/**
 * What a user of this host may send as, by drop directory and socket alike: himself, at any domain of ours; as others only if
 * {@code sendmail.any_sender} names him.
 *
 * @param first the first domain of ours
 * @param homes the address of the mailbox here that an address means, as far as it is known
 */
public record HostSender(HostUser user, Config config, Domain first, Function<Address, Optional<Address>> homes) {
    /** What names of users of a host are often made with: behind it stands a tag only if mail for it is his. */
    private static final String IN_NAMES = "-_.";

    /** Of whom it is known only who he is. */
    public HostSender(HostUser user, Config config, Domain first) {
        this(user, config, first, address -> Optional.empty());
    }

    /** His address in the first domain of ours. */
    public Address own() {
        return Address.parse(user.name().toLowerCase(Locale.ROOT) + "@" + first.ascii())
                .orElseGet(this::byNumber);
    }

    /** As {@link #own}, for a header that may hold ASCII only. */
    public Address plain() {
        Address own = own();
        return own.isInternational() ? byNumber() : own;
    }

    private Address byNumber() {
        return Address.of("uid-" + Integer.toUnsignedString(user.uid()), first);
    }

    public boolean mayBeAnybody() {
        return config.sendmail().anySender().contains(user.name());
    }

    /** Whether he may be the sender {@code asked}, in the envelope. */
    public boolean may(Address asked) {
        return asked.isNull() || mayBeAnybody() || isHis(asked);
    }

    /** Whether he alone is the author, so that it need not be said who sent it: of several it must be (RFC 5322 3.6.2). */
    boolean isHis(List<Address> from) {
        return mayBeAnybody() || (from.size() == 1 && isHis(from.getFirst()));
    }

    private boolean isHis(Address address) {
        Domain domain = address.domain().orElse(first);
        boolean ours = domain.equals(config.hostname())
                || domain.equals(first)
                || config.local().domains().contains(domain);
        return ours && (isHisName(address) || isHisTag(address, domain));
    }

    private boolean isHisName(Address address) {
        return address.local().equalsIgnoreCase(user.name());
    }

    /** What looks like a tag of his may be the rest of another's name, as of www-data for www. */
    private boolean isHisTag(Address address, Domain domain) {
        int tag = config.local().tagOf(address.local());
        if (tag <= 0 || !address.local().substring(0, tag).equalsIgnoreCase(user.name())) {
            return false;
        }
        return homes.apply(address.withDomain(domain))
                .or(() -> homes.apply(address.withDomain(first)))
                .map(this::isHisName)
                .orElse(IN_NAMES.indexOf(address.local().charAt(tag)) < 0);
    }
}
