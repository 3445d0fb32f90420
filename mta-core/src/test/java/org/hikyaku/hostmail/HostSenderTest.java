package org.hikyaku.hostmail;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Optional;
import org.hikyaku.config.Config;
import org.hikyaku.config.ConfigReader;
import org.hikyaku.mail.Address;
import org.hikyaku.mail.Domain;
import org.hikyaku.mail.HostUser;
import org.junit.jupiter.api.Test;

/** As whom a user of this host may send. */
class HostSenderTest {
    private static final Config CONFIG = ConfigReader.fromText("""
            hostname = mail.example.org
            local { domains = [example.org], postmaster = "anna@example.org", sub_address_separator = "+-" }
            listeners { submission.endpoints = [], submissions.endpoints = [] }
            """);
    private static final Domain OURS = Domain.of("example.org");

    /** With mailboxes of these names, if the address begins with one and ends or goes on with a separator. */
    private static boolean may(String user, String sender, String... mailboxes) {
        HostSender who = new HostSender(new HostUser(user, 1001), CONFIG, OURS, address -> {
            for (String name : mailboxes) {
                if (address.local().matches("\\Q" + name + "\\E([-+].*)?")
                        && address.requireDomain().equals(OURS)) {
                    return Optional.of(Address.of(name, OURS));
                }
            }
            return Optional.empty();
        });
        return who.may(Address.of(sender));
    }

    /** RFC 5233: what a separator is, is the site's choice, and may be part of names, too. */
    @Test
    void whatLooksLikeHisTagMayBeAnothersName() {
        assertThat(may("www", "www-data@example.org")).isFalse();
        assertThat(may("www", "www-data@mail.example.org")).isFalse();
        assertThat(may("www", "www-data@example.org", "www-data", "www")).isFalse();
        assertThat(may("www", "www-data@mail.example.org", "www-data", "www")).isFalse();
        assertThat(may("www", "www+data@example.org", "www+data")).isFalse();
        assertThat(may("www", "www-data@example.org", "www")).isTrue(); // its mail is his
        assertThat(may("www", "www+data@example.org")).isTrue();
        assertThat(may("www", "www+data@example.org", "www")).isTrue();
        assertThat(may("www-data", "www-data@example.org", "www")).isTrue();
        assertThat(may("www-data", "www@example.org", "www")).isFalse();
    }
}
