package org.hikyaku.peers;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** The kernel finds an error in the spool's file system and makes it read-only under the running server. */
@ExtendWith(KitExtension.class)
class ReadOnlyPeersIT {
    private static final int MEBIBYTES = 1024;

    private final Kit kit;

    ReadOnlyPeersIT(Kit kit) {
        this.kit = kit;
    }

    @Test
    void nothingIsTakenNothingIsLostAndAfterTheRepairAllGoesOn() {
        HikyakuServer server = HikyakuServer.make(kit, "readonly", "queue.retry = [1h]\n");
        String data = server.home().resolve("data").toString();
        String image = kit.work().resolve("readonly.img").toString();
        shell("mkdir " + data + " && truncate -s " + MEBIBYTES + "M " + image + " && mkfs.ext4 -q -F " + image)
                .good();
        Command mounted = shell("mount -o loop,errors=remount-ro " + image + " " + data);
        Assumptions.assumeTrue(mounted.code() == 0, "no loop device here: " + mounted.output());
        try (server) {
            shell("chown nobody:nogroup " + data).good();
            server.start();
            assertThat(send("before", "someone@dead.test").code()).isZero();
            server.logged("recipient-deferred", "someone@dead.test");

            breakDown(data);
            Command refused = send("meanwhile", "joe@hikyaku.test");
            assertThat(refused.code()).isNotZero();
            assertThat(refused.output()).containsPattern("\\* 45[12] 4\\.3\\.[0-9]");
            assertThat(server.command("queue", "list").good()).contains("someone@dead.test");
            server.signal("KILL");
            server.ended();

            shell("umount " + data + " && e2fsck -p " + image + "; test $? -le 2")
                    .good();
            shell("mount -o loop,ro " + image + " " + data).good();
            assertThat(server.startInVain())
                    .as("a start on what cannot be written")
                    .isNotZero();
            assertThat(server.lastWords()).contains("Read-only file system").contains(data);

            shell("umount " + data + " && mount -o loop " + image + " " + data).good();
            server.start();
            assertThat(server.command("queue", "list").good()).contains("someone@dead.test");
            assertThat(send("after", "joe@hikyaku.test").code()).isZero();
            server.arrived("joe", "Subject: after");
            assertThat(Kit.inMaildir(server.mailbox("joe"), "Subject: meanwhile"))
                    .isEmpty();
        } finally {
            shell("umount " + data);
        }
    }

    /** As a real error of the medium does it. */
    private static void breakDown(String data) {
        String device = shell("findmnt -n -o SOURCE " + data).good().strip();
        Path trigger = Path.of("/sys/fs/ext4", Path.of(device).getFileName().toString(), "trigger_fs_error");
        Assumptions.assumeTrue(Files.exists(trigger), "this kernel has no " + trigger);
        try {
            Files.writeString(trigger, "a test\n");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Waiting.until(
                "read-only",
                () -> shell("touch " + data + "/probe").code() == 0 ? Optional.empty() : Optional.of(true),
                () -> "");
    }

    private Command send(String subject, String to) {
        return kit.peer(
                "",
                List.of(
                        "swaks",
                        "--server",
                        "192.0.2.1:587",
                        "-tls",
                        "--auth-user",
                        "joe@hikyaku.test",
                        "--auth-password",
                        HikyakuServer.PASSWORD,
                        "--from",
                        "joe@hikyaku.test",
                        "--to",
                        to,
                        "--header",
                        "Subject: " + subject));
    }

    private static Command shell(String script) {
        return Command.run(List.of("sh", "-c", script));
    }
}
