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

    @Test
    void whatWaitsForARestartStaysAsItWas() {
        Config before = ConfigReader.fromText(LEAST);
        Config after = ConfigReader.fromText(LEAST + "data_dir = /srv\ndns.tries = 2\n"
                + "listeners.mx { endpoints = [], vrfy = off }\nlimits { hops_max = 30, sessions_max = 7 }\n"
                + "listeners.more { mode = mx, endpoints = [\"127.0.0.1:26\"] }");
        assertThat(Changes.inForce(before, after))
                .isEqualTo(
                        ConfigReader.fromText(LEAST + "dns.tries = 2\nlisteners.mx.vrfy = off\nlimits.hops_max = 30"));
    }

    private static Changes between(String before, String after) {
        return Changes.between(ConfigReader.fromText(LEAST + before), ConfigReader.fromText(LEAST + after));
    }
}
