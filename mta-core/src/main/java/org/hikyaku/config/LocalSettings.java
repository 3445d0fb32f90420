package org.hikyaku.config;

import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.hikyaku.mail.Address;
import org.hikyaku.mail.Domain;

/**
 * Mail that ends here.
 *
 * @param domains the domains whose addresses we know all of
 * @param postmaster where {@code postmaster} of us and of each local domain goes, if no alias says
 * @param aliases Postfix/sendmail-style aliases file; a missing file is an error
 * @param subAddressSeparator {@code "+"}, or several; empty for none
 * @param catchAll by domain: where unknown addresses of it go
 * @param delivery the agent that takes local mail
 * @param maildirRoot the mailbox of user@domain is {@code root/domain/user/}
 * @param lmtp the server that takes local mail if delivery is lmtp
 */
public record LocalSettings(
        List<Domain> domains,
        Optional<Address> postmaster,
        Optional<Path> aliases,
        String subAddressSeparator,
        Map<String, Address> catchAll,
        LocalDelivery delivery,
        Optional<Path> maildirRoot,
        Optional<String> lmtp,
        @Range("1 to 100000") int expansionMax) {
    /** Where the tag of a sub-address begins, its separator included; -1 for none. */
    public int tagOf(String localPart) {
        for (int i = 1; i < localPart.length(); i++) {
            if (subAddressSeparator.indexOf(localPart.charAt(i)) >= 0) {
                return i;
            }
        }
        return -1;
    }

    /** The agent that local mail goes to. */
    public enum LocalDelivery {
        MAILDIR,
        MBOX,
        LMTP,
        DISCARD;

        /** {@code maildir}. */
        public String agent() {
            return name().toLowerCase(Locale.ROOT);
        }
    }
}
