package org.hikyaku.peers;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

/** An operator's commands on messages that wait because a real server defers them. */
@ExtendWith(KitExtension.class)
class QueuePeersIT {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Kit kit;
    private static HikyakuServer server;

    QueuePeersIT(Kit kit) {
        this.kit = kit;
    }

    @BeforeAll
    static void start(Kit kit) {
        server = HikyakuServer.make(kit, "queue", "queue.retry = [1h]\ndelivery.connection_idle = 0s\n")
                .start();
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @Test
    void aDeferredMessageIsListedShownHeldReleasedAndRemoved() {
        String id = deferred("someone@dead.test", "operators");

        assertThat(server.command("queue", "list").good())
                .contains(id, "joe@hikyaku.test", "someone@dead.test", "next try in");
        JsonNode row = json(server.command("queue", "list", "--json", "recipient = someone@dead.test")
                .good()
                .strip());
        assertThat(row.path("id").asString()).isEqualTo(id);
        assertThat(row.path("recipients").get(0).path("status").asString()).isEqualTo("4.4.1");
        assertThat(row.path("recipients").get(0).path("attempts").asInt()).isEqualTo(1);
        assertThat(server.command("queue", "show", id).good()).contains("Subject: operators", "user joe@hikyaku.test");
        assertThat(json(server.command("queue", "show", "--json", id).good().strip())
                        .path("header")
                        .asString())
                .contains("Subject: operators");

        server.command("queue", "hold", id).good();
        assertThat(server.command("queue", "list", "state = held").good()).contains(id, "held");
        server.command("queue", "release", id).good();
        assertThat(server.command("queue", "list", "state = held").good()).doesNotContain(id);

        server.command("queue", "remove", id).good();
        assertThat(server.command("queue", "list", "recipient = someone@dead.test")
                        .good())
                .contains("No messages.");
        Command again = server.command("queue", "remove", id);
        assertThat(again.code()).isEqualTo(1);
        assertThat(again.output()).contains("in the trash already");
    }

    @Test
    void aGreylistedMessageGoesOnAtRetry() throws IOException {
        Path access = kit.work().resolve("postfix/etc/access");
        String before = Files.readString(access);
        Files.writeString(access, "/^u7@/ 450 4.2.1 come again\n" + before);
        postfixReload();
        String id = deferred("u7@postfix.test", "greylisted");
        assertThat(server.logged("recipient-deferred", id)).contains("come again");
        Files.writeString(access, before);
        postfixReload();

        server.command("queue", "retry", id).good();

        kit.atPostfix("u7", "Subject: greylisted", server);
        server.logged("message-done", "id=" + id);
    }

    @Test
    void whatWaitsIsStillThereAfterARestart() {
        String id = deferred("someone@dead.test", "restart");
        server.close();
        Command nobody = server.command("queue", "list");
        assertThat(nobody.code()).as("EX_UNAVAILABLE: %s", nobody.output()).isEqualTo(69);
        server.start();

        JsonNode row = json(server.command("queue", "list", "--json", "recipient = someone@dead.test")
                .good()
                .lines()
                .filter(line -> line.contains(id))
                .findFirst()
                .orElseThrow());
        assertThat(row.path("recipients").get(0).path("attempts").asInt()).isEqualTo(1);
        server.command("queue", "remove", id).good();
    }

    private void postfixReload() {
        kit.peer("", List.of("postfix", "-c", kit.work().resolve("postfix/etc").toString(), "reload"))
                .good();
    }

    /** Sends a message that will be deferred; its id once it is. */
    private String deferred(String to, String subject) {
        String said = kit.client(
                        "send.py",
                        "From: joe@hikyaku.test\nSubject: " + subject + "\n\nhello\n",
                        "mx.hikyaku.test",
                        "465",
                        "tls",
                        kit.authority().toString(),
                        "PLAIN",
                        "joe@hikyaku.test",
                        HikyakuServer.PASSWORD,
                        "joe@hikyaku.test",
                        to)
                .good();
        String id = server.logged("message-queued").replaceAll(".* id=(\\S+) .*", "$1");
        assertThat(said).startsWith("250 ");
        for (String line : server.logLines()) {
            if (line.contains(" message-queued ")) {
                id = line.replaceAll(".* id=(\\S+) .*", "$1"); // the last is ours
            }
        }
        server.logged("recipient-deferred", "id=" + id, "to=" + to);
        return id;
    }

    private static JsonNode json(String line) {
        return JSON.readTree(line);
    }
}
