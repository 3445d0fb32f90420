package org.hikyaku.admin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import java.util.Optional;
import org.hikyaku.real.NetSettings;
import org.hikyaku.real.NettyNet;
import org.hikyaku.real.RealClock;
import org.hikyaku.real.RealDisk;
import org.hikyaku.real.RealEntropy;
import org.hikyaku.real.RealTasks;
import org.hikyaku.tls.Keys;
import org.hikyaku.world.Events;
import org.hikyaku.world.Resolver;
import org.hikyaku.world.World;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The control socket as a stranger to its own client meets it. */
@Timeout(20)
class ControlServerTest {
    private static final Events SILENT = (event, values) -> {};

    @TempDir
    Path directory = Path.of("");

    private final NettyNet net = new NettyNet(NetSettings.standard(false), () -> Keys.none("TLSv1.2"), SILENT);
    private Optional<ControlServer> server = Optional.empty();

    @BeforeEach
    void open() throws IOException {
        Files.createDirectories(socket().getParent());
        try (ServerSocketChannel dead = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            dead.bind(UnixDomainSocketAddress.of(socket())); // left by a server that was killed
        }
        server = Optional.of(ControlServer.open(world(), socket(), ControlServerTest::answer));
    }

    @AfterEach
    void close() {
        server.ifPresent(ControlServer::close);
        net.close();
    }

    private static ControlEnd answer(ControlRequest request, Rows rows) {
        int count = Integer.parseInt(request.command());
        for (int i = 0; i < count; i++) {
            rows.row(Map.of("number", i, "text", "x".repeat(100)));
        }
        return ControlEnd.done("by " + request.asker());
    }

    @Test
    void rowsComeInOrderAndTheEndLast() throws IOException {
        String answer = ask("{\"command\":\"2\",\"by\":\"anna\"}\n");
        assertThat(answer.lines().toList())
                .hasSize(3)
                .last()
                .asString()
                .contains("\"ok\":true")
                .contains("by anna");
        assertThat(answer.lines().findFirst().orElse("")).contains("\"number\":0");
    }

    @Test
    void aLongAnswerComesWholeToASlowClient() throws IOException {
        try (SocketChannel channel = connect()) {
            channel.write(ByteBuffer.wrap("{\"command\":\"50000\"}\n".getBytes(StandardCharsets.UTF_8)));
            ByteBuffer buffer = ByteBuffer.allocate(64 * 1024);
            long lines = 0;
            while (channel.read(buffer.clear()) >= 0) {
                for (int i = 0; i < buffer.position(); i++) {
                    lines += buffer.get(i) == '\n' ? 1 : 0;
                }
            }
            assertThat(lines).isEqualTo(50_001);
        }
    }

    @Test
    void whatIsNoRequestIsAnsweredSo() throws IOException {
        assertThat(ask("hello\n")).contains("\"ok\":false").contains("not a request");
        assertThat(ask("{\"command\":null}\n")).contains("not a request");
        assertThat(ask("{\"commando\":\"1\"}\n")).contains("not a request");
        assertThat(ask("x".repeat(ControlRequest.LINE_MAX + 1))).contains("too long");
    }

    /** A slip in control.socket must not cost a file. */
    @Test
    void aFileThatIsNoSocketIsLeftAlone() throws IOException {
        Path file = Files.writeString(directory.resolve("hikyaku.conf"), "precious");
        assertThatThrownBy(() -> ControlServer.open(world(), file, ControlServerTest::answer))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("no socket");
        assertThat(file).content().isEqualTo("precious");
    }

    private World world() {
        Resolver none = (name, type) -> new Resolver.Answer.Unknown(Resolver.Cause.BROKEN, "no DNS here");
        return new World(new RealClock(), new RealDisk(), net, none, new RealTasks(SILENT), new RealEntropy(), SILENT);
    }

    @Test
    void theDirectoryIsClosedToOthers() throws IOException {
        Path fresh = directory.resolve("fresh/hikyaku.sock");
        ControlServer.open(world(), fresh, ControlServerTest::answer).close();
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(directory.resolve("fresh"))))
                .isEqualTo("rwxr-x---");
    }

    private Path socket() {
        return directory.resolve("control/hikyaku.sock");
    }

    private SocketChannel connect() throws IOException {
        SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
        channel.connect(UnixDomainSocketAddress.of(socket()));
        return channel;
    }

    private String ask(String request) throws IOException {
        try (SocketChannel channel = connect()) {
            for (ByteBuffer out = ByteBuffer.wrap(request.getBytes(StandardCharsets.UTF_8)); out.hasRemaining(); ) {
                channel.write(out);
            }
            ByteBuffer in = ByteBuffer.allocate(1 << 20);
            while (channel.read(in) >= 0) {}
            return new String(in.array(), 0, in.position(), StandardCharsets.UTF_8);
        }
    }
}
