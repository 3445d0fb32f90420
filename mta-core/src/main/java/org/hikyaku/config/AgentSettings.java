package org.hikyaku.config;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.hikyaku.mail.Address;
import org.hikyaku.mail.Domain;
import org.jspecify.annotations.Nullable;

/**
 * The agents of this host.
 *
 * @param of by address or domain: the agent that takes its mail in place of {@code local.delivery}
 * @param quota octets a mailbox may hold where the users file says nothing; 0: any number
 * @param mboxRoot the mailbox of user@domain is the file {@code root/domain/user}
 * @param pipes by name: programs that take mail
 */
public record AgentSettings(
        Map<String, String> of,
        @Range("0B to 1048576GiB") long quota,
        OverQuota overQuota,
        Optional<Path> mboxRoot,
        Map<String, Pipe> pipes) {
    /** The agent for an address of a local domain. */
    public String agentOf(Address address, LocalSettings local) {
        String own = named(address);
        String text = address.local();
        for (int i = text.length() - 1; i > 0 && own == null; i--) { // with less and less of its tag
            if (local.subAddressSeparator().indexOf(text.charAt(i)) >= 0) {
                own = named(address.withLocal(text.substring(0, i)));
            }
        }
        if (own != null) {
            return own;
        }
        return address.domain()
                .map(domain -> agentOf(domain, local))
                .orElse(local.delivery().agent());
    }

    /** The agent for those addresses of a local domain that have none of their own. */
    public String agentOf(Domain domain, LocalSettings local) {
        String own = of.get(domain.ascii());
        return own == null ? local.delivery().agent() : own;
    }

    private @Nullable String named(Address address) {
        return of.get(address.localKey());
    }

    /** Whether this address, in lower case, has an agent of its own, and so exists. */
    public boolean names(String address) {
        return address.indexOf('@') >= 0 && of.containsKey(address);
    }

    /** What becomes of mail for a mailbox that is full: tried again until it expires, or returned at once. */
    public enum OverQuota {
        DEFER,
        REFUSE
    }

    /**
     * A program that takes messages on its standard input.
     *
     * @param command the program's path and its arguments; no shell reads them
     */
    public record Pipe(
            List<String> command, @Range("1s to 1h") Optional<Duration> timeLimit) {}
}
