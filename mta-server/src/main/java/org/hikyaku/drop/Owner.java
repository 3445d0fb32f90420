package org.hikyaku.drop;

import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.hikyaku.config.Config;
import org.hikyaku.mail.Address;
import org.hikyaku.mail.Domain;

/**
 * The user of this host who has left a message: the file's owner, whom the kernel knows. He sends as himself, at any domain of
 * ours, or as nobody (the null sender); as others only if {@code sendmail.any_sender} names him.
 */
record Owner(String name, int uid) {
    /** His address in the first domain of ours. */
    Address address(Domain first) {
        return Address.parse(name.toLowerCase(Locale.ROOT) + "@" + first.ascii())
                .orElseGet(() -> Address.of("uid-" + uid, first));
    }

    boolean mayBeAnybody(Config config) {
        return config.sendmail().anySender().contains(name);
    }

    /** The sender of a message of his who asked for {@code wanted}. */
    Address sender(Optional<String> wanted, Config config, Domain first) {
        Address own = address(first);
        if (wanted.isEmpty()) {
            return own;
        }
        String text = wanted.get();
        if (text.isEmpty() || text.equals("<>")) {
            return Address.NULL;
        }
        Optional<Address> asked =
                DropHeader.addresses(text, first).filter(all -> all.size() == 1).map(List::getFirst);
        return asked.filter(address -> mayBeAnybody(config) || isHis(address, config, first))
                .orElse(own);
    }

    boolean isHis(Address address, Config config, Domain first) {
        Domain domain = address.domain().orElse(first);
        boolean ours = domain.equals(config.hostname())
                || domain.equals(first)
                || config.local().domains().contains(domain);
        int tag = config.local().tagOf(address.local());
        String local = tag > 0 ? address.local().substring(0, tag) : address.local();
        return ours && (local.equalsIgnoreCase(name) || address.local().equalsIgnoreCase(name));
    }
}
