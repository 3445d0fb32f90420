package org.hikyaku.peers;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.hikyaku.it.dialog.PlayDialogs;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** The dialogs of {@code src-it/dialogs}, but for those that wait minutes, held with the built server over real sockets. */
@ExtendWith(KitExtension.class)
class DialogsPeersIT {
    private static final String SETTINGS = """
            auth.grants = grants
            relay.domains = [relay.example]
            limits {
              message_size_max = 64KiB, body_line_max = 5000B, headers_size_max = 16KiB, recipients_max = 100
              errors_per_session_max = 20, messages_per_session_max = 3, commands_per_session_max = 400
            }
            listeners {
              fix { mode = mx, endpoints = ["192.0.2.1:26"], bare_lf = fix }
              required { mode = mx, endpoints = ["192.0.2.1:27"], tls = require }
              plain { mode = mx, endpoints = ["192.0.2.1:28"], tls = off, vrfy = off }
              open { mode = mx, endpoints = ["192.0.2.1:588"], auth = offer }
            }
            """;

    @Test
    void everyDialogHoldsOverRealSockets(Kit kit) throws IOException, URISyntaxException {
        try (HikyakuServer server = HikyakuServer.make(kit, "dialogs", SETTINGS)) {
            server.addUser("ann@hikyaku.test");
            Files.writeString(server.home().resolve("grants"), "joe@hikyaku.test: sales@hikyaku.test\n");
            server.start();
            Path classes = Path.of(PlayDialogs.class
                    .getProtectionDomain()
                    .getCodeSource()
                    .getLocation()
                    .toURI());
            List<String> play = new ArrayList<>(List.of(
                    Path.of(System.getProperty("java.home"), "bin/java").toString(),
                    "-cp",
                    classes.toString(),
                    PlayDialogs.class.getName(),
                    kit.root().resolve("src-it/dialogs").toString()));
            play.addAll(List.of("mx=192.0.2.1:25", "submission=192.0.2.1:587", "submissions=192.0.2.1:465"));
            play.addAll(
                    List.of("fix=192.0.2.1:26", "required=192.0.2.1:27", "plain=192.0.2.1:28", "open=192.0.2.1:588"));
            play.addAll(List.of(
                    "have=tls,auth,limits,grants", "hostname=mx.hikyaku.test", "domain=hikyaku.test", "toobig=65537"));
            play.addAll(
                    List.of("rcpt=joe@hikyaku.test", "user=joe@hikyaku.test", "password=" + HikyakuServer.PASSWORD));
            play.addAll(List.of("granted=sales@hikyaku.test", "other=ann@hikyaku.test", "relay=relay.example"));

            Command played = kit.peer("", play);

            assertThat(played.output().lines().filter(line -> line.startsWith("FAILED")))
                    .isEmpty();
            assertThat(played.output().lines().filter(line -> line.startsWith("ok")))
                    .hasSizeGreaterThan(90);
            assertThat(played.code()).isZero();
        }
    }
}
