package org.hikyaku.peers;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** What an operator does to a running server: signals, reloads, checks, and the unit file. */
@ExtendWith(KitExtension.class)
class OperationPeersIT {
    private final Kit kit;
    private HikyakuServer server;

    OperationPeersIT(Kit kit) {
        this.kit = kit;
        this.server = HikyakuServer.make(kit, "operation-" + System.nanoTime(), "");
    }

    @AfterEach
    void stop() {
        server.close();
    }

    @Test
    void atSigtermOpenSessionsHear421AndTheServerEndsWith0() {
        server.start();
        try (Talk idle = Talk.to(kit, 25, false);
                Talk within = Talk.to(kit, 25, false)) {
            idle.expect("220");
            idle.ask("EHLO there.test");
            within.expect("220");
            within.ask("EHLO there.test");
            within.ask("MAIL FROM:<bob@postfix.test>");
            within.ask("RCPT TO:<joe@hikyaku.test>");
            assertThat(within.ask("DATA")).startsWith("354");
            within.say("Subject: at the end");
            server.signal("TERM");

            idle.expect("421 4.3.2");
            idle.expectClose();
            // what is being received is taken to its end, and kept
            within.say("");
            within.say("hello");
            within.say(".");
            within.expect("250 2.0.0");
            within.expect("421 4.3.2");
            within.expectClose();
        }
        assertThat(server.ended()).isZero();
        server.logged("server-stopped", "open_sessions=0");

        server.start();
        server.arrived("joe", "Subject: at the end");
    }

    @Test
    void aReloadLosesNoConnectionAndShowsTheNewCertificate() throws IOException {
        server.start();
        String old = certificate();
        try (Talk open = Talk.to(kit, 465, true)) {
            open.expect("220");
            newCertificate();
            server.command("reload").good();

            assertThat(open.ask("EHLO there.test")).startsWith("250").contains("AUTH");
            String fresh = certificate();
            assertThat(fresh).isNotEqualTo(old);

            // HUP does the same
            newCertificate();
            int before = reloads();
            server.signal("HUP");
            Waiting.until(
                    "a reload by HUP",
                    () -> reloads() > before ? Optional.of(true) : Optional.empty(),
                    server::lastWords);
            assertThat(certificate()).isNotEqualTo(fresh);
            assertThat(open.ask("NOOP")).startsWith("250");
            assertThat(open.ask("QUIT")).startsWith("221");
            open.expectClose();
        }
    }

    @Test
    void aBadFileLeavesTheOldOneInForce() throws IOException {
        server.start();
        String old = certificate();
        server.configure("limits.recipients_maximum = 7\nlimits.hops_max = 3\n");

        Command check = server.command("check-config");
        assertThat(check.code()).isEqualTo(1);
        assertThat(check.output())
                .containsPattern("hikyaku\\.conf:\\d+: limits\\.recipients_maximum: .*recipients_max")
                .contains("limits.hops_max");
        Command reload = server.command("reload");
        assertThat(reload.code()).isEqualTo(1);
        assertThat(reload.output()).contains("limits.recipients_maximum", "limits.hops_max");
        server.logged("config-rejected", "limits.recipients_maximum");

        server.configure("");
        Path pem = server.home().resolve("tls.pem");
        String whole = Files.readString(pem);
        Files.writeString(pem, whole.substring(0, whole.length() / 2));
        Command unfit = server.command("reload");
        assertThat(unfit.code()).as(unfit.output()).isEqualTo(1);
        assertThat(unfit.output()).contains("tls.pem");
        assertThat(certificate()).isEqualTo(old);
        try (Talk talk = Talk.to(kit, 25, false)) {
            talk.expect("220 mx.hikyaku.test");
        }

        Files.writeString(pem, whole);
        assertThat(server.command("check-config").good()).contains("fine");
        server.command("reload").good();
    }

    @Test
    void aWrongConfigurationOrATakenPortIsTold() {
        server.configure("limits.recipients_maximum = 7\n");
        assertThat(server.startInVain()).as("EX_CONFIG").isEqualTo(78);
        assertThat(server.lastWords()).contains("limits.recipients_maximum", "the server does not start");

        server.configure("listeners.mx.endpoints = [\"192.0.2.77:25\"]\n");
        assertThat(server.startInVain()).as("EX_OSERR").isEqualTo(71);
        assertThat(server.lastWords()).contains("192.0.2.77", "the server does not start");
    }

    @Test
    void itRunsAsTheServiceUserWithOneCapability() throws IOException {
        server.start();

        List<String> status = Files.readAllLines(Path.of("/proc/" + server.pid() + "/status"));
        // 0x400 is CAP_NET_BIND_SERVICE
        assertThat(status).contains("CapEff:\t0000000000000400", "CapBnd:\t0000000000000400", "NoNewPrivs:\t1");
        assertThat(status).noneMatch(line -> line.startsWith("Uid:\t0"));
        assertThat(PosixFilePermissions.toString(
                        Files.getPosixFilePermissions(server.home().resolve("data/control"))))
                .isEqualTo("rwxr-x---");
    }

    @Test
    void theUnitFileIsSound() throws IOException {
        // the program where it is here
        String unit = Files.readString(kit.root().resolve("conf/hikyaku.service"))
                .replace("/opt/hikyaku/bin/hikyaku", kit.launcher().toString());
        Path copy = Files.writeString(server.home().resolve("hikyaku.service"), unit);

        Command verified = Command.run(List.of("systemd-analyze", "verify", copy.toString()));

        assertThat(verified.output()).isEmpty();
        assertThat(verified.code()).isZero();
    }

    private int reloads() {
        return (int) server.logLines().stream()
                .filter(line -> line.contains(" config-reloaded "))
                .count();
    }

    /** The fingerprint of what port 465 shows. */
    private String certificate() {
        return kit.peer(
                        "",
                        List.of(
                                "bash",
                                "-c",
                                "openssl s_client -connect 192.0.2.1:465 </dev/null 2>/dev/null | openssl x509 -noout -fingerprint"))
                .good();
    }

    private void newCertificate() throws IOException {
        Command.run(List.of(
                        "openssl",
                        "req",
                        "-x509",
                        "-newkey",
                        "ec",
                        "-pkeyopt",
                        "ec_paramgen_curve:P-256",
                        "-nodes",
                        "-days",
                        "9",
                        "-subj",
                        "/CN=mx.hikyaku.test",
                        "-addext",
                        "subjectAltName=DNS:mx.hikyaku.test",
                        "-keyout",
                        server.home().resolve("tls.key").toString(),
                        "-out",
                        server.home().resolve("tls.pem").toString()))
                .good();
        Command.run(List.of(
                        "chown",
                        HikyakuServer.USER,
                        server.home().resolve("tls.key").toString()))
                .good();
    }
}
