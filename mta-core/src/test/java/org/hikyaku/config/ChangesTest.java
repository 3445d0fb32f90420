package org.hikyaku.config;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ChangesTest {
    private static final String LEAST =
            "hostname = mail.example.org\nlocal.postmaster = \"a@example.org\"\nauth.users = /etc/users\n";

    @Test
    void whatWaitsForARestartIsToldApart() {
        Changes changes = between(
                "",
                "data_dir = /srv\ndns.tries = 2\nlisteners.mx { endpoints = [], vrfy = off }\n"
                        + "delivery.routes { \"a.example\" = { host = b.example, port = 25, tls = none } }\n"
                        + "listeners.more { mode = mx, endpoints = [\"127.0.0.1:26\"] }");
        assertThat(changes.now()).containsExactly("listeners.mx.vrfy", "delivery.routes.a.example", "dns.tries");
        assertThat(changes.atRestart()).containsExactly("data_dir", "listeners.mx.endpoints", "listeners.more");
    }

    @Test
    void theSameSettingsWrittenOtherwiseAreNoChange() {
        assertThat(between("dns.timeout = 60s", "dns { timeout = 1 minute }")).isEqualTo(between("", ""));
        assertThat(between("", "").now()).isEmpty();
    }

    private static Changes between(String before, String after) {
        return Changes.between(ConfigReader.fromText(LEAST + before), ConfigReader.fromText(LEAST + after));
    }
}
